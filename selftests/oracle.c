// SPDX-License-Identifier: GPL-2.0-only
/* A second opinion on an area, that shares nothing with module/core. */
#include "oracle.h"

#include <stdlib.h>
#include <string.h>

/* Is the first page of this bit at a multiple of 2^order pages? */
static bool is_aligned(const struct oracle_area *area, unsigned int range,
		       unsigned long bit, unsigned int order)
{
	unsigned long pages_per_bit = 1UL << area->order_per_bit;
	unsigned long pfn;

	if (order <= area->order_per_bit)
		return true;
	/* A base inside a unit counts as the unit's first page. */
	pfn = area->ranges[range].base_pfn;
	pfn -= pfn % pages_per_bit;
	pfn += bit * pages_per_bit;
	return order < 64 ? pfn % (1UL << order) == 0 : pfn == 0;
}

unsigned long oracle_usable(const struct oracle_area *area, unsigned int order,
			    unsigned long *at, unsigned int *in_range)
{
	unsigned long best = 0;
	unsigned int r;

	for (r = 0; r < area->nr_ranges; r++) {
		const struct oracle_range *range = &area->ranges[r];
		unsigned long bit, len = 0;

		for (bit = 0; bit < range->nr_bits; bit++) {
			if (range->used[bit])
				len = 0;
			else if (len || is_aligned(area, r, bit, order))
				len++;
			if (len > best) {
				best = len;
				*at = (bit + 1 - len) << area->order_per_bit;
				*in_range = r;
			}
		}
	}
	return best << area->order_per_bit;
}

void oracle_count(const struct oracle_area *area, struct oracle_answer *answer)
{
	unsigned int r, order;

	memset(answer, 0, sizeof(*answer));
	for (r = 0; r < area->nr_ranges; r++) {
		const struct oracle_range *range = &area->ranges[r];
		unsigned long bit;

		for (bit = 0; bit < range->nr_bits; bit++) {
			answer->total++;
			if (range->used[bit])
				continue;
			answer->free++;
			if (bit == 0 || range->used[bit - 1])
				answer->nr_runs++;
		}
	}
	answer->total <<= area->order_per_bit;
	answer->free <<= area->order_per_bit;
	for (order = 0; order < ORACLE_NR_ORDERS; order++)
		answer->usable[order] =
			oracle_usable(area, order, &answer->usable_at[order],
				      &answer->usable_range[order]);
	answer->largest = answer->usable[0];
	answer->largest_at = answer->usable_at[0];
	answer->largest_range = answer->usable_range[0];
}

static unsigned long bits_for(const struct oracle_area *area,
			      unsigned long nr_pages)
{
	unsigned long pages_per_bit = 1UL << area->order_per_bit;

	return nr_pages / pages_per_bit + (nr_pages % pages_per_bit != 0);
}

static bool is_place(const struct oracle_area *area, unsigned int r,
		     unsigned long bit, unsigned long nr_bits,
		     unsigned int order)
{
	const struct oracle_range *range = &area->ranges[r];
	unsigned long i;

	if (range->nr_bits - bit < nr_bits || !is_aligned(area, r, bit, order))
		return false;
	for (i = 0; i < nr_bits; i++)
		if (range->used[bit + i])
			return false;
	return true;
}

/* Tries every place of every range, from a bit of a range on. */
bool oracle_place(const struct oracle_area *area, unsigned long nr_pages,
		  unsigned int order, unsigned int *range, unsigned long *bit)
{
	unsigned long nr_bits = bits_for(area, nr_pages);

	for (; *range < area->nr_ranges; ++*range, *bit = 0)
		for (; *bit < area->ranges[*range].nr_bits; ++*bit)
			if (is_place(area, *range, *bit, nr_bits, order))
				return true;
	return false;
}

bool oracle_fits(const struct oracle_area *area, unsigned long nr_pages,
		 unsigned int order)
{
	unsigned int range = 0;
	unsigned long bit = 0;

	return oracle_place(area, nr_pages, order, &range, &bit);
}

static void list_used(const struct oracle_area *area, unsigned int r,
		      unsigned long bit, unsigned long nr_bits,
		      struct oracle_cheapest *cheapest)
{
	unsigned long pages_per_bit = 1UL << area->order_per_bit, i;
	const unsigned char *used = area->ranges[r].used + bit;

	for (i = 0; i < nr_bits; i++) {
		if (!used[i])
			continue;
		if (!i || !used[i - 1])
			cheapest->nr_runs++;
		cheapest->nr_used += pages_per_bit;
		if (cheapest->nr_runs > ORACLE_NR_RUNS)
			continue;
		if (!i || !used[i - 1])
			cheapest->run_at[cheapest->nr_runs - 1] =
				(bit + i) * pages_per_bit;
		cheapest->run_pages[cheapest->nr_runs - 1] += pages_per_bit;
	}
}

/* Of a range, the used bits before each bit, and before its end. For free(). */
static unsigned long *sum_used(const struct oracle_range *range)
{
	unsigned long *before = calloc(range->nr_bits + 1, sizeof(*before));
	unsigned long bit;

	for (bit = 0; before && bit < range->nr_bits; bit++)
		before[bit + 1] = before[bit] + (range->used[bit] != 0);
	return before;
}

/* Looks at every place of every range; false when there is none. */
bool oracle_cheapest(const struct oracle_area *area, unsigned long nr_pages,
		     unsigned int order, struct oracle_cheapest *cheapest)
{
	unsigned long nr_bits = bits_for(area, nr_pages), best = ~0UL, bit;
	unsigned long best_bit = 0;
	unsigned int r;

	memset(cheapest, 0, sizeof(*cheapest));
	for (r = 0; r < area->nr_ranges; r++) {
		const struct oracle_range *range = &area->ranges[r];
		unsigned long *before = sum_used(range);

		for (bit = 0; before && bit < range->nr_bits &&
		     range->nr_bits - bit >= nr_bits; bit++) {
			unsigned long nr = before[bit + nr_bits] - before[bit];

			if (nr >= best || !is_aligned(area, r, bit, order))
				continue;
			best = nr;
			best_bit = bit;
			cheapest->range = r;
		}
		free(before);
	}
	if (best == ~0UL)
		return false;
	cheapest->at = best_bit << area->order_per_bit;
	list_used(area, cheapest->range, best_bit, nr_bits, cheapest);
	return true;
}

const char *oracle_verdict(const struct oracle_area *area,
			   unsigned long nr_pages, unsigned int order)
{
	unsigned long nr_bits = bits_for(area, nr_pages);
	unsigned long largest_range = 0, free = 0;
	unsigned int r;

	for (r = 0; r < area->nr_ranges; r++) {
		unsigned long bit;

		if (area->ranges[r].nr_bits > largest_range)
			largest_range = area->ranges[r].nr_bits;
		for (bit = 0; bit < area->ranges[r].nr_bits; bit++)
			free += !area->ranges[r].used[bit];
	}
	if (nr_bits > largest_range)
		return "too-big";
	if (nr_bits > free)
		return "exhausted";
	if (!oracle_fits(area, nr_pages, 0))
		return "fragmented";
	if (!oracle_fits(area, nr_pages, order))
		return "misaligned";
	return "fits";
}

static void count_size(struct oracle_size *sizes, unsigned long nr_pages)
{
	unsigned int i = 0;

	while (nr_pages >> i > 1)
		i++;
	sizes[i].nr_runs++;
	sizes[i].nr_pages += nr_pages;
}

/* Every maximal run of the one kind, by size. */
void oracle_sizes(const struct oracle_area *area, bool used,
		  struct oracle_size *sizes)
{
	unsigned int r;

	memset(sizes, 0, ORACLE_NR_SIZES * sizeof(*sizes));
	for (r = 0; r < area->nr_ranges; r++) {
		const struct oracle_range *range = &area->ranges[r];
		unsigned long bit, len = 0;

		for (bit = 0; bit < range->nr_bits; bit++) {
			if (!range->used[bit] != used)
				len++;
			if (len && (bit + 1 == range->nr_bits ||
				    !range->used[bit + 1] == used)) {
				count_size(sizes, len << area->order_per_bit);
				len = 0;
			}
		}
	}
}

/* Is each of @nr bits from here on free? */
static bool all_free(const struct oracle_range *range, unsigned long bit,
		     unsigned long nr)
{
	if (range->nr_bits - bit < nr)
		return false;
	while (nr--)
		if (range->used[bit + nr])
			return false;
	return true;
}

/* Looks at every aligned place, whether a block is free there. */
unsigned long oracle_blocks(const struct oracle_area *area, unsigned int order)
{
	unsigned int bits_order = order > area->order_per_bit ?
				  order - area->order_per_bit : 0;
	unsigned long nr = 0;
	unsigned int r;

	for (r = 0; r < area->nr_ranges; r++) {
		unsigned long bit;

		for (bit = 0; bit < area->ranges[r].nr_bits; bit++)
			nr += is_aligned(area, r, bit, order) &&
			      all_free(&area->ranges[r], bit,
				       1UL << bits_order);
	}
	return order < area->order_per_bit ?
	       nr << (area->order_per_bit - order) : nr;
}

/* Free pages with an aligned one before them in their run, or so themselves. */
unsigned long oracle_usable_pages(const struct oracle_area *area,
				  unsigned int order)
{
	unsigned long nr = 0;
	unsigned int r;

	for (r = 0; r < area->nr_ranges; r++) {
		const struct oracle_range *range = &area->ranges[r];
		bool usable = false;
		unsigned long bit;

		for (bit = 0; bit < range->nr_bits; bit++) {
			usable = !range->used[bit] &&
				 (usable || is_aligned(area, r, bit, order));
			nr += usable;
		}
	}
	return nr << area->order_per_bit;
}

/* Places one buffer after the other, each at the first place that will do. */
unsigned long oracle_buffers(const struct oracle_area *area,
			     unsigned long nr_pages, unsigned int order)
{
	unsigned long nr_bits = bits_for(area, nr_pages), nr = 0;
	unsigned int r;

	for (r = 0; r < area->nr_ranges; r++) {
		unsigned long bit = 0;

		while (bit < area->ranges[r].nr_bits) {
			if (is_aligned(area, r, bit, order) &&
			    all_free(&area->ranges[r], bit, nr_bits)) {
				nr++;
				bit += nr_bits;
			} else {
				bit++;
			}
		}
	}
	return nr;
}

int oracle_highest_align(const struct oracle_area *area,
			 unsigned long nr_pages)
{
	int order = 63;

	while (order >= 0 && !oracle_fits(area, nr_pages, order))
		order--;
	return order;
}

/* A free run that begins with a remainder; in pages. */
struct remainder {
	unsigned long nr_pages;
	unsigned long overhang;
	unsigned long nr_used_in_front;
};

/* Pages from the last aligned one on. */
static unsigned long pages_past(const struct oracle_area *area, unsigned int r,
				unsigned long bit, unsigned int order)
{
	unsigned long pages_per_bit = 1UL << area->order_per_bit;
	unsigned long pfn = area->ranges[r].base_pfn;

	pfn = pfn - pfn % pages_per_bit + bit * pages_per_bit;
	return order > area->order_per_bit ? pfn % (1UL << order) : 0;
}

/* Does the free run that begins here do so with a remainder? */
static bool has_remainder(const struct oracle_area *area, unsigned int r,
			  unsigned long start, unsigned int order,
			  struct remainder *remainder)
{
	const struct oracle_range *range = &area->ranges[r];
	unsigned long end = start, head = 0, nr_used = 0;
	bool is_head = true;

	for (; end < range->nr_bits && !range->used[end]; end++) {
		is_head = is_head && !is_aligned(area, r, end, order);
		head += is_head;
	}
	if (!start || !head ||
	    (end < range->nr_bits && !is_aligned(area, r, end, order)))
		return false;
	while (nr_used < start && range->used[start - 1 - nr_used])
		nr_used++;
	*remainder = (struct remainder){
		.nr_pages = head << area->order_per_bit,
		.overhang = pages_past(area, r, start, order),
		.nr_used_in_front = nr_used << area->order_per_bit,
	};
	return true;
}

/* The order that a DMA caller asks for, without a cap. */
static unsigned int size_order(unsigned long nr_pages)
{
	unsigned int order = 0;

	while (1UL << order < nr_pages)
		order++;
	return order;
}

/*
 * No buffer began at the boundary when there is a free page from there on; and
 * buffers of the order below, every second one freed, look alike.
 */
static bool is_sure(const struct remainder *remainder, unsigned int order)
{
	return remainder->nr_used_in_front >= remainder->overhang &&
	       size_order(remainder->nr_used_in_front) + 1 != order;
}

/* Steps to the next remainder from a bit of a range on. */
static bool next_remainder(const struct oracle_area *area, unsigned int *r,
			   unsigned long *bit, unsigned int order,
			   struct remainder *remainder)
{
	for (; *r < area->nr_ranges; ++*r, *bit = 0) {
		const struct oracle_range *range = &area->ranges[*r];

		while (*bit < range->nr_bits) {
			unsigned long here = (*bit)++;

			if (!range->used[here] &&
			    (!here || range->used[here - 1]) &&
			    has_remainder(area, *r, here, order, remainder))
				return true;
		}
	}
	return false;
}

void oracle_remainders(const struct oracle_area *area, unsigned int order,
		       struct oracle_remainders *remainders)
{
	struct remainder remainder;
	unsigned long bit = 0;
	unsigned int r = 0;

	memset(remainders, 0, sizeof(*remainders));
	while (next_remainder(area, &r, &bit, order, &remainder)) {
		remainders->nr_runs++;
		remainders->nr_pages += remainder.nr_pages;
		if (!is_sure(&remainder, order))
			continue;
		remainders->nr_sure_runs++;
		remainders->nr_sure_pages += remainder.nr_pages;
	}
}

/* The commonest kind of buffer in front, of all that there are. */
static void count_alike(const struct oracle_area *area,
			struct oracle_main_remainders *found)
{
	unsigned long *nr = calloc(2UL << found->order, sizeof(*nr));
	struct remainder remainder;
	unsigned long bit = 0;
	unsigned int r = 0;

	while (nr && next_remainder(area, &r, &bit, found->order, &remainder)) {
		unsigned long rest = remainder.overhang, i;
		bool is_all = rest == remainder.nr_used_in_front;

		/* The end of the range may cut it short. */
		if (!is_sure(&remainder, found->order) ||
		    rest + remainder.nr_pages != 1UL << found->order)
			continue;
		i = 2 * rest + is_all;
		if (++nr[i] <= found->nr_alike)
			continue;
		found->nr_alike = nr[i];
		found->overhang = rest;
		found->overhang_is_all = is_all;
	}
	free(nr);
}

/*
 * Of the orders from 4 to the request's or the cap, the one with most pages; of
 * two with as many the higher, but none above the cap.
 */
void oracle_main_remainders(const struct oracle_area *area,
			    const struct oracle_answer *answer,
			    unsigned int align, unsigned int align_cap,
			    struct oracle_main_remainders *found)
{
	unsigned int order, last = align > align_cap ? align : align_cap;
	struct oracle_remainders at;

	memset(found, 0, sizeof(*found));
	for (order = 4; order <= last && order < ORACLE_NR_ORDERS; order++) {
		oracle_remainders(area, order, &at);
		if (at.nr_sure_runs < 4 ||
		    at.nr_sure_runs * 3 < answer->nr_runs * 2 ||
		    at.nr_sure_pages * 4 < answer->free ||
		    at.nr_sure_pages < found->at.nr_sure_pages)
			continue;
		if (align_cap && order > align_cap &&
		    at.nr_sure_pages == found->at.nr_sure_pages)
			continue;
		found->order = order;
		found->at = at;
	}
	if (!found->order)
		return;
	oracle_remainders(area, 4, &at);
	found->nr_pages_low = at.nr_pages;
	count_alike(area, found);
}

/* The bit that is @nth of the whole area. */
static bool nth_is_used(const struct oracle_area *area, unsigned long nth)
{
	unsigned int r = 0;

	while (nth >= area->ranges[r].nr_bits)
		nth -= area->ranges[r++].nr_bits;
	return area->ranges[r].used[nth];
}

void oracle_bar(const struct oracle_area *area, char *bar)
{
	unsigned long nr_bits = 0, i;
	unsigned int r;

	for (r = 0; r < area->nr_ranges; r++)
		nr_bits += area->ranges[r].nr_bits;
	for (i = 0; i < ORACLE_BAR_WIDTH; i++) {
		unsigned long bit = nr_bits * i / ORACLE_BAR_WIDTH;
		unsigned long end = nr_bits * (i + 1) / ORACLE_BAR_WIDTH;
		bool used = nth_is_used(area, bit);

		bar[i] = used ? '#' : '.';
		for (; bit < end; bit++)
			if (nth_is_used(area, bit) != used)
				bar[i] = '+';
	}
	bar[ORACLE_BAR_WIDTH] = '\0';
}
