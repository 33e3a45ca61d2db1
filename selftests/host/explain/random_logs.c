// SPDX-License-Identifier: GPL-2.0-only
/*
 * random_logs LOG ROWS ORDER_PER_BIT BASE_PFN
 *
 * Random areas that fail, printed as kernels and loggers print them, and for
 * each failure the row that cma-explain must give, by the oracle.
 */
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oracle.h"
#include "random_area.h"

#define NR_FAILURES 6000
#define LOG_MAX (64 * 1024)

/* The kernels that print differently. */
static const struct kernel {
	const char *function;
	bool has_name;
	bool has_ranges;
	/* 0: up to 6.14, 1: from 6.15 on, -1: either, if there is no list */
	int is_new;
	int is_new_by_list;
} kernels[] = {
	{ "cma_alloc", false, false, 0, 0 },
	{ "cma_alloc", true, false, 0, 0 },
	{ "__cma_alloc", true, false, -1, 0 },
	{ "__cma_alloc", true, true, -1, 1 },
	{ "__cma_alloc_frozen", true, true, 1, 1 },
};

static const char * const prefixes[] = {
	"", "[   12.415458] ", "<6>[   12.415458] ",
	"[   12.415458]  [2:   Binder:714_1:  744] ",
	"[   12.415458][  T714] ", "Nov 22 22:05:17 imx8 kernel: ",
	"Jan  1 00:01:02 board user.info kernel: [   12.415458] ",
	"2026-11-22T22:05:17.415458+0000 imx8 kernel: ",
	"kern  :err   : [   12.415458] ", "> [   12.415458] ",
	"[Sun Nov 22 22:05:17 2026] ", "[   12.415458] imx8 kernel: ",
	"\033[32m[   12.415458] \033[0m", "2026-11-22 22:05:17.415 | ",
};

static const char * const noise[] = {
	"usb 1-1: new high-speed USB device number 2 using xhci-hcd",
	"random: crng init done", "mail to 42@example.org", "",
	"EXT4-fs (mmcblk2p2): re-mounted. Opts: (null)", "0 free of charge",
	"\xff\xfe\x80 not UTF-8 \xc3", "range of 3 pages",
};

/* How a failure's list is printed, if it is. */
enum listing { WHOLE, CUT, TOTALS, NO_LIST, NR_LISTINGS };

struct test {
	const struct kernel *kernel;
	enum listing listing;
	const char *prefix;
	const char *cma;
	const char *end;
	unsigned long nr_pages;
	unsigned int align;
	bool has_align;
	int error;
	unsigned long nr_shown;
};

static char list[LOG_MAX];
static size_t list_len;
static FILE *log_file, *rows;
static unsigned char seen[MAX_BITS + 8];

static void put_line(const struct test *test, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fprintf(log_file, "%s", test->prefix);
	vfprintf(log_file, format, args);
	fprintf(log_file, "%s\n", test->end);
	va_end(args);
}

static void add(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	list_len += (size_t)vsnprintf(list + list_len, LOG_MAX - list_len,
				      format, args);
	va_end(args);
}

/* The free runs of a range; what is shown of them is seen. */
static void add_runs(struct test *test, unsigned int r)
{
	const struct oracle_range *range = &area.ranges[r];
	unsigned long bit, len;
	bool is_first = true;

	for (bit = 0; bit < range->nr_bits && test->nr_shown; bit += len) {
		for (len = 0; bit + len < range->nr_bits &&
		     !range->used[bit + len]; len++)
			seen[range->used - bytes + (long)(bit + len)] = 0;
		if (!len) {
			len = 1;
			continue;
		}
		add("%s%lu@%lu", is_first && (!test->kernel->has_ranges ||
					      !bit) ? "" : "+",
		    len << area.order_per_bit, bit);
		is_first = false;
		test->nr_shown--;
	}
}

static void put_noise(const struct test *test)
{
	if (!below(4))
		put_line(test, "%s", noise[below(sizeof(noise) /
						 sizeof(*noise))]);
}

/* In one line; in records as printk makes them; or as a terminal wraps it. */
static void put_list(const struct test *test, const char *head)
{
	size_t at = 0, width;

	switch (below(3)) {
	case 0:
		put_line(test, "%s%s%s", test->cma, head, list);
		break;
	case 1:
		fprintf(log_file, "%s%s%s", test->prefix, test->cma, head);
		do {
			width = 0;
			while (list[at + width] &&
			       (width < 900 || !strchr("+=", list[at + width])))
				width++;
			fprintf(log_file, "%s%.*s%s\n", at ? test->prefix : "",
				(int)width, list + at, test->end);
			at += width;
			if (list[at])
				put_noise(test);
		} while (list[at]);
		break;
	default:
		fprintf(log_file, "%s%s%s", test->prefix, test->cma, head);
		width = 40 + below(80);
		do {
			/* What has neither @ nor => is not known again. */
			while (list[at] && strlen(list + at) > width &&
			       strlen(list + at) < width + 45)
				width += 45;
			fprintf(log_file, "%.*s%s\n", (int)width, list + at,
				test->end);
			at += strlen(list + at) < width ? strlen(list + at) :
							  width;
		} while (list[at]);
	}
	list_len = 0;
	list[0] = '\0';
}

static void add_totals(const struct oracle_answer *answer)
{
	add("=> %lu free of %lu total pages", answer->free, answer->total);
}

static void put_ranges(struct test *test, const struct oracle_answer *answer)
{
	unsigned int r;
	char head[32];

	put_line(test, "%snumber of available pages: ", test->cma);
	for (r = 0; r < area.nr_ranges && test->listing != TOTALS; r++) {
		snprintf(head, sizeof(head), "range %u: ", r);
		add_runs(test, r);
		if (test->listing == CUT && r + 1 == area.nr_ranges)
			add(list_len ? "+..." : "...");
		put_list(test, head);
		put_line(test, "%s", test->cma);
		put_noise(test);
	}
	add_totals(answer);
	put_line(test, "%s", list);
	list_len = 0;
	list[0] = '\0';
}

static void put_listing(struct test *test, const struct oracle_answer *answer)
{
	memset(seen, 1, sizeof(seen));
	if (test->listing == NO_LIST)
		return;
	put_noise(test);
	test->nr_shown = test->listing == CUT ? below(answer->nr_runs + 1) :
			 test->listing == TOTALS ? 0 : ~0UL;
	if (test->kernel->has_ranges) {
		put_ranges(test, answer);
		return;
	}
	add_runs(test, 0);
	if (test->listing != WHOLE)
		add(list_len ? "+..." : "...");
	add_totals(answer);
	put_list(test, "number of available pages: ");
}

static void put_failure(struct test *test, const struct oracle_answer *answer)
{
	if (test->has_align)
		put_line(test, "%scma_alloc(cma %s, %scount %lu, align %u)",
			 test->cma, "(____ptrval____)",
			 test->kernel->has_name ? "name: linux,cma, " : "",
			 test->nr_pages, test->align);
	put_noise(test);
	put_line(test, "%s%s: %salloc failed, req-size: %lu pages, ret: %d",
		 test->cma, test->kernel->function,
		 test->kernel->has_name ? "linux,cma: " : "", test->nr_pages,
		 test->error);
	put_listing(test, answer);
}

static unsigned long bits_of(unsigned long nr_pages)
{
	return (nr_pages + (1UL << area.order_per_bit) - 1) >>
	       area.order_per_bit;
}

/* The most bits that a range may have, as far as the list tells. */
static unsigned long bound(const struct oracle_area *shown)
{
	unsigned long widest = 0, sum = 0, total = 0, end, bit;
	unsigned int r;

	for (r = 0; r < shown->nr_ranges; r++) {
		end = 0;
		for (bit = 0; bit < shown->ranges[r].nr_bits; bit++)
			if (!shown->ranges[r].used[bit])
				end = bit + 1;
		total += shown->ranges[r].nr_bits;
		sum += end;
		widest = end > widest ? end : widest;
	}
	return widest + total - sum;
}

static const char *by_errno(int error)
{
	return error == -16 ? "busy" : error == -12 ? "low-memory" : "unknown";
}

/* What is certain by the errno alone; NULL when nothing is. */
static const char *certain(const struct test *test)
{
	int is_new = test->listing == NO_LIST ? test->kernel->is_new :
						test->kernel->is_new_by_list;

	/* Without a line of a range, totals in a line look like any other. */
	if (test->listing == TOTALS && test->kernel->has_ranges)
		is_new = test->kernel->is_new;
	if (test->error == -4)
		return "interrupted";
	if ((test->error == -16 && is_new == 0) ||
	    (test->error == -12 && is_new == 1))
		return by_errno(test->error);
	return NULL;
}

static const char *judge(const struct test *test,
			 const struct oracle_area *shown,
			 const struct oracle_answer *answer,
			 unsigned long nr_hidden)
{
	unsigned long nr_bits = bits_of(test->nr_pages);
	unsigned long taken = nr_bits << area.order_per_bit;

	if (certain(test))
		return certain(test);
	if (test->listing == NO_LIST)
		return "unknown";
	if (oracle_fits(shown, test->nr_pages, test->align))
		return by_errno(test->error);
	if (taken > answer->total || (!nr_hidden && nr_bits > bound(shown)))
		return "too-big";
	if (taken > answer->free)
		return "exhausted";
	if (nr_hidden >= taken)
		return "unknown";
	return oracle_fits(shown, test->nr_pages, 0) ? "misaligned" :
						       "fragmented";
}

static void put_known(bool is_known, unsigned long value)
{
	if (is_known)
		fprintf(rows, "\t%lu", value);
	else
		fprintf(rows, "\t-");
}

/* Of several ranges the log does not tell where each ends. */
static void put_to_free(const struct test *test, const char *verdict,
			bool is_complete)
{
	struct oracle_cheapest cheapest;
	bool is_told = is_complete && area.nr_ranges == 1 &&
		       (!strcmp(verdict, "fragmented") ||
			!strcmp(verdict, "misaligned")) &&
		       oracle_cheapest(&area, test->nr_pages, test->align,
				       &cheapest);

	put_known(is_told, is_told ? cheapest.nr_used : 0);
}

static void put_row(const struct test *test, const struct oracle_answer *answer)
{
	bool has_totals = test->listing != NO_LIST;
	struct oracle_area shown = area;
	struct oracle_answer part;
	unsigned long nr_hidden, usable, at;
	const char *verdict;
	unsigned int r;
	bool is_seen;

	for (r = 0; r < area.nr_ranges; r++)
		shown.ranges[r].used = seen + (area.ranges[r].used - bytes);
	oracle_count(&shown, &part);
	nr_hidden = answer->free - part.free;
	is_seen = has_totals && (part.nr_runs || !answer->free);
	usable = oracle_usable(&shown, test->align, &at, &r);
	verdict = judge(test, &shown, answer, nr_hidden);
	fprintf(rows, "%s\t%lu\t%u\t%s\t%d\t%s",
		test->kernel->has_name ? "linux,cma" : "-", test->nr_pages,
		test->align, test->has_align ? "no" : "yes", test->error,
		verdict);
	put_known(has_totals, answer->total);
	put_known(has_totals, answer->free);
	put_known(is_seen && !nr_hidden, part.nr_runs);
	put_known(is_seen && part.largest >= nr_hidden, part.largest);
	put_known(is_seen && usable >= nr_hidden, usable);
	fprintf(rows, "\t%s", is_seen && !nr_hidden ? "yes" : "no");
	put_to_free(test, verdict, is_seen && !nr_hidden);
	fputc('\n', rows);
}

static int random_error(const struct test *test)
{
	bool is_new = test->kernel->has_ranges;

	switch (below(8)) {
	case 0:
		return -4;
	case 1:
		return -12;
	case 2:
		return -16;
	default:
		if (!oracle_fits(&area, test->nr_pages, test->align))
			return is_new ? -16 : -12;
		return below(2) ? -12 : -16;
	}
}

static unsigned int dma_align(unsigned long nr_pages)
{
	unsigned int order = 0;

	while (order < 8 && 1UL << order < nr_pages)
		order++;
	return order;
}

static void make_area_of(const struct kernel *kernel, unsigned int order,
			 unsigned long base)
{
	unsigned int r;

	do {
		make_area(1 + below(1 + below(2000)));
	} while (area.nr_ranges > 1 && !kernel->has_ranges);
	area.order_per_bit = order;
	for (r = 0; r < area.nr_ranges; r++)
		area.ranges[r].base_pfn = base;
}

static void print_one(unsigned int order, unsigned long base)
{
	struct test test = {
		.kernel = &kernels[below(sizeof(kernels) / sizeof(*kernels))],
		.listing = below(3) ? WHOLE : below(NR_LISTINGS),
		.prefix = prefixes[below(sizeof(prefixes) /
					 sizeof(*prefixes))],
		.cma = below(5) ? "cma: " : "",
		.end = below(5) ? "" : "\r",
		.has_align = below(2),
	};
	struct oracle_answer answer;

	make_area_of(test.kernel, order, base);
	oracle_count(&area, &answer);
	test.nr_pages = random_request(&answer);
	test.align = test.has_align ? below(13) : dma_align(test.nr_pages);
	test.error = random_error(&test);
	put_failure(&test, &answer);
	put_row(&test, &answer);
}

int main(int argc, char **argv)
{
	unsigned long i, base;
	unsigned int order;

	if (argc != 5)
		return 2;
	log_file = fopen(argv[1], "w");
	rows = fopen(argv[2], "w");
	order = (unsigned int)strtoul(argv[3], NULL, 0);
	base = strtoul(argv[4], NULL, 0);
	if (!log_file || !rows)
		return 2;
	for (i = 0; i < NR_FAILURES; i++)
		print_one(order, base);
	return fclose(log_file) || fclose(rows);
}
