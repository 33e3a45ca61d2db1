// SPDX-License-Identifier: GPL-2.0-only
/* Random areas, the same in every run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "random_area.h"

/* xorshift64*: the same bitmaps on every machine. */
static uint64_t random_state = 0x9e3779b97f4a7c15ULL;

static uint64_t random64(void)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return random_state * 0x2545f4914f6cdd1dULL;
}

unsigned long below(unsigned long n)
{
	return random64() % n;
}

/* The same area twice: bytes for the oracle, bits for the core. */
struct oracle_area area;
struct cd_bitmap bm;
unsigned char bytes[MAX_BITS + 8];
static unsigned long *words[ORACLE_MAX_RANGES];

/*
 * Bits past the end of a range are noise, and must not matter. Each range has
 * memory of its own, of just its size, so that AddressSanitizer sees a read
 * past its end.
 */
void pack_words(void)
{
	unsigned int r;

	bm.order_per_bit = area.order_per_bit;
	bm.nr_ranges = area.nr_ranges;
	for (r = 0; r < area.nr_ranges; r++) {
		const struct oracle_range *range = &area.ranges[r];
		unsigned long i, nr_words = (range->nr_bits + 63) / 64;
		unsigned long *word = malloc(nr_words * sizeof(*word));

		assert_non_null(word);
		free(words[r]);
		words[r] = word;
		for (i = 0; i < nr_words; i++)
			word[i] = random64();
		for (i = 0; i < range->nr_bits; i++) {
			word[i / 64] &= ~(1UL << (i % 64));
			if (range->used[i])
				word[i / 64] |= 1UL << (i % 64);
		}
		bm.ranges[r] = (struct cd_range){
			.base_pfn = range->base_pfn,
			.nr_bits = range->nr_bits,
			.bitmap = word,
		};
	}
}

void set_bits(unsigned char *used, unsigned long nr, bool value)
{
	memset(used, value, nr);
}

/* Runs of random length, used and free in turn. */
static void fill_runs(unsigned char *used, unsigned long nr)
{
	unsigned long longest = 1 + below(1UL << below(12));
	bool value = below(2);

	while (nr) {
		unsigned long len = 1 + below(longest);

		len = len < nr ? len : nr;
		set_bits(used, len, value);
		used += len;
		nr -= len;
		value = !value;
	}
}

static void fill_odds(unsigned char *used, unsigned long nr,
		      unsigned int of_256_used)
{
	while (nr--)
		*used++ = (random64() >> 40) % 256 < of_256_used;
}

/* The same few bits again and again. */
void fill_period(unsigned char *used, unsigned long nr, unsigned long period,
		 unsigned long nr_used, unsigned long phase)
{
	unsigned long i;

	for (i = 0; i < nr; i++)
		used[i] = (i + phase) % period < nr_used;
}

/* Runs that end near the edges of words. */
static void fill_words(unsigned char *used, unsigned long nr)
{
	bool value = below(2);
	unsigned long i, end = 0;

	for (i = 0; i < nr; i++) {
		if (i >= end) {
			end = (i / 64 + 1 + below(3)) * 64 + below(5);
			end = end > i + 2 ? end - 2 : i + 1;
			value = !value;
		}
		used[i] = value;
	}
}

/* One bit, or one run, is another. */
static void fill_but_one(unsigned char *used, unsigned long nr)
{
	unsigned long start = below(nr), longest = nr - start;
	bool value = below(2);

	set_bits(used, nr, value);
	set_bits(used + start, below(2) ? 1 : 1 + below(longest), !value);
}

static void fill_range(unsigned char *used, unsigned long nr)
{
	unsigned long period = 1 + below(below(2) ? 9 : 130);

	if (!nr)
		return;
	switch (below(11)) {
	case 0:
		set_bits(used, nr, false);
		break;
	case 1:
		set_bits(used, nr, true);
		break;
	case 2:
		fill_period(used, nr, period, below(period + 1), below(period));
		break;
	case 3:
		fill_odds(used, nr, 4);
		break;
	case 4:
		fill_odds(used, nr, 252);
		break;
	case 5:
		fill_odds(used, nr, below(257));
		break;
	case 6:
		fill_words(used, nr);
		break;
	case 7:
		fill_but_one(used, nr);
		break;
	default:
		fill_runs(used, nr);
	}
}

static unsigned long random_base(void)
{
	unsigned long pfn = below(1UL << 24);

	return below(2) ? pfn & ~((1UL << below(21)) - 1) : pfn;
}

void make_area(unsigned long nr_bits)
{
	unsigned char *used = bytes;
	unsigned int r;

	area.order_per_bit = below(3) ? 0 : below(5);
	area.nr_ranges = below(4) ? 1 : 1 + below(ORACLE_MAX_RANGES);
	for (r = 0; r < area.nr_ranges; r++) {
		unsigned long nr = r + 1 == area.nr_ranges ? nr_bits :
				   below(nr_bits / area.nr_ranges + 1);

		area.ranges[r] = (struct oracle_range){
			.base_pfn = random_base(),
			.nr_bits = nr,
			.used = used,
		};
		fill_range(used, nr);
		used += nr;
		nr_bits -= nr;
	}
	pack_words();
}

/* Sizes around those where the answer changes. */
unsigned long random_request(const struct oracle_answer *answer)
{
	unsigned long around[] = {
		answer->total, answer->free, answer->largest,
		answer->usable[below(ORACLE_NR_ORDERS)],
		below(answer->total + 2), 1,
	};
	unsigned long pages = around[below(6)] + below(3);

	return pages > 1 ? pages - 1 : 1;
}
