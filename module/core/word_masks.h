/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Masks over one word of a bitmap, whose first bit is aligned to the word's
 * size. Nothing outside module/core includes this.
 */
#ifndef CD_WORD_MASKS_H
#define CD_WORD_MASKS_H

#include "set_bits.h"

/* 2^CD_WORD_ORDER bits in a word: the orders below are those inside it. */
#define CD_WORD_ORDER (CD_BITS_PER_LONG == 64 ? 6U : 5U)
#define CD_MAX_WORD_ORDER 6

/* By order: the bits aligned to 2^order. The last is one bit of 32, too. */
static const unsigned long cd_aligned_bits[CD_MAX_WORD_ORDER] = {
	~0UL, ~0UL / 0x3, ~0UL / 0xf, ~0UL / 0xff, ~0UL / 0xffff,
	~0UL / 0xffffffff,
};

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
