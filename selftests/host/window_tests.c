// SPDX-License-Identifier: GPL-2.0-only
/* The cheapest way out: which pages to free, and what is said of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "random_area.h"
#include "said.h"
#include "window_tests.h"

#ifndef NR_RANDOM
#define NR_RANDOM 1000000UL
#endif
#ifndef NR_WINDOWS
#define NR_WINDOWS (NR_RANDOM / 10)
#endif
#define NR_LARGE 200UL

static void check_place(const struct cd_run *run, unsigned long at,
			unsigned long nr_pages, unsigned int range)
{
	assert_int_equal(run->start_page, at);
	assert_int_equal(run->nr_pages, nr_pages);
	assert_int_equal(run->range, range);
	assert_int_equal(run->start_pfn, area.ranges[range].base_pfn + at);
}

/* Frees what is named; true when that is all. */
static bool free_named(const struct cd_window *window)
{
	unsigned int order = area.order_per_bit;
	unsigned long i;

	for (i = 0; i < window->nr_runs && i < CD_NR_USED_RUNS; i++) {
		const struct cd_run *run = &window->used[i];

		set_bits(area.ranges[run->range].used +
			 (run->start_page >> order),
			 run->nr_pages >> order, false);
	}
	return window->nr_runs <= CD_NR_USED_RUNS;
}

static bool fits(const struct cd_request *request)
{
	return oracle_fits(&area, request->nr_pages, request->align);
}

/*
 * As the oracle has it, or neither has any. Once all of it is freed the request
 * fits, and not before.
 */
static void check_window(const struct cd_request *request)
{
	struct oracle_cheapest must;
	struct cd_window is;
	unsigned long i;
	bool all_freed;

	if (fits(request))
		return;
	cd_cheapest_window(&bm, request, &is);
	if (!oracle_cheapest(&area, request->nr_pages, request->align, &must)) {
		assert_int_equal(is.place.nr_pages, 0);
		return;
	}
	check_place(&is.place, must.at,
		    cd_pages_to_bits(&bm, request->nr_pages) <<
		    area.order_per_bit, must.range);
	assert_int_equal(is.nr_used, must.nr_used);
	assert_int_equal(is.nr_runs, must.nr_runs);
	for (i = 0; i < must.nr_runs && i < ORACLE_NR_RUNS; i++)
		check_place(&is.used[i], must.run_at[i], must.run_pages[i],
			    must.range);
	all_freed = free_named(&is);
	assert_int_equal(fits(request), all_freed);
}

void test_cheapest_windows(void **state)
{
	struct oracle_answer answer;
	unsigned long i;

	(void)state;
	for (i = 0; i < NR_WINDOWS; i++) {
		struct cd_request request;

		make_area(1 + below(1 + below(2000)));
		oracle_count(&area, &answer);
		request.nr_pages = random_request(&answer);
		request.align = below(3) ? below(10) : below(70);
		check_window(&request);
	}
}

void test_cheapest_of_large(void **state)
{
	unsigned long i;

	(void)state;
	for (i = 0; i < NR_LARGE; i++) {
		struct cd_request request = {
			.nr_pages = 1 + below(40000),
			.align = 8 + below(5),
		};

		make_area(1 + below(MAX_BITS));
		check_window(&request);
	}
}

static struct cd_diagnosis diagnose(unsigned long nr_pages, unsigned int align)
{
	struct cd_diagnosis diag = {
		.request = { .nr_pages = nr_pages, .align = align },
		.attempt.candidates = CD_CANDIDATES_WHAT_IF,
		.page_shift = 12, .align_cap = 8,
	};
	struct cd_figures figures;

	/* Must not stay as it was. */
	memset(&diag.cheapest, 0xff, sizeof(diag.cheapest));
	cd_diagnose(&diag, &bm, &figures);
	return diag;
}

void test_when_cheapest(void **state)
{
	struct oracle_answer answer;
	unsigned long i, nr_with = 0;

	(void)state;
	for (i = 0; i < 2000; i++) {
		struct oracle_cheapest cheapest;
		struct cd_diagnosis diag;
		unsigned long nr_pages;
		unsigned int align = below(10);
		bool is_told;

		make_area(1 + below(500));
		oracle_count(&area, &answer);
		nr_pages = random_request(&answer);
		diag = diagnose(nr_pages, align);
		is_told = (diag.verdict == CD_FRAGMENTED ||
			   diag.verdict == CD_MISALIGNED) &&
			  oracle_cheapest(&area, nr_pages, align, &cheapest);
		assert_int_equal(!!diag.cheapest.place.nr_pages, is_told);
		nr_with += is_told;
		if (!is_told)
			check_cheapest(&diag, "");
	}
	assert_in_range(nr_with, 100, 1900);
}

/* An area of one range that begins at an aligned page, all of it free. */
static void make_free(unsigned long nr_pages)
{
	area.order_per_bit = 0;
	area.nr_ranges = 1;
	area.ranges[0] = (struct oracle_range){
		.base_pfn = 0x40000, .nr_bits = nr_pages, .used = bytes,
	};
	set_bits(bytes, nr_pages, false);
}

void test_cheapest_said(void **state)
{
	struct cd_diagnosis diag;

	(void)state;
	/* The window at 0 has a page to free, the one at 256 has 100. */
	make_free(600);
	set_bits(bytes, 1, true);
	set_bits(bytes + 500, 100, true);
	pack_words();
	diag = diagnose(344, 8);
	check_cheapest(&diag,
		       "freeing 1 page (4 KiB) at 0 would make it fit at 0");

	/* A run counts as far as it lies in the window. */
	make_free(600);
	set_bits(bytes + 200, 100, true);
	set_bits(bytes + 400, 200, true);
	pack_words();
	diag = diagnose(230, 8);
	check_cheapest(&diag,
		       "freeing 30 pages (120 KiB) at 200 would make it fit at 0");
	diag = diagnose(220, 0);
	check_cheapest(&diag,
		       "freeing 20 pages (80 KiB) at 200 would make it fit at 0");

	/* Two runs of six, and more; of more than four, the rest is counted. */
	make_free(600);
	set_bits(bytes + 40, 3, true);
	set_bits(bytes + 140, 4, true);
	set_bits(bytes + 240, 5, true);
	set_bits(bytes + 340, 6, true);
	set_bits(bytes + 440, 7, true);
	set_bits(bytes + 540, 8, true);
	pack_words();
	diag = diagnose(200, 8);
	check_cheapest(&diag,
		       "freeing 7 pages (28 KiB) in 2 runs, 3 at 40 and 4 at 140, would make it fit at 0");
	diag = diagnose(256, 8);
	check_cheapest(&diag,
		       "freeing 12 pages (48 KiB) in 3 runs, 3 at 40, 4 at 140 and 5 at 240, would make it fit at 0");
	diag = diagnose(346, 8);
	check_cheapest(&diag,
		       "freeing 18 pages (72 KiB) in 4 runs, 3 at 40, 4 at 140, 5 at 240 and 6 at 340, would make it fit at 0");
	diag = diagnose(512, 8);
	check_cheapest(&diag,
		       "freeing 25 pages (100 KiB) in 5 runs, 3 at 40, 4 at 140, 5 at 240, 6 at 340 and 1 more, would make it fit at 0");
	diag = diagnose(567, 0);
	check_cheapest(&diag,
		       "freeing 33 pages (132 KiB) in 6 runs, 3 at 40, 4 at 140, 5 at 240, 6 at 340 and 2 more, would make it fit at 0");
}

void test_cheapest_place_said(void **state)
{
	struct cd_diagnosis diag;

	(void)state;
	/* pfn 0x40100 is page 248; of bits of 2 pages that is bit 124. */
	make_free(300);
	area.order_per_bit = 1;
	area.ranges[0].base_pfn = 0x40008;
	set_bits(bytes + 130, 1, true);
	pack_words();
	diag = diagnose(300, 8);
	check_cheapest(&diag,
		       "freeing 2 pages (8 KiB) at 260 would make it fit at 248 (pfn 0x40100)");

	/* The cheapest is in the second of two ranges. */
	make_free(300);
	area.nr_ranges = 2;
	area.ranges[1] = (struct oracle_range){
		.base_pfn = 0x80000, .nr_bits = 300, .used = bytes + 300,
	};
	set_bits(bytes + 300, 300, false);
	set_bits(bytes + 100, 10, true);
	set_bits(bytes + 390, 9, true);
	pack_words();
	diag = diagnose(250, 8);
	check_cheapest(&diag,
		       "in range 1, freeing 9 pages (36 KiB) at 90 would make it fit at 0");
}
