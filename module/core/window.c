// SPDX-License-Identifier: GPL-2.0-only
/*
 * The cheapest window of a request.
 *
 * The used bits of a window are counted once, and then it is slid along: what
 * leaves it at its start is taken off, what comes in at its end is added. As
 * long as each is of one kind, their number only goes up, or down, or stays, so
 * that few of the windows are looked at, even where every bit is a start.
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

static unsigned long max_of(unsigned long a, unsigned long b)
{
	return a > b ? a : b;
}

static unsigned long word_from(const struct cd_range *range, unsigned long bit)
{
	return range->bitmap[bit / CD_BITS_PER_LONG] >> bit % CD_BITS_PER_LONG;
}

static unsigned long left_of_word(unsigned long bit)
{
	return CD_BITS_PER_LONG - bit % CD_BITS_PER_LONG;
}

static bool is_used(const struct cd_range *range, unsigned long bit)
{
	return word_from(range, bit) & 1;
}

/* Used bits from one on and before another. */
static unsigned long count_used(const struct cd_range *range,
				unsigned long bit, unsigned long end)
{
	unsigned long nr = 0;

	while (bit < end) {
		unsigned long word = word_from(range, bit);

		if (end - bit < left_of_word(bit))
			word &= (1UL << (end - bit)) - 1;
		nr += cd_nr_set(word);
		bit += left_of_word(bit);
	}
	return nr;
}

/* From one aligned bit to the next. */
static unsigned long bits_apart(const struct cd_bitmap *bm, unsigned int order)
{
	if (order <= bm->order_per_bit)
		return 1;
	order -= bm->order_per_bit;
	return 1UL << (order < CD_BITS_PER_LONG ? order : CD_BITS_PER_LONG - 1);
}

/* From a bit on: how many are of its kind, in its word. */
static unsigned long count_alike(const struct cd_range *range,
				 unsigned long bit)
{
	unsigned long word = word_from(range, bit);

	if (word & 1)
		word = ~word;
	if (!word)
		return left_of_word(bit);
	return min_of((unsigned int)__builtin_ctzl(word), left_of_word(bit));
}

/* Bits to the next window that may have fewer used ones than all before it. */
static unsigned long next_window(const struct cd_range *range,
				 unsigned long start, unsigned long end,
				 unsigned long step)
{
	bool goes_down = is_used(range, start) && !is_used(range, end);
	unsigned long nr = min_of(count_alike(range, start),
				  count_alike(range, end));
	unsigned long last = min_of(nr, range->nr_bits - end) & -step;

	return goes_down && last ? last : last + step;
}

/* A bit further on there is one used bit less, at most. */
static unsigned long skip_hopeless(unsigned long nr_used, unsigned long best,
				   unsigned long step)
{
	return (nr_used - best + step) & -step;
}

static void look_in_range(const struct cd_bitmap *bm, unsigned int r,
			  const struct cd_request *request,
			  struct best_window *best)
{
	const struct cd_range *range = &bm->ranges[r];
	const struct cd_bit_run all = { .end = range->nr_bits, .range = r };
	unsigned long start = cd_aligned_bit(bm, &all, request->align);
	unsigned long end = start + cd_pages_to_bits(bm, request->nr_pages);
	unsigned long step = bits_apart(bm, request->align);
	unsigned long nr_used, skip;

	if (end < start || end > range->nr_bits)
		return;
	nr_used = count_used(range, start, end);
	for (;;) {
		if (nr_used < best->nr_used) {
			best->place = (struct cd_bit_run){ start, end, r };
			best->nr_used = nr_used;
		}
		if (best->nr_used == 1 || end == range->nr_bits)
			return;
		skip = max_of(next_window(range, start, end, step),
			      skip_hopeless(nr_used, best->nr_used, step));
		if (skip > range->nr_bits - end)
			return;
		nr_used += count_used(range, end, end + skip);
		nr_used -= count_used(range, start, start + skip);
		start += skip;
		end += skip;
	}
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
 * Context: any; touches nothing else. Time grows with words + windows, at most.
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
