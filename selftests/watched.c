// SPDX-License-Identifier: GPL-2.0-only
/* A watch as it must be shown, and its block of <area>/watch against that. */
#include <stdio.h>
#include <string.h>

#include "expected.h"
#include "guest_files.h"
#include "shapes.h"
#include "watched.h"

/* Clocks that are read one after the other, and rounded, differ by so much. */
#define SLACK_S 2

unsigned long nr_shown[3];

unsigned long usable(unsigned int align)
{
	unsigned int range;
	unsigned long at;

	return oracle_usable(&area, align, &at, &range);
}

/* "2026-11-27 08:10:12" */
static void check_moment(const char *what, const char *text,
			 struct moment must)
{
	struct tm tm = { 0 };
	time_t is;

	if (sscanf(text, "%d-%d-%d %d:%d:%d", &tm.tm_year, &tm.tm_mon,
		   &tm.tm_mday, &tm.tm_hour, &tm.tm_min, &tm.tm_sec) != 6)
		fail("%s: not a date: '%s'", what, text);
	tm.tm_year -= 1900;
	tm.tm_mon--;
	is = timegm(&tm);
	if (is < must.from - SLACK_S || is > must.to + SLACK_S)
		fail("%s: '%s' is %ld, must be from %ld to %ld", what, text,
		     (long)is, (long)must.from, (long)must.to);
}

/* How long ago something is, in s, when the file was read. */
static void check_ago(const char *what, long is, struct moment then,
		      struct moment read)
{
	if (is < read.from - then.to - SLACK_S ||
	    is > read.to - then.from + SLACK_S)
		fail("%s: %ld s ago, must be from %ld to %ld", what, is,
		     (long)(read.from - then.to), (long)(read.to - then.from));
}

/* "7168", or "7168 of range 1" */
static bool read_place(const char *text, unsigned int *range,
		       unsigned long *at)
{
	int nr_numbers = area.nr_ranges > 1 ? 2 : 1;

	*range = 0;
	return sscanf(text, "%lu of range %u", at, range) == nr_numbers &&
	       *range < area.nr_ranges;
}

/* Every bit of the place is free, and its first page is aligned. */
static void check_place(const struct watched *watch, const char *text)
{
	unsigned long nr = (watch->nr_pages + unit() - 1) / unit(), at, bit;
	const struct oracle_range *in;
	unsigned int range;

	if (!read_place(text, &range, &at))
		fail("not a place: '%s'", text);
	in = &area.ranges[range];
	bit = at / unit();
	if (at % unit() || bit + nr > in->nr_bits)
		fail("%lu pages at %s are not of whole bits of its range",
		     watch->nr_pages, text);
	if (watch->align > area.order_per_bit &&
	    (in->base_pfn + at) % (1UL << watch->align))
		fail("pfn 0x%lx, at %s, is not aligned to order %u",
		     in->base_pfn + at, text, watch->align);
	while (nr--)
		if (in->used[bit + nr])
			fail("%lu pages at %s: bit %lu is used",
			     watch->nr_pages, text, bit + nr);
}

/* "300 pages (1.2 MiB) at align 8, as a DMA caller asks" */
static void check_request(const struct watched *watch, const char *block)
{
	unsigned long nr_pages = 0;
	char tail[64] = "\n";
	unsigned int align = 0;
	int len = 0;

	if (watch->assumed)
		snprintf(tail, sizeof(tail), ", as a DMA caller asks\n");
	else if (watch->align)
		snprintf(tail, sizeof(tail), " (%lu pages)\n",
			 1UL << watch->align);
	if (sscanf(block, "%lu page%*[^(](%*[^)]) at align %u%n", &nr_pages,
		   &align, &len) != 2 ||
	    nr_pages != watch->nr_pages || align != watch->align ||
	    strncmp(block + len, tail, strlen(tail)))
		fail("must be %lu pages at align %u%.*s: %s", watch->nr_pages,
		     watch->align, (int)strlen(tail) - 1, tail, block);
}

static void check_state(const struct watched *watch, const char *block,
			struct moment read)
{
	static const char fits_at[] = "fits, at ";
	static const char since_date[] = "does not fit since ";
	char line[EXPECTED_MAX];
	long seconds;

	block_text(block, "state", line, sizeof(line));
	if (watch->fits) {
		if (strncmp(line, fits_at, strlen(fits_at)))
			fail("it must fit, at most %lu pages do: %s",
			     usable(watch->align), block);
		check_place(watch, line + strlen(fits_at));
		nr_shown[0]++;
	} else if (!watch->nr_broken) {
		if (sscanf(line,
			   "does not fit, nor did it when the watch was set, %ld s ago",
			   &seconds) != 1)
			fail("it must not fit, nor when it was set: %s", block);
		check_ago("set", seconds, watch->set, read);
		nr_shown[1]++;
	} else {
		if (strncmp(line, since_date, strlen(since_date)) ||
		    sscanf(line + strlen(since_date), "%*[^,], for %ld s",
			   &seconds) != 1)
			fail("it must not fit since it broke: %s", block);
		check_moment("since", line + strlen(since_date), watch->broken);
		check_ago("broken", seconds, watch->broken, read);
		nr_shown[2]++;
	}
}

static bool has_line(const char *block, const char *label)
{
	char start[32];

	snprintf(start, sizeof(start), "\n  %-10s", label);
	return strstr(block, start);
}

static void check_has(const char *block, const char *label, bool must)
{
	if (has_line(block, label) != must)
		fail("'%s' must %sbe there: %s", label, must ? "" : "not ",
		     block);
}

static void check_broken(const struct watched *watch, const char *block)
{
	char line[EXPECTED_MAX], must[64];

	block_text(block, "broken", line, sizeof(line));
	if (!watch->nr_broken) {
		if (strcmp(line, "0 times"))
			fail("broken must be '0 times': %s", block);
		return;
	}
	snprintf(must, sizeof(must), "%lu time%s, the last ", watch->nr_broken,
		 watch->nr_broken == 1 ? "" : "s");
	if (strncmp(line, must, strlen(must)))
		fail("broken must be '%s': %s", must, block);
	check_moment("broken", line + strlen(must), watch->broken);
}

/* "16 pages (64 KiB) at align 0, at 60100" */
static bool is_taken(const char *text, const struct taken *taken)
{
	unsigned long nr_pages, at;
	unsigned int align, range;
	int len = 0;

	if (sscanf(text, "%lu page%*[^(](%*[^)]) at align %u, at %n",
		   &nr_pages, &align, &len) != 2 ||
	    !len || !read_place(text + len, &range, &at))
		return false;
	return nr_pages == taken->nr_pages && align == taken->align &&
	       area.ranges[range].base_pfn + at == taken->pfn;
}

/* "taker-7[421]: " and what it was given */
static void check_by(const struct watched *watch, const char *block)
{
	const struct taken *by = &watch->by;
	char line[EXPECTED_MAX], must[64];

	block_text(block, "by", line, sizeof(line));
	snprintf(must, sizeof(must), "%s[%d]: ", by->comm, by->pid);
	if (strncmp(line, must, strlen(must)) ||
	    !is_taken(line + strlen(must), by))
		fail("by must be %s%lu pages at align %u, pfn 0x%lx: %s", must,
		     by->nr_pages, by->align, by->pfn, block);
}

static void check_left(const struct watched *watch, const char *block)
{
	unsigned long nr_pages = 0;
	unsigned int align = 0;
	char line[EXPECTED_MAX];

	block_text(block, "left", line, sizeof(line));
	if (sscanf(line, "a run of %lu page%*[s ]at most, at align %u",
		   &nr_pages, &align) != 2 ||
	    nr_pages != watch->left || align != watch->align)
		fail("left must be %lu pages at align %u: %s", watch->left,
		     watch->align, block);
}

static void check_again(const struct watched *watch, const char *block,
			struct moment read)
{
	char line[EXPECTED_MAX];

	block_text(block, "again", line, sizeof(line));
	check_moment("again", line,
		     (struct moment){ watch->fits_since.from, read.to });
}

void check_watch(const struct watched *watch, const char *block,
		 struct moment read)
{
	bool broke = watch->nr_broken;
	char line[EXPECTED_MAX];

	check_request(watch, block);
	check_state(watch, block, read);
	check_broken(watch, block);
	check_has(block, "by", broke);
	check_has(block, "left", broke);
	check_has(block, "again", broke && watch->fits);
	check_has(block, "stack", broke);
	if (!broke)
		return;
	check_by(watch, block);
	check_left(watch, block);
	if (watch->fits)
		check_again(watch, block, read);
	block_text(block, "stack", line, sizeof(line));
	if (!strstr(line, "[cma_shape]"))
		fail("the stack must have cma_shape: %s", block);
}
