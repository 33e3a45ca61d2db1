/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Masks over one word of a bitmap, whose first bit is aligned to the word's
 * size. Nothing outside module/core includes this.
 */
#ifndef CD_WORD_MASKS_H
#define CD_WORD_MASKS_H

#include "portable.h"

/* 2^CD_WORD_ORDER bits in a word: the orders below are those inside it. */
#define CD_WORD_ORDER (CD_BITS_PER_LONG == 64 ? 6U : 5U)
#define CD_MAX_WORD_ORDER 6

/* By order: the bits aligned to 2^order. The last is one bit of 32, too. */
static const unsigned long cd_aligned_bits[CD_MAX_WORD_ORDER] = {
	~0UL, ~0UL / 0x3, ~0UL / 0xf, ~0UL / 0xff, ~0UL / 0xffff,
	~0UL / 0xffffffff,
};

/* The sum of fields of 2^order bits each; it must be less than 256. */
static inline unsigned long cd_sum_fields(unsigned long fields,
					  unsigned int order)
{
	const unsigned long pairs = ~0UL / 5, nibbles = ~0UL / 17;

	if (order < 2)
		fields = (fields & pairs) + (fields >> 2 & pairs);
	if (order < 3)
		fields = (fields + (fields >> 4)) & nibbles;
	return fields * (~0UL / 255) >> (CD_BITS_PER_LONG - 8);
}

/* How many bits are set. The compiler's own may call a library. */
static inline unsigned long cd_nr_set(unsigned long word)
{
	return cd_sum_fields(word - (word >> 1 & ~0UL / 3), 1);
}

/* Of each run of bits, the first. */
static inline unsigned long cd_starts(unsigned long runs)
{
	return runs & ~(runs << 1);
}

/*
 * The bit after each run that begins in @starts: one that is added to a run's
 * first bit carries through it.
 */
static inline unsigned long cd_ends(unsigned long runs, unsigned long starts)
{
	return (runs + starts) & ~runs;
}

#endif
