// SPDX-License-Identifier: GPL-2.0-only
/* Runs of equal bits in an area's bitmap. */
#include "bit_runs.h"
#include "set_bits.h"

/**
 * cd_next_bit() - the first bit of a kind
 * @range: where
 * @bit: where to begin
 * @set: the kind: allocated, or free
 *
 * Return: the first such bit at or after @bit, or nr_bits.
 */
unsigned long cd_next_bit(const struct cd_range *range, unsigned long bit,
			  bool set)
{
	while (bit < range->nr_bits) {
		unsigned long word = range->bitmap[bit / CD_BITS_PER_LONG];

		if (!set)
			word = ~word;
		word >>= bit % CD_BITS_PER_LONG;
		if (word) {
			bit += (unsigned int)__builtin_ctzl(word);
			break;
		}
		bit = (bit / CD_BITS_PER_LONG + 1) * CD_BITS_PER_LONG;
	}
	return bit < range->nr_bits ? bit : range->nr_bits;
}

/**
 * cd_count_used() - how many bits are allocated
 * @range: where
 * @bit: the first that is looked at
 * @end: the bit after the last
 */
unsigned long cd_count_used(const struct cd_range *range, unsigned long bit,
			    unsigned long end)
{
	unsigned long nr = 0;

	while (bit < end) {
		unsigned long word = range->bitmap[bit / CD_BITS_PER_LONG] >>
				     bit % CD_BITS_PER_LONG;
		unsigned long left = CD_BITS_PER_LONG - bit % CD_BITS_PER_LONG;

		if (end - bit < left)
			word &= (1UL << (end - bit)) - 1;
		nr += cd_nr_set(word);
		bit += left;
	}
	return nr;
}

/**
 * cd_next_run() - step to the next run of a kind, in the area's own order
 * @bm: the bitmap
 * @set: the kind: allocated, or free
 * @run: the run before, of this kind, or { 0 }; then the next
 *
 * Return: false when there is none.
 */
bool cd_next_run(const struct cd_bitmap *bm, bool set, struct cd_bit_run *run)
{
	for (; run->range < bm->nr_ranges; run->range++, run->end = 0) {
		const struct cd_range *range = &bm->ranges[run->range];

		run->start = cd_next_bit(range, run->end, set);
		if (run->start < range->nr_bits) {
			run->end = cd_next_bit(range, run->start, !set);
			return true;
		}
	}
	return false;
}

/**
 * cd_aligned_bit() - where the aligned part of a run begins
 * @bm: the bitmap
 * @run: a run of it
 * @order: alignment, of 2^order pages
 *
 * Same arithmetic as cma_bitmap_aligned_offset() (mm/cma.c, 5.10 to 7.3): the
 * unit is a bit, so an order below order_per_bit asks for nothing.
 *
 * Return: the first bit of @run whose pfn is so aligned, or its end.
 */
unsigned long cd_aligned_bit(const struct cd_bitmap *bm,
			     const struct cd_bit_run *run, unsigned int order)
{
	unsigned long first_unit, mask, skip;

	if (order <= bm->order_per_bit)
		return run->start;
	order -= bm->order_per_bit;
	if (order >= CD_BITS_PER_LONG)
		order = CD_BITS_PER_LONG - 1;
	mask = (1UL << order) - 1;
	first_unit = (bm->ranges[run->range].base_pfn >> bm->order_per_bit) +
		     run->start;
	skip = (0 - first_unit) & mask;
	return skip < run->end - run->start ? run->start + skip : run->end;
}
