// SPDX-License-Identifier: GPL-2.0-only
/*
 * An area full of buffers of one size, aligned as a DMA caller has them; then
 * every second one freed. What is said of a request that fails must be what the
 * oracle says of the remainders, and so must every file.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buffers.h"
#include "evidence.h"
#include "expected.h"
#include "guest_files.h"
#include "last_failure.h"
#include "predict.h"
#include "shapes.h"

#define MAX_BUFFERS 64
/* CONFIG_CMA_ALIGNMENT, at its default. */
#define ALIGN_CAP 8

static unsigned long pfns[MAX_BUFFERS];
static unsigned int nr_buffers, nr_told, nr_silent;

/* What fits may still be busy for a moment. */
static void hold_one(unsigned long nr_pages, unsigned int align)
{
	unsigned int tries;

	if (nr_buffers == MAX_BUFFERS)
		fail("more than %u buffers", MAX_BUFFERS);
	for (tries = 0; tries < 50; tries++) {
		if (!shapes_hold(nr_pages, align, &pfns[nr_buffers])) {
			nr_buffers++;
			return;
		}
	}
	fail("%lu pages at align %u fit, yet were never had", nr_pages, align);
}

static void fill_up(unsigned long nr_pages, unsigned int align)
{
	nr_buffers = 0;
	while (oracle_fits(&area, nr_pages, align))
		hold_one(nr_pages, align);
}

static void free_every_second(unsigned long nr_pages)
{
	unsigned int i;

	for (i = 1; i < nr_buffers; i += 2)
		shapes_give_back(pfns[i], nr_pages);
}

/* Where remainders are told, help is of the buffers' size, and else is not. */
static void check_help(const struct oracle_answer *answer, unsigned int align)
{
	char *block = last_failure(area_name), help[EXPECTED_MAX], must[96];
	struct oracle_main_remainders found;

	oracle_main_remainders(&area, answer, align, ALIGN_CAP, &found);
	snprintf(must, sizeof(must),
		 "make the sizes of buffers multiples of %lu pages",
		 1UL << found.order);
	block_text(block, "help", help, sizeof(help));
	if (found.order && (!strstr(help, must) || strstr(help, "keep small")))
		fail("no '%s' in: %s", must, help);
	if (!found.order && strstr(help, "make the sizes"))
		fail("there are no remainders to tell of: %s", help);
	if (found.order)
		nr_told++;
	else
		nr_silent++;
	free(block);
}

/* A request that must fail, and what is read of it. */
static void fail_one(unsigned long nr_pages, unsigned int align)
{
	const char *verdict = oracle_verdict(&area, nr_pages, align);
	struct oracle_answer answer;
	unsigned long pfn;

	if (!strcmp(verdict, "fits"))
		fail("%lu pages at align %u fit", nr_pages, align);
	if (!shapes_hold(nr_pages, align, &pfn))
		fail("%lu pages at align %u are had", nr_pages, align);
	oracle_count(&area, &answer);
	check_failure(&answer, verdict, nr_pages, align);
	check_help(&answer, align);
}

/* One page more than fit: in no run, and then in none that is aligned. */
static void fail_larger_ones(unsigned int align)
{
	struct oracle_answer answer;

	oracle_count(&area, &answer);
	fail_one(answer.largest + 1, 0);
	fail_one(answer.largest + 1, align);
	fail_one(answer.usable[align] + 1, align);
}

static void check_size(unsigned long nr_pages)
{
	const unsigned int align = ALIGN_CAP;

	shapes_free_all();
	fill_up(nr_pages, align);
	fail_one(nr_pages, align);
	check_area_files();
	fail_larger_ones(align);
	free_every_second(nr_pages);
	check_area_files();
	fail_larger_ones(align);
}

/* cma_test buffers AREA ORDER_PER_BIT PFN:PAGES... */
int buffers(int argc, char **argv)
{
	static const unsigned long sizes[] = { 257, 300, 511, 640, 1000 };
	size_t i;

	if (argc < 3)
		return 2;
	shapes_begin(argc, argv);
	for (i = 0; i < sizeof(sizes) / sizeof(*sizes); i++)
		check_size(sizes[i]);
	shapes_free_all();
	printf("# %zu sizes; remainders told of %u failures, not of %u\n", i,
	       nr_told, nr_silent);
	return nr_told && nr_silent ? 0 : 1;
}
