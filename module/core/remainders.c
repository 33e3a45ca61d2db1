// SPDX-License-Identifier: GPL-2.0-only
/* Remainders: what alignment left behind buffers. */
#include "bit_runs.h"
#include "remainders.h"

/*
 * Could smaller buffers, freed, have left this as well? When fewer pages are
 * used in front than the overhang has, no buffer began at the boundary. And DMA
 * callers ask for the order of their size: where every second buffer of the
 * order below was freed, each free run ends at a multiple of 2^order, too, but
 * what is used in front of it is of the order below.
 */
static bool is_sure(unsigned long nr_used, unsigned long overhang,
		    unsigned int order)
{
	return nr_used >= overhang &&
	       (nr_used > 1UL << order >> 1 || nr_used <= 1UL << order >> 2);
}

static void count_one(struct cd_remainders *remainders, unsigned int order,
		      unsigned long nr_pages, unsigned long nr_used,
		      unsigned long overhang)
{
	remainders->nr_runs++;
	remainders->nr_pages += nr_pages;
	if (!is_sure(nr_used, overhang, order))
		return;
	remainders->nr_sure_runs++;
	remainders->nr_sure_pages += nr_pages;
	/* Cut short at the end of a range it does not tell what is left. */
	if (order >= CD_MIN_REMAINDER_ORDER &&
	    overhang + nr_pages == 1UL << order)
		cd_count_up(remainders->overhangs, CD_NR_OVERHANGS, overhang,
			    nr_used == overhang);
}

/**
 * cd_count_remainders() - count a free run where it begins with a remainder
 * @bm: the bitmap
 * @run: a free run of it
 * @nr_used: used bits that lie together in front of it, in its range
 * @remainders: CD_NR_ORDERS of them, by order; the run is added to those at
 *              whose order it does
 *
 * A run that does not end aligned at one order does not at a higher one: over
 * all runs of a bitmap, that is at most two steps for each of its bits, and
 * CD_NR_ORDERS for each range. Alignment is as in cd_aligned_bit().
 */
void cd_count_remainders(const struct cd_bitmap *bm,
			 const struct cd_bit_run *run, unsigned long nr_used,
			 struct cd_remainders *remainders)
{
	const struct cd_range *range = &bm->ranges[run->range];
	unsigned int shift = bm->order_per_bit, order;
	unsigned long first_unit = range->base_pfn >> shift;

	if (!nr_used)
		return;
	for (order = 1; order + shift <= CD_MAX_ORDER; order++) {
		unsigned long mask = (1UL << order) - 1;
		unsigned long overhang = (first_unit + run->start) & mask;
		unsigned long nr_bits = mask + 1 - overhang;

		if ((first_unit + run->end) & mask &&
		    run->end < range->nr_bits)
			break;
		if (!overhang)
			continue;
		if (nr_bits > run->end - run->start)
			nr_bits = run->end - run->start;
		count_one(&remainders[order + shift], order + shift,
			  nr_bits << shift, nr_used << shift,
			  overhang << shift);
	}
}

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

static void find_overhang(const struct cd_remainders *remainders,
			  struct cd_main_remainders *found)
{
	const struct cd_counter *counter = remainders->overhangs;

	counter += cd_most_frequent(counter, CD_NR_OVERHANGS);
	found->nr_alike = counter->count - counter->nr_doubtful;
	if (found->nr_alike <= remainders->nr_sure_runs / 2)
		return;
	found->overhang = (unsigned long)counter->key[0];
	found->overhang_is_all = counter->key[1];
	found->alike_counted = !counter->nr_doubtful;
}

/**
 * cd_find_main_remainders() - are remainders much of what is free?
 * @figures: of a bitmap
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
cd_find_main_remainders(const struct cd_figures *figures,
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
	find_overhang(&figures->remainders[found.order], &found);
	return found;
}
