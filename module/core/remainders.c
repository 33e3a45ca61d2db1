// SPDX-License-Identifier: GPL-2.0-only
/* Remainders: what alignment left behind buffers. */
#include "bit_runs.h"
#include "frequent.h"
#include "remainder_count.h"

/* Sizes of buffers counted apart. */
#define NR_OVERHANGS 4

/*
 * Chance leaves few of them, alignment one behind each buffer: their share of
 * the runs tells the two apart, and that of the pages whether it matters.
 */
static bool are_much(const struct cd_remainders *remainders,
		     const struct cd_figures *figures)
{
	return remainders->nr_sure_runs >= 4 &&
	       3 * remainders->nr_sure_runs >= 2 * figures->nr_runs &&
	       4 * remainders->nr_sure_pages >= figures->nr_free;
}

/*
 * A sure remainder that a free run begins with, at an order of bits: what the
 * buffer in front has more than a multiple. One that is cut short at the end of
 * its range does not tell what is left.
 */
static bool tells_overhang(const struct cd_range *range,
			   const struct cd_bit_run *run, unsigned long unit,
			   unsigned long nr_used, unsigned int order)
{
	unsigned long mask = (1UL << order) - 1;
	unsigned long overhang = unit & mask;
	unsigned long nr_bits = run->end - run->start;

	if (!nr_used || !overhang || nr_bits < mask + 1 - overhang)
		return false;
	if ((unit + nr_bits) & mask && run->end < range->nr_bits)
		return false;
	return cd_remainder_is_sure(nr_used, overhang, mask + 1);
}

/*
 * The remainders of one order once more, now one by one. Two in three runs
 * begin with one, so that there is at most one run in some ten pages.
 */
static void count_overhangs(const struct cd_bitmap *bm, unsigned int order,
			    struct cd_counter *counters)
{
	struct cd_bit_run run = { 0 }, before = { 0 };
	unsigned int shift = bm->order_per_bit;

	for (; cd_next_run(bm, false, &run); before = run) {
		const struct cd_range *range = &bm->ranges[run.range];
		unsigned long unit = (range->base_pfn >> shift) + run.start;
		unsigned long nr_used = run.start -
			(before.range == run.range ? before.end : 0);
		unsigned long overhang = unit & ((1UL << order) - 1);

		if (tells_overhang(range, &run, unit, nr_used, order))
			cd_count_up(counters, NR_OVERHANGS, overhang << shift,
				    nr_used == overhang);
	}
}

static void find_overhang(const struct cd_bitmap *bm,
			  struct cd_main_remainders *found)
{
	struct cd_counter counters[NR_OVERHANGS] = { 0 }, *counter = counters;

	count_overhangs(bm, found->order - bm->order_per_bit, counters);
	counter += cd_most_frequent(counter, NR_OVERHANGS);
	found->nr_alike = counter->count - counter->nr_doubtful;
	if (found->nr_alike <= found->nr_runs / 2)
		return;
	found->overhang = (unsigned long)counter->key[0];
	found->overhang_is_all = counter->key[1];
	found->alike_counted = !counter->nr_doubtful;
}

/**
 * cd_find_main_remainders() - are remainders much of what is free?
 * @bm: the bitmap
 * @figures: of it
 * @align: the order that a request asks for
 * @align_cap: the highest that DMA callers ask for, 0 when not known
 *
 * Other buffers may have asked for less than this request does, up to the cap
 * for more. Of all these orders it is the one at which most pages are left; of
 * equal ones the highest, but none above the cap.
 *
 * Context: any.
 */
struct cd_main_remainders
cd_find_main_remainders(const struct cd_bitmap *bm,
			const struct cd_figures *figures,
			unsigned int align, unsigned int align_cap)
{
	unsigned int last = align > align_cap ? align : align_cap, order;
	struct cd_main_remainders found = { 0 };

	if (last > CD_MAX_ORDER)
		last = CD_MAX_ORDER;
	for (order = CD_MIN_REMAINDER_ORDER; order <= last; order++) {
		const struct cd_remainders *remainders =
			&figures->remainders[order];

		if (!are_much(remainders, figures) ||
		    remainders->nr_sure_pages <
		    found.nr_pages + (align_cap && order > align_cap))
			continue;
		found.order = order;
		found.nr_runs = remainders->nr_sure_runs;
		found.nr_pages = remainders->nr_sure_pages;
	}
	if (!found.order)
		return found;
	found.nr_pages_low = figures->remainders[CD_LOW_CAP].nr_pages;
	find_overhang(bm, &found);
	return found;
}
