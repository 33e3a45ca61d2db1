// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every number in every file that shows an area: in random shapes of it, each
 * file's text must be the one that the oracle's figures make, to the letter.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "evidence.h"
#include "expected.h"
#include "guest_files.h"
#include "shapes.h"

static struct oracle_answer answer;
static struct oracle_remainders remainders[ORACLE_NR_ORDERS];

/* Text is written to a stream, and compared with a file when it is done. */
static char *must;
static size_t must_size;

static FILE *begin(void)
{
	free(must);
	must = NULL;
	return open_memstream(&must, &must_size);
}

static char *area_file(const char *name)
{
	char path[192];

	snprintf(path, sizeof(path), DIAG_DIR "/%s/%s", area_name, name);
	return read_file(path);
}

static void end(FILE *out, const char *name)
{
	char *is = area_file(name);

	fclose(out);
	check_same(name, is, must);
	free(is);
}

/* The part of the file that starts with what was written so far. */
static void end_of_part(FILE *out, const char *name, const char *after)
{
	char *is = area_file(name), *part_end = strstr(is, after);

	fclose(out);
	if (!part_end)
		fail("no '%s' in %s", after, name);
	*part_end = '\0';
	check_same(name, is, must);
	free(is);
}

static void add_share(FILE *out, unsigned long part, unsigned long whole)
{
	char text[32] = "-";

	if (whole)
		snprintf(text, sizeof(text), "%.1f%%",
			 100.0 * part / whole + 0.00000001);
	fprintf(out, " %6s", text);
}

static void add_sizes(FILE *out, const struct oracle_size *size,
		      unsigned long whole)
{
	fprintf(out, " %8lu %9lu", size->nr_runs, size->nr_pages);
	add_share(out, size->nr_pages, whole);
}

static void check_runs(void)
{
	struct oracle_size free_runs[ORACLE_NR_SIZES];
	struct oracle_size used_runs[ORACLE_NR_SIZES];
	struct oracle_size all_free = { 0, 0 }, all_used = { 0, 0 };
	unsigned long used = answer.total - answer.free;
	unsigned int i, last = 0;
	FILE *out = begin();

	oracle_sizes(&area, false, free_runs);
	oracle_sizes(&area, true, used_runs);
	for (i = 0; i < ORACLE_NR_SIZES; i++)
		if (free_runs[i].nr_runs || used_runs[i].nr_runs)
			last = i;
	fprintf(out, "%s: free and used runs by size\n", area_name);
	fprintf(out, "%-17s %8s %9s %6s  %8s %9s %6s\n", "pages", "free",
		"pages", "share", "used", "pages", "share");
	for (i = 0; i <= last; i++) {
		char sizes[64];

		snprintf(sizes, sizeof(sizes), "%lu-%lu", 1UL << i,
			 (1UL << (i + 1)) - 1);
		fprintf(out, "%-17s", i ? sizes : "1");
		add_sizes(out, &free_runs[i], answer.free);
		fputc(' ', out);
		add_sizes(out, &used_runs[i], used);
		fputc('\n', out);
		all_free.nr_runs += free_runs[i].nr_runs;
		all_used.nr_runs += used_runs[i].nr_runs;
	}
	all_free.nr_pages = answer.free;
	all_used.nr_pages = used;
	fprintf(out, "%-17s", "all");
	add_sizes(out, &all_free, answer.total);
	fputc(' ', out);
	add_sizes(out, &all_used, answer.total);
	fputc('\n', out);
	end(out, "runs");
}

static unsigned long largest_range(void)
{
	unsigned long largest = 0;
	unsigned int r;

	for (r = 0; r < area.nr_ranges; r++)
		if (area.ranges[r].nr_bits > largest)
			largest = area.ranges[r].nr_bits;
	return largest * unit();
}

static void add_remainders(FILE *out, unsigned int order)
{
	fprintf(out, "%5u %8lu %8lu %9lu", order, 1UL << order,
		remainders[order].nr_runs, remainders[order].nr_pages);
	add_share(out, remainders[order].nr_pages, answer.free);
	fputc('\n', out);
}

static void check_alignment(void)
{
	FILE *out = begin();
	unsigned int order;

	fprintf(out, "%s: what alignment leaves of %lu free pages\n",
		area_name, answer.free);
	fprintf(out, "align    pages       KiB   blocks    usable  share  ");
	fprintf(out, "largest run so aligned\n");
	for (order = 0; order < ORACLE_NR_ORDERS; order++) {
		unsigned long usable = oracle_usable_pages(&area, order);

		if (1UL << order > largest_range())
			break;
		fprintf(out, "%5u %8lu %9lu %8lu %9lu", order, 1UL << order,
			4UL << order, oracle_blocks(&area, order), usable);
		add_share(out, usable, answer.free);
		fprintf(out, "  %lu", answer.usable[order]);
		if (answer.usable[order])
			fprintf(out, " at %s",
				place(answer.usable_at[order],
				      answer.usable_range[order]));
		fputc('\n', out);
	}
	fprintf(out,
		"\nremainders: free runs that begin as buffers so aligned leave them\n");
	fprintf(out, "align    pages     runs      left  share\n");
	for (order = 0; order < ORACLE_NR_ORDERS &&
	     1UL << order <= largest_range(); order++)
		add_remainders(out, order);
	end(out, "alignment");
}

/* In KiB below a MiB, else in tenths of a MiB when they tell something. */
static const char *human(unsigned long nr_pages)
{
	static char text[2][32];
	static int which;
	unsigned long tenths = (nr_pages * 40 + 512) / 1024;

	which = !which;
	if (nr_pages < 256)
		snprintf(text[which], sizeof(text[which]), "%lu KiB",
			 nr_pages * 4);
	else
		snprintf(text[which], sizeof(text[which]), "%.*f MiB",
			 tenths % 10 ? 1 : 0, tenths / 10.0);
	return text[which];
}

static void add_alignments(FILE *out)
{
	unsigned int order;

	fprintf(out, "\n  align    pages  largest run so aligned\n");
	for (order = 0; order < ORACLE_NR_ORDERS; order++) {
		fprintf(out, "  %5u %8lu  ", order, 1UL << order);
		if (!answer.usable[order]) {
			fprintf(out, "none, nor above\n");
			break;
		}
		fprintf(out, "%lu at %s\n", answer.usable[order],
			place(answer.usable_at[order],
			      answer.usable_range[order]));
	}
}

static void check_area_summary(void)
{
	char bar[ORACLE_BAR_WIDTH + 1];
	FILE *out = begin();
	unsigned int r;

	oracle_bar(&area, bar);
	fprintf(out, "%s\n", area_name);
	for (r = 0; r < area.nr_ranges; r++)
		fprintf(out, "  range     %u: pfn 0x%lx, %lu pages (%s)\n", r,
			area.ranges[r].base_pfn,
			area.ranges[r].nr_bits * unit(),
			human(area.ranges[r].nr_bits * unit()));
	if (unit() > 1)
		fprintf(out, "  unit      %lu pages to a bit of the bitmap\n",
			unit());
	fprintf(out, "  where     [%s]\n", bar);
	fprintf(out, "  free      %lu of %lu pages (%s) in %lu run%s\n",
		answer.free, answer.total, human(answer.free), answer.nr_runs,
		answer.nr_runs == 1 ? "" : "s");
	if (answer.largest)
		fprintf(out, "  largest   %lu pages (%s) at %s\n",
			answer.largest, human(answer.largest),
			place(answer.largest_at, answer.largest_range));
	add_alignments(out);
	end_of_part(out, "summary", "\n  failures  ");
}

/* The area's two lines of the summary of all areas. */
static void check_summary(void)
{
	char line[128], bar[ORACLE_BAR_WIDTH + 1];
	char *text = read_file(DIAG_DIR "/summary");

	snprintf(line, sizeof(line), "\n%-20s %7lu %7lu %6lu %7lu %7lu ",
		 area_name, answer.total, answer.free, answer.nr_runs,
		 answer.largest, answer.usable[8]);
	if (!strstr(text, line))
		fail("must be in the summary:%s", line);
	oracle_bar(&area, bar);
	snprintf(line, sizeof(line), "\n%-20s [%s] %lu pages\n", area_name,
		 bar, answer.total);
	if (!strstr(text, line))
		fail("must be in the summary:%s", line);
	free(text);
}

static void add_remainder_stats(FILE *out)
{
	unsigned int i;

	for (i = 0; i < ORACLE_NR_ORDERS; i++)
		fprintf(out, "remainder_runs_%u %lu\n", i,
			remainders[i].nr_runs);
	for (i = 0; i < ORACLE_NR_ORDERS; i++)
		fprintf(out, "remainder_pages_%u %lu\n", i,
			remainders[i].nr_pages);
}

static void check_stats(void)
{
	unsigned long largest_pfn = 0;
	FILE *out = begin();
	unsigned int i;

	if (answer.largest)
		largest_pfn = area.ranges[answer.largest_range].base_pfn +
			      answer.largest_at;
	fprintf(out, "version 1\npage_size %ld\npages %lu\n",
		sysconf(_SC_PAGESIZE), answer.total);
	fprintf(out, "pages_per_bit %lu\nranges %u\n", unit(),
		area.nr_ranges);
	for (i = 0; i < area.nr_ranges; i++)
		fprintf(out, "range_%u_pfn %lu\nrange_%u_pages %lu\n", i,
			area.ranges[i].base_pfn, i,
			area.ranges[i].nr_bits * unit());
	fprintf(out, "locked 1\nfree_pages %lu\nfree_runs %lu\n",
		answer.free, answer.nr_runs);
	fprintf(out, "largest_pages %lu\nlargest_pfn %lu\n", answer.largest,
		largest_pfn);
	for (i = 0; i < ORACLE_NR_ORDERS; i++)
		fprintf(out, "usable_pages_%u %lu\n", i, answer.usable[i]);
	add_remainder_stats(out);
	end_of_part(out, "stats", "failures ");
}

static unsigned long number_at(const unsigned char *file, size_t at,
			       unsigned int nr_bytes)
{
	unsigned long number = 0;

	while (nr_bytes--)
		number = number << 8 | file[at + nr_bytes];
	return number;
}

static void must_be(const char *what, unsigned long is, unsigned long expected)
{
	if (is != expected)
		fail("bitmap: %s is %lu, must be %lu", what, is, expected);
}

static void check_bits(const unsigned char *bits,
		       const struct oracle_range *range)
{
	unsigned long i;

	for (i = 0; i < range->nr_bits; i++)
		if ((bits[i / 8] >> (i % 8) & 1) != !!range->used[i])
			fail("bitmap: bit %lu is wrong", i);
}

static size_t read_bitmap(unsigned char *file, size_t size)
{
	size_t len = 0;
	char path[192];
	ssize_t got;
	int fd;

	snprintf(path, sizeof(path), DIAG_DIR "/%s/bitmap", area_name);
	fd = open(path, O_RDONLY);
	while ((got = read(fd, file + len, size - len)) > 0)
		len += got;
	close(fd);
	return len;
}

static void check_bitmap(void)
{
	static unsigned char file[SHAPES_MAX_BITS / 8 + 1024];
	unsigned long now = time(NULL), at = 112 + 24 * area.nr_ranges;
	size_t size = read_bitmap(file, sizeof(file));
	unsigned int r;

	if (size < at || memcmp(file, "CMAbits\n", 8))
		fail("bitmap: no header");
	must_be("version", number_at(file, 8, 4), 1);
	must_be("header", number_at(file, 12, 4), at);
	must_be("page shift", number_at(file, 16, 4), 12);
	must_be("order_per_bit", number_at(file, 20, 4), area.order_per_bit);
	must_be("flags", number_at(file, 24, 4), 1);
	must_be("ranges", number_at(file, 28, 4), area.nr_ranges);
	must_be("pages", number_at(file, 40, 8), answer.total);
	if (strcmp((char *)file + 48, area_name))
		fail("bitmap: of area %s", file + 48);
	if (number_at(file, 32, 8) / 1000000000 + 5 < now)
		fail("bitmap: an old time");
	for (r = 0; r < area.nr_ranges; r++) {
		size_t here = 112 + 24 * r;

		must_be("base pfn", number_at(file, here, 8),
			area.ranges[r].base_pfn);
		must_be("bits", number_at(file, here + 8, 8),
			area.ranges[r].nr_bits);
		must_be("offset", number_at(file, here + 16, 8), at);
		check_bits(file + at, &area.ranges[r]);
		at += (area.ranges[r].nr_bits + 63) / 64 * 8;
	}
	must_be("size", size, at);
}

/* Each file that shows the area, as it is now. */
void check_area_files(void)
{
	unsigned int order;

	oracle_count(&area, &answer);
	for (order = 0; order < ORACLE_NR_ORDERS; order++)
		oracle_remainders(&area, order, &remainders[order]);
	check_runs();
	check_alignment();
	check_area_summary();
	check_summary();
	check_stats();
	check_bitmap();
}

/* cma_test evidence SHAPES AREA ORDER_PER_BIT PFN:PAGES... */
int evidence(int argc, char **argv)
{
	unsigned long i, nr_shapes;

	if (argc < 4)
		return 2;
	nr_shapes = atol(argv[0]);
	shapes_begin(argc - 1, argv + 1);
	/* All used; then at random; then all free. */
	check_area_files();
	for (i = 0; i < nr_shapes; i++) {
		shapes_free_some();
		check_area_files();
		shapes_hold_all();
	}
	shapes_free_all();
	check_area_files();
	printf("# %lu shapes, 6 files each\n", nr_shapes + 2);
	return 0;
}
