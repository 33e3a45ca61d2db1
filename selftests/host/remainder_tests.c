// SPDX-License-Identifier: GPL-2.0-only
/* Remainders: what alignment left behind buffers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "random_area.h"
#include "remainder_tests.h"

/* 960 MiB, as the default area of boards with much memory. */
#define AREA_PAGES 245760UL
#define NR_AREAS 20000UL
#define NR_OF_CHANCE 200UL

/* An area of one range, its first page at a multiple of all that is asked. */
static void make_empty(unsigned long nr_pages)
{
	area.order_per_bit = 0;
	area.nr_ranges = 1;
	area.ranges[0] = (struct oracle_range){
		.base_pfn = 0x40000, .nr_bits = nr_pages, .used = bytes,
	};
	set_bits(bytes, nr_pages, false);
}

/* As DMA callers do. */
static unsigned int size_order(unsigned long nr_pages, unsigned int cap)
{
	unsigned int order = 0;

	while (order < cap && 1UL << order < nr_pages)
		order++;
	return order;
}

/* Buffer after buffer, as long as there is room; every @nth is freed. */
static void fill_with_buffers(unsigned long nr_pages, unsigned int align,
			      unsigned int nth)
{
	unsigned long block = 1UL << align, at, i = 0;
	unsigned long step = (nr_pages + block - 1) / block * block;

	make_empty(AREA_PAGES);
	for (at = 0; at + nr_pages <= AREA_PAGES; at += step)
		if (!nth || ++i % nth)
			set_bits(bytes + at, nr_pages, true);
	pack_words();
}

/* Buffers of these pages; one page asked for so much is not a DMA caller's. */
static const struct {
	unsigned long nr_pages;
	unsigned int align;
} models[] = {
	{ 1, 8 }, { 257, 8 }, { 300, 8 }, { 511, 8 }, { 640, 8 }, { 1000, 8 },
	{ 100, 7 }, { 48, 6 },
};

#define NR_MODELS (sizeof(models) / sizeof(*models))

/* Each free run begins with what its buffer lacks to the next boundary. */
static void check_model(unsigned int i, unsigned int nth)
{
	const unsigned int order = models[i].align;
	unsigned long rest = -models[i].nr_pages & ((1UL << order) - 1);
	struct oracle_remainders at;
	struct cd_figures figures;

	fill_with_buffers(models[i].nr_pages, order, nth);
	cd_count_figures(&bm, &figures);
	assert_in_range(figures.nr_runs, 100, AREA_PAGES);
	assert_int_equal(figures.remainders[order].nr_runs, figures.nr_runs);
	assert_int_equal(figures.remainders[order].nr_pages,
			 figures.nr_runs * rest);
	oracle_remainders(&area, order, &at);
	assert_int_equal(at.nr_runs, figures.nr_runs);
	assert_int_equal(at.nr_pages, figures.nr_runs * rest);
}

void test_remainders_of_models(void **state)
{
	unsigned int i;

	(void)state;
	for (i = 0; i < NR_MODELS; i++) {
		check_model(i, 0);
		check_model(i, 2);
	}
}

/* What is found must be what the oracle finds. */
static unsigned int check_main(unsigned int align, unsigned int cap)
{
	struct oracle_main_remainders must;
	struct oracle_answer answer;
	struct cd_main_remainders is;
	struct cd_figures figures;

	cd_count_figures(&bm, &figures);
	is = cd_find_main_remainders(&figures, align, cap);
	oracle_count(&area, &answer);
	oracle_main_remainders(&area, &answer, align, cap, &must);
	assert_int_equal(is.order, must.order);
	if (!is.order)
		return 0;
	assert_int_equal(is.nr_runs, must.at.nr_sure_runs);
	assert_int_equal(is.nr_pages, must.at.nr_sure_pages);
	assert_int_equal(is.nr_pages_low, must.nr_pages_low);
	/* A few counters always find what is three in four of all. */
	if (4 * must.nr_alike > 3 * is.nr_runs)
		assert_int_not_equal(is.overhang, 0);
	if (!is.overhang)
		return is.order;
	assert_int_equal(is.overhang, must.overhang);
	assert_int_equal(is.overhang_is_all, must.overhang_is_all);
	assert_in_range(is.nr_alike, is.nr_runs / 2 + 1, must.nr_alike);
	if (is.alike_counted)
		assert_int_equal(is.nr_alike, must.nr_alike);
	return is.order;
}

/* Bits, or runs, at random: silent, though a few look like it. */
static void fill_by_chance(bool runs)
{
	unsigned long i, longest = runs ? 1 + below(1UL << (1 + below(11))) : 1;
	unsigned int odds = 16 + below(225);
	unsigned char *used = bytes;

	make_empty(AREA_PAGES);
	for (i = 0; i < AREA_PAGES;) {
		unsigned long len = 1 + below(longest);

		len = len < AREA_PAGES - i ? len : AREA_PAGES - i;
		set_bits(used + i, len,
			 runs ? i && !used[i - 1] : below(256) < odds);
		i += len;
	}
	pack_words();
}

static unsigned long permille_by_chance(bool runs)
{
	unsigned long i, nr_runs = 0, nr_remainders = 0;
	struct cd_figures figures;

	for (i = 0; i < NR_OF_CHANCE; i++) {
		fill_by_chance(runs);
		assert_int_equal(check_main(below(13), 8), 0);
		cd_count_figures(&bm, &figures);
		nr_runs += figures.nr_runs;
		nr_remainders += figures.remainders[8].nr_runs;
	}
	return nr_remainders * 1000 / nr_runs;
}

void test_remainders_of_chance(void **state)
{
	(void)state;
	assert_in_range(permille_by_chance(false), 0, 4);
	assert_in_range(permille_by_chance(true), 0, 19);
}

/* Buffers of one size or of several, some freed, where chance puts them. */
static void fill_range(struct oracle_range *range, unsigned int cap)
{
	unsigned long common = 1 + below(3UL << cap), nr, at = 0;
	unsigned int percent_common = 50 + below(51), percent_freed = below(40);
	unsigned int order;

	set_bits(range->used, range->nr_bits, false);
	for (;; at += nr) {
		nr = below(100) < percent_common ? common :
		     1 + below(3UL << cap);
		order = size_order(nr, cap);
		while (at < range->nr_bits &&
		       ((range->base_pfn >> area.order_per_bit) + at) %
		       (1UL << order))
			at++;
		if (at + nr > range->nr_bits)
			return;
		set_bits(range->used + at, nr, below(100) >= percent_freed);
	}
}

void test_main_remainders(void **state)
{
	unsigned long i, nr_found = 0, nr_silent = 0;
	unsigned int r, cap;

	(void)state;
	for (i = 0; i < NR_AREAS; i++) {
		make_area(100 + below(4000));
		cap = 2 + below(6);
		for (r = 0; r < area.nr_ranges; r++)
			fill_range(&area.ranges[r], cap);
		pack_words();
		if (check_main(below(12), below(20) ?
			       cap + area.order_per_bit : 0))
			nr_found++;
		else
			nr_silent++;
	}
	print_message("# %lu areas with, %lu without\n", nr_found, nr_silent);
	assert_in_range(nr_found, NR_AREAS / 10, NR_AREAS);
	assert_in_range(nr_silent, NR_AREAS / 10, NR_AREAS);
}

/*
 * Buffers of a power of two leave nothing behind; what is free, freed buffers
 * left. Every second one is what comes up, of buffers taken in turn.
 */
void test_smaller_buffers_freed(void **state)
{
	static const unsigned long sizes[] = {
		1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024,
	};
	unsigned int i, align;

	(void)state;
	for (i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		fill_with_buffers(sizes[i], size_order(sizes[i], 8), 2);
		for (align = 0; align < 13; align++)
			assert_int_equal(check_main(align, 8), 0);
	}
	/* 28 pages are left behind 100, not 156. */
	fill_with_buffers(100, 7, 0);
	assert_int_equal(check_main(8, 8), 7);
	fill_with_buffers(100, 7, 2);
	assert_int_equal(check_main(8, 8), 0);
}
