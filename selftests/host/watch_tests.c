// SPDX-License-Identifier: GPL-2.0-only
/* Watches: looks, one allocation after the other, and by hand. */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "random_area.h"
#include "watch_model.h"
#include "watch_tests.h"

#define NR_LOOKS (NR_RANDOM / 10)

static unsigned long nr_breaks, nr_again;

/* The only place of an area that ends with it. */
static bool is_place_at(unsigned int r, unsigned long bit,
			const struct cd_request *request)
{
	unsigned long nr = bits_for(request->nr_pages), at = bit;
	struct oracle_area one = area;
	unsigned int range = 0;

	if (bit + nr > area.ranges[r].nr_bits)
		return false;
	one.nr_ranges = 1;
	one.ranges[0] = area.ranges[r];
	one.ranges[0].nr_bits = bit + nr;
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

/* It fits; one is given some of it, and looks; that is not judged yet. */
static struct cd_look look_late(struct cd_watch *watch, struct cd_grant *grant)
{
	make_free(100, watch);
	check_judged(watch, look_now(watch, NULL), NULL, true, true, 0);
	*grant = use(0, 10, 1);
	cd_watch_hit(watch, grant);
	return look_now(watch, grant);
}

/* A reader is there before who broke it has looked; then so has another. */
static void check_late_looks(void)
{
	struct cd_watch watch;
	struct cd_grant first, second;
	struct cd_look of_first;

	of_first = look_late(&watch, &first);
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

	of_first = look_late(&watch, &first);
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
