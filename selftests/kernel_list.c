// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel's own list of an area's free runs, of a failure in its log, as it
 * is up to 6.14, in one line or, if it is long, in several:
 *
 *	cma: number of available pages: 511@16+300@1024=> 811 free of 8192
 *	total pages
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>

#include "guest_files.h"
#include "kernel_list.h"

/* As linux/syslog.h of the kernel numbers them. */
#define READ_ALL 3
#define CLEAR 5

#define BEFORE_LIST "number of available pages: "

void forget_kernel_log(void)
{
	if (klogctl(CLEAR, NULL, 0) < 0)
		fail("cannot clear the kernel log: %s", strerror(errno));
}

/* A line of CMA's own, or one that goes on with a list; others come between. */
static bool is_of_cma(const char *line)
{
	return !strncmp(line, "cma: ", 5) ||
	       (*line && strchr("0123456789+=", *line));
}

/* What CMA has logged since, without what its lines begin with. */
static char *read_kernel_log(void)
{
	static char lines[1 << 20], text[1 << 20];
	int len = klogctl(READ_ALL, lines, sizeof(lines) - 1);
	char *line, *at = lines, *end = text;

	if (len < 0)
		fail("cannot read the kernel log: %s", strerror(errno));
	lines[len] = '\0';
	while ((line = strsep(&at, "\n"))) {
		char *start = strstr(line, "] ");

		start = start ? start + 2 : line;
		if (is_of_cma(start))
			end = stpcpy(end, start);
	}
	return text;
}

static void mark_free(struct oracle_range *range, unsigned long nr_pages,
		      unsigned long start)
{
	if (start + nr_pages > range->nr_bits)
		fail("the kernel lists %lu@%lu of %lu pages", nr_pages, start,
		     range->nr_bits);
	memset(range->used + start, 0, nr_pages);
}

/**
 * read_kernel_list() - what the kernel's list says is used
 * @range: all of an area of one range, whose bits are pages; its bits are set
 *
 * Return: false when the kernel has listed nothing since forget_kernel_log().
 */
bool read_kernel_list(struct oracle_range *range)
{
	char *at = strstr(read_kernel_log(), BEFORE_LIST);
	unsigned long start, nr_pages, sum = 0, total;
	int len = 0;

	if (!at)
		return false;
	memset(range->used, 1, range->nr_bits);
	for (at += strlen(BEFORE_LIST);
	     sscanf(at, "%lu@%lu%n", &nr_pages, &start, &len) == 2; at += len) {
		mark_free(range, nr_pages, start);
		sum += nr_pages;
		if (at[len] == '+')
			len++;
	}
	if (sscanf(at, "=> %lu free of %lu total", &nr_pages, &total) != 2)
		fail("the kernel's list ends in: %.60s", at);
	if (nr_pages != sum || total != range->nr_bits)
		fail("the kernel lists %lu pages of %lu, and says %lu of %lu",
		     sum, range->nr_bits, nr_pages, total);
	return true;
}
