// SPDX-License-Identifier: GPL-2.0-only
/*
 * The file requests, against every request that was made: the requests are
 * counted here as they are made, and once more as the event cma_diag:cma_alloc
 * shows them; the file must be, to the letter, what the events make of it.
 *
 * The module must have been loaded just before, and the event be on.
 */
#define _GNU_SOURCE /* strptime() */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "expected.h"
#include "guest_files.h"
#include "shapes.h"
#include "tally.h"

#define MAX_EVENTS 8192
#define NR_SLOWEST 8

struct event {
	char caller[32];
	unsigned long nr_pages;
	unsigned int align;
	bool failed;
	long retries;
	long latency_us;
};

static struct event events[MAX_EVENTS];
static unsigned int nr_events;

static const char *after(const char *line, const char *key)
{
	const char *at = strstr(line, key);

	if (!at)
		fail("no '%s' in: %.200s", key, line);
	return at + strlen(key);
}

/* "        cma_test-123     [001] ....     3.7: cma_alloc: name=..." */
static void read_event(const char *line)
{
	struct event *event = &events[nr_events];
	const char *fields = after(line, ": cma_alloc: name=");
	const char *name_end = strchr(fields, ' '), *caller_end, *pid;

	if (strncmp(fields, area_name, name_end - fields))
		return;
	if (++nr_events == MAX_EVENTS)
		fail("too many events");
	while (*line == ' ')
		line++;
	caller_end = line + strcspn(line, " ");
	for (pid = caller_end; pid[-1] != '-'; pid--)
		;
	snprintf(event->caller, sizeof(event->caller), "%.*s[%.*s]",
		 (int)(pid - 1 - line), line, (int)(caller_end - pid), pid);
	event->nr_pages = strtoul(after(fields, " count="), NULL, 10);
	event->align = strtoul(after(fields, " align="), NULL, 10);
	event->failed = !strncmp(after(fields, " result="), "failed", 6);
	event->retries = strtol(after(fields, " retries="), NULL, 10);
	event->latency_us = strtol(after(fields, " latency_us="), NULL, 10);
}

static void read_events(void)
{
	char *text = read_file("/sys/kernel/tracing/trace"), *line;

	for (line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
		if (*line != '#')
			read_event(line);
	free(text);
}

/* Rows of two columns: those that succeeded, and those that failed. */
struct column {
	unsigned long of[2];
};

static void add_heading(FILE *out, const char *heading)
{
	fprintf(out, "\n%-24s %15s %15s\n", heading, "succeeded", "failed");
}

static void add_row(FILE *out, const char *what, struct column column)
{
	fprintf(out, "%-24s %15lu %15lu\n", what, column.of[0], column.of[1]);
}

static unsigned long pages_of(const struct event *event)
{
	return event->nr_pages;
}

static unsigned long align_of(const struct event *event)
{
	return event->align;
}

static unsigned long latency_of(const struct event *event)
{
	return event->latency_us;
}

static unsigned long retries_of(const struct event *event)
{
	return event->retries;
}

static unsigned long one(const struct event *event)
{
	(void)event;
	return 1;
}

/* The sum of a figure over the events in which it is from @low to @high. */
static struct column sum(unsigned long (*of)(const struct event *event),
			 unsigned long (*figure)(const struct event *event),
			 unsigned long low, unsigned long high)
{
	struct column column = { { 0, 0 } };
	unsigned int i;

	for (i = 0; i < nr_events; i++)
		if (figure(&events[i]) >= low && figure(&events[i]) <= high)
			column.of[events[i].failed] += of(&events[i]);
	return column;
}

static bool any(struct column column)
{
	return column.of[0] || column.of[1];
}

#define NONE (~0UL)

/* A row for each [low, high], from the first that is not 0 to the last. */
static void add_rows(FILE *out, unsigned long (*figure)(const struct event *),
		     bool by_power)
{
	unsigned long low, high, last = 0;
	bool begun = false;
	unsigned int i;

	for (i = 0; i < nr_events; i++)
		if (figure(&events[i]) != NONE && figure(&events[i]) > last)
			last = figure(&events[i]);
	for (low = 0; low <= last; low = high + 1) {
		struct column column;
		char what[64];

		high = by_power && low ? 2 * low - 1 : low;
		column = sum(one, figure, low, high);
		begun |= any(column);
		if (!begun)
			continue;
		snprintf(what, sizeof(what), low == high ? "%lu" : "%lu-%lu",
			 low, high);
		add_row(out, what, column);
	}
	if (any(sum(one, figure, NONE, NONE)))
		add_row(out, "unknown", sum(one, figure, NONE, NONE));
}

/* Time is added up in ns there, and in whole us here. */
static void check_time_taken(const char *text)
{
	struct column us = sum(latency_of, latency_of, 0, NONE - 1);
	struct column nr = sum(one, latency_of, 0, NONE - 1);
	const char *at = after(text, "\ntime taken, us");
	unsigned int i;
	char *end;

	for (i = 0; i < 2; i++, at = end) {
		unsigned long taken = strtoul(at, &end, 10);

		if (taken < us.of[i] || taken > us.of[i] + nr.of[i])
			fail("time taken is %lu us, must be %lu", taken,
			     us.of[i]);
	}
}

/* The text before the slowest, but for the line of the time taken. */
static void check_histograms(char *text)
{
	char *slowest = strstr(text, "\nslowest, us"), *line, *must;
	size_t size;
	FILE *out = open_memstream(&must, &size);

	check_time_taken(text);
	line = strstr(text, "time taken, us");
	memmove(line, strchr(line, '\n') + 1,
		strlen(strchr(line, '\n') + 1) + 1);
	slowest = strstr(text, "\nslowest, us");
	*slowest = '\0';

	fprintf(out, "%s: requests since the module was loaded\n", area_name);
	add_heading(out, "total");
	add_row(out, "requests", sum(one, pages_of, 0, NONE));
	add_row(out, "pages asked", sum(pages_of, pages_of, 0, NONE));
	add_row(out, "busy retries", sum(retries_of, retries_of, 0, NONE - 1));
	add_heading(out, "pages");
	add_rows(out, pages_of, true);
	add_heading(out, "align");
	add_rows(out, align_of, false);
	add_heading(out, "latency, us");
	add_rows(out, latency_of, true);
	add_heading(out, "busy retries");
	add_rows(out, retries_of, true);
	fclose(out);
	check_same("requests", text, must);
	free(must);
}

static int slower_first(const void *a, const void *b)
{
	const struct event *left = a, *right = b;

	return left->latency_us < right->latency_us ? 1 :
	       left->latency_us > right->latency_us ? -1 : 0;
}

/* As a line of the file, but for the time it ended at. */
static bool is_event(const char *line, const struct event *event)
{
	char text[128];

	snprintf(text, sizeof(text), " %7lu %5u %-9s %.31s", event->nr_pages,
		 event->align, event->failed ? "failed" : "succeeded",
		 event->caller);
	return strtol(line, NULL, 10) == event->latency_us &&
	       !strcmp(line + 11 + 1 + 19, text);
}

/* Of events that took equally long, any may stand in a line. */
static void check_slow_line(const char *line, const struct event *event)
{
	const struct event *first = event, *end = events + nr_events;

	while (first > events && first[-1].latency_us == event->latency_us)
		first--;
	for (; first < end && first->latency_us == event->latency_us; first++)
		if (is_event(line, first))
			return;
	fail("must be %ld us, %lu pages: %s", event->latency_us,
	     event->nr_pages, line);
}

static void check_slowest(char *slowest, time_t begun)
{
	static const char heading[] =
		"slowest, us ended at (UTC)        pages align result";
	char *line = strtok(slowest, "\n");
	unsigned int i;

	qsort(events, nr_events, sizeof(*events), slower_first);
	if (strncmp(line, heading, strlen(heading)))
		fail("heading: %s", line);
	for (i = 0; i < NR_SLOWEST && i < nr_events &&
	     events[i].latency_us >= 0; i++) {
		struct tm tm = { 0 };
		time_t ended;

		line = strtok(NULL, "\n");
		if (!line)
			fail("only %u of the slowest", i);
		check_slow_line(line, &events[i]);
		strptime(line + 12, "%Y-%m-%d %H:%M:%S", &tm);
		ended = timegm(&tm);
		if (ended < begun || ended > time(NULL))
			fail("not of this test: %s", line);
	}
	if (strtok(NULL, "\n"))
		fail("more than %u of the slowest", i);
}

static unsigned long nr_made[2], nr_pages_made[2];

static void make_requests(unsigned long nr)
{
	unsigned long i, pfn, nr_pages;

	for (i = 0; i < nr; i++) {
		bool failed;

		shapes_free_part(area.ranges[0].nr_bits / 4);
		nr_pages = (1 + below(1UL << below(12))) * unit();
		failed = shapes_hold(nr_pages, below(10), &pfn);
		nr_made[failed]++;
		nr_pages_made[failed] += nr_pages;
	}
}

/* The events are those that were made, and those of shapes_begin() before. */
static void check_events(unsigned int nr_before)
{
	unsigned long nr[2] = { 0, 0 }, nr_pages[2] = { 0, 0 };
	unsigned int i;

	for (i = nr_before; i < nr_events; i++) {
		nr[events[i].failed]++;
		nr_pages[events[i].failed] += events[i].nr_pages;
	}
	for (i = 0; i < 2; i++)
		if (nr[i] != nr_made[i] || nr_pages[i] != nr_pages_made[i])
			fail("%lu events of %lu pages %s, not %lu of %lu",
			     nr[i], nr_pages[i], i ? "failed" : "succeeded",
			     nr_made[i], nr_pages_made[i]);
}

/* cma_test tally REQUESTS AREA ORDER_PER_BIT PFN:PAGES... */
int tally(int argc, char **argv)
{
	time_t begun = time(NULL);
	unsigned int nr_before;
	char path[192], *text, *slowest;

	if (argc < 4)
		return 2;
	shapes_begin(argc - 1, argv + 1);
	read_events();
	nr_before = nr_events;
	make_requests(atol(argv[0]));
	nr_events = 0;
	read_events();
	check_events(nr_before);

	snprintf(path, sizeof(path), DIAG_DIR "/%s/requests", area_name);
	text = read_file(path);
	slowest = strdup(strstr(text, "slowest, us"));
	check_histograms(text);
	check_slowest(slowest, begun);
	shapes_end();
	printf("# %lu requests had pages, %lu failed\n", nr_made[0],
	       nr_made[1]);
	free(slowest);
	free(text);
	return nr_made[0] && nr_made[1] ? 0 : 1;
}
