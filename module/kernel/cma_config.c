// SPDX-License-Identifier: GPL-2.0-only
/* What this kernel was configured to have of CMA. */
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/mmzone.h>

#include "kernel/cma_config.h"

/**
 * cd_cma_align_cap() - the highest alignment order that DMA callers ask for
 *
 * CONFIG_CMA_ALIGNMENT, see cma_alloc_aligned() in kernel/dma/contiguous.c.
 *
 * Return: the order; 0 when the kernel has no DMA callers (no CONFIG_DMA_CMA).
 */
unsigned int cd_cma_align_cap(void)
{
#ifdef CONFIG_CMA_ALIGNMENT
	return CONFIG_CMA_ALIGNMENT;
#else
	return 0;
#endif
}

/**
 * cd_cma_size_step() - sizes of areas that every kernel takes
 *
 * The larger of a pageblock and the page allocator's largest block: what
 * cma_init_reserved_mem() and rmem_cma_setup() ask for on 5.10; a pageblock is
 * enough later (CMA_MIN_ALIGNMENT_PAGES in include/linux/cma.h).
 *
 * Return: pages, a power of two.
 */
unsigned long cd_cma_size_step(void)
{
	return max_t(unsigned long, MAX_ORDER_NR_PAGES, pageblock_nr_pages);
}
