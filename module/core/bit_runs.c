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
	const unsigned long none = set ? 0 : ~0UL;
	unsigned long i = bit / CD_BITS_PER_LONG, nr_words, word;

	if (bit >= range->nr_bits)
		return range->nr_bits;
	word = (range->bitmap[i] ^ none) >> bit % CD_BITS_PER_LONG;
	if (!word) {
		nr_words = (range->nr_bits - 1) / CD_BITS_PER_LONG + 1;
		do {
			if (++i == nr_words)
				return range->nr_bits;
		} while (range->bitmap[i] == none);
		word = range->bitmap[i] ^ none;
		bit = i * CD_BITS_PER_LONG;
	}
	bit += (unsigned int)__builtin_ctzl(word);
	return bit < range->nr_bits ? bit : range->nr_bits;
}

/* Most words are all free or all used. */
static unsigned long count_word(unsigned long word)
{
	if (!word)
		return 0;
	return ~word ? cd_nr_set(word) : CD_BITS_PER_LONG;
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
	const unsigned long *word = range->bitmap + bit / CD_BITS_PER_LONG;
	const unsigned long *last = range->bitmap + end / CD_BITS_PER_LONG;
	unsigned long before = (1UL << bit % CD_BITS_PER_LONG) - 1;
	unsigned long up_to = (1UL << end % CD_BITS_PER_LONG) - 1;
	unsigned long nr;

	if (bit >= end)
		return 0;
	if (word == last)
		return count_word(*word & up_to & ~before);
	nr = count_word(*word & ~before);
	while (++word < last)
		nr += count_word(*word);
	/* Where it ends with a word, that may be the last there is. */
	if (up_to)
		nr += count_word(*last & up_to);
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

/**
 * cd_bits_apart() - from one aligned bit to the next
 * @bm: the bitmap
 * @order: alignment, of 2^order pages
 */
unsigned long cd_bits_apart(const struct cd_bitmap *bm, unsigned int order)
{
	if (order <= bm->order_per_bit)
		return 1;
	order -= bm->order_per_bit;
	return 1UL << (order < CD_BITS_PER_LONG ? order : CD_BITS_PER_LONG - 1);
}
