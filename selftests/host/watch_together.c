// SPDX-License-Identifier: GPL-2.0-only
/* Watches, while several allocate and look at a time. */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "random_area.h"
#include "watch_model.h"
#include "watch_tests.h"

/*
 * A slot has a request, or somebody who looks, and does one of these steps when
 * its turn comes.
 */
enum step { BEGIN, CLAIM, MIGRATE, END, COPY, COUNT, JUDGE };

static struct slot {
	enum step step;
	bool looks_only;
	/* Its request counts as under way. */
	bool under_way;
	struct cd_request request;
	unsigned int range;
	unsigned long bit;
	const struct cd_grant *grant;
	/* Of a look: by watch, whether there is one, and at which watch. */
	bool wants[NR_WATCHES];
	unsigned int serial[NR_WATCHES];
	struct cd_look looks[NR_WATCHES];
	unsigned long nr_ended;
	unsigned int newest;
	bool at_rest;
	unsigned long long time_ns;
	/* With what requests under way have claimed. */
	bool would_fit[NR_WATCHES];
} slots[NR_SLOTS];
static unsigned long nr_ended;
static unsigned long nr_breaks, nr_again, nr_unnamed;

static void begin_look(struct slot *slot, bool all)
{
	unsigned int w;

	slot->nr_ended = nr_ended;
	slot->newest = newest;
	for (w = 0; w < NR_WATCHES; w++) {
		const struct seen_watch *one = &seen[w];

		slot->wants[w] = one->is_set &&
				 (all || one->watch.state != CD_WATCH_FITS);
		slot->serial[w] = one->serial;
	}
	slot->step = COPY;
}

/* It has pages: its number, and what that hits, at once. */
static void end_granted(struct slot *slot)
{
	unsigned int me = CLAIMED + (slot - slots), w;
	const struct cd_grant *grant;
	unsigned long i;

	grant = grant_pages(&slot->request, slot->range, slot->bit);
	for (i = 0; i < nr_bits; i++)
		if (owner[i] == me)
			owner[i] = newest;
	slot->grant = grant;
	is_looking[newest] = true;
	begin_look(slot, false);
	for (w = 0; w < NR_WATCHES; w++) {
		struct seen_watch *one = &seen[w];
		enum cd_watch_state was = one->watch.state;
		bool wants;

		if (!one->is_set)
			continue;
		wants = check_wants_look(&one->watch, grant);
		/* Others may have claimed its witness while somebody looked. */
		if (was != CD_WATCH_BROKEN)
			one->may_break[newest] =
				is_hit(&one->watch, grant);
		cd_watch_hit(&one->watch, grant);
		if (was == CD_WATCH_FITS && wants)
			assert_int_equal(one->watch.state, CD_WATCH_OPEN);
		else
			assert_int_equal(one->watch.state, was);
		/* It may look for another's sake. */
		slot->wants[w] = wants || below(2);
	}
}

static void end_request(struct slot *slot)
{
	if (slot->grant == granted)
		end_granted(slot);
	else
		begin_look(slot, false);
	slot->under_way = false;
	slot->nr_ended = ++nr_ended;
}

static void claim(struct slot *slot)
{
	const struct cd_request *request = &slot->request;

	slot->step = END;
	if (!oracle_place(&area, request->nr_pages, request->align,
			  &slot->range, &slot->bit))
		return;
	take(slot->range, slot->bit, bits_for(request->nr_pages),
	     CLAIMED + (slot - slots));
	slot->step = MIGRATE;
}

/* Busy pages: the next place. No memory: no more. */
static void migrate(struct slot *slot)
{
	slot->step = END;
	if (below(3)) {
		slot->grant = granted;
		return;
	}
	give_back(CLAIMED + (slot - slots));
	if (below(4)) {
		slot->step = CLAIM;
		slot->bit += 1UL << below(3);
	}
}

static void copy(struct slot *slot)
{
	unsigned char others[MOST_BITS];
	unsigned int w;
	unsigned long i;

	pack_words();
	slot->time_ns = ++now_ns;
	for (i = 0; i < nr_bits; i++) {
		copied[slot - slots][i] = bytes[i];
		others[i] = owner[i] && owner[i] < CLAIMED;
	}
	for (w = 0; w < NR_WATCHES; w++) {
		const struct cd_request *request = &seen[w].watch.request;
		unsigned char without[MOST_BITS];

		if (!slot->wants[w] || seen[w].serial != slot->serial[w])
			continue;
		cd_watch_look(request, &bm, slot->grant, &slot->looks[w]);
		slot->would_fit[w] = fits_in(others, request);
		if (!slot->grant)
			continue;
		for (i = 0; i < nr_bits; i++)
			without[i] = bytes[i] &&
				     owner[i] != slot->grant->number;
		if (fits(request))
			seen[w].may_break[slot->grant->number] = false;
		else if (fits_in(without, request))
			seen[w].may_break[slot->grant->number] = true;
	}
	slot->step = COUNT;
}

static void count_others(struct slot *slot)
{
	unsigned int i;

	slot->at_rest = slot->nr_ended == nr_ended;
	for (i = 0; i < NR_SLOTS; i++)
		slot->at_rest &= !slots[i].under_way;
	slot->step = JUDGE;
}

/*
 * A breaker had pages of the witness when it was given them, or was seen to be
 * in the way by itself; and when it looked the request did not fit. It was
 * given them after it was last known whether the request fits, so that none
 * breaks it twice.
 */
static void check_break(struct seen_watch *one)
{
	const struct cd_grant *breaker = &one->watch.breaker;

	assert_false(one->is_broken);
	one->is_broken = true;
	nr_breaks++;
	if (!breaker->request.nr_pages) {
		check_breaker(&one->watch, NULL);
		nr_unnamed++;
		return;
	}
	assert_in_range(breaker->number, one->known + 1, newest);
	check_breaker(&one->watch, &granted[breaker->number]);
	assert_true(one->may_break[breaker->number]);
}

static bool is_any_looking(void)
{
	unsigned int i;

	for (i = 1; i <= newest; i++)
		if (is_looking[i])
			return true;
	return false;
}

static void judge(struct slot *slot, unsigned int w)
{
	struct seen_watch *one = &seen[w];
	struct cd_watch *watch = &one->watch, was = one->watch;
	unsigned int news = cd_watch_judge(watch, &slot->looks[w], slot->grant,
					   slot->newest == newest,
					   slot->at_rest && !is_any_looking(),
					   slot->time_ns);

	if (news & CD_WATCH_FITS_AGAIN) {
		assert_true(one->is_broken);
		/* Of what was used then, enough has been released since. */
		assert_true(fits_in(one->left, &watch->request));
		assert_int_equal(watch->fits_ns, slot->time_ns);
		one->is_broken = false;
		nr_again++;
	}
	if (news & CD_WATCH_BREAKS)
		check_break(one);
	one->nr_broken += !!(news & CD_WATCH_BREAKS);
	assert_int_equal(watch->nr_broken, one->nr_broken);
	if (watch->state == CD_WATCH_BROKEN &&
	    (was.state != CD_WATCH_BROKEN || news)) {
		assert_false(slot->would_fit[w]);
		assert_int_equal(watch->largest, slot->looks[w].largest);
		memcpy(one->left, copied[slot - slots],
		       sizeof(one->left));
		/* As it was set, and nobody did it. */
		if (!news) {
			assert_false(one->is_known);
			one->is_broken = true;
		}
		one->is_known = true;
		one->known = newest;
	}
	if (watch->state == CD_WATCH_FITS && slot->newest == newest) {
		one->is_known = true;
		one->known = newest;
	}
	assert_int_equal(watch->judged, one->is_known);
	if (watch->state != CD_WATCH_OPEN)
		assert_int_equal(watch->suspect.request.nr_pages, 0);
	if (watch->state == CD_WATCH_BROKEN)
		assert_true(one->is_broken);
	else
		assert_true(!one->is_broken ||
			    watch->state == CD_WATCH_OPEN);
}

static void step(struct slot *slot)
{
	unsigned int w;

	switch (slot->step) {
	case BEGIN:
		memset(slot, 0xff, sizeof(*slot));
		slot->looks_only = !below(6);
		slot->under_way = false;
		slot->grant = NULL;
		if (slot->looks_only) {
			begin_look(slot, below(2));
			break;
		}
		slot->request = random_allocation();
		slot->range = 0;
		slot->bit = 0;
		slot->under_way = true;
		slot->step = CLAIM;
		break;
	case CLAIM:
		claim(slot);
		break;
	case MIGRATE:
		migrate(slot);
		break;
	case END:
		end_request(slot);
		break;
	case COPY:
		copy(slot);
		break;
	case COUNT:
		count_others(slot);
		break;
	case JUDGE:
		if (slot->grant)
			is_looking[slot->grant->number] = false;
		for (w = 0; w < NR_WATCHES; w++)
			if (slot->wants[w] &&
			    seen[w].serial == slot->serial[w])
				judge(slot, w);
		slot->step = BEGIN;
		break;
	}
}

static void check_all(void)
{
	unsigned int w;

	for (w = 0; w < NR_WATCHES; w++)
		if (seen[w].is_set)
			check_witness(&seen[w].watch);
}

/* All end what they have begun; then somebody looks. */
static void come_to_rest(void)
{
	unsigned int i, w;

	for (i = 0; i < NR_SLOTS; i++)
		while (slots[i].step != BEGIN)
			step(&slots[i]);
	check_all();
	begin_look(&slots[0], below(2));
	slots[0].grant = NULL;
	while (slots[0].step != BEGIN)
		step(&slots[0]);
	for (w = 0; w < NR_WATCHES; w++)
		if (seen[w].is_set)
			assert_int_equal(seen[w].watch.state,
					 fits(&seen[w].watch.request) ?
					 CD_WATCH_FITS : CD_WATCH_BROKEN);
	check_all();
}

static void play(void)
{
	unsigned int at_once = 1 + below(NR_SLOTS), i;
	/* One that does nothing else for a while, or all in turn. */
	unsigned int sticky = below(2) ? 1 : 1 + below(8), last = 0;

	begin_area();
	memset(slots, 0, sizeof(slots));
	for (i = 0; i < 20 * MOST_NUMBERS; i++) {
		if (newest + NR_SLOTS >= MOST_NUMBERS)
			break;
		if (!below(150))
			set_watch(&seen[below(NR_WATCHES)]);
		if (!below(6))
			release();
		if (!below(sticky))
			last = below(at_once);
		step(&slots[last]);
		check_all();
		if (!below(200))
			come_to_rest();
	}
	come_to_rest();
}

void test_watch_interleaved(void **state)
{
	unsigned long nr;

	(void)state;
	nr_breaks = 0;
	nr_again = 0;
	nr_unnamed = 0;
	for (nr = 0; nr < NR_GRANTS; nr += newest + 1)
		play();
	assert_in_range(nr_breaks, NR_GRANTS / 50, ULONG_MAX);
	assert_in_range(nr_again, NR_GRANTS / 50, ULONG_MAX);
	printf("# %lu breaks, %lu again, %lu of nobody\n", nr_breaks, nr_again,
	       nr_unnamed);
	assert_in_range(nr_unnamed, 0, nr_breaks / 50);
}
