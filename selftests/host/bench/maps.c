// SPDX-License-Identifier: GPL-2.0-only
/* Bitmaps to measure with: of one kind each, the same in every run. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "maps.h"

/* The blocks that buffers begin at: align 8. */
#define BLOCK 256UL

/* xorshift64* */
static uint64_t random_state;

static uint64_t random64(void)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return random_state * 0x2545f4914f6cdd1dULL;
}

static void use_bits(unsigned long *words, unsigned long start,
		     unsigned long end, unsigned long nr_bits)
{
	for (; start < end && start < nr_bits; start++)
		words[start / CD_BITS_PER_LONG] |=
			1UL << start % CD_BITS_PER_LONG;
}

/* The first @nr_used of each @value bits. */
static void fill_period(unsigned long *words, unsigned long nr_bits,
			unsigned long period, unsigned long nr_used)
{
	unsigned long i;

	for (i = 0; i < nr_bits; i += period)
		use_bits(words, i, i + nr_used, nr_bits);
}

static void fill_free(unsigned long *words, unsigned long nr_bits,
		      unsigned long value)
{
	(void)words;
	(void)nr_bits;
	(void)value;
}

static void fill_used(unsigned long *words, unsigned long nr_bits,
		      unsigned long value)
{
	(void)value;
	use_bits(words, 0, nr_bits, nr_bits);
}

static void fill_half(unsigned long *words, unsigned long nr_bits,
		      unsigned long value)
{
	fill_period(words, nr_bits, value, value / 2);
}

/* The odd bits. */
static void fill_odd(unsigned long *words, unsigned long nr_bits,
		     unsigned long value)
{
	unsigned long i;

	for (i = 1; i < nr_bits; i += value)
		use_bits(words, i, i + 1, nr_bits);
}

static void fill_buffers(unsigned long *words, unsigned long nr_bits,
			 unsigned long value)
{
	fill_period(words, nr_bits, (value + BLOCK - 1) / BLOCK * BLOCK, value);
}

/* Of up to @value pages; every fourth is freed again. */
static void fill_mixed(unsigned long *words, unsigned long nr_bits,
		       unsigned long value)
{
	unsigned long i, nr;

	for (i = 0; i < nr_bits; i += (nr + BLOCK - 1) / BLOCK * BLOCK) {
		nr = 1 + random64() % value;
		if (random64() % 4)
			use_bits(words, i, i + nr, nr_bits);
	}
}

/* So many percent are used. */
static void fill_random(unsigned long *words, unsigned long nr_bits,
			unsigned long value)
{
	unsigned long i;

	for (i = 0; i < nr_bits; i++)
		if ((random64() >> 32) % 100 < value)
			use_bits(words, i, i + 1, nr_bits);
}

/* Free and used in turn, each of up to @value bits. */
static void fill_runs(unsigned long *words, unsigned long nr_bits,
		      unsigned long value)
{
	unsigned long i = 0, nr;

	while (i < nr_bits) {
		i += 1 + random64() % value;
		nr = 1 + random64() % value;
		use_bits(words, i, i + nr, nr_bits);
		i += nr;
	}
}

const struct map_kind map_kinds[] = {
	{ "all free", fill_free, 0 },
	{ "all used", fill_used, 0 },
	{ "buffers of 300 at align 8", fill_buffers, 300 },
	{ "buffers up to 1000 at align 8", fill_mixed, 1000 },
	{ "runs up to 1000", fill_runs, 1000 },
	{ "runs up to 100", fill_runs, 100 },
	{ "runs up to 10", fill_runs, 10 },
	{ "random, 5% used", fill_random, 5 },
	{ "random, 25% used", fill_random, 25 },
	{ "random, 50% used", fill_random, 50 },
	{ "random, 75% used", fill_random, 75 },
	{ "random, 95% used", fill_random, 95 },
	{ "alternating", fill_half, 2 },
	{ "alternating, odd used", fill_odd, 2 },
	{ "pairs", fill_half, 4 },
	{ "fours", fill_half, 8 },
};

const unsigned int nr_map_kinds = sizeof(map_kinds) / sizeof(*map_kinds);

/* The memory is the caller's. */
void map_make(const struct map_kind *kind, unsigned long nr_bits,
	      struct cd_bitmap *bm)
{
	unsigned long *words = calloc(nr_bits / CD_BITS_PER_LONG + 1,
				      sizeof(*words));

	if (!words) {
		perror("bench");
		exit(1);
	}
	random_state = 0x9e3779b97f4a7c15ULL;
	kind->fill(words, nr_bits, kind->value);
	*bm = (struct cd_bitmap){
		.nr_ranges = 1,
		.ranges[0] = { 0x40000, nr_bits, words },
	};
}
