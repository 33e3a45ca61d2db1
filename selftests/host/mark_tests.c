// SPDX-License-Identifier: GPL-2.0-only
/* Marks: looks, one allocation after the other, and several at a time. */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "mark_model.h"
#include "mark_tests.h"
#include "random_area.h"
#include "watch_model.h"

#define MOST_WORDS (MOST_BITS / 64 + 1)
#define NR_LOOKS (NR_RANDOM / 10)

/* As large as it is, one bit less or more, all of it, nothing. */
static unsigned long random_lowest(unsigned long largest)
{
	unsigned long bit = 1UL << area.order_per_bit;

	switch (below(7)) {
	case 0:
		return 0;
	case 1:
		return ULONG_MAX;
	case 2:
		return largest + bit;
	case 3:
		return largest ? largest - bit : bit;
	case 4:
		return largest;
	default:
		return (1 + below(600)) * bit;
	}
}

/* A place that ends with all others, or none when there is none. */
static void check_last_place(const struct cd_run *place, unsigned long nr_pages,
			     unsigned int order)
{
	unsigned long bit = place->start_page >> area.order_per_bit, at = bit;
	struct cd_request request = { .nr_pages = nr_pages };
	unsigned int range = place->range;

	if (!place->nr_pages) {
		assert_false(nr_pages && oracle_fits(&area, nr_pages, order));
		return;
	}
	assert_in_range(place->range, 0, area.nr_ranges - 1);
	check_place(place, place->range, bit, &request);
	assert_true(oracle_place(&area, nr_pages, order, &range, &at));
	assert_int_equal(range, place->range);
	assert_int_equal(at, bit);
	at++;
	assert_false(oracle_place(&area, nr_pages, order, &range, &at));
}

static void check_look(unsigned int order)
{
	unsigned long largest = usable(order), lowest = random_lowest(largest);
	unsigned long seen_largest = lowest < largest ? lowest : largest;
	struct cd_marks_look look, begun = {
		.nr_granted = below(ULONG_MAX),
	};
	struct cd_marks marks;

	memset(&marks, 0xff, sizeof(marks));
	memset(&look, 0xff, sizeof(look));
	marks.known = lowest != ULONG_MAX || below(2);
	marks.lowest.nr_pages = marks.known ? lowest : below(600);
	marks.nr_granted = begun.nr_granted;
	begun.lowest = lowest;
	cd_marks_begin_look(&marks, &look);
	assert_int_equal(look.nr_used, 0);
	assert_int_equal(look.place.nr_pages, 0);
	assert_int_equal(look.largest, 0);
	cd_marks_look(&bm, order, &look);
	assert_int_equal(look.nr_granted, begun.nr_granted);
	assert_int_equal(look.lowest, lowest);
	assert_int_equal(look.nr_used, count_used());
	assert_int_equal(look.end, used_end());
	assert_int_equal(look.largest, seen_largest);
	check_last_place(&look.place, seen_largest, order);
}

void test_mark_looks(void **state)
{
	unsigned long i, nr_large = NR_RANDOM / 10000;

	(void)state;
	for (i = 0; i < NR_LOOKS + nr_large; i++) {
		make_area(i < nr_large ? 1 + below(20000) :
					 1 + below(1 + below(600)));
		assert_int_equal(cd_used_end(&bm), used_end());
		check_look(below(3) ? below(10) : below(70));
	}
}

/* One after the other: what the marks must be, counted after each. */
static struct cd_marks marks;
static struct cd_mark peak, lowest;
static unsigned long end;
static bool is_known;
static unsigned long nr_grants, nr_looks, nr_sets, nr_idle_looks;

/* Returns whether a mark is set. */
static bool count_marks(const struct cd_asker *asker)
{
	unsigned long nr_used = count_used(), largest = usable(marks.order);
	struct cd_mark mark = { .time_ns = asker->time_ns };
	bool sets = false;

	/* What is found at first was so before. */
	if (is_known) {
		mark.pid = asker->pid;
		memcpy(mark.comm, asker->comm, sizeof(mark.comm));
	}
	if (!is_known || nr_used > peak.nr_pages) {
		peak = mark;
		peak.nr_pages = nr_used;
		sets = true;
	}
	if (!is_known || largest < lowest.nr_pages) {
		lowest = mark;
		lowest.nr_pages = largest;
		sets = true;
	}
	if (used_end() > end)
		end = used_end();
	is_known = true;
	return sets;
}

static void check_mark(const struct cd_mark *mark, const struct cd_mark *must)
{
	assert_int_equal(mark->nr_pages, must->nr_pages);
	assert_int_equal(mark->time_ns, must->time_ns);
	assert_int_equal(mark->pid, must->pid);
	assert_memory_equal(mark->comm, must->comm, sizeof(must->comm));
}

/* All of the place is free, and as large as it was at the lowest. */
static void check_free_witness(void)
{
	struct cd_run place = marks.witness;

	if (!place.nr_pages)
		return;
	assert_int_equal(place.nr_pages, lowest.nr_pages);
	check_witness_of_marks(&marks);
}

static void check_marks(void)
{
	assert_int_equal(marks.known, is_known);
	assert_int_equal(marks.end, end);
	if (!is_known)
		return;
	check_mark(&marks.peak, &peak);
	check_mark(&marks.lowest, &lowest);
	check_free_witness();
}

static void look_at_once(const struct cd_asker *asker)
{
	struct cd_marks_look look;

	pack_words();
	memset(&look, 0xff, sizeof(look));
	cd_marks_begin_look(&marks, &look);
	cd_marks_look(&bm, marks.order, &look);
	cd_marks_judge(&marks, &look, &bm, asker);
	/* Nobody else was given anything meanwhile. */
	assert_int_equal(!marks.witness.nr_pages, !lowest.nr_pages);
}

/* Nobody asked for it, or its end was not seen; the reader that is next is. */
static void read_marks(void)
{
	struct cd_asker reader = { .time_ns = ++now_ns };

	count_marks(&reader);
	look_at_once(&reader);
	check_marks();
}

static void begin_marks(bool is_new)
{
	unsigned int order = below(4) ? below(5) : below(10);

	if (is_new || !below(3))
		begin_in_area(&marks);
	cd_marks_begin(&marks, order, ++now_ns);
	assert_int_equal(marks.order, order);
	assert_false(marks.known);
	assert_int_equal(marks.begun_ns, now_ns);
	assert_int_equal(marks.lack.nr, 0);
	is_known = false;
	end = 0;
	/* Who allocates may be sooner. */
	if (below(3))
		read_marks();
}

static void check_others_pages(void)
{
	unsigned int r = below(area.nr_ranges);
	struct cd_marks was;

	memcpy(&was, &marks, sizeof(was));
	assert_false(cd_marks_granted(&marks, &bm,
				      pfn_of(r, area.ranges[r].nr_bits) +
				      below(3), 1 + below(2000)));
	assert_memory_equal(&marks, &was, sizeof(marks));
}

static void allocate_and_mark(void)
{
	struct cd_request request = random_allocation();
	const struct cd_grant *grant;
	struct cd_asker asker;
	unsigned int range = 0;
	unsigned long bit = 0;
	bool sets, wants;

	if (!oracle_place(&area, request.nr_pages, request.align, &range, &bit))
		return;
	if (!below(60)) {
		/* It is not seen; somebody reads. */
		take(range, bit, bits_for(request.nr_pages), NOBODYS);
		read_marks();
		return;
	}
	grant = grant_pages(&request, range, bit);
	take(range, bit, bits_for(request.nr_pages), newest);
	asker.time_ns = grant->time_ns;
	asker.pid = grant->pid;
	memcpy(asker.comm, grant->comm, sizeof(asker.comm));
	sets = count_marks(&asker);
	wants = cd_marks_granted(&marks, &bm, grant->pfn, request.nr_pages);
	if (sets)
		assert_true(wants);
	nr_grants++;
	nr_looks += wants;
	nr_sets += sets;
	nr_idle_looks += wants && !sets;
	if (wants)
		look_at_once(&asker);
	check_marks();
}

void test_marks_one_by_one(void **state)
{
	unsigned long i;

	(void)state;
	nr_grants = 0;
	nr_looks = 0;
	nr_sets = 0;
	nr_idle_looks = 0;
	while (nr_grants < NR_GRANTS) {
		begin_area();
		begin_marks(true);
		for (i = 0; i < 3 * MOST_NUMBERS && newest < MOST_NUMBERS;
		     i++) {
			if (below(9) < 5)
				allocate_and_mark();
			else
				release();
			if (!below(40))
				read_marks();
			if (!below(50))
				check_others_pages();
			if (!below(300))
				begin_marks(false);
		}
	}
	printf("# of %lu allocations %lu set a mark, %lu more looked\n",
	       nr_grants, nr_sets, nr_idle_looks);
	assert_in_range(nr_sets, nr_grants / 50, ULONG_MAX);
	assert_int_equal(nr_looks, nr_sets + nr_idle_looks);
	assert_in_range(nr_idle_looks, 0, (nr_grants - nr_sets) / 3);
}

/*
 * Several at a time: a slot has a request, or a reader, and does one of these
 * steps when its turn comes.
 */
enum step { BEGIN, CLAIM, END, BEGIN_LOOK, COPY, JUDGE };

static struct slot {
	enum step step;
	struct cd_request request;
	unsigned int range;
	unsigned long bit;
	/* NULL of a reader. */
	const struct cd_grant *grant;
	unsigned int nr_resets;
	struct cd_marks_look look;
	unsigned long long time_ns;
	/* What was copied. */
	struct cd_bitmap bm;
	unsigned long words[CD_MAX_RANGES][MOST_WORDS];
} slots[NR_SLOTS];
static unsigned int nr_resets;
/* Since the marks began, at any moment. */
static unsigned long most_used, least_largest, furthest_end;
static unsigned long nr_named, nr_found, nr_late, nr_full;

static void count_extremes(void)
{
	unsigned long nr_used = count_used(), largest = usable(marks.order);

	if (nr_used > most_used)
		most_used = nr_used;
	if (largest < least_largest)
		least_largest = largest;
	if (used_end() > furthest_end)
		furthest_end = used_end();
}

static void reset_marks(void)
{
	cd_marks_begin(&marks, below(4) ? below(5) : below(10), ++now_ns);
	nr_resets++;
	most_used = 0;
	least_largest = ULONG_MAX;
	furthest_end = 0;
	count_extremes();
}

static void claim(struct slot *slot)
{
	const struct cd_request *request = &slot->request;

	if (!oracle_place(&area, request->nr_pages, request->align,
			  &slot->range, &slot->bit)) {
		slot->step = BEGIN;
		return;
	}
	take(slot->range, slot->bit, bits_for(request->nr_pages),
	     CLAIMED + (slot - slots));
	slot->step = END;
}

/* It has pages, or gives back what it has claimed. */
static void end_request(struct slot *slot)
{
	unsigned int me = CLAIMED + (slot - slots);
	unsigned long i, first;

	if (!below(4)) {
		give_back(me);
		slot->bit += 1UL << below(3);
		slot->step = below(2) ? CLAIM : BEGIN;
		return;
	}
	slot->grant = grant_pages(&slot->request, slot->range, slot->bit);
	for (i = 0; i < nr_bits; i++)
		if (owner[i] == me)
			owner[i] = newest;
	slot->step = BEGIN;
	first = area.ranges[slot->range].used - bytes + slot->bit;
	if (cd_marks_granted(&marks, &bm, slot->grant->pfn,
			     slot->request.nr_pages)) {
		is_looking[newest] = true;
		slot->step = BEGIN_LOOK;
	}
	assert_in_range(marks.end >> area.order_per_bit,
			first + bits_for(slot->request.nr_pages), nr_bits);
}

static void judge(struct slot *slot)
{
	struct cd_asker asker = { .time_ns = slot->time_ns };
	struct cd_marks was = marks;

	slot->step = BEGIN;
	if (slot->grant) {
		is_looking[slot->grant->number] = false;
		asker.time_ns = slot->grant->time_ns;
		asker.pid = slot->grant->pid;
		memcpy(asker.comm, slot->grant->comm, sizeof(asker.comm));
	}
	if (slot->nr_resets != nr_resets)
		return;
	cd_marks_judge(&marks, &slot->look, &slot->bm, &asker);
	assert_true(marks.known);
	if (!was.known || marks.peak.nr_pages > was.peak.nr_pages) {
		assert_int_equal(marks.peak.nr_pages, slot->look.nr_used);
		assert_int_equal(marks.peak.pid, was.known ? asker.pid : 0);
		assert_int_equal(marks.peak.time_ns, asker.time_ns);
		nr_named += !!marks.peak.pid;
		nr_found += !marks.peak.pid;
	} else {
		check_mark(&marks.peak, &was.peak);
	}
	if (!was.known || marks.lowest.nr_pages < was.lowest.nr_pages) {
		assert_int_equal(marks.lowest.pid, was.known ? asker.pid : 0);
		assert_int_equal(marks.lowest.time_ns, asker.time_ns);
	} else {
		check_mark(&marks.lowest, &was.lowest);
	}
	nr_late += slot->look.nr_granted != marks.nr_granted;
}

static void begin_step(struct slot *slot)
{
	memset(slot, 0xff, sizeof(*slot));
	slot->grant = NULL;
	if (!below(9)) {
		slot->step = BEGIN_LOOK;
		return;
	}
	slot->request = random_allocation();
	slot->range = 0;
	slot->bit = 0;
	slot->step = CLAIM;
}

static void copy_bitmap(struct slot *slot)
{
	unsigned int r;

	pack_words();
	slot->bm = bm;
	for (r = 0; r < bm.nr_ranges; r++) {
		memcpy(slot->words[r], bm.ranges[r].bitmap,
		       (bm.ranges[r].nr_bits + 63) / 64 *
			       sizeof(slot->words[r][0]));
		slot->bm.ranges[r].bitmap = slot->words[r];
	}
}

static void step(struct slot *slot)
{
	switch (slot->step) {
	case BEGIN:
		begin_step(slot);
		break;
	case CLAIM:
		claim(slot);
		break;
	case END:
		end_request(slot);
		break;
	case BEGIN_LOOK:
		slot->nr_resets = nr_resets;
		cd_marks_begin_look(&marks, &slot->look);
		slot->step = COPY;
		break;
	case COPY:
		copy_bitmap(slot);
		slot->time_ns = ++now_ns;
		cd_marks_look(&slot->bm, marks.order, &slot->look);
		slot->step = JUDGE;
		break;
	case JUDGE:
		judge(slot);
		break;
	}
}

/* It is no claim of a request under way. */
static bool is_had(unsigned long bit)
{
	return owner[bit] < CLAIMED;
}

static void check_extremes(void)
{
	count_extremes();
	assert_in_range(marks.end, 0, furthest_end);
	if (!marks.known)
		return;
	assert_in_range(marks.peak.nr_pages, 0, most_used);
	assert_in_range(marks.lowest.nr_pages, least_largest, ULONG_MAX);
	/* Whoever looks when. */
	check_maybe(&marks, is_had);
	check_witness_of_marks(&marks);
}

/* The marks are not behind when all have judged, even if nobody reads. */
static void check_at_rest(void)
{
	if (!marks.known)
		return;
	assert_in_range(marks.peak.nr_pages, count_used(), ULONG_MAX);
	assert_in_range(marks.lowest.nr_pages, 0, usable(marks.order));
	assert_in_range(marks.end, used_end(), ULONG_MAX);
	nr_full += marks.peak.nr_pages == count_used();
}

static void come_to_rest(void)
{
	unsigned int i;

	for (i = 0; i < NR_SLOTS; i++)
		while (slots[i].step != BEGIN) {
			step(&slots[i]);
			check_extremes();
		}
	check_at_rest();
	memset(&slots[0], 0xff, sizeof(slots[0]));
	slots[0].grant = NULL;
	for (slots[0].step = BEGIN_LOOK; slots[0].step != BEGIN;)
		step(&slots[0]);
	assert_true(marks.known);
	check_extremes();
	check_at_rest();
}

static void play(void)
{
	unsigned int at_once = 1 + below(NR_SLOTS), i, last = 0;
	/* One that does nothing else for a while, or all in turn. */
	unsigned int sticky = below(2) ? 1 : 1 + below(8);

	begin_area();
	begin_in_area(&marks);
	reset_marks();
	memset(slots, 0, sizeof(slots));
	for (i = 0; i < 20 * MOST_NUMBERS; i++) {
		if (newest + NR_SLOTS >= MOST_NUMBERS)
			break;
		if (!below(400))
			reset_marks();
		if (!below(6))
			release();
		if (!below(sticky))
			last = below(at_once);
		step(&slots[last]);
		check_extremes();
		if (!below(100))
			come_to_rest();
	}
	come_to_rest();
}

void test_marks_interleaved(void **state)
{
	unsigned long nr;

	(void)state;
	nr_named = 0;
	nr_found = 0;
	nr_late = 0;
	nr_full = 0;
	for (nr = 0; nr < NR_GRANTS; nr += newest + 1)
		play();
	printf("# %lu peaks of somebody, %lu of nobody, %lu late looks\n",
	       nr_named, nr_found, nr_late);
	assert_in_range(nr_named, NR_GRANTS / 50, ULONG_MAX);
	assert_in_range(nr_found, NR_GRANTS / 200, ULONG_MAX);
	assert_in_range(nr_late, NR_GRANTS / 100, ULONG_MAX);
	assert_in_range(nr_full, NR_GRANTS / 500, ULONG_MAX);
}
