// SPDX-License-Identifier: GPL-2.0-only
/* Free runs of a CMA area, and what alignment leaves of them. */
#include "bit_runs.h"

/**
 * cd_pages_to_bits() - bits that a request takes
 * @bm: the area
 * @nr_pages: pages asked
 *
 * Rounds up, as cma_alloc() does; does not overflow.
 */
unsigned long cd_pages_to_bits(const struct cd_bitmap *bm,
			       unsigned long nr_pages)
{
	unsigned long mask = (1UL << bm->order_per_bit) - 1;

	return (nr_pages >> bm->order_per_bit) + !!(nr_pages & mask);
}

/**
 * cd_is_free() - does the bitmap call a page free?
 * @bm: the bitmap
 * @pfn: the page
 *
 * Context: any. Return: false for a page that is not of the area, too.
 */
bool cd_is_free(const struct cd_bitmap *bm, unsigned long pfn)
{
	unsigned int i;

	for (i = 0; i < bm->nr_ranges; i++) {
		const struct cd_range *range = &bm->ranges[i];
		unsigned long bit;

		if (pfn < range->base_pfn)
			continue;
		bit = (pfn - range->base_pfn) >> bm->order_per_bit;
		if (bit < range->nr_bits)
			return !(range->bitmap[bit / CD_BITS_PER_LONG] >>
				 bit % CD_BITS_PER_LONG & 1);
	}
	return false;
}

/* The bit after the last that is allocated; 0 when none is. */
static unsigned long used_end_of(const struct cd_range *range)
{
	unsigned long bit = range->nr_bits, word;

	while (bit) {
		unsigned long first = (bit - 1) / CD_BITS_PER_LONG *
				      CD_BITS_PER_LONG;

		word = range->bitmap[first / CD_BITS_PER_LONG];
		/* Without what is behind the end of the range. */
		word <<= CD_BITS_PER_LONG - (bit - first);
		if (word)
			return bit - (unsigned int)__builtin_clzl(word);
		bit = first;
	}
	return 0;
}

/**
 * cd_used_end() - the page after the last that is used
 * @bm: the bitmap
 *
 * Context: any; pure.
 *
 * Return: pages from the area's first, counted on from one range to the next; 0
 * when none is used.
 */
unsigned long cd_used_end(const struct cd_bitmap *bm)
{
	unsigned long end = 0, before = 0;
	unsigned int i;

	for (i = 0; i < bm->nr_ranges; i++) {
		unsigned long bit = used_end_of(&bm->ranges[i]);

		if (bit)
			end = before + bit;
		before += bm->ranges[i].nr_bits;
	}
	return end << bm->order_per_bit;
}

/**
 * cd_in_pages() - the rest of a run, in pages
 * @bm: the bitmap
 * @run: a run of it
 * @start: the first bit that counts
 */
struct cd_run cd_in_pages(const struct cd_bitmap *bm,
			  const struct cd_bit_run *run, unsigned long start)
{
	struct cd_run pages = {
		.nr_pages = (run->end - start) << bm->order_per_bit,
		.start_page = start << bm->order_per_bit,
		.range = run->range,
	};

	pages.start_pfn = bm->ranges[run->range].base_pfn + pages.start_page;
	return pages;
}

/**
 * cd_align_run() - what alignment leaves of a run
 * @bm: the bitmap that @run was found in
 * @run: a run
 * @order: alignment, of 2^order pages
 *
 * Return: the part of @run from its first aligned page on; nr_pages 0 when it
 * has none (start_page is then its end).
 */
struct cd_run cd_align_run(const struct cd_bitmap *bm, struct cd_run run,
			   unsigned int order)
{
	struct cd_bit_run bits = {
		.start = run.start_page >> bm->order_per_bit,
		.end = (run.start_page + run.nr_pages) >> bm->order_per_bit,
		.range = run.range,
	};

	return cd_in_pages(bm, &bits, cd_aligned_bit(bm, &bits, order));
}
