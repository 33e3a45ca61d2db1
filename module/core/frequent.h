/* SPDX-License-Identifier: GPL-2.0-only */
/* What comes up most often in a long stream, counted in little memory. */
#ifndef CD_FREQUENT_H
#define CD_FREQUENT_H

#include "portable.h"

/**
 * struct cd_counter - how often something came up
 * @count: times; may be too many by up to @nr_doubtful; 0 when unused
 * @nr_doubtful: what the counter stood at when this took it over
 * @key: what is counted
 *
 * A row of these is what "Space-Saving" keeps (Metwally, Agrawal, El Abbadi,
 * 2005): when all are taken, the next thing takes over the smallest. Of n
 * counters, one has whatever came up more than once in n times, always.
 */
struct cd_counter {
	unsigned long count;
	unsigned long nr_doubtful;
	unsigned long long key[2];
};

unsigned int cd_count_up(struct cd_counter *counters, unsigned int nr,
			 unsigned long long key0, unsigned long long key1);
unsigned int cd_most_frequent(const struct cd_counter *counters,
			      unsigned int nr);

#endif
