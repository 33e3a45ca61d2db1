// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ledger of an area: blocks in the order of their bits, and who has them.
 *
 * In memory: struct cd_ledger; the blocks, and the holders, each where it was
 * put first; the order, which is the indices of the blocks by where they begin;
 * the heads, of holders whose hash is alike. What is not in use is a list: of
 * blocks by their @holder, of holders by their @next. All links are indices, so
 * that a copy is as good.
 */
#include "bit_runs.h"
#include "ledger.h"

#define NO_BLOCK 0xffffU

/* Each table asks for no more alignment than the one before it. */
static struct cd_block *blocks_of(const struct cd_ledger *ledger)
{
	return (struct cd_block *)(ledger + 1);
}

static struct cd_holder *holders_of(const struct cd_ledger *ledger)
{
	return (struct cd_holder *)(blocks_of(ledger) + ledger->max_blocks);
}

static unsigned short *order_of(const struct cd_ledger *ledger)
{
	return (unsigned short *)(holders_of(ledger) + ledger->max_holders);
}

static unsigned short *heads_of(const struct cd_ledger *ledger)
{
	return order_of(ledger) + ledger->max_blocks;
}

static struct cd_block *block_at(const struct cd_ledger *ledger,
				 unsigned int position)
{
	return &blocks_of(ledger)[order_of(ledger)[position]];
}

static unsigned int heads_for(unsigned int max_holders)
{
	unsigned int nr = 1;

	while (nr < max_holders)
		nr *= 2;
	return nr;
}

static unsigned int min_of(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

/**
 * cd_ledger_bytes() - the memory that a ledger takes
 * @max_blocks: as many it is to have room for; 1 to CD_MAX_BLOCKS
 * @max_holders: likewise; 1 to CD_MAX_HOLDERS
 *
 * Context: any; pure. Return: bytes, all tables with it.
 */
size_t cd_ledger_bytes(unsigned int max_blocks, unsigned int max_holders)
{
	return sizeof(struct cd_ledger) +
	       max_blocks * sizeof(struct cd_block) +
	       max_holders * sizeof(struct cd_holder) +
	       (max_blocks + heads_for(max_holders)) * sizeof(unsigned short);
}

/**
 * cd_ledger_init() - a ledger that knows nothing
 * @ledger: cd_ledger_bytes() of memory, aligned for any type
 * @max_blocks: as for cd_ledger_bytes()
 * @max_holders: likewise
 *
 * Context: any; touches nothing else.
 */
void cd_ledger_init(struct cd_ledger *ledger, unsigned int max_blocks,
		    unsigned int max_holders)
{
	unsigned int i;

	memset(ledger, 0, cd_ledger_bytes(max_blocks, max_holders));
	ledger->max_blocks = max_blocks;
	ledger->max_holders = max_holders;
	ledger->nr_heads = heads_for(max_holders);
	for (i = 0; i < max_blocks; i++)
		blocks_of(ledger)[i].holder = (unsigned short)(i + 1);
	blocks_of(ledger)[max_blocks - 1].holder = NO_BLOCK;
	for (i = 0; i < max_holders; i++)
		holders_of(ledger)[i].next = (unsigned short)(i + 1);
	holders_of(ledger)[max_holders - 1].next = CD_NO_HOLDER;
	for (i = 0; i < ledger->nr_heads; i++)
		heads_of(ledger)[i] = CD_NO_HOLDER;
}

static unsigned int hash_caller(const struct cd_caller *caller)
{
	unsigned long long hash = caller->nr_frames, part;
	unsigned int i;

	for (i = 0; i < CD_COMM_LEN; i += sizeof(part)) {
		memcpy(&part, caller->comm + i, sizeof(part));
		hash = (hash ^ part) * 0x9e3779b97f4a7c15ULL;
		hash ^= hash >> 32;
	}
	for (i = 0; i < caller->nr_frames; i++) {
		hash = (hash ^ caller->frames[i]) * 0x9e3779b97f4a7c15ULL;
		hash ^= hash >> 32;
	}
	return (unsigned int)hash;
}

static bool is_same_caller(const struct cd_caller *a, const struct cd_caller *b)
{
	return a->nr_frames == b->nr_frames &&
	       !memcmp(a->comm, b->comm, sizeof(a->comm)) &&
	       !memcmp(a->frames, b->frames,
		       a->nr_frames * sizeof(*a->frames));
}

/* Where the first holder of those whose hash is alike is told. */
static unsigned short *head_of(const struct cd_ledger *ledger,
			       unsigned int hash)
{
	return &heads_of(ledger)[hash & (ledger->nr_heads - 1)];
}

/* The holder that a caller is, or becomes; it has a block more. */
static unsigned short get_holder(struct cd_ledger *ledger,
				 const struct cd_caller *caller)
{
	struct cd_holder *holders = holders_of(ledger);
	unsigned int hash = hash_caller(caller);
	unsigned short *head = head_of(ledger, hash);
	unsigned short i;

	for (i = *head; i != CD_NO_HOLDER; i = holders[i].next) {
		if (holders[i].hash != hash ||
		    !is_same_caller(&holders[i].caller, caller))
			continue;
		holders[i].nr_blocks++;
		return i;
	}
	i = ledger->free_holder;
	if (i == CD_NO_HOLDER)
		return i;
	ledger->free_holder = holders[i].next;
	ledger->nr_holders++;
	holders[i] = (struct cd_holder){
		.caller = *caller,
		.nr_blocks = 1,
		.serial = ++ledger->last_serial,
		.hash = hash,
		.next = *head,
	};
	*head = i;
	return i;
}

/* It has a block less; without any it is free. */
static void put_holder(struct cd_ledger *ledger, unsigned short holder)
{
	struct cd_holder *holders = holders_of(ledger);
	unsigned short *link;

	if (holder == CD_NO_HOLDER || --holders[holder].nr_blocks)
		return;
	link = head_of(ledger, holders[holder].hash);
	while (*link != holder)
		link = &holders[*link].next;
	*link = holders[holder].next;
	holders[holder].next = ledger->free_holder;
	ledger->free_holder = holder;
	ledger->nr_holders--;
}

/* A block that is not in use, now it is; or NO_BLOCK. */
static unsigned short take_block(struct cd_ledger *ledger)
{
	unsigned short i = ledger->free_block;

	if (i != NO_BLOCK)
		ledger->free_block = blocks_of(ledger)[i].holder;
	return i;
}

static void forget_block(struct cd_ledger *ledger, unsigned short i)
{
	struct cd_block *block = &blocks_of(ledger)[i];

	put_holder(ledger, block->holder);
	block->holder = ledger->free_block;
	ledger->free_block = i;
}

/* Positions in the order, one after the other. */
struct positions {
	unsigned int first;
	unsigned int nr;
};

/* The first block that ends after a bit; or nr_blocks. */
static unsigned int find_position(const struct cd_ledger *ledger,
				  unsigned int bit)
{
	unsigned int low = 0, high = ledger->nr_blocks;

	while (low < high) {
		unsigned int middle = (low + high) / 2;

		if (block_at(ledger, middle)->end <= bit)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* One block comes where some, or none, were. */
static void put_in_place(struct cd_ledger *ledger,
			 const struct positions *places, unsigned short i)
{
	unsigned short *order = order_of(ledger) + places->first;
	unsigned int nr_after = ledger->nr_blocks - places->first - places->nr;

	memmove(order + 1, order + places->nr, nr_after * sizeof(*order));
	*order = i;
	ledger->nr_blocks = ledger->nr_blocks + 1 - places->nr;
}

/*
 * Takes bits out of the middle of a block. Without a block for what is behind
 * them, the smaller part is lost. Returns the position between the parts.
 */
static unsigned int split_block(struct cd_ledger *ledger, unsigned int position,
				unsigned int start, unsigned int end)
{
	struct cd_block *front = block_at(ledger, position), *rear;
	const struct positions places = { .first = position + 1 };
	unsigned short i = take_block(ledger);

	if (i == NO_BLOCK) {
		ledger->nr_lost++;
		if (start - front->start < front->end - end) {
			front->start = end;
			return position;
		}
		front->end = start;
		return position + 1;
	}
	rear = &blocks_of(ledger)[i];
	*rear = *front;
	front->end = start;
	rear->start = end;
	if (rear->holder != CD_NO_HOLDER)
		holders_of(ledger)[rear->holder].nr_blocks++;
	put_in_place(ledger, &places, i);
	return position + 1;
}

/*
 * No block has any of these bits any more. Returns where one that has them all
 * belongs: the positions of blocks that are forgotten, but stand in the order.
 */
static struct positions clear_place(struct cd_ledger *ledger,
				    unsigned int start, unsigned int end)
{
	struct positions places = { .first = find_position(ledger, start) };
	struct cd_block *block;
	unsigned int position = places.first;

	if (position == ledger->nr_blocks)
		return places;
	block = block_at(ledger, position);
	if (block->start < start && block->end > end) {
		places.first = split_block(ledger, position, start, end);
		return places;
	}
	if (block->start < start) {
		block->end = start;
		places.first = ++position;
	}
	for (; position < ledger->nr_blocks; position++) {
		block = block_at(ledger, position);
		if (block->end > end)
			break;
		forget_block(ledger, order_of(ledger)[position]);
		places.nr++;
	}
	if (position < ledger->nr_blocks && block->start < end)
		block->start = end;
	return places;
}

static bool is_same_block(const struct cd_block *a, const struct cd_block *b)
{
	return a->start == b->start && a->end == b->end && a->pid == b->pid &&
	       a->time_ns == b->time_ns;
}

/**
 * cd_ledger_add() - somebody has allocated
 * @ledger: where it is added
 * @block: what, at least one bit; @holder is ignored
 * @caller: who, with at most CD_CALLER_DEPTH frames
 *
 * What the ledger had there is forgotten: other blocks keep what they have
 * beside it. One that has bits on both sides becomes two; without room for two
 * it keeps the side with more bits, and @nr_lost counts. Without room for a
 * holder, the block is kept, with CD_NO_HOLDER.
 *
 * Without room for the block, @nr_lost counts, and its bits are not known. Who
 * then sweeps may add the same block again, before any other: that counts no
 * more, and when it is kept this time, @nr_lost is what it was.
 *
 * Context: any; touches nothing else. Time grows with log(@nr_blocks), with the
 * blocks that are forgotten, and with 2 bytes to move for each block behind.
 *
 * Return: false when there was no room for the block.
 */
bool cd_ledger_add(struct cd_ledger *ledger, const struct cd_block *block,
		   const struct cd_caller *caller)
{
	bool again = is_same_block(&ledger->not_kept, block);
	struct positions places = clear_place(ledger, block->start, block->end);
	/* If any was forgotten there is one. */
	unsigned short i = take_block(ledger);

	if (!again)
		ledger->nr_added++;
	if (i == NO_BLOCK) {
		if (!again)
			ledger->nr_lost++;
		ledger->not_kept = *block;
		return false;
	}
	if (again)
		ledger->nr_lost--;
	ledger->not_kept = (struct cd_block){ 0 };
	blocks_of(ledger)[i] = *block;
	blocks_of(ledger)[i].holder = get_holder(ledger, caller);
	put_in_place(ledger, &places, i);
	return true;
}

/* A walk over used runs; { 0 } is where it begins. */
struct used_runs {
	struct cd_bit_run run;
	unsigned int first_of_range;
};

static bool next_used_run(const struct cd_bitmap *bm, struct used_runs *walk)
{
	unsigned int range = walk->run.range;
	bool found = cd_next_run(bm, true, &walk->run);

	for (; range < walk->run.range; range++)
		walk->first_of_range += (unsigned int)bm->ranges[range].nr_bits;
	return found;
}

/**
 * cd_ledger_sweep() - forget blocks that were released
 * @ledger: whose
 * @bm: the bitmap as it is now
 *
 * Those go none of whose bits is used. Others stay as they are.
 *
 * Context: any; touches nothing else. Time grows with the words of the bitmap,
 * its used runs, and the blocks.
 */
void cd_ledger_sweep(struct cd_ledger *ledger, const struct cd_bitmap *bm)
{
	unsigned short *order = order_of(ledger);
	unsigned int i, nr_kept = 0;
	struct used_runs walk = { 0 };
	bool found = next_used_run(bm, &walk);

	for (i = 0; i < ledger->nr_blocks; i++) {
		const struct cd_block *block = block_at(ledger, i);

		while (found &&
		       walk.first_of_range + walk.run.end <= block->start)
			found = next_used_run(bm, &walk);
		if (found && walk.first_of_range + walk.run.start < block->end)
			order[nr_kept++] = order[i];
		else
			forget_block(ledger, order[i]);
	}
	ledger->nr_blocks = nr_kept;
}

/**
 * cd_ledger_find() - whose is a bit, if it is used?
 * @ledger: where to look
 * @bit: which
 *
 * Context: any; pure. Time grows with log(@nr_blocks).
 *
 * Return: the block that covers it, or NULL; until the ledger is changed.
 */
const struct cd_block *cd_ledger_find(const struct cd_ledger *ledger,
				      unsigned int bit)
{
	unsigned int position = find_position(ledger, bit);
	const struct cd_block *block;

	if (position == ledger->nr_blocks)
		return NULL;
	block = block_at(ledger, position);
	return block->start <= bit ? block : NULL;
}

/**
 * cd_ledger_holder() - a holder by its index
 * @ledger: where to look
 * @i: below @max_holders; or CD_NO_HOLDER, which is none
 *
 * Context: any; pure.
 *
 * Return: the holder, or NULL when there is none of this index; until the
 * ledger is changed.
 */
const struct cd_holder *cd_ledger_holder(const struct cd_ledger *ledger,
					 unsigned int i)
{
	const struct cd_holder *holder;

	if (i >= ledger->max_holders)
		return NULL;
	holder = &holders_of(ledger)[i];
	return holder->nr_blocks ? holder : NULL;
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
 * Context: any; touches nothing else. Time as for a walk by cd_next_held().
 */
void cd_count_holdings(const struct cd_ledger *ledger,
		       const struct cd_bitmap *bm,
		       struct cd_holding *holdings)
{
	struct cd_held held = { 0 };
	const struct cd_block *last = NULL;

	memset(holdings, 0, (ledger->max_holders + 2) * sizeof(*holdings));
	while (cd_next_held(ledger, bm, &held)) {
		unsigned int i = ledger->max_holders + 1;

		if (held.block)
			i = min_of(held.block->holder, ledger->max_holders);
		count_held(&holdings[i], &held,
			   held.block && held.block == last);
		last = held.block;
	}
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
