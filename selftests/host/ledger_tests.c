// SPDX-License-Identifier: GPL-2.0-only
/* The ledger of an area, by hand. */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ledger_model.h"
#include "ledger_tests.h"
#include "random_area.h"
#include "said.h"

/* An area of one range, of which the first bits are used. */
void make_simple(unsigned int nr, unsigned int nr_used)
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

bool add_block(unsigned int start, unsigned int end, unsigned int caller)
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

unsigned int slot_of(unsigned int bit)
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
