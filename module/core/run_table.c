// SPDX-License-Identifier: GPL-2.0-only
/* An area at a glance, and in full. */
#include "bit_runs.h"
#include "run_table.h"

/**
 * cd_size_class() - which power of two a number of pages belongs to
 * @nr_pages: pages, not 0
 *
 * Return: i, for 2^i to 2^(i+1) - 1 pages.
 */
unsigned int cd_size_class(unsigned long nr_pages)
{
	return CD_BITS_PER_LONG - 1 - (unsigned int)__builtin_clzl(nr_pages);
}

static void count_size(struct cd_size_count *counts, unsigned long nr_pages)
{
	struct cd_size_count *count = &counts[cd_size_class(nr_pages)];

	count->nr_runs++;
	count->nr_pages += nr_pages;
}

/* A run with no page aligned at one order has none at a higher one. */
static void count_aligned(const struct cd_bitmap *bm,
			  const struct cd_bit_run *run,
			  struct cd_run_table *table)
{
	unsigned int order;

	for (order = 0; order <= CD_MAX_ORDER; order++) {
		unsigned long start = cd_aligned_bit(bm, run, order);
		unsigned long nr_pages = (run->end - start)
					 << bm->order_per_bit;

		if (!nr_pages)
			break;
		table->nr_usable[order] += nr_pages;
		table->nr_blocks[order] += nr_pages >> order;
	}
}

/**
 * cd_tabulate_runs() - all the runs of an area
 * @bm: the bitmap; the caller owns it and it must not change meanwhile
 * @table: result
 *
 * Context: any; touches nothing else.
 */
void cd_tabulate_runs(const struct cd_bitmap *bm, struct cd_run_table *table)
{
	struct cd_bit_run run = { 0 };

	*table = (struct cd_run_table){ 0 };
	while (cd_next_run(bm, false, &run)) {
		count_size(table->free,
			   (run.end - run.start) << bm->order_per_bit);
		count_aligned(bm, &run, table);
	}
	run = (struct cd_bit_run){ 0 };
	while (cd_next_run(bm, true, &run))
		count_size(table->used,
			   (run.end - run.start) << bm->order_per_bit);
}

/* Which kinds of bits lie in [start, end) of the area, its ranges joined? */
static void look_at(const struct cd_bitmap *bm, unsigned long start,
		    unsigned long end, bool *has_free, bool *has_used)
{
	unsigned int i;

	for (i = 0; i < bm->nr_ranges; i++) {
		const struct cd_range *range = &bm->ranges[i];
		unsigned long last = end < range->nr_bits ?
				     end : range->nr_bits;

		if (start < last) {
			*has_free |= cd_next_bit(range, start, false) < last;
			*has_used |= cd_next_bit(range, start, true) < last;
		}
		if (end <= range->nr_bits)
			return;
		start -= start < range->nr_bits ? start : range->nr_bits;
		end -= range->nr_bits;
	}
}

/**
 * cd_draw_bar() - where in an area the free pages lie
 * @bm: the bitmap
 * @bar: room for CD_BAR_WIDTH characters and a NUL. Each stands for one part
 *       in CD_BAR_WIDTH of the area, at least a bit: '.' all free, '#' all
 *       used, '+' some of each
 */
void cd_draw_bar(const struct cd_bitmap *bm, char *bar)
{
	unsigned long nr_bits = 0;
	unsigned int i;

	for (i = 0; i < bm->nr_ranges; i++)
		nr_bits += bm->ranges[i].nr_bits;
	for (i = 0; i < CD_BAR_WIDTH; i++) {
		unsigned long start = nr_bits * i / CD_BAR_WIDTH;
		unsigned long end = nr_bits * (i + 1) / CD_BAR_WIDTH;
		bool has_free = false, has_used = false;

		look_at(bm, start, end > start ? end : start + 1, &has_free,
			&has_used);
		bar[i] = !has_free ? '#' : has_used ? '+' : '.';
	}
	bar[CD_BAR_WIDTH] = '\0';
}
