/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Free runs of a CMA area, and what alignment leaves of them.
 *
 * One bit of an area's bitmap stands for 2^order_per_bit pages; set means
 * allocated. An area has one range of pfns or several; a run never crosses
 * from one range into the next. Alignment is that of absolute pfns, as the
 * kernel counts it in cma_alloc(): the range's base pfn takes part.
 */
#ifndef CD_FREE_RUNS_H
#define CD_FREE_RUNS_H

#include "portable.h"
#include "remainders.h"

/* CMA_MAX_RANGES of mm/cma.h, 6.15 to 7.3 */
#define CD_MAX_RANGES 8
/* Alignment is tabulated for the orders 0..CD_MAX_ORDER. */
#define CD_MAX_ORDER 20
#define CD_NR_ORDERS (CD_MAX_ORDER + 1)

/**
 * struct cd_range - one contiguous piece of an area
 * @base_pfn: first page
 * @nr_bits: bits that stand for pages; the rest of the last word is ignored
 * @bitmap: the bits, bit 0 for @base_pfn
 */
struct cd_range {
	unsigned long base_pfn;
	unsigned long nr_bits;
	const unsigned long *bitmap;
};

/**
 * struct cd_bitmap - the bitmap of a whole area
 * @order_per_bit: a bit stands for 2^order_per_bit pages
 * @nr_ranges: ranges in use
 * @ranges: the ranges, in the area's own order
 */
struct cd_bitmap {
	unsigned int order_per_bit;
	unsigned int nr_ranges;
	struct cd_range ranges[CD_MAX_RANGES];
};

/**
 * struct cd_run - some consecutive pages, free where nothing else is said
 * @nr_pages: how many; 0 means there is no such run, and the rest is void
 * @start_page: first page, counted from the start of its range
 * @start_pfn: the same page, absolute
 * @range: which range of the area
 */
struct cd_run {
	unsigned long nr_pages;
	unsigned long start_page;
	unsigned long start_pfn;
	unsigned int range;
};

/**
 * struct cd_figures - what a bitmap amounts to, in pages
 * @nr_pages: size of the area
 * @nr_pages_range: size of its largest range
 * @nr_free: free pages
 * @nr_runs: maximal free runs
 * @largest: the largest of them, the first if several
 * @usable: for each order, the largest part of any run that starts aligned
 *          to 2^order pages, the first if several
 * @remainders: for each order, what alignment left behind buffers
 */
struct cd_figures {
	unsigned long nr_pages;
	unsigned long nr_pages_range;
	unsigned long nr_free;
	unsigned long nr_runs;
	struct cd_run largest;
	struct cd_run usable[CD_NR_ORDERS];
	struct cd_remainders remainders[CD_NR_ORDERS];
};

void cd_count_figures(const struct cd_bitmap *bm, struct cd_figures *figures);
struct cd_run cd_largest_usable(const struct cd_bitmap *bm, unsigned int order);
struct cd_run cd_align_run(const struct cd_bitmap *bm, struct cd_run run,
			   unsigned int order);
unsigned long cd_pages_to_bits(const struct cd_bitmap *bm,
			       unsigned long nr_pages);
unsigned long cd_used_end(const struct cd_bitmap *bm);
bool cd_is_free(const struct cd_bitmap *bm, unsigned long pfn);

#endif
