// SPDX-License-Identifier: GPL-2.0-only
/*
 * What one writes first: from free run to free run, as with the kernel's
 * find_next_bit(), and for each of them what every alignment leaves of it. It
 * keeps no positions and looks for no remainders.
 */
#include "plain_walk.h"

static unsigned long next_bit(const struct cd_range *range, unsigned long bit,
			      unsigned long invert)
{
	unsigned long i, word;

	if (bit >= range->nr_bits)
		return range->nr_bits;
	i = bit / CD_BITS_PER_LONG;
	word = (range->bitmap[i] ^ invert) & ~0UL << bit % CD_BITS_PER_LONG;
	while (!word) {
		if (++i * CD_BITS_PER_LONG >= range->nr_bits)
			return range->nr_bits;
		word = range->bitmap[i] ^ invert;
	}
	bit = i * CD_BITS_PER_LONG + (unsigned int)__builtin_ctzl(word);
	return bit < range->nr_bits ? bit : range->nr_bits;
}

void plain_walk(const struct cd_range *range, struct plain_figures *figures)
{
	unsigned long start = 0, end;

	*figures = (struct plain_figures){ 0 };
	for (;; start = end) {
		unsigned int order;

		start = next_bit(range, start, ~0UL);
		if (start == range->nr_bits)
			return;
		end = next_bit(range, start, 0);
		figures->nr_runs++;
		figures->nr_free += end - start;
		for (order = 0; order < PLAIN_NR_ORDERS; order++) {
			unsigned long mask = (1UL << order) - 1;
			unsigned long unit = range->base_pfn + start;
			unsigned long skip = (0 - unit) & mask;

			if (skip < end - start &&
			    end - start - skip > figures->usable[order])
				figures->usable[order] = end - start - skip;
		}
	}
}
