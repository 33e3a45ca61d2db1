// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel's own figures of an area, and ours: in random states of a real
 * area they must be the same. What the kernel has depends on how it was built:
 *
 *	debugfs		used, maxchunk and the bitmap of CMA_DEBUGFS
 *	sysfs		the counters of CMA_SYSFS, in pages
 *	vmstat		failures, as /proc/vmstat counts them
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agree.h"
#include "guest_files.h"
#include "shapes.h"

#define KERNEL_DEBUGFS "/sys/kernel/debug/cma"
#define KERNEL_SYSFS "/sys/kernel/mm/cma"

/* A file of the area in @dir. */
static char *area_file(const char *dir, const char *name)
{
	char path[192];

	snprintf(path, sizeof(path), "%s/%s/%s", dir, area_name, name);
	return read_file(path);
}

static unsigned long area_value(const char *dir, const char *name)
{
	char *text = area_file(dir, name), *end;
	unsigned long value = strtoul(text, &end, 10);

	if (end == text)
		fail("%s/%s/%s has no number: %s", dir, area_name, name, text);
	free(text);
	return value;
}

static void must_be(const char *what, unsigned long ours, unsigned long kernels)
{
	if (ours != kernels)
		fail("%s: we say %lu, the kernel says %lu", what, ours,
		     kernels);
}

/* The number that follows @label in @text. */
static unsigned long number_after(const char *text, const char *label)
{
	const char *at = strstr(text, label);

	return at ? strtoul(at + strlen(label), NULL, 10) : 0;
}

/* The kernel's bitmap: decimal words of 32 bits, the first bit the lowest. */
static void read_kernel_bitmap(unsigned char *used)
{
	char *text = area_file(KERNEL_DEBUGFS, "bitmap"), *at = text, *end;
	unsigned long bit, word = 0;

	for (bit = 0; bit < area.ranges[0].nr_bits; bit++) {
		if (bit % 32 == 0) {
			word = strtoul(at, &end, 10);
			if (end == at)
				fail("the kernel's bitmap ends at bit %lu",
				     bit);
			at = end;
		}
		used[bit] = word >> (bit % 32) & 1;
	}
	free(text);
}

static void must_read(const char *summary, const char *line)
{
	if (!strstr(summary, line))
		fail("must be in the summary: %s\n%s", line, summary);
}

/* Our summary must say what the oracle makes of the kernel's bitmap. */
static void check_summary(const char *summary,
			  const struct oracle_answer *answer)
{
	unsigned int order;
	char line[128];

	snprintf(line, sizeof(line), "\n  free      %lu of %lu pages (",
		 answer->free, answer->total);
	must_read(summary, line);
	snprintf(line, sizeof(line), ") in %lu run%s\n", answer->nr_runs,
		 answer->nr_runs == 1 ? "" : "s");
	must_read(summary, line);
	for (order = 0; order < ORACLE_NR_ORDERS; order++) {
		snprintf(line, sizeof(line), "\n  %5u %8lu  %lu at %lu\n",
			 order, 1UL << order, answer->usable[order],
			 answer->usable_at[order]);
		if (!answer->usable[order])
			snprintf(line, sizeof(line),
				 "\n  %5u %8lu  none, nor above\n", order,
				 1UL << order);
		must_read(summary, line);
		if (!answer->usable[order])
			break;
	}
}

static void compare_figures(void)
{
	static unsigned char used[SHAPES_MAX_BITS];
	struct oracle_area kernels = area;
	struct oracle_answer answer;
	char *summary;

	read_kernel_bitmap(used);
	if (memcmp(used, area.ranges[0].used, area.ranges[0].nr_bits))
		fail("the kernel's bitmap is not what was arranged");
	kernels.ranges[0].used = used;
	oracle_count(&kernels, &answer);

	summary = area_file(DIAG_DIR, "summary");
	check_summary(summary, &answer);
	must_be("used", answer.total - number_after(summary, "\n  free      "),
		area_value(KERNEL_DEBUGFS, "used"));
	must_be("maxchunk", number_after(summary, "\n  largest   "),
		area_value(KERNEL_DEBUGFS, "maxchunk"));
	free(summary);
}

/* Failures in our file that were not there yet, and the pages they asked. */
static unsigned long nr_failures, nr_pages_failed;

static void count_new_failures(void)
{
	static unsigned long last_seq;
	char *text = area_file(DIAG_DIR, "failures"), *at = text;

	while ((at = strchr(at, '#'))) {
		unsigned long seq = strtoul(at + 1, NULL, 10);

		if (seq > last_seq) {
			last_seq = seq;
			nr_failures++;
			nr_pages_failed += number_after(at, "\n  request   ");
		}
		at++;
	}
	free(text);
}

static unsigned long vmstat_failures(void)
{
	char *text = read_file("/proc/vmstat");
	unsigned long nr = number_after(text, "\ncma_alloc_fail ");

	free(text);
	return nr;
}

/* What had been counted before the first state, by the kernel and by us. */
static struct {
	unsigned long held, failed, freed, vmstat;
	unsigned long our_failed, our_failures;
} before;

static void count_before(bool has_sysfs)
{
	count_new_failures();
	before.our_failed = nr_pages_failed;
	before.our_failures = nr_failures;
	before.vmstat = vmstat_failures();
	if (!has_sysfs)
		return;
	before.held = area_value(KERNEL_SYSFS, "alloc_pages_success");
	before.failed = area_value(KERNEL_SYSFS, "alloc_pages_fail");
	before.freed = area_value(KERNEL_SYSFS, "release_pages_success");
}

static void compare_counters(void)
{
	must_be("alloc_pages_success", nr_pages_held,
		area_value(KERNEL_SYSFS, "alloc_pages_success") - before.held);
	must_be("alloc_pages_fail", nr_pages_failed - before.our_failed,
		area_value(KERNEL_SYSFS, "alloc_pages_fail") - before.failed);
	must_be("release_pages_success", nr_pages_freed,
		area_value(KERNEL_SYSFS, "release_pages_success") -
		before.freed);
}

/*
 * From one state to the next: some pages are freed, some are asked, in vain or
 * not. Never more than the area has, since such a request the kernel does not
 * count (up to 6.14).
 */
static void step(void)
{
	unsigned long max_bits = 1 + below(area.ranges[0].nr_bits / 4);
	unsigned long pfn;

	shapes_free_part(max_bits);
	shapes_hold((1 + below(max_bits)) * unit(),
		    area.order_per_bit + below(6), &pfn);
}

/* cma_test agree SOURCES STATES AREA ORDER_PER_BIT PFN:PAGES */
int agree(int argc, char **argv)
{
	bool has_debugfs, has_sysfs, has_vmstat;
	unsigned long i, nr_states;

	if (argc != 5)
		return 2;
	has_debugfs = strstr(argv[0], "debugfs");
	has_sysfs = strstr(argv[0], "sysfs");
	has_vmstat = strstr(argv[0], "vmstat");
	nr_states = atol(argv[1]);
	shapes_begin(argc - 2, argv + 2);
	count_before(has_sysfs);
	for (i = 0; i < nr_states; i++) {
		step();
		count_new_failures();
		if (has_debugfs)
			compare_figures();
		if (has_sysfs)
			compare_counters();
		if (has_vmstat)
			must_be("failures", nr_failures - before.our_failures,
				vmstat_failures() - before.vmstat);
	}
	shapes_end();
	printf("# %lu states: %lu pages had, %lu freed, ", nr_states,
	       nr_pages_held, nr_pages_freed);
	printf("%lu refused in %lu failures\n",
	       nr_pages_failed - before.our_failed,
	       nr_failures - before.our_failures);
	if (nr_failures < before.our_failures + nr_states / 100)
		fail("too few requests were refused");
	return nr_pages_held ? 0 : 1;
}
