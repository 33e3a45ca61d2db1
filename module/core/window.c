// SPDX-License-Identifier: GPL-2.0-only
/*
 * The cheapest window of a request.
 *
 * The used bits of a window are counted once, and then it is slid along: what
 * leaves it at its start is taken off, what comes in at its end is added.
 *
 * Where starts lie a word or more apart, each window is counted so. Where they
 * are closer, a word of slides is done at once: the bits that leave and those
 * that come in tell where the number goes up and down, and what lies between is
 * looked at only if all that go down together would make it a better one. Then
 * the sums of the eight slides of each byte are made side by side, and with
 * them the least of each; so that a byte is followed bit by bit only where it
 * has a better window.
 */
#include "bit_runs.h"
#include "set_bits.h"
#include "verdict.h"
#include "window.h"

/* The best so far, in bits. */
struct best_window {
	struct cd_bit_run place;
	unsigned long nr_used;
};

static unsigned long min_of(unsigned long a, unsigned long b)
{
	return a < b ? a : b;
}

static unsigned long word_from(const struct cd_range *range, unsigned long bit)
{
	return range->bitmap[bit / CD_BITS_PER_LONG] >> bit % CD_BITS_PER_LONG;
}

/* A word of bits from one on; past the last of the range it has anything. */
static unsigned long bits_from(const struct cd_range *range, unsigned long bit)
{
	unsigned long shift = bit % CD_BITS_PER_LONG;
	unsigned long word = word_from(range, bit);

	if (shift && bit + CD_BITS_PER_LONG - shift < range->nr_bits)
		word |= range->bitmap[bit / CD_BITS_PER_LONG + 1] <<
			(CD_BITS_PER_LONG - shift);
	return word;
}

/* Counters side by side, of eight bits each, of which the highest is 0. */
#define ONES (~0UL / 255)
#define HIGHEST (ONES << 7)
/* In each of them, so that none is below 0. */
#define NONE (ONES * 8)
#define MOST (ONES * 127)

static unsigned long least_of(unsigned long a, unsigned long b)
{
	unsigned long not_less = ((a | HIGHEST) - b) & HIGHEST;
	unsigned long take_b = not_less - (not_less >> 7);

	return (b & take_b) | (a & ~take_b);
}

static long counter(unsigned long counters, unsigned int i)
{
	return (long)(counters >> 8 * i & 255) - 8;
}

/**
 * struct slides - a window that is slid along, up to a word's bits further
 * @place: where it begins
 * @step: starts lie so many bits apart; a power of two, less than a word
 * @nr: how far it is slid, in bits
 * @up: by bits slid, where it gets a used bit more
 * @down: and where one less
 */
struct slides {
	struct cd_bit_run place;
	unsigned long step;
	unsigned long nr;
	unsigned long up;
	unsigned long down;
};

/* May a window begin so many bits further on? */
static bool is_start(const struct slides *slides, unsigned int nr)
{
	return !(nr & (slides->step - 1));
}

static void follow_byte(const struct slides *slides, unsigned int byte,
			long nr_used, struct best_window *best)
{
	unsigned int i, nr;

	for (i = 8 * byte; i < 8 * byte + 8; i++) {
		nr = i + 1;
		nr_used += (long)(slides->up >> i & 1) -
			   (long)(slides->down >> i & 1);
		if (nr > slides->nr)
			return;
		if (!is_start(slides, nr) || nr_used >= (long)best->nr_used)
			continue;
		best->nr_used = (unsigned long)nr_used;
		best->place = slides->place;
		best->place.start += nr;
		best->place.end += nr;
	}
}

static void follow_word(const struct slides *slides, long nr_used,
			struct best_window *best)
{
	unsigned long sums = NONE, least = MOST;
	unsigned int i;

	for (i = 0; i < 8; i++) {
		sums += slides->up >> i & ONES;
		sums -= slides->down >> i & ONES;
		if (is_start(slides, i + 1) || i == 7)
			least = least_of(least, sums);
	}
	for (i = 0; i < CD_BITS_PER_LONG / 8; i++) {
		if (nr_used + counter(least, i) < (long)best->nr_used)
			follow_byte(slides, i, nr_used, best);
		nr_used += counter(sums, i);
	}
}

static void slide_by_words(const struct cd_range *range,
			   struct slides *slides, unsigned long nr_used,
			   struct best_window *best)
{
	struct cd_bit_run *place = &slides->place;

	while (place->end < range->nr_bits && best->nr_used > 1) {
		unsigned long leave = bits_from(range, place->start);
		unsigned long come = bits_from(range, place->end);
		unsigned long nr_down, all;

		slides->nr = min_of(range->nr_bits - place->end,
				    CD_BITS_PER_LONG);
		all = ~0UL >> (CD_BITS_PER_LONG - slides->nr);
		slides->up = come & ~leave & all;
		slides->down = leave & ~come & all;
		nr_down = cd_nr_set(slides->down);
		if (nr_used < best->nr_used + nr_down)
			follow_word(slides, (long)nr_used, best);
		nr_used += cd_nr_set(slides->up) - nr_down;
		place->start += slides->nr;
		place->end += slides->nr;
	}
}

/* A bit further on there is one used bit less, at most. */
static unsigned long skip_hopeless(unsigned long nr_used, unsigned long best,
				   unsigned long step)
{
	return (nr_used - best + step) & -step;
}

/* Starts lie a word or more apart. */
static void slide_by_steps(const struct cd_range *range,
			   struct cd_bit_run place, unsigned long step,
			   unsigned long nr_used, struct best_window *best)
{
	unsigned long skip;

	while (best->nr_used > 1) {
		skip = skip_hopeless(nr_used, best->nr_used, step);
		if (skip > range->nr_bits - place.end)
			return;
		nr_used += cd_count_used(range, place.end, place.end + skip);
		nr_used -= cd_count_used(range, place.start,
					 place.start + skip);
		place.start += skip;
		place.end += skip;
		if (nr_used < best->nr_used) {
			best->place = place;
			best->nr_used = nr_used;
		}
	}
}

static void look_in_range(const struct cd_bitmap *bm, unsigned int r,
			  const struct cd_request *request,
			  struct best_window *best)
{
	const struct cd_range *range = &bm->ranges[r];
	const struct cd_bit_run all = { .end = range->nr_bits, .range = r };
	unsigned long step = cd_bits_apart(bm, request->align);
	struct slides slides = { .step = step };
	struct cd_bit_run place = { .range = r };
	unsigned long nr_used;

	place.start = cd_aligned_bit(bm, &all, request->align);
	place.end = place.start + cd_pages_to_bits(bm, request->nr_pages);
	if (place.end < place.start || place.end > range->nr_bits)
		return;
	nr_used = cd_count_used(range, place.start, place.end);
	if (nr_used < best->nr_used) {
		best->place = place;
		best->nr_used = nr_used;
	}
	slides.place = place;
	if (step < CD_BITS_PER_LONG)
		slide_by_words(range, &slides, nr_used, best);
	else
		slide_by_steps(range, place, step, nr_used, best);
}

static void list_used(const struct cd_bitmap *bm,
		      const struct cd_bit_run *place, struct cd_window *window)
{
	const struct cd_range *range = &bm->ranges[place->range];
	struct cd_bit_run run = { .range = place->range };

	run.start = cd_next_bit(range, place->start, true);
	while (run.start < place->end) {
		run.end = min_of(cd_next_bit(range, run.start, false),
				 place->end);
		if (window->nr_runs < CD_NR_USED_RUNS)
			window->used[window->nr_runs] =
				cd_in_pages(bm, &run, run.start);
		window->nr_runs++;
		run.start = cd_next_bit(range, run.end, true);
	}
}

/**
 * cd_cheapest_window() - where the fewest pages would have to be freed
 * @bm: the bitmap
 * @request: pages, not 0, and alignment; it fits nowhere, so that none has less
 *           than one used bit
 * @window: result: the first of those that need the fewest
 *
 * Starts are where cma_alloc() would look for one: at aligned pfns, in one
 * range (see cd_aligned_bit()).
 *
 * Context: any; touches nothing else. Time grows with the words of the bitmap,
 * at most with those of the first window, and of what is slid over, together.
 */
void cd_cheapest_window(const struct cd_bitmap *bm,
			const struct cd_request *request,
			struct cd_window *window)
{
	struct best_window best = { .nr_used = ~0UL };
	unsigned int r;

	*window = (struct cd_window){ 0 };
	for (r = 0; r < bm->nr_ranges && best.nr_used > 1; r++)
		look_in_range(bm, r, request, &best);
	if (best.nr_used == ~0UL)
		return;
	window->place = cd_in_pages(bm, &best.place, best.place.start);
	window->nr_used = best.nr_used << bm->order_per_bit;
	list_used(bm, &best.place, window);
}
