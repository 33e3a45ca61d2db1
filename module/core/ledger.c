// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ledger of an area: blocks in the order of their bits, and who has them.
 *
 * What is not in use of its tables is a list: of blocks by their @holder, of
 * holders by their @next.
 */
#include "bit_runs.h"
#include "ledger_tables.h"

#define NO_BLOCK 0xffffU

static unsigned int heads_for(unsigned int max_holders)
{
	unsigned int nr = 1;

	while (nr < max_holders)
		nr *= 2;
	return nr;
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

static void grow(struct cd_holder *holder, const struct cd_block *block)
{
	if (!holder->nr_grown++)
		holder->grown_ns = block->time_ns;
	holder->grown_bits += block->end - block->start;
}

/* Of some of its bits it is seen that they have been released. */
static void shrink(struct cd_ledger *ledger, const struct cd_block *block)
{
	struct cd_holder *holder;

	if (block->holder == CD_NO_HOLDER)
		return;
	holder = &holders_of(ledger)[block->holder];
	holder->nr_grown = 0;
	holder->grown_bits = 0;
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

	shrink(ledger, block);
	ledger->devices[block->device].nr_blocks--;
	put_holder(ledger, block->holder);
	block->holder = ledger->free_block;
	ledger->free_block = i;
}

/* Positions in the order, one after the other. */
struct positions {
	unsigned int first;
	unsigned int nr;
};

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

	shrink(ledger, front);
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
	ledger->devices[rear->device].nr_blocks++;
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
		shrink(ledger, block);
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
	if (position < ledger->nr_blocks && block->start < end) {
		shrink(ledger, block);
		block->start = end;
	}
	return places;
}

static bool is_same_block(const struct cd_block *a, const struct cd_block *b)
{
	return a->start == b->start && a->end == b->end && a->pid == b->pid &&
	       a->time_ns == b->time_ns;
}

/* That there was one more, whether it is kept or not. */
static void remember(struct cd_ledger *ledger, const struct cd_block *block)
{
	unsigned int i = ledger->nr_added++ % CD_NR_RECENT;

	ledger->recent[i].start = block->start;
	ledger->recent[i].pid = block->pid;
	ledger->recent[i].time_ns = block->time_ns;
}

/**
 * cd_ledger_add() - somebody has allocated
 * @ledger: where it is added
 * @block: what, at least one bit; its holder is ignored, its device and inode
 *         are 0
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
		remember(ledger, block);
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
	ledger->devices[0].nr_blocks++;
	blocks_of(ledger)[i].holder = get_holder(ledger, caller);
	if (blocks_of(ledger)[i].holder != CD_NO_HOLDER)
		grow(&holders_of(ledger)[blocks_of(ledger)[i].holder], block);
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
