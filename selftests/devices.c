// SPDX-License-Identifier: GPL-2.0-only
/*
 * DMA buffers of several devices, had and given back at random: which device is
 * said to hold what, and what is said to have become of a request that failed,
 * against the device's own addresses.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "devices.h"
#include "expected.h"
#include "guest_files.h"
#include "last_failure.h"
#include "page_map.h"

#define NR_AREAS 2U
#define MAX_BUFFERS 48U
#define CHECK_EVERY 20
/* More than the kernel has in one piece elsewhere, now and then. */
#define MOST_PAGES 1500UL
#define HUGE_PAGES 3000UL

static struct pool {
	const char *name;
	unsigned long pfn;
	unsigned long nr_pages;
} pools[NR_AREAS];

static const struct device {
	const char *name;
	unsigned int pool;
} all_devices[] = {
	{ "dma-plain", 0 },
	{ "dma-remapped", 0 },
	{ "dma-apart", 1 },
};

#define NR_DEVICES 3U

static const char * const ways[] = {
	"coherent", "unmapped", "pages", "table",
};

#define NR_WAYS 4U

struct buffer {
	const struct device *device;
	unsigned long pfn;
	unsigned long nr_pages;
};

static struct buffer buffers[MAX_BUFFERS];
static unsigned int nr_buffers;
static bool alone;

/* Of an area: what failed so far, and what became of it. */
struct counts {
	unsigned long nr_failed;
	unsigned long nr_rescued;
	unsigned long nr_fatal;
};

static struct counts must[NR_AREAS];

static bool is_in(const struct pool *area, unsigned long pfn)
{
	return pfn - area->pfn < area->nr_pages;
}

static struct counts read_counts(const struct pool *area)
{
	struct counts counts;
	char path[128], *text;

	snprintf(path, sizeof(path), DIAG_DIR "/%s/stats", area->name);
	text = read_file(path);
	counts.nr_failed = stat_of(text, "failures");
	counts.nr_rescued = stat_of(text, "rescued_failures");
	counts.nr_fatal = stat_of(text, "fatal_failures");
	free(text);
	return counts;
}

static void check_counts(unsigned int i)
{
	struct counts is = read_counts(&pools[i]);

	if (memcmp(&is, &must[i], sizeof(is)))
		fail("%s: failed, rescued, fatal %lu %lu %lu, must %lu %lu %lu",
		     pools[i].name, is.nr_failed, is.nr_rescued, is.nr_fatal,
		     must[i].nr_failed, must[i].nr_rescued, must[i].nr_fatal);
}

#define FATAL "fatal: the DMA layer gave the driver nothing"
#define RESCUED \
	"rescued: the DMA layer gave the driver other memory, outside CMA"

static void check_failure(const struct device *device, const char *outcome)
{
	char *block = last_failure(pools[device->pool].name);

	check_text(block, "device", device->name);
	check_text(block, "outcome", outcome);
	free(block);
}

static void allocate(void)
{
	const struct device *device = &all_devices[below(NR_DEVICES)];
	const char *way = ways[below(NR_WAYS)];
	struct counts *counts = &must[device->pool];
	struct buffer *buffer = &buffers[nr_buffers];
	unsigned long nr_pages = 1 + below(below(8) ? MOST_PAGES : HUGE_PAGES);
	unsigned long bytes = nr_pages * PAGE - below(2) * below(PAGE);
	const char *outcome = NULL;
	int err = dma(&buffer->pfn, "%s /%s %lu", way, device->name, bytes);

	if (err && err != ENOMEM)
		fail("%s /%s %lu: %s", way, device->name, bytes,
		     strerror(err));
	if (err) {
		counts->nr_fatal++;
		outcome = FATAL;
	} else if (!is_in(&pools[device->pool], buffer->pfn) &&
		   (nr_pages > 1 || device->pool)) {
		counts->nr_rescued++;
		outcome = RESCUED;
	}
	counts->nr_failed += !!outcome;
	if (!err) {
		buffer->device = device;
		buffer->nr_pages = nr_pages;
		nr_buffers++;
	}
	if (alone)
		check_counts(device->pool);
	if (alone && outcome)
		check_failure(device, outcome);
}

static void give_back(unsigned int i)
{
	if (dma(NULL, "free /%s 0x%lx", buffers[i].device->name,
		buffers[i].pfn))
		fail("cannot free 0x%lx", buffers[i].pfn);
	buffers[i] = buffers[--nr_buffers];
}

/* "     300     8        1  cma_test[151] at 512, for dma-plain" */
static unsigned int check_lines(const struct pool *area, const char *text)
{
	unsigned int i, nr = 0;

	for (i = 0; i < nr_buffers; i++) {
		const struct buffer *buffer = &buffers[i];
		char line[128];

		if (!is_in(area, buffer->pfn))
			continue;
		snprintf(line, sizeof(line), "  cma_test[%d] at %lu, for %s\n",
			 getpid(), buffer->pfn - area->pfn,
			 buffer->device->name);
		if (!strstr(text, line))
			fail("no '%s' in:\n%s", line, text);
		nr++;
	}
	return nr;
}

static unsigned int count_lines(const char *text, const char *with)
{
	unsigned int nr = 0;

	while ((text = strstr(text, with))) {
		text += strlen(with);
		nr++;
	}
	return nr;
}

static bool has_buffer(const struct pool *area, const struct device *device)
{
	unsigned int i;

	for (i = 0; i < nr_buffers; i++)
		if (buffers[i].device == device &&
		    is_in(area, buffers[i].pfn))
			return true;
	return false;
}

/* Is it named as a device of any caller? */
static bool is_named(const char *text, const char *name)
{
	const char *line = text;

	while ((line = strstr(line, "\n  device    "))) {
		const char *at = strstr(line, name);

		line++;
		if (at && at < strchr(line, '\n'))
			return true;
	}
	return false;
}

static void check_holders(const struct pool *area)
{
	char path[128], *text;
	unsigned int i, nr, nr_must;

	snprintf(path, sizeof(path), DIAG_DIR "/%s/holders", area->name);
	text = read_file(path);
	nr_must = check_lines(area, text);
	nr = count_lines(text, ", for dma-");
	if (nr != nr_must)
		fail("%u lines with a device, must be %u:\n%s", nr, nr_must,
		     text);
	for (i = 0; i < NR_DEVICES; i++)
		if (is_named(text, all_devices[i].name) !=
		    has_buffer(area, &all_devices[i]))
			fail("%s must %sbe named:\n%s", all_devices[i].name,
			     has_buffer(area, &all_devices[i]) ? "" : "not ",
			     text);
	free(text);
}

/* Counted in the summary, too, if there are any. */
static void check_summary(unsigned int i)
{
	char path[128], line[160], *text;

	if (!must[i].nr_rescued && !must[i].nr_fatal)
		return;
	snprintf(path, sizeof(path), DIAG_DIR "/%s/summary", pools[i].name);
	snprintf(line, sizeof(line),
		 "of those by DMA callers: %lu rescued (the driver was given other memory), %lu fatal (it was given nothing)",
		 must[i].nr_rescued, must[i].nr_fatal);
	text = read_file(path);
	check_text(text, "outcome", line);
	free(text);
}

static void take_steps(unsigned long nr_steps)
{
	unsigned long step;
	unsigned int i;

	for (step = 0; step < nr_steps; step++) {
		if (nr_buffers < MAX_BUFFERS && (below(3) || !nr_buffers))
			allocate();
		else
			give_back(below(nr_buffers));
		if (alone && step % CHECK_EVERY == 0)
			for (i = 0; i < NR_AREAS; i++)
				check_holders(&pools[i]);
	}
	while (nr_buffers)
		give_back(0);
}

static void add_counts(const struct counts *counts)
{
	unsigned int i;

	for (i = 0; i < NR_AREAS; i++) {
		must[i].nr_failed += counts[i].nr_failed;
		must[i].nr_rescued += counts[i].nr_rescued;
		must[i].nr_fatal += counts[i].nr_fatal;
	}
}

/* What one of several tasks has counted comes by a pipe. */
static void count_apart(unsigned int nr, unsigned long nr_steps, int fd)
{
	unsigned int i;

	memset(must, 0, sizeof(must));
	for (i = 0; i < nr * 1000; i++)
		below(2);
	take_steps(nr_steps);
	if (write(fd, must, sizeof(must)) != sizeof(must))
		exit(1);
	exit(0);
}

static void take_steps_together(unsigned int nr_tasks, unsigned long nr_steps)
{
	struct counts counts[NR_AREAS];
	int results[2], status;
	unsigned int i;
	pid_t child;

	if (pipe(results))
		fail("no pipe");
	for (i = 0; i < nr_tasks; i++) {
		child = fork();
		if (child < 0)
			fail("no fork: %s", strerror(errno));
		if (!child)
			count_apart(i, nr_steps, results[1]);
	}
	close(results[1]);
	while (read(results[0], counts, sizeof(counts)) == sizeof(counts))
		add_counts(counts);
	while (wait(&status) > 0)
		if (status)
			fail("a task has failed");
	for (i = 0; i < NR_AREAS; i++) {
		check_counts(i);
		check_summary(i);
	}
}

/* devices TASKS STEPS AREA PFN:PAGES AREA PFN:PAGES */
int devices(int argc, char **argv)
{
	unsigned int i;

	if (argc != 2 + 2 * NR_AREAS)
		return 2;
	for (i = 0; i < NR_AREAS; i++) {
		pools[i].name = argv[2 + 2 * i];
		if (sscanf(argv[3 + 2 * i], "%li:%li", (long *)&pools[i].pfn,
			   (long *)&pools[i].nr_pages) != 2)
			return 2;
		must[i] = read_counts(&pools[i]);
	}
	alone = atoi(argv[0]) == 1;
	if (alone)
		take_steps(strtoul(argv[1], NULL, 0));
	else
		take_steps_together(atoi(argv[0]), strtoul(argv[1], NULL, 0));
	printf("# %lu failed: %lu rescued, %lu fatal\n",
	       must[0].nr_failed + must[1].nr_failed,
	       must[0].nr_rescued + must[1].nr_rescued,
	       must[0].nr_fatal + must[1].nr_fatal);
	return 0;
}
