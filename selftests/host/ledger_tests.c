// SPDX-License-Identifier: GPL-2.0-only
/* The ledger of an area, against a model that has an owner for every bit. */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ledger.h"
#include "ledger_tests.h"
#include "random_area.h"
#include "said.h"

#ifndef NR_RANDOM
#define NR_RANDOM 1000000UL
#endif
#define NR_ADDED (NR_RANDOM / 10)
#define MOST_BITS 1000U
#define MOST_ADDED 200U
#define NR_CALLERS 12U

/*
 * The model. An allocation has a number, from 1 on, which is the pid that the
 * ledger is given; a bit has the number of the last that it was part of. Bit i
 * of the area is bytes[i].
 */
static struct {
	unsigned int caller;
	unsigned int align;
	unsigned long long time_ns;
} added[MOST_ADDED + 1];
static unsigned int nr_added;
static unsigned long long nr_lost;
static unsigned int owner[MOST_BITS];
static unsigned int nr_bits;
/* By caller: how many there were when something it had was last released. */
static unsigned int released_at[NR_CALLERS];
static unsigned long nr_suspected;

/* The ledger, whether it has room for all, and the number it tells of a bit. */
static struct cd_ledger *ledger;
static bool has_room;
static unsigned int told[MOST_BITS];

static void begin_ledger(unsigned int max_blocks, unsigned int max_holders)
{
	free(ledger);
	ledger = malloc(cd_ledger_bytes(max_blocks, max_holders));
	assert_non_null(ledger);
	memset(ledger, 0xa5, cd_ledger_bytes(max_blocks, max_holders));
	cd_ledger_init(ledger, max_blocks, max_holders);
}

/* From here on it is a copy. */
static void move_ledger(void)
{
	size_t size = cd_ledger_bytes(ledger->max_blocks, ledger->max_holders);
	struct cd_ledger *copy = malloc(size);

	assert_non_null(copy);
	memcpy(copy, ledger, size);
	memset(ledger, 0xa5, size);
	free(ledger);
	ledger = copy;
}

/*
 * They differ in the last byte of the name, in how many frames there are, in
 * the last frame but one, or in all. What is past the last frame is noise.
 */
static struct cd_caller make_caller(unsigned int i)
{
	struct cd_caller caller = { .comm = "task" };
	unsigned int k;

	caller.comm[CD_COMM_LEN - 1] = (char)(i & 1);
	caller.nr_frames = i < 8 ? 15 + (i >> 1 & 1) : 9 - i % 4 * 3;
	for (k = 0; k < CD_CALLER_DEPTH; k++)
		caller.frames[k] = k < caller.nr_frames ? 0xffff0000UL + k :
							  below(ULONG_MAX);
	caller.frames[14] += i < 8 ? i >> 2 & 1 : 0;
	return caller;
}

static bool is_caller(const struct cd_caller *is, unsigned int i)
{
	struct cd_caller must = make_caller(i);
	unsigned int k;

	if (is->nr_frames != must.nr_frames ||
	    memcmp(is->comm, must.comm, CD_COMM_LEN) != 0)
		return false;
	for (k = 0; k < must.nr_frames; k++)
		if (is->frames[k] != must.frames[k])
			return false;
	return true;
}

static unsigned int range_end(unsigned int bit)
{
	unsigned int r, end = 0;

	for (r = 0; r < area.nr_ranges; r++) {
		end += area.ranges[r].nr_bits;
		if (bit < end)
			return end;
	}
	fail();
	return 0;
}

static void check_block(const struct cd_block *block, unsigned int bit)
{
	unsigned int number = block->pid;
	const struct cd_holder *holder = cd_ledger_holder(ledger,
							  block->holder);

	assert_in_range(number, 1, nr_added);
	assert_int_equal(number, owner[bit]);
	assert_true(block->start <= bit && bit < block->end);
	assert_true(block->end <= range_end(bit));
	assert_int_equal(block->align, added[number].align);
	assert_int_equal(block->time_ns, added[number].time_ns);
	if (block->holder != CD_NO_HOLDER) {
		assert_non_null(holder);
		assert_true(is_caller(&holder->caller, added[number].caller));
	}
	if (has_room)
		assert_int_not_equal(block->holder, CD_NO_HOLDER);
}

/* What is told of every bit; it must be so, and with room all of it. */
static void learn(void)
{
	unsigned int bit, nr_blocks = 0;

	for (bit = 0; bit < nr_bits; bit++) {
		const struct cd_block *block = cd_ledger_find(ledger, bit);

		told[bit] = 0;
		if (block) {
			check_block(block, bit);
			told[bit] = block->pid;
			nr_blocks += block->start == bit;
		}
		if (has_room)
			assert_int_equal(told[bit], owner[bit]);
	}
	assert_null(cd_ledger_find(ledger, nr_bits));
	assert_int_equal(ledger->nr_blocks, nr_blocks);
	assert_in_range(nr_blocks, 0, ledger->max_blocks);
}

/* The end of what is told alike from a bit on. */
static unsigned int told_end(unsigned int bit)
{
	unsigned int end = bit + 1;

	while (end < range_end(bit) && told[end] == told[bit])
		end++;
	return end;
}

static unsigned int count_bits(unsigned int bit, unsigned int end)
{
	unsigned int nr = 0;

	while (bit < end)
		nr += bytes[bit++];
	return nr;
}

static unsigned int count_runs(unsigned int bit, unsigned int end)
{
	unsigned int nr = 0, start = bit;

	for (; bit < end; bit++)
		nr += bytes[bit] && (bit == start || !bytes[bit - 1]);
	return nr;
}

/* Every used bit is in one piece, and the pieces are as large as can be. */
static void check_pieces(void)
{
	struct cd_held held = { 0 };
	unsigned int bit, end;

	for (bit = 0; bit < nr_bits; bit = end) {
		end = bit + 1;
		if (!bytes[bit])
			continue;
		while (end < told_end(bit) && bytes[end])
			end++;
		assert_true(cd_next_held(ledger, &bm, &held));
		assert_int_equal(held.start, bit);
		assert_int_equal(held.end, end);
		assert_ptr_equal(held.block, cd_ledger_find(ledger, bit));
	}
	assert_false(cd_next_held(ledger, &bm, &held));
}

/* Who a holder is, of the callers of the model. */
static unsigned int caller_of(const struct cd_holder *holder)
{
	unsigned int i;

	for (i = 0; !is_caller(&holder->caller, i); i++)
		assert_in_range(i, 0, NR_CALLERS - 2);
	return i;
}

/* The last allocations of somebody are all there, and nothing was released. */
static void check_grown(const struct cd_holder *holder, unsigned int nr)
{
	unsigned int caller = caller_of(holder), number, first = 0, bit;
	unsigned int left = nr, nr_grown_bits = 0;

	for (number = nr_added; number && left; number--) {
		if (added[number].caller != caller)
			continue;
		first = number;
		left--;
	}
	assert_int_equal(left, 0);
	if (!nr)
		return;
	assert_true(first > released_at[caller]);
	assert_int_equal(holder->grown_ns, added[first].time_ns);
	for (bit = 0; bit < nr_bits; bit++)
		nr_grown_bits += owner[bit] >= first &&
				 added[owner[bit]].caller == caller;
	assert_int_equal(holder->grown_bits, nr_grown_bits);
	nr_suspected += nr > 1;
}

/* What was not kept may have been released: only with room all is known. */
static void check_all_grown(const struct cd_holding *holdings)
{
	unsigned int slot;

	for (slot = 0; has_room && slot < ledger->max_holders; slot++) {
		const struct cd_holder *holder = cd_ledger_holder(ledger, slot);

		if (holder)
			check_grown(holder,
				    cd_nr_grown(holder, &holdings[slot]));
	}
}

static void add_holding(struct cd_holding *holding, unsigned int number,
			unsigned int nr)
{
	unsigned long long time_ns = added[number].time_ns;

	holding->nr_bits += nr;
	if (!holding->nr_blocks++ || time_ns < holding->oldest_ns)
		holding->oldest_ns = time_ns;
	if (time_ns > holding->newest_ns)
		holding->newest_ns = time_ns;
}

static void check_holdings(void)
{
	unsigned int max = ledger->max_holders, bit, end, holder;
	struct cd_holding *must = calloc(max + 2, sizeof(*must));
	struct cd_holding *is = malloc((max + 2) * sizeof(*is));

	assert_non_null(must);
	assert_non_null(is);
	for (bit = 0; bit < nr_bits; bit = end) {
		unsigned int nr;

		end = told_end(bit);
		nr = count_bits(bit, end);
		if (!told[bit]) {
			must[max + 1].nr_blocks += count_runs(bit, end);
			must[max + 1].nr_bits += nr;
			continue;
		}
		holder = cd_ledger_find(ledger, bit)->holder;
		if (holder == CD_NO_HOLDER)
			holder = max;
		must[holder].nr_covered += end - bit;
		if (nr)
			add_holding(&must[holder], told[bit], nr);
	}
	cd_count_holdings(ledger, &bm, is);
	assert_memory_equal(is, must, (max + 2) * sizeof(*is));
	check_all_grown(is);
	free(must);
	free(is);
}

/* Slots in use have blocks, each its own caller; the ledger counts them. */
static void check_slots(void)
{
	unsigned int slot, bit, i, nr_slots = 0;
	bool seen[NR_CALLERS] = { false };

	for (slot = 0; slot < ledger->max_holders; slot++) {
		const struct cd_holder *holder = cd_ledger_holder(ledger, slot);
		unsigned int nr = 0;

		for (bit = 0; bit < nr_bits; bit = told_end(bit))
			nr += told[bit] && cd_ledger_find(ledger, bit)->holder
					   == slot;
		assert_int_equal(holder ? holder->nr_blocks : 0, nr);
		if (!holder)
			continue;
		nr_slots++;
		i = caller_of(holder);
		assert_false(seen[i]);
		seen[i] = true;
	}
	assert_int_equal(ledger->nr_holders, nr_slots);
	assert_null(cd_ledger_holder(ledger, slot));
	assert_null(cd_ledger_holder(ledger, CD_NO_HOLDER));
}

/* The oracle's area, without what the ledger says is of a holder. */
static void check_without(unsigned int holder)
{
	static unsigned char left[MOST_BITS];
	struct oracle_area without = area;
	unsigned int bit, r, in_range = 0, order = below(below(4) ? 8 : 70);
	unsigned long must, at = 0, nr_words = 0;
	unsigned long *words;
	struct cd_run is;

	for (bit = 0; bit < nr_bits; bit++)
		left[bit] = bytes[bit] &&
			    !(told[bit] && cd_ledger_find(ledger, bit)->holder
					   == holder);
	for (r = 0; r < area.nr_ranges; r++) {
		without.ranges[r].used = left + (area.ranges[r].used - bytes);
		nr_words += (area.ranges[r].nr_bits + 63) / 64;
	}
	words = malloc(nr_words * sizeof(*words));
	assert_non_null(words);
	must = oracle_usable(&without, order, &at, &in_range);
	is = cd_run_without(ledger, &bm, holder, order, words);
	free(words);
	assert_int_equal(is.nr_pages, must);
	if (!must)
		return;
	assert_int_equal(is.start_page, at);
	assert_int_equal(is.range, in_range);
	assert_int_equal(is.start_pfn, area.ranges[in_range].base_pfn + at);
}

/* Some bits from anywhere on, perhaps none. */
static void check_has(void)
{
	unsigned int start = below(nr_bits);
	unsigned int end = start + below(nr_bits - start + 1), bit;
	bool must = false;

	for (bit = start; bit < end; bit++)
		must |= told[bit] != 0;
	if (start < end)
		assert_int_equal(cd_ledger_has(ledger, start, end), must);
}

static void check_ledger(void)
{
	if (below(2))
		move_ledger();
	pack_words();
	learn();
	check_has();
	check_pieces();
	check_holdings();
	check_slots();
	check_without(below(ledger->max_holders));
	check_without(CD_NO_HOLDER);
}

/* A block goes when none of its bits is used, and only then. */
static void sweep(void)
{
	unsigned int bit, end;

	pack_words();
	learn();
	cd_ledger_sweep(ledger, &bm);
	for (bit = 0; bit < nr_bits; bit = end) {
		end = told_end(bit);
		if (told[bit] && !count_bits(bit, end)) {
			memset(&owner[bit], 0, (end - bit) * sizeof(*owner));
			memset(&told[bit], 0, (end - bit) * sizeof(*told));
		}
	}
	for (bit = 0; bit < nr_bits; bit++)
		assert_int_equal(!!cd_ledger_find(ledger, bit), !!told[bit]);
	learn();
}

/*
 * What was told beside the new block must be told on; unless that had it in its
 * middle, and there was no room for the smaller part.
 */
static void check_beside(const unsigned int *before,
			 const struct cd_block *block, bool was_full)
{
	unsigned int bit, number = 0, nr_gone = 0, nr_left = 0;

	for (bit = 0; bit < nr_bits; bit++) {
		if (bit >= block->start && bit < block->end)
			continue;
		if (told[bit] == before[bit])
			continue;
		assert_int_equal(told[bit], 0);
		assert_true(!number || before[bit] == number);
		number = before[bit];
		nr_gone++;
	}
	if (!nr_gone)
		return;
	for (bit = 0; bit < nr_bits; bit++)
		nr_left += told[bit] == number;
	assert_int_equal(before[block->start], number);
	assert_true(was_full);
	assert_true(nr_gone <= nr_left);
	nr_lost++;
}

/* All that was added is told, or nothing of it. */
static bool add(const struct cd_block *block, const struct cd_caller *caller)
{
	bool was_full = ledger->nr_blocks == ledger->max_blocks, kept;
	unsigned int before[MOST_BITS], bit;
	const struct cd_block *is;

	learn();
	memcpy(before, told, sizeof(before));
	for (bit = block->start; bit < block->end; bit++)
		owner[bit] = block->pid;
	kept = cd_ledger_add(ledger, block, caller);
	learn();
	for (bit = block->start; bit < block->end; bit++)
		assert_int_equal(told[bit], kept ? block->pid : 0);
	check_beside(before, block, was_full);
	if (kept) {
		is = cd_ledger_find(ledger, block->start);
		assert_int_equal(is->start, block->start);
		assert_int_equal(is->end, block->end);
		if (is->holder == CD_NO_HOLDER)
			assert_int_equal(ledger->nr_holders,
					 ledger->max_holders);
	} else {
		assert_false(has_room);
		assert_int_equal(ledger->nr_blocks, ledger->max_blocks);
	}
	return kept;
}

/* As the kernel does: once more after a sweep. Or not even that. */
static void add_somehow(const struct cd_block *block,
			const struct cd_caller *caller)
{
	bool kept = add(block, caller);

	if (!kept && below(2))
		kept = add(block, caller);
	if (!kept && below(2)) {
		sweep();
		kept = add(block, caller);
	}
	nr_lost += !kept;
	assert_int_equal(ledger->nr_added, nr_added);
	assert_int_equal(ledger->nr_lost, nr_lost);
	if (has_room)
		assert_int_equal(nr_lost, 0);
}

/* Some free bits from anywhere on; false when there are none. */
static bool allocate(void)
{
	unsigned int longest = 1 + below(1 << below(8));
	unsigned int bit = below(nr_bits), end, i;
	struct cd_block block;
	struct cd_caller caller;

	for (i = 0; i < nr_bits && bytes[bit]; i++)
		bit = (bit + 1) % nr_bits;
	if (bytes[bit])
		return false;
	nr_added++;
	added[nr_added].caller = below(NR_CALLERS);
	added[nr_added].align = below(10);
	added[nr_added].time_ns = below(1000);
	caller = make_caller(added[nr_added].caller);
	block = (struct cd_block){
		.start = bit, .holder = below(0x10000), .pid = nr_added,
		.align = added[nr_added].align,
		.time_ns = added[nr_added].time_ns,
	};
	end = range_end(bit);
	if (end - bit > longest)
		end = bit + longest;
	while (bit < end && !bytes[bit])
		bytes[bit++] = 1;
	block.end = bit;
	add_somehow(&block, &caller);
	return true;
}

static void release_bit(unsigned int bit)
{
	if (bytes[bit] && owner[bit])
		released_at[added[owner[bit]].caller] = nr_added;
	bytes[bit] = 0;
}

/* All that an allocation has, or of some bits whatever they are of. */
static void release(void)
{
	unsigned int start = below(nr_bits), bit;

	if (owner[start] && below(3)) {
		for (bit = 0; bit < nr_bits; bit++)
			if (owner[bit] == owner[start])
				release_bit(bit);
		return;
	}
	for (bit = start + 1 + below(1 << below(7)); bit-- > start;)
		if (bit < nr_bits)
			release_bit(bit);
}

static void begin_area(void)
{
	nr_bits = 1 + below(below(4) ? 1 + below(400) : MOST_BITS);
	make_area(nr_bits);
	area.order_per_bit = below(2) ? 0 : 2;
	memset(owner, 0, sizeof(owner));
	memset(released_at, 0, sizeof(released_at));
	nr_added = 0;
	nr_lost = 0;
}

static void play(void)
{
	unsigned int i, nr = 1 + below(MOST_ADDED);

	for (i = 0; i < 3 * nr && nr_added < nr; i++) {
		if (below(5) < 2 || !allocate())
			release();
		if (!below(30))
			sweep();
		if (!below(8))
			check_ledger();
	}
	check_ledger();
}

void test_ledger_with_room(void **state)
{
	unsigned long nr;

	(void)state;
	has_room = true;
	for (nr = 0; nr < NR_ADDED; nr += nr_added) {
		begin_area();
		begin_ledger(MOST_BITS, NR_CALLERS + below(5));
		play();
	}
	assert_in_range(nr_suspected, NR_ADDED / 100, ULONG_MAX);
}

void test_ledger_without_room(void **state)
{
	unsigned long nr, nr_areas = 0, nr_with_loss = 0;

	(void)state;
	has_room = false;
	for (nr = 0; nr < NR_ADDED; nr += nr_added) {
		bool few_blocks = below(3);
		bool few_holders = !few_blocks || below(2);

		begin_area();
		begin_ledger(few_blocks ? 1 + below(12) : MOST_BITS,
			     few_holders ? 1 + below(5) : NR_CALLERS);
		play();
		nr_areas++;
		nr_with_loss += nr_lost > 0;
	}
	assert_in_range(nr_with_loss, nr_areas / 10, nr_areas);
}

/* An area of one range, of which the first bits are used. */
static void make_simple(unsigned int nr, unsigned int nr_used)
{
	area.order_per_bit = 0;
	area.nr_ranges = 1;
	area.ranges[0] = (struct oracle_range){
		.base_pfn = 0x40000, .nr_bits = nr, .used = bytes,
	};
	set_bits(bytes, nr, false);
	set_bits(bytes, nr_used, true);
	pack_words();
}

static bool add_block(unsigned int start, unsigned int end, unsigned int caller)
{
	struct cd_block block = {
		.start = start, .end = end, .pid = caller + 1,
	};
	struct cd_caller who = make_caller(caller);

	return cd_ledger_add(ledger, &block, &who);
}

/* Is this what a walk over all used bits tells next? A pid of 0: not known. */
static void check_held(struct cd_held *held, unsigned int start,
		       unsigned int end, int pid)
{
	assert_true(cd_next_held(ledger, &bm, held));
	assert_int_equal(held->start, start);
	assert_int_equal(held->end, end);
	assert_int_equal(held->block ? held->block->pid : 0, pid);
}

void test_ledger_before_it_began(void **state)
{
	struct cd_holding holdings[5];
	struct cd_held held = { 0 };

	(void)state;
	make_simple(200, 150);
	begin_ledger(3, 3);
	check_held(&held, 0, 150, 0);
	assert_false(cd_next_held(ledger, &bm, &held));
	assert_true(add_block(70, 80, 0));
	held = (struct cd_held){ 0 };
	check_held(&held, 0, 70, 0);
	check_held(&held, 70, 80, 1);
	check_held(&held, 80, 150, 0);
	assert_false(cd_next_held(ledger, &bm, &held));
	cd_count_holdings(ledger, &bm, holdings);
	assert_int_equal(holdings[4].nr_blocks, 2);
	assert_int_equal(holdings[4].nr_bits, 140);
	assert_int_equal(holdings[3].nr_blocks, 0);
}

/* All parts are in use: three of one holder's block that was cut twice. */
void test_ledger_splits(void **state)
{
	struct cd_held held = { 0 };

	(void)state;
	make_simple(100, 100);
	begin_ledger(5, 2);
	assert_true(add_block(0, 100, 0));
	assert_true(add_block(10, 20, 1));
	assert_true(add_block(50, 60, 1));
	check_held(&held, 0, 10, 1);
	check_held(&held, 10, 20, 2);
	check_held(&held, 20, 50, 1);
	check_held(&held, 50, 60, 2);
	check_held(&held, 60, 100, 1);
	assert_false(cd_next_held(ledger, &bm, &held));
	assert_int_equal(ledger->nr_blocks, 5);
	assert_int_equal(ledger->nr_lost, 0);
	assert_true(add_block(5, 95, 0));
	assert_int_equal(ledger->nr_blocks, 3);
	assert_int_equal(ledger->nr_holders, 1);
	assert_true(add_block(0, 100, 0));
	assert_int_equal(ledger->nr_blocks, 1);
	assert_int_equal(ledger->nr_added, 5);
}

static void check_counts(unsigned int nr_blocks, unsigned int added_must,
			 unsigned int lost_must)
{
	assert_int_equal(ledger->nr_blocks, nr_blocks);
	assert_int_equal(ledger->nr_added, added_must);
	assert_int_equal(ledger->nr_lost, lost_must);
}

void test_ledger_losses(void **state)
{
	(void)state;
	make_simple(200, 0);
	begin_ledger(2, 3);
	assert_true(add_block(0, 50, 0));
	assert_true(add_block(50, 90, 1));
	check_counts(2, 2, 0);

	/* The smaller part of the first has no room, nor has the new one. */
	assert_false(add_block(10, 20, 2));
	check_counts(2, 3, 2);
	assert_null(cd_ledger_find(ledger, 0));
	assert_null(cd_ledger_find(ledger, 10));
	assert_int_equal(cd_ledger_find(ledger, 20)->pid, 1);

	/* It is the same one until there is another. */
	assert_false(add_block(10, 20, 2));
	check_counts(2, 3, 2);
	set_bits(bytes + 10, 40, true);
	pack_words();
	cd_ledger_sweep(ledger, &bm);
	check_counts(1, 3, 2);
	assert_true(add_block(10, 20, 2));
	check_counts(2, 3, 1);
	assert_int_equal(cd_ledger_find(ledger, 19)->pid, 3);
	assert_true(add_block(10, 20, 2));
	check_counts(2, 4, 1);

	/* Another comes between. */
	assert_false(add_block(100, 110, 1));
	assert_false(add_block(110, 120, 1));
	assert_false(add_block(100, 110, 1));
	check_counts(2, 7, 4);
	assert_true(add_block(0, 50, 1));
	assert_true(add_block(100, 110, 1));
	check_counts(2, 9, 4);

	/* Of equal parts the first stays. */
	assert_false(add_block(20, 30, 2));
	assert_int_equal(cd_ledger_find(ledger, 19)->pid, 2);
	assert_null(cd_ledger_find(ledger, 30));
	check_counts(2, 10, 6);
}

static unsigned int slot_of(unsigned int bit)
{
	const struct cd_block *block = cd_ledger_find(ledger, bit);

	assert_non_null(block);
	return block->holder;
}

void test_ledger_holders(void **state)
{
	unsigned int i, k;

	(void)state;
	/* Each is another, and is known again. */
	begin_ledger(2 * NR_CALLERS, NR_CALLERS);
	for (i = 0; i < 2 * NR_CALLERS; i++)
		assert_true(add_block(i, i + 1, i % NR_CALLERS));
	assert_int_equal(ledger->nr_holders, NR_CALLERS);
	for (i = 0; i < NR_CALLERS; i++) {
		assert_int_equal(slot_of(i), slot_of(i + NR_CALLERS));
		for (k = 0; k < i; k++)
			assert_int_not_equal(slot_of(i), slot_of(k));
	}

	/* A slot is free once its last block is gone, and taken again. */
	begin_ledger(9, 2);
	assert_true(add_block(0, 10, 0));
	assert_true(add_block(10, 20, 1));
	assert_true(add_block(20, 30, 2));
	assert_int_equal(slot_of(20), CD_NO_HOLDER);
	i = slot_of(0);
	assert_true(add_block(0, 9, 1));
	assert_int_equal(ledger->nr_holders, 2);
	assert_int_equal(cd_ledger_holder(ledger, i)->nr_blocks, 1);
	assert_true(add_block(9, 10, 1));
	assert_int_equal(ledger->nr_holders, 1);
	assert_null(cd_ledger_holder(ledger, i));
	assert_true(add_block(40, 50, 2));
	assert_int_equal(slot_of(40), i);
	assert_int_equal(slot_of(20), CD_NO_HOLDER);
	/* In place of the last of another. */
	assert_true(add_block(40, 50, 3));
	assert_int_equal(slot_of(40), i);
	assert_int_equal(ledger->nr_holders, 2);
}

/* What somebody has, and how many of its last allocations are all there. */
static void check_growth(unsigned int bit, unsigned int nr,
			 unsigned int grown_bits)
{
	const struct cd_holder *holder = cd_ledger_holder(ledger, slot_of(bit));
	struct cd_holding holdings[5];

	pack_words();
	cd_count_holdings(ledger, &bm, holdings);
	assert_int_equal(cd_nr_grown(holder, &holdings[slot_of(bit)]), nr);
	if (nr)
		assert_int_equal(holder->grown_bits, grown_bits);
}

void test_ledger_growth(void **state)
{
	unsigned int i;

	(void)state;
	make_simple(100, 100);
	begin_ledger(20, 3);
	for (i = 0; i < 5; i++)
		assert_true(add_block(10 * i, 10 * i + 10, 0));
	assert_true(add_block(90, 100, 1));
	check_growth(0, 5, 50);
	check_growth(90, 1, 10);

	/* A part is free, which may have been so for long. */
	bytes[49] = 0;
	check_growth(0, 0, 0);
	check_growth(90, 1, 10);
	/* Another has it: that is when it was released, at the latest. */
	bytes[49] = 1;
	assert_true(add_block(49, 50, 1));
	check_growth(0, 0, 0);
	check_growth(90, 2, 11);
	assert_true(add_block(60, 70, 0));
	check_growth(0, 1, 10);

	/* The first part, the middle, all of one; each by another. */
	assert_true(add_block(0, 1, 1));
	check_growth(1, 0, 0);
	assert_true(add_block(70, 71, 0));
	assert_true(add_block(15, 16, 1));
	check_growth(1, 0, 0);
	assert_true(add_block(71, 72, 0));
	assert_true(add_block(20, 30, 1));
	check_growth(1, 0, 0);
	check_growth(90, 5, 23);

	/* By itself, too: that one is what it has had since. */
	assert_true(add_block(60, 65, 0));
	check_growth(1, 1, 5);
	/* What is swept out was released. */
	set_bits(bytes + 90, 10, false);
	pack_words();
	cd_ledger_sweep(ledger, &bm);
	check_growth(0, 0, 0);
	check_growth(1, 1, 5);
}

/* Some hundred thousand callers: some have the same hash. */
#define NR_HASHES 300000U
struct hashed {
	unsigned int hash;
	unsigned int i;
};

static int by_hash(const void *a, const void *b)
{
	unsigned int x = ((const struct hashed *)a)->hash;
	unsigned int y = ((const struct hashed *)b)->hash;

	return (x > y) - (x < y);
}

/* Every other has another name, every other another stack. */
static struct cd_caller numbered_caller(unsigned int i)
{
	struct cd_caller caller = { .nr_frames = 2 };

	if (i % 2)
		memcpy(caller.comm + 9, &i, sizeof(i));
	else
		caller.frames[1] = i;
	return caller;
}

static void add_numbered(unsigned int bit, unsigned int i)
{
	struct cd_block block = { .start = bit, .end = bit + 1 };
	struct cd_caller caller = numbered_caller(i);

	assert_true(cd_ledger_add(ledger, &block, &caller));
}

void test_ledger_hashes(void **state)
{
	struct hashed *all = malloc(NR_HASHES * sizeof(*all));
	unsigned int i, nr_alike = 0;

	(void)state;
	assert_non_null(all);
	begin_ledger(4, 4);
	for (i = 0; i < NR_HASHES; i++) {
		add_numbered(0, i);
		all[i].hash = cd_ledger_holder(ledger, slot_of(0))->hash;
		all[i].i = i;
	}
	qsort(all, NR_HASHES, sizeof(*all), by_hash);
	for (i = 1; i < NR_HASHES; i++) {
		if (all[i].hash != all[i - 1].hash)
			continue;
		nr_alike++;
		begin_ledger(4, 4);
		add_numbered(0, all[i].i);
		add_numbered(1, all[i - 1].i);
		add_numbered(2, all[i].i);
		assert_int_equal(ledger->nr_holders, 2);
		assert_int_equal(slot_of(0), slot_of(2));
		assert_int_not_equal(slot_of(0), slot_of(1));
	}
	/* About ten pairs of so many; many more, and the hash is no good. */
	assert_in_range(nr_alike, 2, 40);
	free(all);
}

void test_ledger_largest(void **state)
{
	unsigned int i;

	(void)state;
	begin_ledger(CD_MAX_BLOCKS, CD_MAX_HOLDERS);
	for (i = 0; i < CD_MAX_BLOCKS; i++)
		add_numbered(i, i);
	assert_int_equal(ledger->nr_blocks, CD_MAX_BLOCKS);
	assert_int_equal(ledger->nr_holders, CD_MAX_HOLDERS);
	assert_false(add_block(CD_MAX_BLOCKS, CD_MAX_BLOCKS + 1, 0));
	for (i = 0; i < CD_MAX_BLOCKS; i++) {
		const struct cd_caller must = numbered_caller(i);

		assert_memory_equal(&cd_ledger_holder(ledger,
						      slot_of(i))->caller,
				    &must, sizeof(must));
		assert_int_equal(cd_ledger_find(ledger, i)->start, i);
	}
	assert_null(cd_ledger_find(ledger, i));
	make_simple(CD_MAX_BLOCKS, 0);
	cd_ledger_sweep(ledger, &bm);
	assert_int_equal(ledger->nr_blocks, 0);
	assert_int_equal(ledger->nr_holders, 0);

	/* And the smallest. */
	begin_ledger(1, 1);
	assert_true(add_block(5, 6, 0));
	assert_false(add_block(6, 7, 1));
	assert_true(add_block(4, 7, 1));
	assert_int_equal(slot_of(5), 0);
}

/* Whose the used pages of a place are, by hand. */
void test_whose_said(void **state)
{
	struct cd_diagnosis diag = { .page_shift = 12 };
	struct cd_whose *whose = &diag.whose;
	unsigned int i;

	(void)state;
	check_whose(&diag, "");
	whose->seen = true;
	whose->nr_unknown = 12;
	check_whose(&diag, "");
	for (i = 0; i < CD_NR_WHOSE; i++) {
		snprintf(whose->blocks[i].comm, CD_COMM_LEN, "%s",
			 i < 2 ? "weston" : "vpu");
		whose->blocks[i].pid = i < 3 ? 421 : 77;
		whose->blocks[i].run.nr_pages = 300 >> 8 * (i == 2);
		whose->blocks[i].run.start_page = 1024 * i;
	}
	whose->nr_unknown = 0;
	whose->nr_blocks = 1;
	check_whose(&diag, "weston[421]: 300 pages at 0");
	whose->nr_blocks = 2;
	check_whose(&diag, "weston[421]: 300 pages at 0, 300 at 1024");
	whose->nr_blocks = 3;
	whose->nr_unknown = 1;
	check_whose(&diag,
		    "weston[421]: 300 pages at 0, 300 at 1024; vpu[421]: 1 page at 2048; 1 page not known");
	whose->nr_blocks = 9;
	whose->nr_unknown = 12;
	whose->doubtful = true;
	check_whose(&diag,
		    "perhaps weston[421]: 300 pages at 0, 300 at 1024; vpu[421]: 1 page at 2048; vpu[77]: 300 pages at 3072; 5 more; 12 pages not known");
}

/* Bit @k of range @r, and all from there to the end of that. */
static void check_pages(const struct cd_bitmap *ranges, unsigned int bit,
			unsigned int r, unsigned int k, unsigned long pfn)
{
	unsigned int nr = ranges->ranges[r].nr_bits - k;
	struct cd_run run = cd_run_of_bits(ranges, bit, bit + nr);

	assert_int_equal(run.start_pfn, pfn);
	assert_int_equal(run.range, r);
	assert_int_equal(run.start_page, k << ranges->order_per_bit);
	assert_int_equal(run.nr_pages, nr << ranges->order_per_bit);
}

/* Ranges that lie apart, in any order, without bitmaps. */
void test_ledger_pfns(void **state)
{
	unsigned int i, r, k;

	(void)state;
	for (i = 0; i < 2000; i++) {
		struct cd_bitmap ranges = {
			.order_per_bit = below(2) ? 0 : 2,
			.nr_ranges = 1 + below(CD_MAX_RANGES),
		};
		unsigned int bit = 0, is = 0;

		for (r = 0; r < ranges.nr_ranges; r++)
			ranges.ranges[r] = (struct cd_range){
				.base_pfn = ((r * 5 + i) % 8 << 20) +
					    below(1000) * 4,
				.nr_bits = below(40),
			};
		for (r = 0; r < ranges.nr_ranges; r++) {
			unsigned long pfn = ranges.ranges[r].base_pfn;

			assert_false(cd_bit_of_pfn(&ranges, pfn - 1, &is));
			for (k = 0; k < ranges.ranges[r].nr_bits; k++) {
				check_pages(&ranges, bit, r, k, pfn);
				assert_true(cd_bit_of_pfn(&ranges, pfn, &is));
				assert_int_equal(is, bit);
				pfn += 1UL << ranges.order_per_bit;
				assert_true(cd_bit_of_pfn(&ranges, pfn - 1,
							  &is));
				assert_int_equal(is, bit);
				bit++;
			}
			assert_false(cd_bit_of_pfn(&ranges, pfn, &is));
		}
	}
}
