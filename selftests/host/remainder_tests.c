// SPDX-License-Identifier: GPL-2.0-only
/* Remainders: what alignment left behind buffers, and what is said of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "random_area.h"
#include "remainder_tests.h"
#include "said.h"

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
	is = cd_find_main_remainders(&bm, &figures, align, cap);
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

static struct cd_diagnosis diagnose(unsigned long nr_pages, unsigned int align,
				    unsigned int cap)
{
	struct cd_diagnosis diag = {
		.request = { .nr_pages = nr_pages, .align = align },
		.attempt.candidates = CD_CANDIDATES_NONE,
		.page_shift = 12,
		.align_cap = cap,
	};
	struct cd_figures figures;

	cd_diagnose(&diag, &bm, &figures);
	return diag;
}

void test_remainders_fragmented(void **state)
{
	struct cd_diagnosis diag;

	(void)state;
	fill_with_buffers(300, 8, 0);
	diag = diagnose(456, 8, 8);
	assert_int_equal(diag.verdict, CD_FRAGMENTED);
	check_evidence(&diag,
		       "101760 pages are free in 480 runs, but the largest run is 212 pages at 300: 212 < 456; 480 of 480 free runs begin with what alignment to 256 leaves behind a buffer, 101760 pages in all; 480 of these buffers have 44 pages more than a multiple of 256");
	check_help(&diag,
		   "244 more pages free next to the largest run would do at align 0; at align 8 nothing fits now; make the sizes of buffers multiples of 256 pages: 44 pages less in each of 480 would free as many blocks of 256, 212 pages more in each take nothing from others; CONFIG_CMA_ALIGNMENT 4 instead of 8 would leave at most 1920 of these 101760 pages behind; or add 456 pages (1.8 MiB) to the area");
	/* Of a request that itself asks for no alignment. */
	diag = diagnose(213, 0, 8);
	check_evidence(&diag,
		       "101760 pages are free in 480 runs, but the largest run is 212 pages at 300: 212 < 213; 480 of 480 free runs begin with what alignment to 256 leaves behind a buffer, 101760 pages in all; 480 of these buffers have 44 pages more than a multiple of 256");
	/* Without a cap that is known there is none to lower. */
	diag = diagnose(456, 8, 0);
	check_help(&diag,
		   "244 more pages free next to the largest run would do at align 0; at align 8 nothing fits now; make the sizes of buffers multiples of 256 pages: 44 pages less in each of 480 would free as many blocks of 256, 212 pages more in each take nothing from others; or add 456 pages (1.8 MiB) to the area");
	/* A buffer cannot be a page less when that is all it has. */
	fill_with_buffers(1, 8, 0);
	diag = diagnose(456, 8, 8);
	check_help(&diag,
		   "201 more pages free next to the largest run would do at align 0; at align 8 nothing fits now; make the sizes of buffers multiples of 256 pages: 255 pages more in each take nothing from others; CONFIG_CMA_ALIGNMENT 4 instead of 8 would leave at most 14400 of these 244800 pages behind; or add 456 pages (1.8 MiB) to the area");
}

void test_remainders_exhausted(void **state)
{
	struct cd_diagnosis diag;

	(void)state;
	fill_with_buffers(511, 8, 0);
	diag = diagnose(511, 8, 8);
	assert_int_equal(diag.verdict, CD_EXHAUSTED);
	check_evidence(&diag,
		       "480 of 245760 pages are free, 480 < 511; 480 of 480 free runs begin with what alignment to 256 leaves behind a buffer, 480 pages in all; 480 of these buffers have 255 pages more than a multiple of 256");
	/* A lower alignment would leave as much. */
	check_help(&diag,
		   "free or add at least 31 pages (124 KiB); at align 8 nothing fits now; make the sizes of buffers multiples of 256 pages: 255 pages less in each of 480 would free as many blocks of 256, 1 page more in each takes nothing from others");
}

void test_remainders_misaligned(void **state)
{
	struct cd_diagnosis diag;

	(void)state;
	fill_with_buffers(640, 8, 0);
	/* One buffer more is freed: the run has 896 pages, 768 aligned. */
	set_bits(bytes + 768, 640, false);
	pack_words();
	diag = diagnose(800, 8, 8);
	assert_int_equal(diag.verdict, CD_MISALIGNED);
	check_evidence(&diag,
		       "largest free run is 896 pages at 640, but aligned to 256 it starts at 768 and leaves 768 < 800; 319 of 319 free runs begin with what alignment to 256 leaves behind a buffer, 40832 pages in all; 319 of these buffers have 128 pages more than a multiple of 256");
	check_help(&diag,
		   "800 pages fit at align 7 (128 pages) or lower; at align 8 at most 768 pages fit now; 8 is the cap that CONFIG_CMA_ALIGNMENT sets for DMA callers: 7 would let this through; make the sizes of buffers multiples of 256 pages: 128 pages less in each of 319 would free as many blocks of 256, 128 pages more in each take nothing from others; CONFIG_CMA_ALIGNMENT 4 instead of 8 would leave none of these 40832 pages behind");
}

/* Buffers of these sizes, in turn, each at a multiple of 256 pages. */
static void fill_in_turn(const unsigned long *sizes, unsigned int nr)
{
	unsigned long at = 0;
	unsigned int i;

	make_empty(AREA_PAGES);
	set_bits(bytes, AREA_PAGES, true);
	for (i = 0; i < nr; i++) {
		at += (sizes[i] + 255) / 256 * 256;
		set_bits(bytes + at - (-sizes[i] & 255), -sizes[i] & 255,
			 false);
	}
	pack_words();
}

void test_remainders_of_any_size(void **state)
{
	static const unsigned long sizes[] = {
		257, 300, 400, 321, 270, 330,
	}, mostly[] = {
		257, 300, 400, 321, 270, 330, 330, 330, 330, 330, 330, 330, 330,
		330, 330, 330, 330, 330, 330, 330,
	};
	struct cd_diagnosis diag;

	(void)state;
	fill_in_turn(sizes, 6);
	diag = diagnose(456, 8, 8);
	check_evidence(&diag,
		       "1194 pages are free in 6 runs, but the largest run is 255 pages at 257: 255 < 456; 6 of 6 free runs begin with what alignment to 256 leaves behind a buffer, 1194 pages in all");
	check_help(&diag,
		   "201 more pages free next to the largest run would do at align 0; at align 8 nothing fits now; make the sizes of buffers multiples of 256 pages; CONFIG_CMA_ALIGNMENT 4 instead of 8 would leave at most 42 of these 1194 pages behind; or add 456 pages (1.8 MiB) to the area");
	/* More sizes than are counted, before the commonest comes up. */
	fill_in_turn(mostly, 20);
	diag = diagnose(456, 8, 8);
	check_evidence(&diag,
		       "3742 pages are free in 20 runs, but the largest run is 255 pages at 257: 255 < 456; 20 of 20 free runs begin with what alignment to 256 leaves behind a buffer, 3742 pages in all; at least 15 of these buffers have 74 pages more than a multiple of 256");
}
