// SPDX-License-Identifier: GPL-2.0-only
/*
 * The figures of a bitmap, in one pass over its words.
 *
 * Where runs are long, they are followed one by one: words all free or all
 * used are passed over, so that a run costs what its two ends do. The higher an
 * order, the less of any run is usable. So a run that is not larger than what
 * is usable at the order of its most aligned bit, which is the highest that it
 * has a part at, adds nothing at any.
 *
 * Where runs are short, all that end in a word are counted at once. Of the free
 * bits z, z & z >> 1 are those that a free one follows; of these, y, y & y >> 2
 * are those that three do. A few such steps and a mask of aligned bits tell
 * whether any run is larger than the largest so far. Only then they are looked
 * at one by one, which is seldom: inside a word the largest cannot grow often.
 * A run across the edge of a word is looked at by itself. For remainders see
 * remainder_count.c.
 *
 * For this, words begin at a bit whose pfn is aligned to their size, which need
 * not be those of memory.
 */
#include "bit_runs.h"
#include "remainder_count.h"
#include "word_masks.h"

/**
 * struct walk - where we are in a bitmap
 * @bm: the bitmap
 * @usable: for each order of bits from @first_order on, the largest so far
 * @first_order: the lowest that is looked at
 * @last_order: the highest
 * @figures: the rest of what is counted, NULL for nothing
 * @count: likewise
 * @range: where we are
 * @first_unit: its first bit, counted as pfns are
 * @start: where the free run begins that we are in
 * @end: where the last one ended before it, in its range; else 0
 * @in_run: we are in one
 * @seen_unit: where a run begins whose parts are known, counted as pfns are
 * @seen_bits: its size
 */
struct walk {
	const struct cd_bitmap *bm;
	struct cd_run *usable;
	unsigned int first_order;
	unsigned int last_order;
	struct cd_figures *figures;
	struct cd_remainder_count count;
	unsigned int range;
	unsigned long first_unit;
	unsigned long start;
	unsigned long end;
	bool in_run;
	unsigned long seen_unit;
	unsigned long seen_bits;
};

static unsigned long nr_usable(const struct walk *walk, unsigned int order)
{
	return walk->usable[order - walk->first_order].nr_pages >>
	       walk->bm->order_per_bit;
}

/* The order of the most aligned bit of a run. */
static unsigned int highest_order(unsigned long first_unit,
				  unsigned long end_unit)
{
	unsigned long differ = (first_unit - 1) ^ (end_unit - 1);

	return CD_BITS_PER_LONG - 1 - (unsigned int)__builtin_clzl(differ | 1);
}

/* As the run before, at each order: buffers of one size leave such runs. */
static bool is_seen(struct walk *walk, unsigned long unit,
		    unsigned long nr_bits, unsigned int order)
{
	unsigned long mask = (1UL << order) - 1;

	if (nr_bits == walk->seen_bits && !((unit ^ walk->seen_unit) & mask))
		return true;
	walk->seen_unit = unit;
	walk->seen_bits = nr_bits;
	return false;
}

/* The higher the order, the less is usable: when all of it is no more, stop. */
static void keep_orders(struct walk *walk, unsigned long start,
			unsigned long end, unsigned int order)
{
	unsigned long unit = walk->first_unit + start, nr_bits = end - start;
	const struct cd_bit_run run = { start, end, walk->range };

	if (is_seen(walk, unit, nr_bits, order))
		return;
	for (order++; order > walk->first_order; order--) {
		unsigned int at = order - 1 - walk->first_order;
		unsigned long largest = nr_usable(walk, order - 1);
		unsigned long skip = (0 - unit) & ((1UL << (order - 1)) - 1);

		if (nr_bits <= largest)
			return;
		if (nr_bits - skip > largest)
			walk->usable[at] = cd_in_pages(walk->bm, &run,
						       start + skip);
	}
}

static inline void keep_usable(struct walk *walk, unsigned long start,
			       unsigned long end)
{
	unsigned int order = highest_order(walk->first_unit + start,
					   walk->first_unit + end);

	if (order > walk->last_order)
		order = walk->last_order;
	if (order >= walk->first_order && end - start > nr_usable(walk, order))
		keep_orders(walk, start, end, order);
}

static inline void end_run(struct walk *walk, unsigned long end)
{
	unsigned long nr_bits = end - walk->start;
	unsigned long nr_used = walk->start - walk->end;
	unsigned long end_unit = walk->first_unit + end;

	keep_usable(walk, walk->start, end);
	if (walk->figures) {
		walk->figures->nr_runs++;
		walk->figures->nr_free += nr_bits;
		if (nr_used && !(end_unit & 1))
			cd_remainders_of_run(&walk->count, nr_bits, nr_used,
					     end_unit);
	}
	walk->end = end;
	walk->in_run = false;
}

static void begin_run(struct walk *walk, unsigned long start)
{
	walk->start = start;
	walk->in_run = true;
}

/* All runs of a mask, one by one. */
static void follow_runs(struct walk *walk, unsigned long bit,
			unsigned long runs)
{
	while (runs) {
		unsigned int start = (unsigned int)__builtin_ctzl(runs);

		begin_run(walk, bit + start);
		runs += 1UL << start;
		end_run(walk, bit + (unsigned int)__builtin_ctzl(runs));
		runs &= runs - 1;
	}
}

/* Of each run, the bits from which on it has @larger bits; it has @nr now. */
static unsigned long erode(unsigned long runs, unsigned long nr,
			   unsigned long larger)
{
	while (nr < larger) {
		unsigned long step = larger - nr < nr ? larger - nr : nr;

		runs &= runs >> step;
		nr += step;
	}
	return runs;
}

/* Has a word a run that is larger than the largest, at some order? */
static bool has_larger(const struct walk *walk, unsigned long runs)
{
	unsigned int order = walk->last_order < CD_WORD_ORDER ?
			     walk->last_order + 1 : CD_WORD_ORDER;
	unsigned long nr = 1;

	for (; order > walk->first_order; order--) {
		unsigned long larger = nr_usable(walk, order - 1) + 1;

		if (larger >= CD_BITS_PER_LONG)
			return false;
		runs = erode(runs, nr, larger);
		nr = larger;
		if (!runs)
			return false;
		if (runs & cd_aligned_bits[order - 1])
			return true;
	}
	return false;
}

static void keep_usable_inside(struct walk *walk, unsigned long bit,
			       unsigned long inside)
{
	while (inside) {
		unsigned int start = (unsigned int)__builtin_ctzl(inside);

		inside += 1UL << start;
		keep_usable(walk, bit + start,
			    bit + (unsigned int)__builtin_ctzl(inside));
		inside &= inside - 1;
	}
}

/*
 * The runs that end in a word, all at once. The first bit is used, or we are in
 * a run, or one begins with it.
 */
static void count_word(struct walk *walk, unsigned long bit,
		       unsigned long free, unsigned long ended)
{
	unsigned long nr_before = walk->in_run ? bit - walk->start : 0;
	const struct cd_word_runs word = {
		.free = free,
		.ended = ended,
		.starts = ended & ~(ended << 1 | walk->in_run),
		.nr_free = walk->start > walk->end ? nr_before : 0,
		.nr_used = walk->in_run ? walk->start - walk->end :
			   bit - walk->end,
	};

	keep_usable(walk, bit - nr_before,
		    bit + (unsigned int)__builtin_ctzl(~free));
	if (has_larger(walk, ended))
		keep_usable_inside(walk, bit, ended);
	if (walk->figures) {
		walk->figures->nr_runs += cd_nr_set(word.starts) +
					  walk->in_run;
		walk->figures->nr_free += cd_nr_set(ended) + nr_before;
		cd_remainders_of_word(&walk->count, &word);
	}
	walk->end = bit + CD_BITS_PER_LONG -
		    (unsigned int)__builtin_clzl(ended);
}

static bool are_few(unsigned long starts)
{
	return !(starts & (starts - 1));
}

static void walk_word(struct walk *walk, unsigned long bit, unsigned long free)
{
	unsigned int nr_last = (unsigned int)__builtin_clzl(~free);
	unsigned long ended = free & ~0UL >> nr_last;
	unsigned long inside = ended & (ended + 1);

	if (walk->in_run && !(free & 1))
		end_run(walk, bit);
	if (!are_few(cd_starts(inside))) {
		count_word(walk, bit, free, ended);
	} else {
		if (free & 1 && !walk->in_run)
			begin_run(walk, bit);
		if (free & 1)
			end_run(walk,
				bit + (unsigned int)__builtin_ctzl(~free));
		follow_runs(walk, bit, inside);
	}
	walk->start = bit + CD_BITS_PER_LONG - nr_last;
	walk->in_run = nr_last;
}

/* The word that begins at a bit. */
static unsigned long word_at(const struct cd_range *range, unsigned long bit)
{
	const unsigned long *word = range->bitmap + bit / CD_BITS_PER_LONG;
	unsigned int shift = bit % CD_BITS_PER_LONG;

	if (!shift)
		return *word;
	return word[0] >> shift | word[1] << (CD_BITS_PER_LONG - shift);
}

/* The first bit after @bit, by words, whose word is another than @word. */
static unsigned long pass_over(const struct cd_range *range, unsigned long bit,
			       unsigned long end, unsigned long word)
{
	const unsigned long *words = range->bitmap;
	unsigned long i = bit / CD_BITS_PER_LONG;
	unsigned long nr = (end - 1) / CD_BITS_PER_LONG, first = ++i;

	while (i + 4 <= nr &&
	       !((words[i] ^ word) | (words[i + 1] ^ word) |
		 (words[i + 2] ^ word) | (words[i + 3] ^ word)))
		i += 4;
	while (i <= nr && words[i] == word)
		i++;
	bit += (1 + i - first) * CD_BITS_PER_LONG;
	if (bit % CD_BITS_PER_LONG && i > first)
		bit -= CD_BITS_PER_LONG;
	return bit;
}

static void walk_words(struct walk *walk, unsigned long bit, unsigned long end)
{
	const struct cd_range *range = &walk->bm->ranges[walk->range];

	while (bit < end) {
		unsigned long used = word_at(range, bit);

		if (!used) {
			if (!walk->in_run)
				begin_run(walk, bit);
			bit = pass_over(range, bit, end, used);
		} else if (!~used) {
			if (walk->in_run)
				end_run(walk, bit);
			bit = pass_over(range, bit, end, used);
		} else {
			walk_word(walk, bit, ~used);
			bit += CD_BITS_PER_LONG;
		}
	}
}

/* Less than a word, at the beginning and at the end of a range. */
static void walk_bits(struct walk *walk, unsigned long bit, unsigned long end)
{
	struct cd_range range = walk->bm->ranges[walk->range];

	range.nr_bits = end;
	for (;;) {
		bit = cd_next_bit(&range, bit, walk->in_run);
		if (bit >= end)
			return;
		if (walk->in_run)
			end_run(walk, bit);
		else
			begin_run(walk, bit);
	}
}

static void end_last_run(struct walk *walk, unsigned long end)
{
	unsigned long nr_bits = end - walk->start;

	keep_usable(walk, walk->start, end);
	if (!walk->figures)
		return;
	walk->figures->nr_runs++;
	walk->figures->nr_free += nr_bits;
	cd_remainders_of_last(&walk->count, nr_bits, walk->start - walk->end,
			      walk->first_unit + end);
}

static void walk_range(struct walk *walk)
{
	const struct cd_range *range = &walk->bm->ranges[walk->range];
	unsigned long words_start, words_end;

	walk->first_unit = range->base_pfn >> walk->bm->order_per_bit;
	walk->end = 0;
	walk->in_run = false;
	words_start = (0 - walk->first_unit) % CD_BITS_PER_LONG;
	if (words_start > range->nr_bits)
		words_start = range->nr_bits;
	words_end = range->nr_bits -
		    (range->nr_bits - words_start) % CD_BITS_PER_LONG;
	walk_bits(walk, 0, words_start);
	walk_words(walk, words_start, words_end);
	walk_bits(walk, words_end, range->nr_bits);
	if (walk->in_run)
		end_last_run(walk, range->nr_bits);
}

static void walk_ranges(struct walk *walk)
{
	for (walk->range = 0; walk->range < walk->bm->nr_ranges; walk->range++)
		walk_range(walk);
}

static void count_pages(const struct cd_bitmap *bm, struct cd_figures *figures)
{
	unsigned int i;

	for (i = 0; i < bm->nr_ranges; i++) {
		unsigned long nr_pages = bm->ranges[i].nr_bits
					 << bm->order_per_bit;

		figures->nr_pages += nr_pages;
		if (nr_pages > figures->nr_pages_range)
			figures->nr_pages_range = nr_pages;
	}
}

/* From orders of bits to orders of pages. */
static void shift_orders(struct cd_run *usable, unsigned int order_per_bit)
{
	unsigned int order;

	for (order = CD_MAX_ORDER; order && order_per_bit; order--)
		usable[order] = usable[order > order_per_bit ?
				       order - order_per_bit : 0];
}

/**
 * cd_count_figures() - everything a bitmap tells, in one pass
 * @bm: the bitmap; the caller owns it and it must not change meanwhile
 * @figures: result
 *
 * Context: any; touches nothing else. Time grows with words, not with runs.
 */
void cd_count_figures(const struct cd_bitmap *bm, struct cd_figures *figures)
{
	unsigned int max_order = bm->order_per_bit < CD_MAX_ORDER ?
				 CD_MAX_ORDER - bm->order_per_bit : 0;
	struct walk walk = {
		.bm = bm,
		.usable = figures->usable,
		.last_order = max_order,
		.figures = figures,
		.count.at = figures->remainders,
		.count.max_order = max_order,
		.count.min_sure_order =
			bm->order_per_bit < CD_MIN_REMAINDER_ORDER ?
			CD_MIN_REMAINDER_ORDER - bm->order_per_bit : 1,
	};

	*figures = (struct cd_figures){ 0 };
	count_pages(bm, figures);
	walk_ranges(&walk);
	cd_remainders_end(&walk.count, bm->order_per_bit);
	figures->nr_free <<= bm->order_per_bit;
	figures->largest = figures->usable[0];
	shift_orders(figures->usable, bm->order_per_bit);
}

/**
 * cd_largest_usable() - the largest aligned part of any free run
 * @bm: the bitmap
 * @order: alignment, of 2^order pages; may exceed CD_MAX_ORDER
 *
 * Return: the run; nr_pages 0 when no free page is so aligned.
 */
struct cd_run cd_largest_usable(const struct cd_bitmap *bm, unsigned int order)
{
	struct cd_run best = { 0 };
	struct walk walk = { .bm = bm, .usable = &best };

	if (order > bm->order_per_bit)
		order -= bm->order_per_bit;
	else
		order = 0;
	if (order >= CD_BITS_PER_LONG)
		order = CD_BITS_PER_LONG - 1;
	walk.first_order = order;
	walk.last_order = order;
	walk_ranges(&walk);
	return best;
}
