// SPDX-License-Identifier: GPL-2.0-only
/* Watches, against models that look at every bit after every step. */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "random_area.h"
#include "watch.h"
#include "watch_tests.h"

#ifndef NR_RANDOM
#define NR_RANDOM 1000000UL
#endif
#define NR_LOOKS (NR_RANDOM / 10)
#define NR_GRANTS (NR_RANDOM / 10)
#define MOST_BITS 1000U
#define NR_WATCHES 4U
#define NR_SLOTS 6U
#define MOST_NUMBERS 400U

/* Bit i of the area is bytes[i]; that of a range begins here. */
static unsigned long first_bit(unsigned int range)
{
	return area.ranges[range].used - bytes;
}

static unsigned long pfn_of(unsigned int range, unsigned long bit)
{
	return area.ranges[range].base_pfn + (bit << area.order_per_bit);
}

static unsigned long bits_for(unsigned long nr_pages)
{
	return (nr_pages + (1UL << area.order_per_bit) - 1) >>
	       area.order_per_bit;
}

/* So many bits: all pages of them, or some fewer. */
static unsigned long pages_for(unsigned long nr_bits)
{
	return (nr_bits << area.order_per_bit) -
	       below(1UL << area.order_per_bit);
}

/* The area with these bits. */
static struct oracle_area with_bits(unsigned char *used)
{
	struct oracle_area other = area;
	unsigned int r;

	for (r = 0; r < area.nr_ranges; r++)
		other.ranges[r].used = used + first_bit(r);
	return other;
}

static bool fits_in(unsigned char *used, const struct cd_request *request)
{
	struct oracle_area other = with_bits(used);

	return oracle_fits(&other, request->nr_pages, request->align);
}

static bool fits(const struct cd_request *request)
{
	return fits_in(bytes, request);
}

static unsigned long usable(unsigned int align)
{
	unsigned int range = 0;
	unsigned long at = 0;

	return oracle_usable(&area, align, &at, &range);
}

/* The only place of an area that ends with it. */
static bool is_place_at(unsigned int r, unsigned long bit,
			const struct cd_request *request)
{
	unsigned long nr_bits = bits_for(request->nr_pages), at = bit;
	struct oracle_area one = area;
	unsigned int range = 0;

	if (bit + nr_bits > area.ranges[r].nr_bits)
		return false;
	one.nr_ranges = 1;
	one.ranges[0] = area.ranges[r];
	one.ranges[0].nr_bits = bit + nr_bits;
	return oracle_place(&one, request->nr_pages, request->align, &range,
			    &at);
}

static bool last_place(const struct cd_request *request, unsigned int *range,
		       unsigned long *bit)
{
	for (*range = area.nr_ranges; (*range)--;)
		for (*bit = area.ranges[*range].nr_bits; (*bit)--;)
			if (is_place_at(*range, *bit, request))
				return true;
	return false;
}

static void check_place(const struct cd_run *place, unsigned int range,
			unsigned long bit, const struct cd_request *request)
{
	assert_int_equal(place->nr_pages, bits_for(request->nr_pages) <<
					  area.order_per_bit);
	assert_int_equal(place->range, range);
	assert_int_equal(place->start_page, bit << area.order_per_bit);
	assert_int_equal(place->start_pfn, pfn_of(range, bit));
}

static void check_look(const struct cd_request *request,
		       const struct cd_grant *grant, bool fitted)
{
	struct cd_look look;
	unsigned int range;
	unsigned long bit;

	memset(&look, 0xff, sizeof(look));
	cd_watch_look(request, &bm, grant, &look);
	assert_int_equal(look.largest, usable(request->align));
	assert_int_equal(look.fitted, fitted);
	assert_int_equal(look.place.nr_pages > 0, fits(request));
	if (last_place(request, &range, &bit))
		check_place(&look.place, range, bit, request);
	else
		assert_int_equal(look.place.nr_pages, 0);
}

/* In how many ranges is this page? Random ones may overlap. */
static unsigned int nr_ranges_of(unsigned long pfn)
{
	unsigned int r, nr = 0;

	for (r = 0; r < area.nr_ranges; r++)
		nr += pfn >= area.ranges[r].base_pfn &&
		      pfn < pfn_of(r, area.ranges[r].nr_bits);
	return nr;
}

static unsigned int random_range(void)
{
	unsigned int r = below(area.nr_ranges);

	while (!area.ranges[r].nr_bits)
		r = (r + 1) % area.nr_ranges;
	return r;
}

/* Some used bits from a random one on; then the same with these bits free. */
static void check_look_without(const struct cd_request *request)
{
	unsigned int r = random_range();
	unsigned long longest = 1 + below(1UL << below(9)), nr = 0;
	unsigned long bit = below(area.ranges[r].nr_bits);
	unsigned char *used = area.ranges[r].used + bit;
	struct cd_grant grant = { 0 };
	bool fitted;

	if (below(2))
		for (; bit && used[0] && used[-1]; bit--)
			used--;
	grant.pfn = pfn_of(r, bit);
	while (nr < longest && bit + nr < area.ranges[r].nr_bits && used[nr])
		nr++;
	if (!nr || nr_ranges_of(grant.pfn) != 1)
		return;
	grant.request.nr_pages = pages_for(nr);
	set_bits(used, nr, false);
	fitted = fits(request);
	set_bits(used, nr, true);
	check_look(request, &grant, fitted);
}

static void check_look_beside(const struct cd_request *request)
{
	unsigned int r = random_range();
	struct cd_grant grant = { .request.nr_pages = 1 + below(2000) };

	grant.pfn = below(2) ? pfn_of(r, area.ranges[r].nr_bits) + below(3) :
			       area.ranges[r].base_pfn - 1 - below(3);
	if (!nr_ranges_of(grant.pfn))
		check_look(request, &grant, fits(request));
}

void test_watch_looks(void **state)
{
	struct oracle_answer answer;
	unsigned long i;

	(void)state;
	for (i = 0; i < NR_LOOKS; i++) {
		struct cd_request request;

		make_area(1 + below(1 + below(600)));
		oracle_count(&area, &answer);
		request.nr_pages = random_request(&answer);
		request.align = below(3) ? below(10) : below(70);
		check_look(&request, NULL, fits(&request));
		check_look_without(&request);
		check_look_beside(&request);
	}
}

/*
 * What both models share. An allocation has a number, from 1 on; a bit has the
 * number of the one that it is part of: NOBODYS of what was there before, and
 * CLAIMED + the slot while its request is under way.
 */
#define NOBODYS 1000000U
#define CLAIMED 2000000U

struct seen_watch {
	struct cd_watch watch;
	bool is_set;
	unsigned int serial;
	/* The model's: news are alternate, and breakers newer than what was. */
	bool is_broken;
	unsigned long nr_broken;
	bool is_known;
	unsigned int known;
	/* What was used when it was seen not to fit, and was not released. */
	unsigned char left[MOST_BITS];
	/* By number: it had pages of the witness, or was seen in the way. */
	bool may_break[MOST_NUMBERS + 1];
};

static struct seen_watch seen[NR_WATCHES];
static unsigned int owner[MOST_BITS];
static unsigned long nr_bits;
static struct cd_grant granted[MOST_NUMBERS + 1];
static bool is_looking[MOST_NUMBERS + 1];
static unsigned int newest;
static unsigned long long now_ns;
/* By slot: what was used as it copied the bitmap, and was not released. */
static unsigned char copied[NR_SLOTS][MOST_BITS];
static unsigned long nr_breaks, nr_again, nr_unnamed;

static void begin_area(void)
{
	unsigned long i;

	nr_bits = 2 + below(below(4) ? 100 : 300);
	make_area(nr_bits);
	/* Every page is of one range alone. */
	for (i = 0; i < area.nr_ranges; i++)
		area.ranges[i].base_pfn = (i + 1) * 0x10000 +
					  (below(2) ? 0 : below(600));
	pack_words();
	for (i = 0; i < nr_bits; i++)
		owner[i] = bytes[i] ? NOBODYS : 0;
	memset(seen, 0, sizeof(seen));
	memset(is_looking, 0, sizeof(is_looking));
	newest = 0;
}

static void set_watch(struct seen_watch *one)
{
	struct oracle_answer answer;
	struct cd_request request;
	unsigned int serial = one->serial + 1;

	oracle_count(&area, &answer);
	request.align = below(4) ? below(5) : below(9);
	request.nr_pages = random_request(&answer);
	if (below(2) && answer.usable[request.align])
		request.nr_pages = answer.usable[request.align];
	memset(one, 0xff, sizeof(*one));
	cd_watch_set(&one->watch, &request, now_ns);
	assert_int_equal(one->watch.state, CD_WATCH_OPEN);
	assert_int_equal(one->watch.set_ns, now_ns);
	assert_int_equal(one->watch.nr_broken, 0);
	one->is_set = true;
	one->serial = serial;
	one->is_broken = false;
	one->nr_broken = 0;
	one->is_known = false;
	one->known = 0;
	memset(one->may_break, 0, sizeof(one->may_break));
}

/* What is asked, so that there is sometimes room, and sometimes not. */
static struct cd_request random_allocation(void)
{
	return (struct cd_request){
		.nr_pages = pages_for(1 + below(1UL << below(7))),
		.align = below(6),
	};
}

static void take(unsigned int range, unsigned long bit, unsigned long nr,
		 unsigned int whose)
{
	unsigned long i, first = first_bit(range) + bit;

	for (i = first; i < first + nr; i++) {
		assert_int_equal(owner[i], 0);
		owner[i] = whose;
		bytes[i] = 1;
	}
}

static void give_back(unsigned int whose)
{
	unsigned long i;

	for (i = 0; i < nr_bits; i++)
		if (owner[i] == whose) {
			owner[i] = 0;
			bytes[i] = 0;
		}
}

/*
 * All that somebody has, or a part of it. Who has been given pages looks before
 * its caller can release them.
 */
static void release(void)
{
	unsigned long start = below(nr_bits), i, nr = 1 + below(nr_bits);
	unsigned int whose = owner[start], w;
	bool all = below(3);

	if (!whose || whose >= CLAIMED ||
	    (whose != NOBODYS && is_looking[whose]))
		return;
	for (i = all && whose != NOBODYS ? 0 : start; i < nr_bits; i++) {
		if (owner[i] != whose || (!all && !nr--))
			continue;
		owner[i] = 0;
		bytes[i] = 0;
		for (w = 0; w < NR_WATCHES; w++)
			seen[w].left[i] = 0;
		for (w = 0; w < NR_SLOTS; w++)
			copied[w][i] = 0;
	}
}

/* As cma_alloc() is told of; what is not compared is noise. */
static struct cd_grant *grant_pages(const struct cd_request *request,
				    unsigned int range, unsigned long bit)
{
	struct cd_grant *grant = &granted[++newest];

	memset(grant, below(256), sizeof(*grant));
	grant->request = *request;
	grant->number = newest;
	grant->pfn = pfn_of(range, bit);
	grant->time_ns = ++now_ns;
	grant->pid = below(INT_MAX);
	return grant;
}

static bool is_hit(const struct cd_watch *watch, const struct cd_grant *grant)
{
	unsigned long pfn, in = 0;

	for (pfn = grant->pfn; pfn < grant->pfn + grant->request.nr_pages;
	     pfn++)
		in += pfn >= watch->witness.start_pfn &&
		      pfn - watch->witness.start_pfn < watch->witness.nr_pages;
	return in;
}

static bool check_wants_look(const struct cd_watch *watch,
			     const struct cd_grant *grant)
{
	bool wants = cd_watch_wants_look(watch, grant->pfn,
					 grant->request.nr_pages);

	assert_int_equal(wants, watch->state != CD_WATCH_FITS ||
			 is_hit(watch, grant));
	return wants;
}

/* Aligned, of one range, and nobody has been given any of it. */
static void check_witness(const struct cd_watch *watch)
{
	const struct cd_run *place = &watch->witness;
	unsigned long bit = place->start_page >> area.order_per_bit, i;
	unsigned long nr = bits_for(watch->request.nr_pages);
	unsigned char used[MOST_BITS];
	struct oracle_area other = area;
	unsigned int r = place->range, range = 0;

	if (watch->state != CD_WATCH_FITS)
		return;
	assert_in_range(r, 0, area.nr_ranges - 1);
	check_place(place, r, bit, &watch->request);
	assert_in_range(bit + nr, 1, area.ranges[r].nr_bits);
	for (i = 0; i < nr_bits; i++)
		used[i] = owner[i] && owner[i] < CLAIMED;
	other.nr_ranges = 1;
	other.ranges[0] = area.ranges[r];
	other.ranges[0].used = used + first_bit(r);
	other.ranges[0].nr_bits = bit + nr;
	i = bit;
	assert_true(oracle_place(&other, watch->request.nr_pages,
				 watch->request.align, &range, &i));
}

static void check_breaker(const struct cd_watch *watch,
			  const struct cd_grant *must)
{
	static const struct cd_grant none;

	if (!must)
		must = &none;
	assert_memory_equal(&watch->breaker, must, sizeof(*must));
	if (must->request.nr_pages)
		assert_int_equal(watch->broken_ns, must->time_ns);
}

/* One after the other: what must be known after a look, from what did fit. */
static void look_and_check(struct seen_watch *one, const struct cd_grant *grant,
			   bool fitted)
{
	struct cd_watch *watch = &one->watch, was = one->watch;
	bool fits_now = fits(&watch->request);
	unsigned int must = 0, news;
	struct cd_look look;

	cd_watch_look(&watch->request, &bm, grant, &look);
	news = cd_watch_judge(watch, &look, grant, true, true, ++now_ns);
	if (one->is_broken && (fitted || fits_now))
		must |= CD_WATCH_FITS_AGAIN;
	if (!fits_now && fitted)
		must |= CD_WATCH_BREAKS;
	assert_int_equal(news, must);
	one->is_broken = !fits_now;
	one->nr_broken += !!(must & CD_WATCH_BREAKS);
	nr_breaks += !!(must & CD_WATCH_BREAKS);
	nr_again += !!(must & CD_WATCH_FITS_AGAIN);
	if (must & CD_WATCH_FITS_AGAIN)
		assert_int_equal(watch->fits_ns, now_ns);
	else
		assert_int_equal(watch->fits_ns, was.fits_ns);
	if (must & CD_WATCH_BREAKS) {
		check_breaker(watch, grant);
		assert_int_equal(watch->largest, usable(watch->request.align));
	} else if (!fits_now && was.state != CD_WATCH_BROKEN) {
		check_breaker(watch, NULL);
		assert_int_equal(watch->broken_ns, now_ns);
		assert_int_equal(watch->largest, usable(watch->request.align));
	} else {
		check_breaker(watch, &was.breaker);
		assert_int_equal(watch->broken_ns, was.broken_ns);
		assert_int_equal(watch->largest, was.largest);
	}
}

static void check_known(const struct seen_watch *one)
{
	const struct cd_watch *watch = &one->watch;

	assert_int_equal(watch->nr_broken, one->nr_broken);
	check_witness(watch);
	if (watch->state == CD_WATCH_FITS)
		assert_true(fits(&watch->request));
}

/* True when there was room. */
static bool allocate(void)
{
	struct cd_request request = random_allocation();
	unsigned int range = 0, w;
	const struct cd_grant *grant;
	bool fitted[NR_WATCHES];
	unsigned long bit = 0;

	if (!oracle_place(&area, request.nr_pages, request.align, &range, &bit))
		return false;
	for (w = 0; w < NR_WATCHES; w++)
		fitted[w] = seen[w].is_set && fits(&seen[w].watch.request);
	grant = grant_pages(&request, range, bit);
	take(range, bit, bits_for(request.nr_pages), newest);
	pack_words();
	for (w = 0; w < NR_WATCHES; w++) {
		struct seen_watch *one = &seen[w];

		if (!one->is_set)
			continue;
		if (check_wants_look(&one->watch, grant)) {
			cd_watch_hit(&one->watch, grant);
			look_and_check(one, grant, fitted[w]);
			assert_int_equal(one->watch.state, one->is_broken ?
					 CD_WATCH_BROKEN : CD_WATCH_FITS);
		} else {
			cd_watch_hit(&one->watch, grant);
			assert_int_equal(one->watch.state, CD_WATCH_FITS);
		}
		check_known(one);
	}
	return true;
}

static void read_one(struct seen_watch *one)
{
	if (!one->is_set)
		return;
	pack_words();
	look_and_check(one, NULL, false);
	assert_int_equal(one->watch.state, one->is_broken ? CD_WATCH_BROKEN :
							    CD_WATCH_FITS);
	check_known(one);
}

void test_watch_one_by_one(void **state)
{
	unsigned long nr = 0, i;

	(void)state;
	nr_breaks = 0;
	nr_again = 0;
	while (nr < NR_GRANTS) {
		begin_area();
		for (i = 0; i < 3 * MOST_NUMBERS && newest < MOST_NUMBERS;
		     i++) {
			if (!below(30))
				set_watch(&seen[below(NR_WATCHES)]);
			if (below(9) < 5)
				allocate();
			else
				release();
			if (!below(6))
				read_one(&seen[below(NR_WATCHES)]);
		}
		nr += newest + 1;
	}
	assert_in_range(nr_breaks, NR_GRANTS / 10, ULONG_MAX);
	assert_in_range(nr_again, NR_GRANTS / 10, ULONG_MAX);
}

/*
 * Several at a time. A slot has a request, or somebody who looks, and does one
 * of these steps when its turn comes.
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

/* An area of so many free pages, and a watch of some of them, all that fit. */
static void make_free(unsigned long nr_pages, struct cd_watch *watch)
{
	struct cd_request request = { .nr_pages = nr_pages };

	area.order_per_bit = 0;
	area.nr_ranges = 1;
	area.ranges[0] = (struct oracle_range){
		.base_pfn = 0x40000, .nr_bits = nr_pages, .used = bytes,
	};
	set_bits(bytes, nr_pages, false);
	pack_words();
	memset(watch, 0xff, sizeof(*watch));
	cd_watch_set(watch, &request, 1);
}

static struct cd_look look_now(const struct cd_watch *watch,
			       const struct cd_grant *grant)
{
	struct cd_look look;

	pack_words();
	cd_watch_look(&watch->request, &bm, grant, &look);
	return look;
}

static void check_judged(struct cd_watch *watch, struct cd_look look,
			 const struct cd_grant *grant, bool is_newest,
			 bool at_rest, unsigned int news)
{
	assert_int_equal(cd_watch_judge(watch, &look, grant, is_newest,
					at_rest, 100), news);
}

static struct cd_grant use(unsigned long page, unsigned long nr,
			   unsigned long long number)
{
	set_bits(bytes + page, nr, true);
	return (struct cd_grant){
		.request.nr_pages = nr, .pfn = 0x40000 + page,
		.number = number, .time_ns = 10 * number, .pid = number,
	};
}

/* A reader is there before who broke it has looked; then so has another. */
static void check_late_looks(void)
{
	struct cd_watch watch;
	struct cd_grant first, second;
	struct cd_look of_first;

	make_free(100, &watch);
	check_judged(&watch, look_now(&watch, NULL), NULL, true, true, 0);
	first = use(0, 10, 1);
	cd_watch_hit(&watch, &first);
	of_first = look_now(&watch, &first);
	assert_true(of_first.fitted);
	check_judged(&watch, look_now(&watch, NULL), NULL, true, true,
		     CD_WATCH_BREAKS);
	check_breaker(&watch, &first);
	check_judged(&watch, of_first, &first, true, true, 0);
	second = use(10, 10, 2);
	cd_watch_hit(&watch, &second);
	check_judged(&watch, of_first, &first, false, true, 0);
	check_judged(&watch, look_now(&watch, &second), &second, true, true, 0);
	check_breaker(&watch, &first);
	assert_int_equal(watch.nr_broken, 1);
	assert_int_equal(watch.broken_ns, 10);
	assert_int_equal(watch.largest, 90);
}

/* The one in the way is the newer of two, whoever looks last. */
static void check_newer_suspect(void)
{
	struct cd_watch watch;
	struct cd_grant first, second;
	struct cd_look of_first;

	make_free(100, &watch);
	check_judged(&watch, look_now(&watch, NULL), NULL, true, true, 0);
	first = use(0, 10, 1);
	cd_watch_hit(&watch, &first);
	of_first = look_now(&watch, &first);
	set_bits(bytes, 10, false);
	second = use(50, 10, 2);
	cd_watch_hit(&watch, &second);
	check_judged(&watch, look_now(&watch, &second), &second, true, false,
		     0);
	check_judged(&watch, of_first, &first, false, true, 0);
	assert_int_equal(watch.state, CD_WATCH_OPEN);
	check_judged(&watch, look_now(&watch, NULL), NULL, true, true,
		     CD_WATCH_BREAKS);
	check_breaker(&watch, &second);
}

/* It fitted in between, which is seen after another was given pages. */
static void check_old_look(void)
{
	struct cd_watch watch;
	struct cd_grant first, second;
	struct cd_look of_first;

	make_free(100, &watch);
	watch.request.nr_pages = 50;
	use(0, 80, 0);
	check_judged(&watch, look_now(&watch, NULL), NULL, true, true, 0);
	assert_int_equal(watch.state, CD_WATCH_BROKEN);
	assert_true(watch.judged);
	/* 80 pages from 20 on are free, and 10 of their middle taken. */
	set_bits(bytes + 20, 60, false);
	first = use(60, 10, 1);
	cd_watch_hit(&watch, &first);
	of_first = look_now(&watch, &first);
	assert_true(of_first.fitted);
	second = use(95, 2, 2);
	cd_watch_hit(&watch, &second);
	check_judged(&watch, look_now(&watch, &second), &second, true, true, 0);
	check_judged(&watch, of_first, &first, false, true,
		     CD_WATCH_FITS_AGAIN);
	check_judged(&watch, look_now(&watch, NULL), NULL, true, true,
		     CD_WATCH_BREAKS);
	check_breaker(&watch, &first);
	assert_int_equal(watch.nr_broken, 1);
}

/* After its allocation it was still seen to fit: that did not break it. */
static void check_seen_to_fit(void)
{
	struct cd_watch watch;
	struct cd_grant grant;

	make_free(100, &watch);
	watch.request.nr_pages = 40;
	check_judged(&watch, look_now(&watch, NULL), NULL, true, true, 0);
	grant = use(60, 40, 1);
	cd_watch_hit(&watch, &grant);
	check_judged(&watch, look_now(&watch, NULL), NULL, true, true, 0);
	assert_int_equal(watch.state, CD_WATCH_FITS);
	use(0, 60, 0);
	check_judged(&watch, look_now(&watch, &grant), &grant, true, false, 0);
	check_judged(&watch, look_now(&watch, NULL), NULL, true, true,
		     CD_WATCH_BREAKS);
	check_breaker(&watch, NULL);
}

/* What was claimed, and given back, broke nothing; what nobody claims, did. */
static void check_nobody(void)
{
	struct cd_watch watch;

	make_free(100, &watch);
	check_judged(&watch, look_now(&watch, NULL), NULL, true, false, 0);
	assert_int_equal(watch.state, CD_WATCH_FITS);
	use(0, 10, 0);
	check_judged(&watch, look_now(&watch, NULL), NULL, false, true, 0);
	assert_int_equal(watch.state, CD_WATCH_FITS);
	check_judged(&watch, look_now(&watch, NULL), NULL, true, false, 0);
	assert_int_equal(watch.state, CD_WATCH_OPEN);
	set_bits(bytes, 10, false);
	check_judged(&watch, look_now(&watch, NULL), NULL, false, true, 0);
	assert_int_equal(watch.state, CD_WATCH_OPEN);
	check_judged(&watch, look_now(&watch, NULL), NULL, true, true, 0);
	assert_int_equal(watch.state, CD_WATCH_FITS);
	use(0, 10, 0);
	check_judged(&watch, look_now(&watch, NULL), NULL, true, true,
		     CD_WATCH_BREAKS);
	check_breaker(&watch, NULL);
	assert_int_equal(watch.nr_broken, 1);
	assert_int_equal(watch.broken_ns, 100);
}

/* As it is set: that it does not fit is nobody's doing, or somebody's. */
static void check_as_set(void)
{
	struct cd_watch watch;
	struct cd_grant grant;

	make_free(100, &watch);
	use(0, 10, 0);
	check_judged(&watch, look_now(&watch, NULL), NULL, true, true, 0);
	assert_int_equal(watch.state, CD_WATCH_BROKEN);
	assert_int_equal(watch.nr_broken, 0);
	assert_int_equal(watch.broken_ns, 100);
	set_bits(bytes, 10, false);
	grant = use(99, 1, 1);
	cd_watch_hit(&watch, &grant);
	check_judged(&watch, look_now(&watch, &grant), &grant, true, true,
		     CD_WATCH_FITS_AGAIN | CD_WATCH_BREAKS);
	check_breaker(&watch, &grant);

	make_free(100, &watch);
	grant = use(99, 1, 1);
	cd_watch_hit(&watch, &grant);
	check_judged(&watch, look_now(&watch, &grant), &grant, true, false, 0);
	assert_int_equal(watch.state, CD_WATCH_OPEN);
	check_judged(&watch, look_now(&watch, NULL), NULL, true, true,
		     CD_WATCH_BREAKS);
	check_breaker(&watch, &grant);
	assert_int_equal(watch.nr_broken, 1);
}

void test_watch_by_hand(void **state)
{
	(void)state;
	check_late_looks();
	check_newer_suspect();
	check_old_look();
	check_seen_to_fit();
	check_nobody();
	check_as_set();
}
