// SPDX-License-Identifier: GPL-2.0-only
/* What a reader must see, put together from the oracle. */
#include <stdio.h>
#include <string.h>

#include "expected.h"
#include "guest_files.h"
#include "shapes.h"

/* The text after @label in a block of the file failures, unwrapped. */
void block_text(const char *block, const char *label, char *text,
		size_t size)
{
	char start[32];
	const char *line;
	size_t len = 0;

	snprintf(start, sizeof(start), "\n  %-10s", label);
	line = strstr(block, start);
	if (!line)
		fail("no '%s' in: %s", label, block);
	line += strlen(start);
	while (len < size - 2) {
		if (*line != '\n') {
			text[len++] = *line++;
		} else if (!strncmp(line + 1, "            ", 12)) {
			text[len++] = ' ';
			line += 13;
		} else {
			break;
		}
	}
	text[len] = '\0';
}

void check_text(const char *block, const char *label, const char *expected)
{
	char text[EXPECTED_MAX];

	block_text(block, label, text, sizeof(text));
	if (strcmp(text, expected))
		fail("%s:\n#   is   %s\n#   must %s", label, text, expected);
}

/* "123" or, in an area of several ranges, "123 of range 1". */
const char *place(unsigned long at, unsigned int range)
{
	static char text[2][64];
	static int which;

	which = !which;
	if (area.nr_ranges > 1)
		snprintf(text[which], sizeof(text[which]), "%lu of range %u",
			 at, range);
	else
		snprintf(text[which], sizeof(text[which]), "%lu", at);
	return text[which];
}

/* What the largest run leaves at an alignment, bit by bit; *at is where. */
static unsigned long left_of_largest(const struct oracle_answer *answer,
				     unsigned int align, unsigned long *at)
{
	const struct oracle_range *range = &area.ranges[answer->largest_range];
	unsigned long page = answer->largest_at;
	unsigned long end = page + answer->largest;

	while (page < end && (range->base_pfn + page) % (1UL << align) &&
	       align > area.order_per_bit)
		page += unit();
	*at = page;
	return end - page;
}

static void expect_misaligned(const struct oracle_answer *answer,
			      unsigned long taken, unsigned int align,
			      char *text, size_t size)
{
	unsigned long at, best_at = 0, left, best;
	unsigned int best_range = 0;
	char pfn[32] = "", more[96] = "", leaves[128];

	left = left_of_largest(answer, align, &at);
	best = oracle_usable(&area, align, &best_at, &best_range);
	if (at % (1UL << align))
		snprintf(pfn, sizeof(pfn), " (pfn 0x%lx)",
			 area.ranges[answer->largest_range].base_pfn + at);
	if (left)
		snprintf(leaves, sizeof(leaves),
			 "aligned to %lu it starts at %lu%s and leaves %lu < %lu",
			 1UL << align, at, pfn, left, taken);
	else
		snprintf(leaves, sizeof(leaves),
			 "no page of it is aligned to %lu", 1UL << align);
	if (best > left)
		snprintf(more, sizeof(more),
			 "; the most that any run leaves is %lu at %s", best,
			 place(best_at, best_range));
	snprintf(text, size, "largest free run is %lu pages at %s, but %s%s",
		 answer->largest,
		 place(answer->largest_at, answer->largest_range), leaves,
		 more);
}

static void expect_verdict(const struct oracle_answer *answer,
			   const char *verdict, unsigned long nr_pages,
			   unsigned int align, char *text, size_t size)
{
	unsigned long taken = (nr_pages + unit() - 1) / unit() * unit();
	unsigned long largest_range = 0, best_at = 0;
	unsigned int r, best_range = 0;
	unsigned long best = oracle_usable(&area, align, &best_at,
					   &best_range);

	for (r = 0; r < area.nr_ranges; r++)
		if (area.ranges[r].nr_bits * unit() > largest_range)
			largest_range = area.ranges[r].nr_bits * unit();
	if (!strcmp(verdict, "too-big") && area.nr_ranges > 1)
		snprintf(text, size,
			 "%lu pages are asked, the largest of the area's %u ranges has %lu, and no allocation spans two",
			 nr_pages, area.nr_ranges, largest_range);
	else if (!strcmp(verdict, "too-big"))
		snprintf(text, size,
			 "%lu pages are asked, the whole area has %lu",
			 nr_pages, answer->total);
	else if (!strcmp(verdict, "exhausted"))
		snprintf(text, size, "%lu of %lu pages are free, %lu < %lu",
			 answer->free, answer->total, answer->free, taken);
	else if (!strcmp(verdict, "fits"))
		snprintf(text, size, "the request fits: %lu pages at %s",
			 best, place(best_at, best_range));
	else if (!strcmp(verdict, "fragmented"))
		snprintf(text, size,
			 "%lu pages are free in %lu run%s, but the largest run is %lu page%s at %s: %lu < %lu",
			 answer->free, answer->nr_runs,
			 answer->nr_runs == 1 ? "" : "s", answer->largest,
			 answer->largest == 1 ? "" : "s",
			 place(answer->largest_at, answer->largest_range),
			 answer->largest, taken);
	else
		expect_misaligned(answer, taken, align, text, size);
}

static bool tells_remainders(const char *verdict)
{
	return !strcmp(verdict, "exhausted") ||
	       !strcmp(verdict, "fragmented") ||
	       !strcmp(verdict, "misaligned");
}

/* As told in a sentence, when the kernel's CONFIG_CMA_ALIGNMENT is 8. */
static void expect_remainders(const struct oracle_answer *answer,
			      unsigned int align, char *text, size_t size)
{
	struct oracle_main_remainders found;
	unsigned long block;
	int len;

	oracle_main_remainders(&area, answer, align, 8, &found);
	if (!found.order)
		return;
	block = 1UL << found.order;
	len = snprintf(text, size,
		       "; %lu of %lu free runs begin with what alignment to %lu leaves behind a buffer, %lu pages in all",
		       found.at.nr_sure_runs, answer->nr_runs, block,
		       found.at.nr_sure_pages);
	if (found.nr_alike * 2 > found.at.nr_sure_runs)
		snprintf(text + len, size - len,
			 "; %lu of these buffers have %lu page%s more than a multiple of %lu",
			 found.nr_alike, found.overhang,
			 found.overhang == 1 ? "" : "s", block);
}

/* The evidence that a reader must see, put together from the oracle. */
void expect_evidence(const struct oracle_answer *answer, const char *verdict,
		     unsigned long nr_pages, unsigned int align, char *text,
		     size_t size)
{
	size_t len;

	expect_verdict(answer, verdict, nr_pages, align, text, size);
	len = strlen(text);
	if (tells_remainders(verdict))
		expect_remainders(answer, align, text + len, size - len);
}

/* "200 at 16 and 8 at 300"; of more than four, how many. */
static size_t expect_runs(const struct oracle_cheapest *cheapest, char *text,
			  size_t size)
{
	unsigned long i, nr = cheapest->nr_runs;
	size_t len = 0;

	for (i = 0; i < nr && i < ORACLE_NR_RUNS; i++)
		len += snprintf(text + len, size - len, "%s%lu at %lu",
				!i ? "" : i + 1 == nr ? " and " : ", ",
				cheapest->run_pages[i], cheapest->run_at[i]);
	if (nr > ORACLE_NR_RUNS)
		len += snprintf(text + len, size - len, " and %lu more",
				nr - ORACLE_NR_RUNS);
	return len;
}

/* "64 KiB" or "1.9 MiB", of pages of 4 KiB. */
static const char *human(unsigned long nr_pages)
{
	unsigned long tenths = (nr_pages * 4 * 10 + 512) / 1024;
	static char text[32];

	if (nr_pages < 256)
		snprintf(text, sizeof(text), "%lu KiB", nr_pages * 4);
	else if (tenths % 10)
		snprintf(text, sizeof(text), "%lu.%lu MiB", tenths / 10,
			 tenths % 10);
	else
		snprintf(text, sizeof(text), "%lu MiB", tenths / 10);
	return text;
}

static void expect_cheapest(const struct oracle_cheapest *cheapest,
			    unsigned int align, char *text, size_t size)
{
	size_t len = 0;

	if (area.nr_ranges > 1)
		len = snprintf(text, size, "in range %u, ", cheapest->range);
	len += snprintf(text + len, size - len, "freeing %lu page%s (%s)",
			cheapest->nr_used, cheapest->nr_used == 1 ? "" : "s",
			human(cheapest->nr_used));
	if (cheapest->nr_runs == 1) {
		len += snprintf(text + len, size - len, " at %lu",
				cheapest->run_at[0]);
	} else {
		len += snprintf(text + len, size - len, " in %lu runs, ",
				cheapest->nr_runs);
		len += expect_runs(cheapest, text + len, size - len);
		len += snprintf(text + len, size - len, ",");
	}
	len += snprintf(text + len, size - len, " would make it fit at %lu",
			cheapest->at);
	if (cheapest->at % (1UL << align))
		snprintf(text + len, size - len, " (pfn 0x%lx)",
			 area.ranges[cheapest->range].base_pfn + cheapest->at);
}

/* The cheapest way out is told where there is one, and nowhere else. */
void check_cheapest(const char *block, const char *verdict,
		    unsigned long nr_pages, unsigned int align)
{
	struct oracle_cheapest cheapest;
	char text[EXPECTED_MAX];

	if ((strcmp(verdict, "fragmented") && strcmp(verdict, "misaligned")) ||
	    !oracle_cheapest(&area, nr_pages, align, &cheapest)) {
		if (strstr(block, "\n  cheapest "))
			fail("there is no way out: %s", block);
		return;
	}
	expect_cheapest(&cheapest, align, text, sizeof(text));
	check_text(block, "cheapest", text);
}

/* Two texts that must be the same, or the first line in which they differ. */
void check_same(const char *what, const char *is, const char *must)
{
	unsigned int line = 1;
	size_t start = 0, i;

	for (i = 0; is[i] && is[i] == must[i]; i++) {
		if (is[i] != '\n')
			continue;
		start = i + 1;
		line++;
	}
	if (is[i] == must[i])
		return;
	fail("%s, line %u:\n#   is   %.*s\n#   must %.*s", what, line,
	     (int)strcspn(is + start, "\n"), is + start,
	     (int)strcspn(must + start, "\n"), must + start);
}
