// SPDX-License-Identifier: GPL-2.0-only
/*
 * The places of an area that the allocator would try for a request.
 *
 * It takes the lowest that is aligned and free, range by range, and after a
 * place that was busy it goes on at the next aligned one: cma_alloc() of
 * mm/cma.c, 5.10 to 6.14, and cma_range_alloc() from 6.15 on.
 */
#include "bit_runs.h"
#include "place.h"

/* The first place from a bit of a range on, in it or in those that follow. */
static bool find_place(const struct cd_bitmap *bm,
		       const struct cd_request *request, unsigned int range,
		       unsigned long bit, unsigned long *pfn)
{
	unsigned long nr_bits = cd_pages_to_bits(bm, request->nr_pages);
	struct cd_bit_run run = { 0 };

	while (cd_next_run(bm, false, &run)) {
		struct cd_bit_run rest = run;
		unsigned long start;

		if (run.range < range || (run.range == range && run.end <= bit))
			continue;
		if (run.range == range && rest.start < bit)
			rest.start = bit;
		start = cd_aligned_bit(bm, &rest, request->align);
		if (run.end - start < nr_bits)
			continue;
		*pfn = bm->ranges[run.range].base_pfn +
		       (start << bm->order_per_bit);
		return true;
	}
	return false;
}

/**
 * cd_first_place() - the place that the allocator would try first
 * @bm: the bitmap
 * @request: pages, not 0, and alignment
 * @pfn: result: where it begins
 *
 * Context: any. Return: false when the request does not fit.
 */
bool cd_first_place(const struct cd_bitmap *bm,
		    const struct cd_request *request, unsigned long *pfn)
{
	return find_place(bm, request, 0, 0, pfn);
}

/**
 * cd_next_place() - the place that the allocator would try next
 * @bm: the bitmap
 * @request: pages, not 0, and alignment
 * @pfn: where the place before begins; result: where this one does
 *
 * Context: any. Return: false when there is no other.
 */
bool cd_next_place(const struct cd_bitmap *bm,
		   const struct cd_request *request, unsigned long *pfn)
{
	unsigned int i;

	for (i = 0; i < bm->nr_ranges; i++) {
		const struct cd_range *range = &bm->ranges[i];
		unsigned long bit = (*pfn - range->base_pfn) >>
				    bm->order_per_bit;

		if (*pfn >= range->base_pfn && bit < range->nr_bits)
			return find_place(bm, request, i, bit + 1, pfn);
	}
	return false;
}
