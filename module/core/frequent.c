// SPDX-License-Identifier: GPL-2.0-only
/* What comes up most often in a long stream, counted in little memory. */
#include "frequent.h"

/**
 * cd_count_up() - something came up once more
 * @counters: all 0 to begin with
 * @nr: how many, at least 1
 * @key0: what it was
 * @key1: likewise
 *
 * Context: any. Takes no lock, allocates nothing.
 *
 * Return: the index of its counter. When @count there is one more than
 * @nr_doubtful, it is new: what else is kept of that counter is another's.
 */
unsigned int cd_count_up(struct cd_counter *counters, unsigned int nr,
			 unsigned long long key0, unsigned long long key1)
{
	unsigned int i, min = 0;

	for (i = 0; i < nr; i++) {
		struct cd_counter *counter = &counters[i];

		if (counter->count && counter->key[0] == key0 &&
		    counter->key[1] == key1) {
			counter->count++;
			return i;
		}
		if (counter->count < counters[min].count)
			min = i;
	}
	counters[min] = (struct cd_counter){
		.count = counters[min].count + 1,
		.nr_doubtful = counters[min].count,
		.key = { key0, key1 },
	};
	return min;
}

/**
 * cd_most_frequent() - what came up most often
 * @counters: counters
 * @nr: how many, at least 1
 *
 * Context: any. Return: the index of its counter; the first of equals.
 */
unsigned int cd_most_frequent(const struct cd_counter *counters,
			      unsigned int nr)
{
	unsigned int i, max = 0;

	for (i = 1; i < nr; i++)
		if (counters[i].count > counters[max].count)
			max = i;
	return max;
}
