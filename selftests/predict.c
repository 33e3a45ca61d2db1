// SPDX-License-Identifier: GPL-2.0-only
/*
 * Predict and try: shapes an area at random, lets the core and the oracle say
 * whether random requests fit, tries each with cma_alloc(), and compares; and
 * of every failure, what users read of it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "expected.h"
#include "guest_files.h"
#include "last_failure.h"
#include "predict.h"
#include "shapes.h"
#include "verdict.h"

static unsigned long words[SHAPES_MAX_BITS / 64 + ORACLE_MAX_RANGES];

/* The same for the core: bits instead of bytes. */
static void pack(struct cd_bitmap *bm)
{
	unsigned long *word = words;
	unsigned int r;

	memset(words, 0, sizeof(words));
	bm->order_per_bit = area.order_per_bit;
	bm->nr_ranges = area.nr_ranges;
	for (r = 0; r < area.nr_ranges; r++) {
		const struct oracle_range *range = &area.ranges[r];
		unsigned long i;

		for (i = 0; i < range->nr_bits; i++)
			if (range->used[i])
				word[i / 64] |= 1UL << (i % 64);
		bm->ranges[r] = (struct cd_range){
			range->base_pfn, range->nr_bits, word,
		};
		word += (range->nr_bits + 63) / 64;
	}
}

/* The newest failure reads as the oracle has it. */
void check_failure(const struct oracle_answer *answer, const char *verdict,
		   unsigned long nr_pages, unsigned int align)
{
	unsigned long at, usable;
	char text[EXPECTED_MAX], *block = last_failure(area_name);
	unsigned int range;

	if (!failure_is(block, verdict))
		fail("must be %s: %s", verdict, block);
	expect_evidence(answer, verdict, nr_pages, align, text, sizeof(text));
	check_text(block, "why", text);
	check_cheapest(block, verdict, nr_pages, align);
	usable = oracle_usable(&area, align, &at, &range);
	snprintf(text, sizeof(text),
		 "total %lu, free %lu, runs %lu, largest %lu, aligned %lu",
		 answer->total, answer->free, answer->nr_runs, answer->largest,
		 usable);
	block_text(block, "figures", text + 256, 256);
	if (strncmp(text + 256, text, strlen(text)))
		fail("figures:\n#   is   %s\n#   must %s", text + 256, text);
	free(block);
}

/* Sizes around those where the answer changes. */
static unsigned long random_request(const struct oracle_answer *answer,
				    unsigned int align)
{
	unsigned int range;
	unsigned long at;
	unsigned long around[] = {
		answer->total, answer->free, answer->free, answer->largest,
		answer->largest, oracle_usable(&area, align, &at, &range),
		oracle_usable(&area, align, &at, &range),
		below(answer->largest + 1),
	};
	unsigned long pages = around[below(8)] + below(3);

	return pages > 1 ? pages - 1 : 1;
}

static bool core_says_fits(unsigned long nr_pages, unsigned int align)
{
	struct cd_diagnosis diag = {
		.request = { .nr_pages = nr_pages, .align = align },
		.attempt.candidates = CD_CANDIDATES_WHAT_IF,
		.page_shift = 12,
	};
	struct cd_figures figures;
	struct cd_bitmap bm;

	pack(&bm);
	cd_diagnose(&diag, &bm, &figures);
	return diag.verdict == CD_FITS;
}

static unsigned long nr_by_verdict[5], nr_tried_again;

static void count_verdict(const char *verdict)
{
	static const char * const words_of_bitmap[] = {
		"fits", "too-big", "exhausted", "fragmented", "misaligned",
	};
	size_t i;

	for (i = 0; i < 5; i++)
		if (!strcmp(verdict, words_of_bitmap[i]))
			nr_by_verdict[i]++;
}

static void predict_and_try(const struct oracle_answer *answer)
{
	unsigned int align = below(13), tries;
	unsigned long pfn, nr_pages = random_request(answer, align);
	const char *verdict = oracle_verdict(&area, nr_pages, align);
	bool fits = !strcmp(verdict, "fits");

	if (core_says_fits(nr_pages, align) != fits)
		fail("%lu pages at align %u: the core and the oracle differ",
		     nr_pages, align);
	count_verdict(verdict);
	for (tries = 0; tries < 50; tries++) {
		char *block;

		if (!shapes_hold(nr_pages, align, &pfn)) {
			if (!fits)
				fail("%lu pages at align %u are had: %s",
				     nr_pages, align, verdict);
			if (pfn % (1UL << align))
				fail("pfn 0x%lx is not aligned to order %u",
				     pfn, align);
			shapes_give_back(pfn, nr_pages);
			return;
		}
		if (!fits) {
			check_failure(answer, verdict, nr_pages, align);
			return;
		}
		block = last_failure(area_name);
		if (!failure_is_transient(block))
			fail("%lu pages at align %u fit, yet: %s", nr_pages,
			     align, block);
		free(block);
		nr_tried_again++;
	}
	fail("%lu pages at align %u fit, yet were never had", nr_pages, align);
}

/* cma_test predict SHAPES REQUESTS AREA ORDER_PER_BIT PFN:PAGES... */
int predict(int argc, char **argv)
{
	unsigned long i, j, nr_shapes, nr_requests;

	if (argc < 5)
		return 2;
	nr_shapes = atol(argv[0]);
	nr_requests = atol(argv[1]);
	shapes_begin(argc - 2, argv + 2);
	for (i = 0; i < nr_shapes; i++) {
		struct oracle_answer answer;

		shapes_free_some();
		oracle_count(&area, &answer);
		for (j = 0; j < nr_requests; j++)
			predict_and_try(&answer);
		shapes_hold_all();
	}
	shapes_end();
	printf("# %lu shapes, %lu requests: ", nr_shapes,
	       nr_shapes * nr_requests);
	printf("%lu fit, %lu too-big, %lu exhausted, %lu fragmented, ",
	       nr_by_verdict[0], nr_by_verdict[1], nr_by_verdict[2],
	       nr_by_verdict[3]);
	printf("%lu misaligned; %lu tried again\n", nr_by_verdict[4],
	       nr_tried_again);
	for (i = 0; i < 5; i++)
		if (!nr_by_verdict[i])
			fail("no request of each kind came up");
	return 0;
}
