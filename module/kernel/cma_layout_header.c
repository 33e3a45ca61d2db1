// SPDX-License-Identifier: GPL-2.0-only
/*
 * The layout of struct cma from mm/cma.h itself, where the build tree has it
 * (a full source tree, as Yocto and vendor BSPs build modules in) or the
 * builder names it (make CMA_H=...). The compiler computes the offsets, with
 * the configuration that the kernel was built with.
 */
#include <linux/build_bug.h>
#include <linux/cma.h>
#include <linux/kobject.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/stddef.h>

#include "log.h"
#include "kernel/cma_layout.h"

#ifdef CD_CMA_H

#include CD_CMA_H

#define LOCK_IS(type) __builtin_types_compatible_p(typeof(cma->lock), type)
#define LOCK_IS_MUTEX LOCK_IS(struct mutex)
#define LOCK_IS_SPINLOCK LOCK_IS(spinlock_t)

/**
 * cd_cma_layout_from_header() - offsets as this module was compiled with
 * @layout: result
 *
 * Return: 0, or -ENOENT when the module was built without mm/cma.h.
 */
int cd_cma_layout_from_header(struct cd_cma_layout *layout)
{
	const struct cma *cma = NULL;

	static_assert(LOCK_IS_MUTEX || LOCK_IS_SPINLOCK,
		      "cma_diag does not know this kind of struct cma's lock");
	*layout = (struct cd_cma_layout){
		.source = "mm/cma.h of the build tree",
		.size = sizeof(struct cma),
		.name = offsetof(struct cma, name),
		.order_per_bit = offsetof(struct cma, order_per_bit),
		.count = offsetof(struct cma, count),
		.lock = offsetof(struct cma, lock),
		.lock_is_mutex = LOCK_IS_MUTEX,
#ifdef CD_CMA_H_HAS_RANGES
		.has_ranges = true,
		.base_pfn = offsetof(struct cma_memrange, base_pfn),
		.bitmap = offsetof(struct cma_memrange, bitmap),
		.nranges = offsetof(struct cma, nranges),
		.ranges = offsetof(struct cma, ranges),
		.range_size = sizeof(struct cma_memrange),
		.range_count = offsetof(struct cma_memrange, count),
		.flags = offsetof(struct cma, flags),
		.activated_bit = CMA_ACTIVATED,
#else
		.base_pfn = offsetof(struct cma, base_pfn),
		.bitmap = offsetof(struct cma, bitmap),
#endif
	};
	return 0;
}

#else /* !CD_CMA_H */

int cd_cma_layout_from_header(struct cd_cma_layout *layout)
{
	return -ENOENT;
}

#endif
