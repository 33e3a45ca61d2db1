/* SPDX-License-Identifier: GPL-2.0-only */
/* How many bits are set. Nothing outside module/core includes this. */
#ifndef CD_SET_BITS_H
#define CD_SET_BITS_H

#include "portable.h"

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

#endif
