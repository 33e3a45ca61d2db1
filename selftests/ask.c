// SPDX-License-Identifier: GPL-2.0-only
/*
 * What-if questions: each answer of <area>/probe must read as the oracle has
 * it, and be so when it is really tried, with cma_alloc().
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ask.h"
#include "expected.h"
#include "guest_files.h"
#include "question.h"
#include "shapes.h"

/* More buffers than these are not tried one after the other. */
#define MAX_BUFFERS 64UL

struct answers {
	unsigned long most;
	int align;
	unsigned long nr_buffers;
	bool fits;
};

/* The number that begins the text after a label. */
static long number_of(const char *block, const char *label, const char *before)
{
	char text[EXPECTED_MAX];

	block_text(block, label, text, sizeof(text));
	if (strncmp(text, before, strlen(before)))
		fail("%s: '%s'", label, text);
	return strtol(text + strlen(before), NULL, 10);
}

static void check_heading(const char *block, const char *verdict)
{
	char heading[96];

	snprintf(heading, sizeof(heading), "%s: %s\n", area_name, verdict);
	if (strncmp(block, heading, strlen(heading)))
		fail("must be %s: %s", verdict, block);
}

/* Every line of the answer; returns what it says of what else would fit. */
static struct answers check_answer(const char *block,
				   const struct oracle_answer *figures,
				   unsigned long nr_pages, unsigned int align)
{
	const char *verdict = oracle_verdict(&area, nr_pages, align);
	unsigned long at = 0, most, nr_buffers;
	unsigned int range = 0;
	char text[EXPECTED_MAX];
	int highest;

	check_heading(block, verdict);
	expect_evidence(figures, verdict, nr_pages, align, text, sizeof(text));
	check_text(block, "why", text);
	check_cheapest(block, verdict, nr_pages, align);
	most = oracle_usable(&area, align, &at, &range);
	snprintf(text, sizeof(text),
		 "total %lu, free %lu, runs %lu, largest %lu, aligned %lu",
		 figures->total, figures->free, figures->nr_runs,
		 figures->largest, most);
	check_text(block, "figures", text);

	highest = oracle_highest_align(&area, nr_pages);
	snprintf(text, sizeof(text), "these pages fit up to align %d", highest);
	check_text(block, "align",
		   highest < 0 ? "these pages fit at no alignment" : text);
	nr_buffers = oracle_buffers(&area, nr_pages, align);
	snprintf(text, sizeof(text), "%lu such buffer%s fit", nr_buffers,
		 nr_buffers == 1 ? "" : "s");
	check_text(block, "at once", text);
	if (number_of(block, "most", "") != (long)most)
		fail("most: must be %lu: %s", most, block);
	return (struct answers){
		most, highest, nr_buffers, !strcmp(verdict, "fits"),
	};
}

/* What fits may still be busy for a moment. */
static bool have(unsigned long nr_pages, unsigned int align,
		 unsigned long *pfn)
{
	unsigned int tries;

	for (tries = 0; tries < 50; tries++)
		if (!shapes_hold(nr_pages, align, pfn))
			return true;
	return false;
}

static void must_fit(unsigned long nr_pages, unsigned int align)
{
	unsigned long pfn;

	if (!have(nr_pages, align, &pfn))
		fail("%lu pages at align %u were to fit", nr_pages, align);
	shapes_give_back(pfn, nr_pages);
}

static void must_not_fit(unsigned long nr_pages, unsigned int align)
{
	unsigned long pfn;

	if (!shapes_hold(nr_pages, align, &pfn))
		fail("%lu pages at align %u were not to fit", nr_pages, align);
}

static void try_buffers(unsigned long nr_pages, unsigned int align,
			unsigned long nr)
{
	unsigned long pfns[MAX_BUFFERS], i;

	if (nr > MAX_BUFFERS)
		return;
	for (i = 0; i < nr; i++)
		if (!have(nr_pages, align, &pfns[i]))
			fail("%lu buffers of %lu pages were to fit, not %lu",
			     nr, nr_pages, i);
	must_not_fit(nr_pages, align);
	while (i--)
		shapes_give_back(pfns[i], nr_pages);
}

static void try_it(unsigned long nr_pages, unsigned int align,
		   const struct answers *answers)
{
	if (answers->fits)
		must_fit(nr_pages, align);
	else
		must_not_fit(nr_pages, align);
	if (answers->most)
		must_fit(answers->most, align);
	must_not_fit(answers->most + 1, align);
	if (answers->align >= 0)
		must_fit(nr_pages, answers->align);
	if (answers->align < 40)
		must_not_fit(nr_pages, answers->align + 1);
	try_buffers(nr_pages, align, answers->nr_buffers);
}

/* What a run of a sentence is freed by: "200 at 59392". */
static const char *free_run(const char *text, const struct oracle_range *range)
{
	unsigned long nr_pages, page;
	int len = 0;

	if (sscanf(text, "%lu at %lu%n", &nr_pages, &page, &len) != 2)
		fail("is no run: %s", text);
	shapes_give_back(range->base_pfn + page, nr_pages);
	return text + len;
}

/* Frees what the cheapest way out names, all of it. */
static void free_named(const char *text, const struct oracle_range *range)
{
	unsigned long nr_pages, page;
	const char *runs = strstr(text, " runs, ");

	if (!runs) {
		if (sscanf(text, "freeing %lu page%*[^)]) at %lu would",
			   &nr_pages, &page) != 2)
			fail("names no run: %s", text);
		shapes_give_back(range->base_pfn + page, nr_pages);
		return;
	}
	for (runs += strlen(" runs"); strncmp(runs, ", would", 7);)
		runs = free_run(runs + (*runs == ',' ? 2 : strlen(" and ")),
				range);
}

/*
 * The cheapest way out: once what it names is freed, the request fits, and no
 * place before the one it tells. False when there is none, or not all is named.
 */
static bool take_way_out(const char *block, unsigned long nr_pages,
			 unsigned int align)
{
	char text[EXPECTED_MAX], *sentence = text;
	unsigned long pfn, page;
	unsigned int range = 0;

	if (!strstr(block, "\n  cheapest "))
		return false;
	block_text(block, "cheapest", text, sizeof(text));
	if (strstr(text, " more, "))
		return false;
	if (sscanf(text, "in range %u,", &range) == 1)
		sentence = strchr(text, ',') + 2;
	if (sscanf(strstr(text, " fit at "), " fit at %lu", &page) != 1)
		fail("tells no place: %s", text);
	free_named(sentence, &area.ranges[range]);
	if (!have(nr_pages, align, &pfn))
		fail("%lu pages at align %u were to fit: %s", nr_pages, align,
		     text);
	if (pfn < area.ranges[range].base_pfn + page)
		fail("is had at pfn 0x%lx: %s", pfn, text);
	shapes_give_back(pfn, nr_pages);
	return true;
}

/* As DMA callers do, with CONFIG_CMA_ALIGNMENT at its default. */
static unsigned int dma_align(unsigned long nr_pages)
{
	unsigned int order = 0;

	while (order < 8 && 1UL << order < nr_pages)
		order++;
	return order;
}

/* Pages, with and without an order, and the same as a size in bytes. */
static unsigned int make_question(char *text, size_t size,
				  unsigned long nr_pages)
{
	unsigned int align = below(14);

	switch (below(4)) {
	case 0:
		snprintf(text, size, "%lu\n", nr_pages);
		return dma_align(nr_pages);
	case 1:
		snprintf(text, size, "%luB\n", nr_pages * 4096 - below(4096));
		return dma_align(nr_pages);
	case 2:
		snprintf(text, size, "%luK %u", nr_pages * 4, align);
		return align;
	default:
		snprintf(text, size, "%lu %u\n", nr_pages, align);
		return align;
	}
}

static unsigned long random_pages(const struct oracle_answer *figures)
{
	unsigned long around[] = {
		figures->total, figures->free, figures->largest,
		figures->largest / 2, figures->largest / 5,
		below(figures->largest + 1),
	};

	return 1 + around[below(6)] + below(3);
}

/* cma_test ask QUESTIONS AREA ORDER_PER_BIT PFN:PAGES... */
int ask(int argc, char **argv)
{
	unsigned long i, nr_questions, nr_fit = 0, nr_ways_out = 0;
	struct oracle_answer figures;
	char question[64], text[4096];
	int fd;

	if (argc < 4)
		return 2;
	nr_questions = atol(argv[0]);
	shapes_begin(argc - 1, argv + 1);
	fd = open_question(area_name, "probe");
	for (i = 0; i < nr_questions; i++) {
		unsigned long nr_pages;
		struct answers answers;
		unsigned int align;

		if (i % 5 == 0) {
			shapes_hold_all();
			shapes_free_some();
			oracle_count(&area, &figures);
		}
		nr_pages = random_pages(&figures);
		align = make_question(question, sizeof(question), nr_pages);
		ask_question(fd, question, text, sizeof(text));
		answers = check_answer(text, &figures, nr_pages, align);
		try_it(nr_pages, align, &answers);
		nr_fit += answers.fits;
		if (take_way_out(text, nr_pages, align)) {
			oracle_count(&area, &figures);
			nr_ways_out++;
		}
	}
	close(fd);
	shapes_end();
	printf("# %lu questions, %lu of them fit, ", nr_questions, nr_fit);
	printf("%lu did once what they name was freed\n", nr_ways_out);
	return nr_fit && nr_fit < nr_questions &&
	       nr_ways_out >= nr_questions / 20 ? 0 : 1;
}

static void must_refuse(int fd, const void *what, size_t size, int err)
{
	ssize_t written = write(fd, what, size);

	if (written >= 0)
		fail("%zu bytes '%.20s' were taken", size, (const char *)what);
	if (errno != err)
		fail("%zu bytes '%.20s': %s", size, (const char *)what,
		     strerror(errno));
}

/* cma_test ask_garbage AREA FILE: what is no question changes nothing. */
int ask_garbage(int argc, char **argv)
{
	static const struct {
		const char *text;
		int err;
	} garbage[] = {
		{ "", EINVAL }, { "\n", EINVAL }, { "all\n", EINVAL },
		{ "-1\n", EINVAL }, { "0\n", EINVAL }, { "1 -1\n", EINVAL },
		{ "1 2 3\n", EINVAL }, { "\xff\xfe", EINVAL },
		{ "18446744073709551616\n", ERANGE },
		{ "18446744073709551615G\n", ERANGE }, { "1 64\n", ERANGE },
		{ "1 99999999999999999999\n", ERANGE },
	};
	static char before[8192], after[8192], large[4 << 20];
	int fd, other;
	size_t i;

	if (argc != 2)
		return 2;
	fd = open_question(argv[0], argv[1]);
	other = open_question(argv[0], argv[1]);
	ask_question(fd, "456 8", before, sizeof(before));
	for (i = 0; i < sizeof(garbage) / sizeof(*garbage); i++)
		must_refuse(fd, garbage[i].text, strlen(garbage[i].text),
			    garbage[i].err);
	must_refuse(fd, "456\0008\n", 6, EINVAL);
	must_refuse(fd, large, 64, EINVAL);
	memset(large, '1', sizeof(large));
	must_refuse(fd, large, sizeof(large), EINVAL);
	printf("# %zu refused\n", i + 3);

	lseek(fd, 0, SEEK_SET);
	read_answer(fd, after, sizeof(after));
	check_same("the answer", after, before);
	/* Nobody else's answer shows in another open file. */
	read_answer(other, after, sizeof(after));
	if (strstr(after, " at align "))
		fail("another open file reads: %s", after);
	return 0;
}
