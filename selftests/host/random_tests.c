// SPDX-License-Identifier: GPL-2.0-only
/* module/core against the oracle, on random areas. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bitmap_file.h"
#include "random_area.h"
#include "random_tests.h"
#include "run_table.h"
#include "verdict.h"
#include "what_if.h"

#ifndef NR_RANDOM
#define NR_RANDOM 1000000UL
#endif
#define NR_TABLES 20000UL
#define NR_LARGE 1000UL

static void check_run(struct cd_run run, unsigned long pages, unsigned long at,
		      unsigned int range)
{
	assert_int_equal(run.nr_pages, pages);
	if (!pages)
		return;
	assert_int_equal(run.start_page, at);
	assert_int_equal(run.range, range);
	assert_int_equal(run.start_pfn, area.ranges[range].base_pfn + at);
}

static void check_remainders(const struct cd_remainders *is, unsigned int order)
{
	struct oracle_remainders must;

	oracle_remainders(&area, order, &must);
	assert_int_equal(is->nr_runs, must.nr_runs);
	assert_int_equal(is->nr_pages, must.nr_pages);
	if (order < CD_MIN_REMAINDER_ORDER)
		return;
	assert_int_equal(is->nr_sure_runs, must.nr_sure_runs);
	assert_int_equal(is->nr_sure_pages, must.nr_sure_pages);
}

static void check_figures(const struct oracle_answer *answer)
{
	struct cd_figures figures;
	unsigned int order;

	cd_count_figures(&bm, &figures);
	assert_int_equal(figures.nr_pages, answer->total);
	assert_int_equal(figures.nr_free, answer->free);
	assert_int_equal(figures.nr_runs, answer->nr_runs);
	check_run(figures.largest, answer->largest, answer->largest_at,
		  answer->largest_range);
	for (order = 0; order < ORACLE_NR_ORDERS; order++)
		check_run(figures.usable[order], answer->usable[order],
			  answer->usable_at[order],
			  answer->usable_range[order]);
	/* Some of the orders: the oracle is slow, and no order is apart. */
	for (order = below(7); order < ORACLE_NR_ORDERS; order += 1 + below(7))
		check_remainders(&figures.remainders[order], order);
}

static void check_request(const struct oracle_answer *answer)
{
	unsigned int align = below(50) ? below(ORACLE_NR_ORDERS) : below(70);
	struct cd_diagnosis diag = {
		.request = {
			.nr_pages = random_request(answer),
			.align = align,
		},
		.attempt.candidates = CD_CANDIDATES_WHAT_IF,
		.page_shift = 12,
	};
	struct cd_figures figures;
	unsigned int range = 0;
	unsigned long at = 0;

	cd_diagnose(&diag, &bm, &figures);
	assert_string_equal(cd_verdict_word(diag.verdict),
			    oracle_verdict(&area, diag.request.nr_pages,
					   align));
	assert_int_equal(diag.fits,
			 oracle_fits(&area, diag.request.nr_pages, align));
	assert_int_equal(diag.usable.nr_pages,
			 oracle_usable(&area, align, &at, &range));
	if (diag.fits_up_to >= 0)
		assert_true(oracle_fits(&area, diag.request.nr_pages,
					diag.fits_up_to));
	if (diag.fits_up_to < CD_MAX_ORDER)
		assert_false(oracle_fits(&area, diag.request.nr_pages,
					 diag.fits_up_to + 1));
}

void test_random_bitmaps(void **state)
{
	struct oracle_answer answer;
	unsigned long i;

	(void)state;
	for (i = 0; i < NR_RANDOM; i++) {
		/* Small ones more often: more of them, and more corners. */
		make_area(1 + below(1 + below(2000)));
		oracle_count(&area, &answer);
		check_figures(&answer);
		check_request(&answer);
	}
}

/*
 * Periods of all kinds, in two ranges that begin and end anywhere in a word; of
 * each order the remainders.
 */
static void check_period(unsigned long period, unsigned long nr_used)
{
	struct oracle_answer answer;
	struct cd_figures figures;
	unsigned int r, order;

	area.order_per_bit = 0;
	area.nr_ranges = 2;
	for (r = 0; r < 2; r++) {
		struct oracle_range *range = &area.ranges[r];

		*range = (struct oracle_range){
			.base_pfn = 4096 + below(2) * below(200),
			.nr_bits = 1 + below(400),
			.used = bytes + 400 * r,
		};
		fill_period(range->used, range->nr_bits, period, nr_used,
			    below(period));
	}
	pack_words();
	oracle_count(&area, &answer);
	check_figures(&answer);
	cd_count_figures(&bm, &figures);
	for (order = 0; order < ORACLE_NR_ORDERS; order++)
		check_remainders(&figures.remainders[order], order);
}

void test_periods(void **state)
{
	unsigned long period, nr_used, i;

	(void)state;
	for (period = 1; period <= 70; period++)
		for (nr_used = 0; nr_used <= period; nr_used++)
			for (i = 0; i < 4; i++)
				check_period(period, nr_used);
}

static void check_sizes(const struct cd_size_count *sizes, bool used)
{
	struct oracle_size counted[ORACLE_NR_SIZES];
	unsigned int i;

	oracle_sizes(&area, used, counted);
	for (i = 0; i < ORACLE_NR_SIZES; i++) {
		assert_int_equal(sizes[i].nr_runs, counted[i].nr_runs);
		assert_int_equal(sizes[i].nr_pages, counted[i].nr_pages);
	}
}

static void check_tables(void)
{
	char bar[ORACLE_BAR_WIDTH + 1], drawn[CD_BAR_WIDTH + 1];
	struct cd_run_table table;
	unsigned int order;

	cd_tabulate_runs(&bm, &table);
	check_sizes(table.free, false);
	check_sizes(table.used, true);
	for (order = 0; order < ORACLE_NR_ORDERS; order++) {
		assert_int_equal(table.nr_blocks[order],
				 oracle_blocks(&area, order));
		assert_int_equal(table.nr_usable[order],
				 oracle_usable_pages(&area, order));
	}
	oracle_bar(&area, bar);
	cd_draw_bar(&bm, drawn);
	assert_string_equal(drawn, bar);
}

static void check_room(const struct oracle_answer *answer)
{
	const struct cd_request request = {
		.nr_pages = random_request(answer),
		.align = below(ORACLE_NR_ORDERS),
	};
	unsigned int range = 0;
	unsigned long at = 0;
	struct cd_room room;

	cd_count_room(&bm, &request, &room);
	assert_int_equal(room.nr_pages,
			 oracle_usable(&area, request.align, &at, &range));
	assert_int_equal(room.align,
			 oracle_highest_align(&area, request.nr_pages));
	assert_int_equal(room.nr_buffers,
			 oracle_buffers(&area, request.nr_pages,
					request.align));
}

void test_tables(void **state)
{
	struct oracle_answer answer;
	unsigned long i;

	(void)state;
	for (i = 0; i < NR_TABLES; i++) {
		make_area(1 + below(1 + below(2000)));
		oracle_count(&area, &answer);
		check_tables();
		check_room(&answer);
	}
}

static unsigned long long number_at(const unsigned char *file, size_t at,
				    unsigned int nr_bytes)
{
	unsigned long long number = 0;

	while (nr_bytes--)
		number = number << 8 | file[at + nr_bytes];
	return number;
}

/* Every bit, and that those that fill up are 0. */
static void check_range_bits(const unsigned char *bits,
			     const struct oracle_range *range)
{
	unsigned long i, end = (range->nr_bits + 63) / 64 * 64;

	for (i = 0; i < end; i++)
		assert_int_equal(bits[i / 8] >> (i % 8) & 1,
				 i < range->nr_bits && range->used[i]);
}

static void check_bitmap_file(void)
{
	const struct cd_bitmap_origin origin = {
		"linux,cma", 14, true, 0x0102030405060708ULL,
	};
	size_t size = cd_bitmap_file_size(&bm), at = 112 + 24 * area.nr_ranges;
	unsigned char *file = malloc(size);
	unsigned int r;

	assert_non_null(file);
	cd_bitmap_file_write(&bm, &origin, file);
	assert_memory_equal(file, "CMAbits\n\1\0\0", 12);
	assert_int_equal(number_at(file, 12, 4), at);
	assert_int_equal(number_at(file, 16, 4), 14);
	assert_int_equal(number_at(file, 20, 4), area.order_per_bit);
	assert_int_equal(number_at(file, 24, 4), 1);
	assert_int_equal(number_at(file, 28, 4), area.nr_ranges);
	assert_int_equal(number_at(file, 32, 8), origin.time_ns);
	assert_memory_equal(file + 48, "linux,cma\0\0\0", 12);
	for (r = 0; r < area.nr_ranges; r++) {
		const struct oracle_range *range = &area.ranges[r];
		size_t here = 112 + 24 * r;

		assert_int_equal(number_at(file, here, 8), range->base_pfn);
		assert_int_equal(number_at(file, here + 8, 8), range->nr_bits);
		assert_int_equal(number_at(file, here + 16, 8), at);
		check_range_bits(file + at, range);
		at += (range->nr_bits + 63) / 64 * 8;
	}
	assert_int_equal(at, size);
	free(file);
}

void test_bitmap_file(void **state)
{
	unsigned long i;

	(void)state;
	for (i = 0; i < NR_TABLES; i++) {
		make_area(1 + below(2000));
		check_bitmap_file();
	}
}

void test_large_bitmaps(void **state)
{
	struct oracle_answer answer;
	unsigned long i;

	(void)state;
	for (i = 0; i < NR_LARGE; i++) {
		make_area(1 + below(MAX_BITS));
		oracle_count(&area, &answer);
		check_figures(&answer);
	}
}
