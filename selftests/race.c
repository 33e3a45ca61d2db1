// SPDX-License-Identifier: GPL-2.0-only
/*
 * Two tasks that hold and free the same half of an area, of which the rest is
 * held. Whoever comes second finds no place; and if the first has freed its
 * pages by the time that the bitmap is looked at, that is raced.
 */
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "expected.h"
#include "guest_files.h"
#include "last_failure.h"
#include "race.h"

#define ENOUGH 3

static const char *name;
static unsigned long base_pfn, nr_pages;

/* Shared by the two. */
static struct {
	atomic_bool ends;
	atomic_bool waits;
	atomic_ulong nr_refused[2];
} *tasks;

static void hold_and_free(unsigned int task)
{
	while (!tasks->ends) {
		if (tasks->waits)
			usleep(1000);
		else if (shape(NULL, "hold %s %lu 0", name, nr_pages / 2))
			tasks->nr_refused[task]++;
		else if (shape(NULL, "free %s 0x%lx %lu", name, base_pfn,
			       nr_pages / 2))
			fail("cannot free what was had");
	}
}

static unsigned long counter(const char *key)
{
	char path[128], line[64], *text, *at;
	unsigned long value;

	snprintf(path, sizeof(path), DIAG_DIR "/%s/stats", name);
	snprintf(line, sizeof(line), "\n%s ", key);
	text = read_file(path);
	at = strstr(text, line);
	if (!at)
		fail("no %s in %s", key, path);
	value = strtoul(at + strlen(line), NULL, 10);
	free(text);
	return value;
}

/* Those that are kept: of each, the text. Returns how many are raced. */
static unsigned long check_blocks(unsigned long first)
{
	char path[128], *text, *block, *end, must[192];
	unsigned long nr_raced = 0;

	snprintf(must, sizeof(must),
		 "the allocator found no place, yet a moment later the request fits: %lu pages at 0: somebody has freed, or given up a claim, meanwhile",
		 nr_pages / 2);
	snprintf(path, sizeof(path), DIAG_DIR "/%s/failures", name);
	text = read_file(path);
	for (block = strchr(text, '#'); block && *block; block = end + 2) {
		end = strstr(block, "\n\n");
		if (!end)
			fail("half a block: %s", block);
		*end = '\0';
		if (failure_number(block) <= first ||
		    !failure_is(block, "raced"))
			continue;
		check_text(block, "why", must);
		nr_raced++;
	}
	free(text);
	return nr_raced;
}

/* One in thousands: they wait while it is looked at, and not overwritten. */
static unsigned long look_for_raced(unsigned long first, time_t until)
{
	unsigned long nr_raced, nr_seen = 0, nr_shown = 0;

	while (time(NULL) < until && (nr_seen < ENOUGH || !nr_shown)) {
		nr_raced = counter("failures_raced");
		if (nr_raced == nr_seen) {
			usleep(1000);
			continue;
		}
		nr_seen = nr_raced;
		tasks->waits = true;
		nr_shown += check_blocks(first);
		tasks->waits = false;
	}
	return nr_shown;
}

static void run(unsigned long first, unsigned int seconds)
{
	time_t until = time(NULL) + seconds;
	unsigned long nr_shown;
	unsigned int i;
	int status;

	for (i = 0; i < 2; i++) {
		if (fork())
			continue;
		hold_and_free(i);
		exit(0);
	}
	nr_shown = look_for_raced(first, until);
	tasks->ends = true;
	for (i = 0; i < 2; i++)
		if (wait(&status) < 0 || status)
			fail("a task has failed");
	if (!nr_shown)
		fail("no block of a raced request was seen");
}

/* race SECONDS AREA PFN:PAGES; the module has just been loaded */
int race(int argc, char **argv)
{
	unsigned long nr_refused, nr_raced, nr_exhausted, nr_busy;
	char *last;

	if (argc != 3 || sscanf(argv[2], "%li:%li", (long *)&base_pfn,
				(long *)&nr_pages) != 2)
		return 2;
	name = argv[1];
	tasks = mmap(NULL, sizeof(*tasks), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (tasks == MAP_FAILED || shape(NULL, "hold %s %lu 0", name, nr_pages))
		fail("cannot hold the area");
	shape(NULL, "free %s 0x%lx %lu", name, base_pfn, nr_pages / 2);
	last = last_failure(name);
	run(failure_number(last), atoi(argv[0]));
	free(last);

	shape(NULL, "drop %s", name);
	nr_refused = tasks->nr_refused[0] + tasks->nr_refused[1];
	nr_raced = counter("failures_raced");
	nr_exhausted = counter("failures_exhausted");
	/* What the area lends may be in use for a moment. */
	nr_busy = counter("failures_busy");
	printf("# of %lu refused, %lu exhausted, %lu raced, %lu busy\n",
	       nr_refused, nr_exhausted, nr_raced, nr_busy);
	if (counter("failures") != nr_refused ||
	    nr_exhausted + nr_raced + nr_busy != nr_refused)
		fail("of %lu failures some are none of these: %s",
		     counter("failures"), last_failure(name));
	return 0;
}
