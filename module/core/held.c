// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who has which used bits: a ledger and a bitmap together. What the ledger has
 * and the bitmap calls free was released.
 */
#include "bit_runs.h"
#include "ledger_tables.h"

static unsigned int min_of(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

/* The next used bit from one on, its range, and the first bit of that. */
static bool next_used_bit(const struct cd_bitmap *bm, unsigned int *bit,
			  const struct cd_range **of, unsigned int *first)
{
	unsigned int r;

	*first = 0;
	for (r = 0; r < bm->nr_ranges; r++) {
		const struct cd_range *range = &bm->ranges[r];
		unsigned long skip = *bit > *first ? *bit - *first : 0;
		unsigned long used = cd_next_bit(range, skip, true);

		if (used < range->nr_bits) {
			*bit = *first + (unsigned int)used;
			*of = range;
			return true;
		}
		*first += (unsigned int)range->nr_bits;
	}
	return false;
}

/**
 * cd_next_held() - step to the next used bits that belong together
 * @ledger: whose they are
 * @bm: which are used
 * @held: those before, or { 0 }; then the next, all of them that follow each
 *        other in one range, and are one block's or nobody's that is known
 *
 * Context: any; pure. A walk of all looks at each word of the bitmap about
 * once, and finds each block in log(@nr_blocks) steps.
 *
 * Return: false when there are no more; @held is void then.
 */
bool cd_next_held(const struct cd_ledger *ledger, const struct cd_bitmap *bm,
		  struct cd_held *held)
{
	unsigned int first, end, position;
	const struct cd_range *range;
	struct cd_range part;

	held->start = held->end;
	held->block = NULL;
	if (!next_used_bit(bm, &held->start, &range, &first))
		return false;
	end = first + (unsigned int)range->nr_bits;
	position = find_position(ledger, held->start);
	if (position < ledger->nr_blocks) {
		const struct cd_block *block = block_at(ledger, position);

		if (block->start <= held->start)
			held->block = block;
		end = min_of(end, held->block ? block->end : block->start);
	}
	/* No further than that: the run of used bits may be much longer. */
	part = *range;
	part.nr_bits = end - first;
	held->end = first + (unsigned int)cd_next_bit(&part,
						      held->start - first,
						      false);
	return true;
}

static void count_held(struct cd_holding *holding, const struct cd_held *held,
		       bool same_block)
{
	const struct cd_block *block = held->block;

	holding->nr_bits += held->end - held->start;
	if (same_block)
		return;
	holding->nr_blocks++;
	if (!block)
		return;
	holding->devices |= 1U << block->device;
	if (holding->nr_blocks == 1 || block->time_ns < holding->oldest_ns)
		holding->oldest_ns = block->time_ns;
	if (block->time_ns > holding->newest_ns)
		holding->newest_ns = block->time_ns;
}

/**
 * cd_count_holdings() - who has how much
 * @ledger: whose the bits are
 * @bm: which are used
 * @holdings: result, @max_holders + 2 of them: of each holder by its index; of
 *            blocks without a holder; and of used bits that no block covers,
 *            which have no times
 *
 * A block counts once, into however many pieces releases have cut it.
 *
 * Context: any; touches nothing else. Time as for a walk by cd_next_held(), and
 * grows with the blocks.
 */
void cd_count_holdings(const struct cd_ledger *ledger,
		       const struct cd_bitmap *bm,
		       struct cd_holding *holdings)
{
	struct cd_held held = { 0 };
	const struct cd_block *last = NULL;
	unsigned int i;

	memset(holdings, 0, (ledger->max_holders + 2) * sizeof(*holdings));
	while (cd_next_held(ledger, bm, &held)) {
		i = ledger->max_holders + 1;
		if (held.block)
			i = min_of(held.block->holder, ledger->max_holders);
		count_held(&holdings[i], &held,
			   held.block && held.block == last);
		last = held.block;
	}
	for (i = 0; i < ledger->nr_blocks; i++) {
		const struct cd_block *block = block_at(ledger, i);

		holdings[min_of(block->holder, ledger->max_holders)]
			.nr_covered += block->end - block->start;
	}
}

/**
 * cd_nr_grown() - how often somebody allocated of late, and released nothing
 * @holder: who
 * @holding: what that has, of the same ledger
 *
 * Context: any; pure.
 *
 * Return: its last allocations, all of which it still has, and whatever else
 * the ledger knew to be its own when it made the first of them; 0 when it is
 * not certain that there are any, as long as a part of a block is free.
 */
unsigned int cd_nr_grown(const struct cd_holder *holder,
			 const struct cd_holding *holding)
{
	return holding->nr_bits == holding->nr_covered ? holder->nr_grown : 0;
}

static void clear_bits(unsigned long *words, unsigned int bit,
		       unsigned int end)
{
	while (bit < end) {
		unsigned int shift = bit % CD_BITS_PER_LONG;
		unsigned int nr = min_of(CD_BITS_PER_LONG - shift, end - bit);

		words[bit / CD_BITS_PER_LONG] &=
			~(~0UL >> (CD_BITS_PER_LONG - nr) << shift);
		bit += nr;
	}
}

/* Clears what a holder has of a range that begins at @first. */
static void clear_blocks(const struct cd_ledger *ledger, unsigned int holder,
			 unsigned int first, unsigned int end,
			 unsigned long *words)
{
	unsigned int i = find_position(ledger, first);

	for (; i < ledger->nr_blocks; i++) {
		const struct cd_block *block = block_at(ledger, i);

		if (block->start >= end)
			return;
		if (block->holder == holder)
			clear_bits(words, block->start - first,
				   block->end - first);
	}
}

/**
 * cd_run_without() - what would be usable if somebody had nothing
 * @ledger: whose the bits are
 * @bm: which are used
 * @holder: index of who; CD_NO_HOLDER: of blocks without a holder
 * @order: alignment, of 2^order pages
 * @words: scratch, of as many words as the ranges of @bm have together, each
 *         rounded up to whole words
 *
 * Context: any; touches nothing else. Time as for cd_largest_usable(), and
 * grows with @nr_blocks.
 *
 * Return: the run that cd_largest_usable() would find if all of their blocks
 * were free.
 */
struct cd_run cd_run_without(const struct cd_ledger *ledger,
			     const struct cd_bitmap *bm, unsigned int holder,
			     unsigned int order, unsigned long *words)
{
	struct cd_bitmap without = *bm;
	unsigned int r, first = 0;

	for (r = 0; r < bm->nr_ranges; r++) {
		const struct cd_range *range = &bm->ranges[r];
		unsigned int nr_bits = (unsigned int)range->nr_bits;
		size_t nr_words = range->nr_bits / CD_BITS_PER_LONG +
				  !!(range->nr_bits % CD_BITS_PER_LONG);

		memcpy(words, range->bitmap, nr_words * sizeof(*words));
		clear_blocks(ledger, holder, first, first + nr_bits, words);
		without.ranges[r].bitmap = words;
		words += nr_words;
		first += nr_bits;
	}
	return cd_largest_usable(&without, order);
}

/**
 * cd_bit_of_pfn() - the bit that stands for a page
 * @bm: the ranges of the area; their bitmaps are not looked at
 * @pfn: the page
 * @bit: result: counted on from one range to the next, as blocks are
 *
 * Context: any; pure. Return: false when the page is not of the area.
 */
bool cd_bit_of_pfn(const struct cd_bitmap *bm, unsigned long pfn,
		   unsigned int *bit)
{
	unsigned long first = 0;
	unsigned int r;

	for (r = 0; r < bm->nr_ranges; r++) {
		const struct cd_range *range = &bm->ranges[r];
		unsigned long nr = (pfn - range->base_pfn) >> bm->order_per_bit;

		if (pfn >= range->base_pfn && nr < range->nr_bits) {
			*bit = (unsigned int)(first + nr);
			return true;
		}
		first += range->nr_bits;
	}
	return false;
}

/**
 * cd_run_of_bits() - the pages of some bits
 * @bm: the area; its bits are not looked at
 * @start: first bit
 * @end: the bit after the last; of the same range
 *
 * Context: any; pure.
 */
struct cd_run cd_run_of_bits(const struct cd_bitmap *bm, unsigned int start,
			     unsigned int end)
{
	struct cd_bit_run run = { .start = start, .end = end };

	while (run.start >= bm->ranges[run.range].nr_bits) {
		run.start -= bm->ranges[run.range].nr_bits;
		run.end -= bm->ranges[run.range].nr_bits;
		run.range++;
	}
	return cd_in_pages(bm, &run, run.start);
}

/* Its used pages, all of them, and where the first is. */
static struct cd_run used_run(const struct cd_bitmap *bm,
			      const struct cd_block *block)
{
	struct cd_run run = cd_run_of_bits(bm, block->start, block->end);
	const struct cd_range *range = &bm->ranges[run.range];
	unsigned long start = run.start_page >> bm->order_per_bit;
	unsigned long end = start + (block->end - block->start);
	struct cd_bit_run used = {
		.start = cd_next_bit(range, start, true),
		.end = end,
		.range = run.range,
	};

	run = cd_in_pages(bm, &used, used.start);
	run.nr_pages = cd_count_used(range, used.start, end)
		       << bm->order_per_bit;
	return run;
}

static void add_whose(const struct cd_ledger *ledger,
		      const struct cd_bitmap *bm, const struct cd_block *block,
		      struct cd_whose *whose)
{
	const struct cd_holder *holder = cd_ledger_holder(ledger,
							  block->holder);
	unsigned int i = whose->nr_blocks++;

	if (i >= CD_NR_WHOSE)
		return;
	whose->blocks[i].pid = block->pid;
	whose->blocks[i].run = used_run(bm, block);
	if (holder)
		memcpy(whose->blocks[i].comm, holder->caller.comm,
		       CD_COMM_LEN);
	else
		whose->blocks[i].comm[0] = '?';
}

/**
 * cd_find_whose() - who has the used pages of a place
 * @ledger: where to look
 * @bm: the bitmap
 * @place: pages of one range of it
 * @at_ns: when @bm was so; by the clock of the blocks
 * @whose: result
 *
 * Context: any; touches nothing else. Time grows with the pieces in the place,
 * and with the words of the blocks that are told.
 */
void cd_find_whose(const struct cd_ledger *ledger, const struct cd_bitmap *bm,
		   const struct cd_run *place, unsigned long long at_ns,
		   struct cd_whose *whose)
{
	const struct cd_block *last = NULL;
	struct cd_held held = { 0 };
	unsigned int end;

	*whose = (struct cd_whose){ .seen = true };
	if (!cd_bit_of_pfn(bm, place->start_pfn, &held.end))
		return;
	end = held.end + (unsigned int)cd_pages_to_bits(bm, place->nr_pages);
	while (cd_next_held(ledger, bm, &held) && held.start < end) {
		unsigned int nr_bits = min_of(held.end, end) - held.start;

		if (!held.block || held.block->time_ns > at_ns)
			whose->nr_unknown += (unsigned long)nr_bits
					     << bm->order_per_bit;
		else if (held.block != last)
			add_whose(ledger, bm, held.block, whose);
		if (held.block)
			last = held.block;
	}
}
