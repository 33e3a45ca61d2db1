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

static struct cd_run in_pages(const struct cd_bitmap *bm,
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

static void keep_larger(struct cd_run *best, struct cd_run run)
{
	if (run.nr_pages > best->nr_pages)
		*best = run;
}

/*
 * A run with no page aligned at one order has none at a higher one, so short
 * runs cost a step or two, and a whole bitmap of them is still cheap.
 */
static void tabulate_run(const struct cd_bitmap *bm,
			 const struct cd_bit_run *run,
			 struct cd_figures *figures)
{
	unsigned int order;

	for (order = 0; order <= CD_MAX_ORDER; order++) {
		unsigned long start = cd_aligned_bit(bm, run, order);

		if (start == run->end)
			break;
		keep_larger(&figures->usable[order], in_pages(bm, run, start));
	}
}

/* Bits in front of a free run, from the one before it in its range on. */
static unsigned long used_between(const struct cd_bit_run *before,
				  const struct cd_bit_run *run)
{
	return run->start - (before->range == run->range ? before->end : 0);
}

/**
 * cd_count_figures() - everything a bitmap tells, in one pass
 * @bm: the bitmap; the caller owns it and it must not change meanwhile
 * @figures: result
 *
 * Context: any; touches nothing else. Time grows with words + free runs.
 */
void cd_count_figures(const struct cd_bitmap *bm, struct cd_figures *figures)
{
	struct cd_bit_run run = { 0 }, before = { 0 };
	unsigned int i;

	*figures = (struct cd_figures){ 0 };
	for (i = 0; i < bm->nr_ranges; i++) {
		unsigned long nr_pages = bm->ranges[i].nr_bits
					 << bm->order_per_bit;

		figures->nr_pages += nr_pages;
		if (nr_pages > figures->nr_pages_range)
			figures->nr_pages_range = nr_pages;
	}
	while (cd_next_run(bm, false, &run)) {
		struct cd_run pages = in_pages(bm, &run, run.start);

		figures->nr_runs++;
		figures->nr_free += pages.nr_pages;
		keep_larger(&figures->largest, pages);
		tabulate_run(bm, &run, figures);
		cd_count_remainders(bm, &run, used_between(&before, &run),
				    figures->remainders);
		before = run;
	}
}

/**
 * cd_largest_usable() - the largest aligned part of any free run
 * @bm: the bitmap
 * @order: alignment, of 2^order pages; may exceed CD_MAX_ORDER
 *
 * Return: the run; nr_pages 0 when no free page is so aligned.
 */
struct cd_run cd_largest_usable(const struct cd_bitmap *bm, unsigned int order)
{
	struct cd_bit_run run = { 0 };
	struct cd_run best = { 0 };

	while (cd_next_run(bm, false, &run)) {
		unsigned long start = cd_aligned_bit(bm, &run, order);

		keep_larger(&best, in_pages(bm, &run, start));
	}
	return best;
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

	return in_pages(bm, &bits, cd_aligned_bit(bm, &bits, order));
}
