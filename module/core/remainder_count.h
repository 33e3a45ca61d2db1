/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Counts the remainders of a bitmap, in bits: run by run, or all runs that end
 * in a word at once. Nothing outside module/core includes this.
 */
#ifndef CD_REMAINDER_COUNT_H
#define CD_REMAINDER_COUNT_H

#include "free_runs.h"

/**
 * struct cd_remainder_count - remainders counted so far
 * @at: CD_NR_ORDERS of them, by order of bits, and in bits
 * @max_order: the highest that is counted
 * @min_sure_order: the lowest whose sure ones are counted, too
 * @nr_bits: the runs added last, and not counted yet: their size
 * @nr_used: and the used bits that lie together in front of each
 * @last_order: the highest order that one of them ends aligned at, 0 when
 *              there are none
 * @nr_runs: how many of them end aligned at an order, and at none above
 */
struct cd_remainder_count {
	struct cd_remainders *at;
	unsigned int max_order;
	unsigned int min_sure_order;
	unsigned long nr_bits;
	unsigned long nr_used;
	unsigned int last_order;
	unsigned long nr_runs[CD_NR_ORDERS];
};

/**
 * struct cd_word_runs - the free runs that end in a word, whose first bit is
 * aligned to the size of the word
 * @free: all its free bits
 * @ended: those of the runs that a used bit of the word ends
 * @starts: the first bits of these, but not of one that began in front of the
 *          word
 * @nr_free: bits that one that did has there, if used bits are in front of it;
 *           else 0
 * @nr_used: used bits that lie together just in front of that run, or of the
 *           word
 */
struct cd_word_runs {
	unsigned long free;
	unsigned long ended;
	unsigned long starts;
	unsigned long nr_free;
	unsigned long nr_used;
};

/*
 * Could smaller buffers, freed, have left this as well? When fewer bits are
 * used in front than the overhang has, no buffer began at the boundary. And DMA
 * callers ask for the order of their size: where every second buffer of the
 * order below was freed, each free run ends at a multiple of 2^order, too, but
 * what is used in front of it is of the order below. @size is 2^order.
 */
static inline bool cd_remainder_is_sure(unsigned long nr_used,
					unsigned long overhang,
					unsigned long size)
{
	/* Without a branch: which it is can hardly be foretold. */
	return (nr_used >= overhang) &
	       ((nr_used > size >> 1) | (nr_used <= size >> 2));
}

void cd_remainders_of_run(struct cd_remainder_count *count,
			  unsigned long nr_bits, unsigned long nr_used,
			  unsigned long end_unit);
void cd_remainders_of_last(struct cd_remainder_count *count,
			   unsigned long nr_bits, unsigned long nr_used,
			   unsigned long end_unit);
void cd_remainders_of_word(struct cd_remainder_count *count,
			   const struct cd_word_runs *word);
void cd_remainders_end(struct cd_remainder_count *count,
		       unsigned int order_per_bit);

#endif
