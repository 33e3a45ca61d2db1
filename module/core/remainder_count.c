// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counts the remainders of a bitmap.
 *
 * A run that ends aligned at an order lacks, from its start to the next bit so
 * aligned, its size modulo 2^order. So what a run adds follows from its size,
 * the used bits in front of it, and the orders at which it ends aligned: runs
 * that follow each other with the first two alike, as buffers of one size
 * leave them, are counted once, at the end of their row. A run that ends at an
 * odd bit adds nothing.
 *
 * Of the short runs that end in a word, all are counted at once. What a bit
 * lacks to the next aligned one is a sum of powers of two. For each power, one
 * is added to the first bit of the runs whose start has it: it carries through
 * the run, and is left at the bit after it, where a mask of aligned bits finds
 * it. So these bits, each worth its power, sum up to what the runs lack.
 */
#include "remainder_count.h"
#include "word_masks.h"

static inline void count_runs(struct cd_remainder_count *count,
			      unsigned int order, unsigned long nr_runs,
			      unsigned long nr_bits, bool is_sure)
{
	struct cd_remainders *at = &count->at[order];

	nr_bits *= nr_runs;
	at->nr_runs += nr_runs;
	at->nr_pages += nr_bits;
	if (order < count->min_sure_order || !is_sure)
		return;
	at->nr_sure_runs += nr_runs;
	at->nr_sure_pages += nr_bits;
}

/* The runs that are not counted yet. */
static void count_alike(struct cd_remainder_count *count)
{
	unsigned long size = 1UL << count->last_order, nr_runs = 0;
	unsigned int order;

	for (order = count->last_order; order; order--, size >>= 1) {
		unsigned long nr_bits = count->nr_bits & (size - 1);

		nr_runs += count->nr_runs[order];
		count->nr_runs[order] = 0;
		if (nr_bits)
			count_runs(count, order, nr_runs, nr_bits,
				   cd_remainder_is_sure(count->nr_used,
							size - nr_bits, size));
	}
	count->last_order = 0;
}

/**
 * cd_remainders_of_run() - count a free run that used bits follow
 * @count: remainders counted so far
 * @nr_bits: its size
 * @nr_used: used bits that lie together in front of it, in its range
 * @end_unit: the bit after it, counted as pfns are
 */
void cd_remainders_of_run(struct cd_remainder_count *count,
			  unsigned long nr_bits, unsigned long nr_used,
			  unsigned long end_unit)
{
	unsigned int order = (unsigned int)__builtin_ctzl(end_unit);

	if (order > count->max_order)
		order = count->max_order;
	if (nr_bits != count->nr_bits || nr_used != count->nr_used) {
		count_alike(count);
		count->nr_bits = nr_bits;
		count->nr_used = nr_used;
	}
	if (order > count->last_order)
		count->last_order = order;
	count->nr_runs[order]++;
}

/**
 * cd_remainders_of_last() - count a free run that a range ends with
 * @count: remainders counted so far
 * @nr_bits: its size
 * @nr_used: used bits that lie together in front of it, in its range
 * @end_unit: the bit after it, counted as pfns are
 */
void cd_remainders_of_last(struct cd_remainder_count *count,
			   unsigned long nr_bits, unsigned long nr_used,
			   unsigned long end_unit)
{
	unsigned int order;

	if (!nr_used)
		return;
	for (order = 1; order <= count->max_order; order++) {
		unsigned long mask = (1UL << order) - 1;
		unsigned long overhang = (end_unit - nr_bits) & mask;
		unsigned long nr = mask + 1 - overhang;

		if (overhang)
			count_runs(count, order, 1,
				   nr < nr_bits ? nr : nr_bits,
				   cd_remainder_is_sure(nr_used, overhang,
							mask + 1));
	}
}

/* What the runs lack that end aligned, and how many they are. */
struct tally {
	unsigned long nr_runs;
	unsigned long nr_bits;
};

/* By power: the bits that have it in the sum that they lack. */
#define NR_POWERS (CD_MAX_WORD_ORDER - 1)

static const unsigned long short_bits[NR_POWERS] = {
	~0UL / 0x3 * 0x1 << 1, ~0UL / 0xf * 0x3 << 1, ~0UL / 0xff * 0xf << 1,
	~0UL / 0xffff * 0xff << 1, ~0UL / 0xffffffff * 0xffff << 1,
};

/*
 * By power: the bits after the runs whose starts have it. A run that began in
 * front of the word lacks as many bits as it has there.
 */
struct ends {
	unsigned long by_power[NR_POWERS];
};

static __always_inline unsigned long
ends_with_power(unsigned long runs, unsigned long starts,
		unsigned long nr_free, unsigned int power)
{
	return (runs + (starts & short_bits[power]) + (nr_free >> power & 1)) &
	       ~runs;
}

static __always_inline struct ends find_ends(unsigned long runs,
					     unsigned long starts,
					     unsigned long nr_free)
{
	return (struct ends){ {
		ends_with_power(runs, starts, nr_free, 0),
		ends_with_power(runs, starts, nr_free, 1),
		ends_with_power(runs, starts, nr_free, 2),
		ends_with_power(runs, starts, nr_free, 3),
		ends_with_power(runs, starts, nr_free, 4),
	} };
}

static __always_inline void add_power(const struct ends *ends,
				      unsigned int order, unsigned int power,
				      struct tally *fields)
{
	unsigned long aligned;

	if (power >= order)
		return;
	aligned = ends->by_power[power] & cd_aligned_bits[order];
	fields->nr_runs |= aligned;
	fields->nr_bits += aligned << power;
}

static __always_inline struct tally tally_ends(const struct ends *ends,
					       unsigned int order)
{
	struct tally fields = { 0 };

	add_power(ends, order, 0, &fields);
	add_power(ends, order, 1, &fields);
	add_power(ends, order, 2, &fields);
	add_power(ends, order, 3, &fields);
	add_power(ends, order, 4, &fields);
	return (struct tally){
		cd_sum_fields(fields.nr_runs, order),
		cd_sum_fields(fields.nr_bits, order),
	};
}

static void count_sure(struct cd_remainders *at, unsigned long nr_bits,
		       unsigned long nr_used, unsigned int order)
{
	unsigned long mask = (1UL << order) - 1;

	nr_bits &= mask;
	if (!nr_bits ||
	    !cd_remainder_is_sure(nr_used, mask + 1 - nr_bits, mask + 1))
		return;
	at->nr_sure_runs++;
	at->nr_sure_pages += nr_bits;
}

/* One by one, those that end aligned. */
static void count_sure_starts(struct cd_remainders *at,
			      const struct cd_word_runs *word,
			      unsigned long starts, unsigned int order)
{
	for (; starts; starts &= starts - 1) {
		unsigned int start = (unsigned int)__builtin_ctzl(starts);
		unsigned long low = word->free & ((1UL << start) - 1);
		unsigned int nr = (unsigned int)
				  __builtin_ctzl(~(word->free >> start));
		unsigned long nr_used = start + word->nr_used;

		if ((start + nr) & ((1UL << order) - 1))
			continue;
		if (low)
			nr_used = start - CD_BITS_PER_LONG +
				  (unsigned int)__builtin_clzl(low);
		count_sure(at, nr, nr_used, order);
	}
}

/*
 * The starts that the used bits in front reach back from to an aligned bit, or
 * beyond: one that is added at aligned bits carries through the used ones.
 */
static unsigned long starts_behind_aligned(unsigned long used,
					   unsigned int order)
{
	return (used + (used & cd_aligned_bits[order])) & ~used;
}

static __always_inline void count_order(struct cd_remainders *at,
					const struct ends *ends,
					unsigned int order)
{
	struct tally tally = tally_ends(ends, order);

	at->nr_runs += tally.nr_runs;
	at->nr_pages += tally.nr_bits;
}

/* The run that began in front of the word. */
static void count_sure_first(struct cd_remainders *at,
			     const struct cd_word_runs *word,
			     unsigned int order)
{
	unsigned int nr = (unsigned int)__builtin_ctzl(~word->free);

	if (word->nr_free && !(nr & ((1U << order) - 1)))
		count_sure(at, word->nr_free, word->nr_used, order);
}

/*
 * Few are sure, or few are in a word. Those of a higher order, too, end aligned
 * at a lower one, behind used bits that reach back to a bit so aligned.
 */
static void count_sure_of_word(const struct cd_remainder_count *count,
			       const struct cd_word_runs *word)
{
	unsigned int order = count->min_sure_order;
	unsigned long starts = word->starts &
			       starts_behind_aligned(~word->free, order);

	if (!((word->ended + starts + !!word->nr_free) & ~word->ended &
	      cd_aligned_bits[order]))
		return;
	for (; order < CD_WORD_ORDER; order++) {
		count_sure_first(&count->at[order], word, order);
		count_sure_starts(&count->at[order], word, starts &
				  starts_behind_aligned(~word->free, order),
				  order);
	}
}

/**
 * cd_remainders_of_word() - count the free runs that end in a word
 * @count: remainders counted so far; there is room for those above @max_order
 * @word: the word
 */
void cd_remainders_of_word(struct cd_remainder_count *count,
			   const struct cd_word_runs *word)
{
	struct ends ends = find_ends(word->ended, word->starts, word->nr_free);

	count_order(&count->at[1], &ends, 1);
	count_order(&count->at[2], &ends, 2);
	count_order(&count->at[3], &ends, 3);
	count_order(&count->at[4], &ends, 4);
	if (CD_WORD_ORDER > 5)
		count_order(&count->at[5], &ends, 5);
	count_sure_of_word(count, word);
}

/**
 * cd_remainders_end() - all runs are added: from bits to pages
 * @count: remainders counted so far
 * @order_per_bit: of the bitmap
 */
void cd_remainders_end(struct cd_remainder_count *count,
		       unsigned int order_per_bit)
{
	unsigned int order;

	count_alike(count);
	for (order = CD_MAX_ORDER; order && order_per_bit; order--) {
		struct cd_remainders *at = &count->at[order];

		if (order > order_per_bit)
			*at = count->at[order - order_per_bit];
		else
			*at = (struct cd_remainders){ 0 };
		at->nr_pages <<= order_per_bit;
		at->nr_sure_pages <<= order_per_bit;
	}
}
