// SPDX-License-Identifier: GPL-2.0-only
/*
 * Requests that fit, while memory is short: all that the area lends would have
 * to go elsewhere, and there is nothing elsewhere.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/kernel-page-flags.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "balloon.h"
#include "expected.h"
#include "guest_files.h"
#include "last_failure.h"
#include "page_map.h"
#include "shortage.h"

/*
 * What is asked of the area, and what stays free of the guest's memory: less
 * than that, so that it cannot be had without swap, wherever the free pages
 * lie; and more than what the kernel begins to reclaim at, so that nobody is
 * killed before the request is made, and nothing is swapped out.
 */
#define NR_ASKED 16384UL
#define KEEP_KIB 49152UL
/* Where there is swap, files of the guest's that are memory can go, too. */
#define KEEP_LOCKED_KIB 24576UL

static const char *pool;
static unsigned long pool_pfn;

static int ask(void)
{
	unsigned long pfn;
	int err = shape(&pfn, "hold %s %lu 0", pool, NR_ASKED);

	if (!err)
		shape(NULL, "free %s 0x%lx %lu", pool, pfn, NR_ASKED);
	return err;
}

/*
 * Open, as page_flags() has its file, before memory is short, so that a look
 * needs none: or the balloon would be killed, and nothing be as it was.
 */
static int zoneinfo_fd;

struct usage {
	unsigned long nr_spare;
	unsigned long nr_in_use;
};

/* Free outside CMA and above the min watermark, of all zones. */
static unsigned long count_spare(void)
{
	static char text[1 << 16];
	unsigned long nr_spare = 0, nr_free = 0, nr_min = 0, nr_cma;
	char *line, *at = text;
	ssize_t len = pread(zoneinfo_fd, text, sizeof(text) - 1, 0);

	if (len <= 0)
		fail("cannot read zoneinfo: %s", strerror(errno));
	text[len] = '\0';
	while ((line = strsep(&at, "\n"))) {
		if (sscanf(line, " pages free %lu", &nr_free) == 1)
			continue;
		if (sscanf(line, " min %lu", &nr_min) == 1)
			continue;
		if (sscanf(line, " nr_free_cma %lu", &nr_cma) == 1 &&
		    nr_free > nr_cma + nr_min)
			nr_spare += nr_free - nr_cma - nr_min;
	}
	return nr_spare;
}

/* Pages of the place that the kernel itself does not call free. */
static unsigned long count_in_use(void)
{
	static uint64_t flags[NR_ASKED];
	unsigned long i, nr = 0;

	page_flags(pool_pfn, NR_ASKED, flags);
	for (i = 0; i < NR_ASKED; i++)
		if (!(flags[i] & 1 << KPF_BUDDY))
			nr++;
	return nr;
}

static struct usage read_usage(void)
{
	struct usage usage;

	usage.nr_in_use = count_in_use();
	usage.nr_spare = count_spare();
	return usage;
}

static unsigned long difference(unsigned long a, unsigned long b)
{
	return a > b ? a - b : b - a;
}

static void check_low_memory(const char *block, const struct usage *usage,
			     const char *help)
{
	unsigned long nr_move, nr_pages, pfn, nr_spare;
	char text[512];

	block_text(block, "why", text, sizeof(text));
	if (sscanf(text,
		   "the request fitted, but there was no free memory elsewhere to move its pages to: needed to move %lu of the %lu pages from pfn %lx on; %lu free above the min watermark outside CMA",
		   &nr_move, &nr_pages, &pfn, &nr_spare) != 4)
		fail("the evidence is: %s", text);
	printf("# %s\n", text);
	if (pfn != pool_pfn || nr_pages != NR_ASKED ||
	    difference(nr_move, usage->nr_in_use) > 1024 ||
	    difference(nr_spare, usage->nr_spare) > 1024)
		fail("by the kernel's own files: in use %lu, spare %lu",
		     usage->nr_in_use, usage->nr_spare);
	block_text(block, "help", text, sizeof(text));
	printf("# %s\n", text);
	if (!strstr(text, help))
		fail("the help does not say: %s", help);
}

static void without_balloon(void)
{
	if (ask())
		fail("it fails with memory enough:\n%s", last_failure(pool));
}

/* The balloon lies in the area, too, and has nowhere else to go. */
static void fails(enum balloon_kind kind, const char *help)
{
	pid_t balloon = balloon_fill(kind == BALLOON_LOCKED ? KEEP_LOCKED_KIB :
							      KEEP_KIB, kind);
	struct usage usage;
	char *block;
	int err;

	read_usage();
	err = ask();
	usage = read_usage();
	/* Before anything else: what is read takes memory of the kernel's. */
	balloon_drop(balloon);
	if (!err)
		fail("it succeeds without memory to move pages to");
	block = last_failure(pool);
	if (!failure_is(block, "low-memory"))
		fail("is not low-memory:\n%s", block);
	check_low_memory(block, &usage, help);
	without_balloon();
}

/* A balloon as large, but in swap as far as the request needs. */
static void succeeds_swapped_out(void)
{
	unsigned long page_kib = sysconf(_SC_PAGESIZE) / 1024;
	pid_t balloon = balloon_fill(KEEP_KIB, BALLOON_SWAPPABLE);

	balloon_swap_out(balloon, 4 * NR_ASKED * page_kib);
	if (ask())
		fail("it fails:\n%s", last_failure(pool));
	printf("# swap free %lu of %lu KiB\n", meminfo_kib("SwapFree"),
	       meminfo_kib("SwapTotal"));
	if (meminfo_kib("SwapTotal") - meminfo_kib("SwapFree") <
	    NR_ASKED * page_kib)
		fail("memory is free, but not for what was swapped out");
	balloon_drop(balloon);
}

/* shortage noswap|locked|swapped AREA PFN:PAGES */
int shortage(int argc, char **argv)
{
	if (argc != 3 || sscanf(argv[2], "%li:", (long *)&pool_pfn) != 1)
		return 2;
	zoneinfo_fd = open("/proc/zoneinfo", O_RDONLY);
	pool = argv[1];
	without_balloon();
	if (!strcmp(argv[0], "noswap"))
		fails(BALLOON_SWAPPABLE, "add swap (none free)");
	else if (!strcmp(argv[0], "locked"))
		fails(BALLOON_LOCKED,
		      "was not used (too slow, or memory is locked): ask again");
	else
		succeeds_swapped_out();
	return 0;
}
