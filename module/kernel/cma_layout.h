/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where the fields of struct cma are in this kernel.
 *
 * struct cma is private to mm/cma.h and differs from kernel to kernel and from
 * configuration to configuration. All offsets are in bytes.
 */
#ifndef CD_CMA_LAYOUT_H
#define CD_CMA_LAYOUT_H

#include <linux/types.h>

/**
 * struct cd_cma_layout - offsets in struct cma, and in struct cma_memrange
 * @source: where they come from, for people
 * @size: of struct cma; the stride between areas
 * @name: char name[], an array inside struct cma since 5.10
 * @order_per_bit: unsigned int
 * @count: pages of the area; 0 when it failed to activate
 * @lock: guards the bitmap
 * @lock_is_mutex: it is a mutex (up to 5.12), else a spinlock_t
 * @has_ranges: the area is an array of struct cma_memrange (6.15 on)
 * @base_pfn: of struct cma, or with @has_ranges of struct cma_memrange
 * @bitmap: likewise
 * @nranges: only with @has_ranges
 * @ranges: likewise; the array
 * @range_size: likewise; its stride
 * @range_count: likewise; pages of a range
 * @flags: likewise
 * @activated_bit: likewise; the bit of @flags that says the bitmap is there
 */
struct cd_cma_layout {
	const char *source;
	size_t size;
	size_t name;
	size_t order_per_bit;
	size_t count;
	size_t lock;
	bool lock_is_mutex;
	bool has_ranges;
	size_t base_pfn;
	size_t bitmap;
	size_t nranges;
	size_t ranges;
	size_t range_size;
	size_t range_count;
	size_t flags;
	unsigned int activated_bit;
};

int cd_cma_layout_from_header(struct cd_cma_layout *layout);
int cd_cma_layout_from_btf(struct cd_cma_layout *layout);

#endif
