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

#include "device_model.h"
#include "ledger_model.h"
#include "ledger_tests.h"
#include "random_area.h"

#ifndef NR_RANDOM
#define NR_RANDOM 1000000UL
#endif
#define NR_ADDED (NR_RANDOM / 10)
#define MOST_ADDED 200U

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
struct cd_ledger *ledger;
static bool has_room;
static unsigned int told[MOST_BITS];

void begin_ledger(unsigned int max_blocks, unsigned int max_holders)
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
struct cd_caller make_caller(unsigned int i)
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
	check_device(block, bit);
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
	check_names();
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
		if (!nr)
			continue;
		add_holding(&must[holder], told[bit], nr);
		must[holder].devices |= device_mask(bit);
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

static void check_ledger(void)
{
	if (below(2))
		move_ledger();
	pack_words();
	learn();
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
	forget_devices(block);
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
	name_somehow(&block);
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
	begin_devices(nr_bits);
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
		if (!below(6))
			name_any();
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
	assert_in_range(named.nr_refused, NR_ADDED / 100, NR_ADDED);
	assert_in_range(named.nr_recycled, NR_ADDED / 100, NR_ADDED);
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
