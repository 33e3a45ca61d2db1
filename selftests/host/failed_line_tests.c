// SPDX-License-Identifier: GPL-2.0-only
/* The line of the kernel's log that says that an allocation failed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "failed_line.h"
#include "failed_line_tests.h"
#include "random_area.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof(*(array)))

/* What a log has before the words, and what it tells of the time. */
static const struct {
	const char *text;
	bool has_time;
	unsigned long long time_ns;
} prefixes[] = {
	{ "<3>", false, 0 },
	{ "<3>[    1.234567] ", true, 1234567000ULL },
	{ "<3>[   12.000001][  T123] ", true, 12000001000ULL },
	{ "<3>[12345.678901][    C1] ", true, 12345678901000ULL },
	{ "<3>[   T77] ", false, 0 },
};

/* "cma_alloc" and what else a kernel's line has up to the words. */
static const struct {
	const char *text;
	const char *name;
} beginnings[] = {
	{ "cma: cma_alloc: ", NULL },
	{ "cma: cma_alloc: linux,cma: ", "linux,cma" },
	{ "cma: __cma_alloc: reserved: ", "reserved" },
	{ "cma: __cma_alloc_frozen: vpu@50000000: ", "vpu@50000000" },
	{ "cma: __cma_alloc: with: colons: ", "with: colons" },
	{ "cma: cma_alloc: cma0\n<3>[    1.234567] : ", "cma0" },
};

static const struct {
	const char *text;
	unsigned long nr_pages;
	int error;
} endings[] = {
	{ "alloc failed, req-size: 456 pages, ret: -12\n", 456, -12 },
	{ "alloc failed, req-size: 1 pages, ret: -16", 1, -16 },
	{ "alloc failed, req-size: 4294967296 pages, ret: -4\n",
	  4294967296, -4 },
};

static void check_line(size_t prefix, size_t beginning, size_t ending)
{
	const char *name = beginnings[beginning].name;
	struct cd_failed_line line;
	char text[256];

	snprintf(text, sizeof(text), "%s%s%s", prefixes[prefix].text,
		 beginnings[beginning].text, endings[ending].text);
	assert_true(cd_read_failed_line(text, &line));
	assert_int_equal(line.has_time, prefixes[prefix].has_time);
	assert_int_equal(line.time_ns, prefixes[prefix].time_ns);
	assert_int_equal(line.has_name, !!name);
	assert_string_equal(line.name, name ? name : "");
	assert_int_equal(line.nr_pages, endings[ending].nr_pages);
	assert_int_equal(line.error, endings[ending].error);
}

void test_failed_lines(void **state)
{
	size_t prefix, beginning, ending;

	(void)state;
	for (prefix = 0; prefix < ARRAY_SIZE(prefixes); prefix++)
		for (beginning = 0; beginning < ARRAY_SIZE(beginnings);
		     beginning++)
			for (ending = 0; ending < ARRAY_SIZE(endings); ending++)
				check_line(prefix, beginning, ending);
}

void test_other_lines(void **state)
{
	static const char * const lines[] = {
		"",
		"<3>",
		"<3>[",
		"<3>[    1.234567",
		/* Not the kernel's facility, or not its level. */
		"cma: cma_alloc: alloc failed, req-size: 456 pages, ret: -12",
		"<12>cma: cma_alloc: alloc failed, req-size: 456 pages, ret: -12",
		"<11>cma: cma_alloc: alloc failed, req-size: 456 pages, ret: -12",
		"<6>cma: cma_alloc: alloc failed, req-size: 456 pages, ret: -12",
		/* Not CMA's, or not of a failure. */
		"<3>cma_diag: linux,cma: alloc failed, req-size: 456 pages, ret: -12",
		"<3>xcma: cma_alloc: alloc failed, req-size: 456 pages, ret: -12",
		"<3>cma: cma_free: alloc failed, req-size: 456 pages, ret: -12",
		"<3>cma: number of available pages: 4@572=> 4 free of 2048 total pages",
		"<3>cma: cma_alloc(): memory range at 0x1 is busy, retrying",
		"<3>cma: cma_alloc: linux,cma: ",
		/* Not whole. */
		"<3>cma: cma_alloc: linux,cma: alloc failed, req-size: ",
		"<3>cma: cma_alloc: linux,cma: alloc failed, req-size: 456",
		"<3>cma: cma_alloc: linux,cma: alloc failed, req-size: 456 pages, ret: -",
		"<3>cma: cma_alloc: linux,cma: alloc failed, req-size: 456 pages, ret: 12",
		/* Numbers that cannot be. */
		"<3>cma: cma_alloc: linux,cma: alloc failed, req-size: 0 pages, ret: -12",
		"<3>cma: cma_alloc: linux,cma: alloc failed, req-size: -1 pages, ret: -12",
		"<3>cma: cma_alloc: linux,cma: alloc failed, req-size: 18446744073709551616 pages, ret: -12",
		"<3>cma: cma_alloc: linux,cma: alloc failed, req-size: 1 pages, ret: -0",
		"<3>cma: cma_alloc: linux,cma: alloc failed, req-size: 1 pages, ret: -4096",
		/* A name of 64 characters. */
		"<3>cma: cma_alloc: 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef: alloc failed, req-size: 1 pages, ret: -12",
	};
	struct cd_failed_line line;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(lines); i++)
		if (cd_read_failed_line(lines[i], &line))
			fail_msg("'%s' is taken for a failure", lines[i]);
}

/* Cut anywhere, any byte changed: nothing is read past the end. */
void test_damaged_lines(void **state)
{
	static const char whole[] = {
		"<3>[    1.234567][  T123] cma: __cma_alloc: linux,cma: alloc failed, req-size: 456 pages, ret: -12\n"
	};
	unsigned long i, nr_taken = 0;

	(void)state;
	for (i = 0; i < 100000; i++) {
		size_t len = below(2) ? sizeof(whole) - 1 :
			     below(sizeof(whole));
		char *text = malloc(len + 1);
		struct cd_failed_line line;
		unsigned long nr = below(3);

		assert_non_null(text);
		memcpy(text, whole, len);
		text[len] = '\0';
		while (len && nr--)
			text[below(len)] = (char)(1 + below(255));
		nr_taken += cd_read_failed_line(text, &line);
		free(text);
	}
	print_message("# %lu of 100000 are taken for failures\n", nr_taken);
	assert_in_range(nr_taken, 100000 / 10, 100000 / 2);
}
