// SPDX-License-Identifier: GPL-2.0-only
/* A real area of which we hold every page, shaped at random. */
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "guest_files.h"
#include "shapes.h"

#define MAX_RUNS 64

const char *area_name;
struct oracle_area area;
unsigned long nr_pages_held, nr_pages_freed;

static unsigned char used[SHAPES_MAX_BITS];

/* Pages to a bit. */
unsigned long unit(void)
{
	return 1UL << area.order_per_bit;
}

/* Marks pages used or free; they must have been the other before. */
static void mark(unsigned long pfn, unsigned long nr_pages, bool value)
{
	unsigned int r;

	for (r = 0; r < area.nr_ranges; r++) {
		struct oracle_range *range = &area.ranges[r];
		unsigned long bit = (pfn - range->base_pfn) / unit();
		unsigned long end = bit + (nr_pages + unit() - 1) / unit();

		if (pfn < range->base_pfn || bit >= range->nr_bits)
			continue;
		if (end > range->nr_bits)
			fail("pages 0x%lx+%lu leave their range", pfn,
			     nr_pages);
		for (; bit < end; bit++) {
			if (range->used[bit] == value)
				fail("page 0x%lx was %s already",
				     range->base_pfn + bit * unit(),
				     value ? "held" : "free");
			range->used[bit] = value;
		}
		return;
	}
	fail("pfn 0x%lx is not in the area", pfn);
}

/* Asks for pages, and keeps them; 0 or the errno. */
int shapes_hold(unsigned long nr_pages, unsigned int align, unsigned long *pfn)
{
	int err = shape_apart(pfn, "hold %s %lu %u", area_name, nr_pages,
			      align);

	if (err)
		return err;
	nr_pages_held += nr_pages;
	mark(*pfn, nr_pages, true);
	return 0;
}

static void release(unsigned long pfn, unsigned long nr_pages)
{
	if (shape(NULL, "free %s 0x%lx %lu", area_name, pfn, nr_pages))
		fail("cannot free 0x%lx+%lu", pfn, nr_pages);
	nr_pages_freed += nr_pages;
}

/* Gives back what shapes_hold() got; whole bits become free. */
void shapes_give_back(unsigned long pfn, unsigned long nr_pages)
{
	release(pfn, nr_pages);
	mark(pfn, (nr_pages + unit() - 1) / unit() * unit(), false);
}

struct run {
	unsigned long pfn;
	unsigned long nr_pages;
};

static unsigned int list_free_runs(struct run *runs)
{
	unsigned int r, nr = 0;

	for (r = 0; r < area.nr_ranges; r++) {
		const struct oracle_range *range = &area.ranges[r];
		unsigned long i;

		for (i = 0; i < range->nr_bits; i++) {
			if (range->used[i])
				continue;
			if (!i || range->used[i - 1])
				runs[nr++] = (struct run){
					range->base_pfn + i * unit(), 0,
				};
			runs[nr - 1].nr_pages += unit();
		}
	}
	return nr;
}

/* Frees up to 30 runs of the area, all of which we hold, at random. */
void shapes_free_some(void)
{
	unsigned long longest = 1UL << below(13);
	unsigned int i, nr_runs = 1 + below(30), nr;
	struct run runs[MAX_RUNS];

	for (i = 0; i < nr_runs; i++) {
		unsigned int r = below(area.nr_ranges);
		struct oracle_range *range = &area.ranges[r];
		unsigned long start = below(range->nr_bits);
		unsigned long len = 1 + below(longest);

		if (len > range->nr_bits - start)
			len = range->nr_bits - start;
		memset(range->used + start, 0, len);
	}
	nr = list_free_runs(runs);
	for (i = 0; i < nr; i++)
		release(runs[i].pfn, runs[i].nr_pages);
}

/* Frees what we hold of a part of the area that chance picks. */
void shapes_free_part(unsigned long max_bits)
{
	struct oracle_range *range = &area.ranges[below(area.nr_ranges)];
	unsigned long bit = below(range->nr_bits);
	unsigned long end = bit + 1 + below(max_bits), nr;

	if (end > range->nr_bits)
		end = range->nr_bits;
	for (; bit < end; bit += nr + 1) {
		for (nr = 0; bit + nr < end && range->used[bit + nr]; nr++)
			;
		if (nr)
			shapes_give_back(range->base_pfn + bit * unit(),
					 nr * unit());
	}
}

static int longer_first(const void *a, const void *b)
{
	const struct run *left = a, *right = b;

	return left->nr_pages < right->nr_pages ? 1 :
	       left->nr_pages > right->nr_pages ? -1 : 0;
}

/* Pages of the area may be in use, and for a while not be had. */
#define MAX_TRIES 500

/*
 * Holds all of the area again. The longest run is taken first: the first place
 * that is large enough for it is then one of just its length.
 */
void shapes_hold_all(void)
{
	struct run runs[MAX_RUNS];
	unsigned int i, tries, nr = list_free_runs(runs);
	unsigned long pfn;

	qsort(runs, nr, sizeof(*runs), longer_first);
	for (i = 0; i < nr; i++) {
		for (tries = 0; tries < MAX_TRIES; tries++) {
			if (!shapes_hold(runs[i].nr_pages, 0, &pfn))
				break;
			usleep(10000);
		}
		if (tries == MAX_TRIES)
			fail("cannot hold %lu pages again", runs[i].nr_pages);
	}
}

static void add_range(const char *text)
{
	unsigned long pfn, nr_pages;
	struct oracle_range *range = &area.ranges[area.nr_ranges];
	unsigned long nr_before = 0;
	unsigned int r;

	for (r = 0; r < area.nr_ranges; r++)
		nr_before += area.ranges[r].nr_bits;
	if (area.nr_ranges == ORACLE_MAX_RANGES ||
	    sscanf(text, "%li:%li", (long *)&pfn, (long *)&nr_pages) != 2 ||
	    nr_before + nr_pages / unit() > SHAPES_MAX_BITS)
		fail("not a range: %s", text);
	range->base_pfn = pfn;
	range->nr_bits = nr_pages / unit();
	range->used = used + nr_before;
	area.nr_ranges++;
}

/*
 * Holds all of the area that AREA ORDER_PER_BIT PFN:PAGES... describe: from
 * here on we know every bit.
 */
void shapes_begin(int argc, char **argv)
{
	int i;

	area_name = argv[0];
	area.order_per_bit = atoi(argv[1]);
	for (i = 2; i < argc; i++)
		add_range(argv[i]);
	shape(NULL, "fill %s", area_name);
	memset(used, 1, sizeof(used));
}

/* Gives all of it back. */
void shapes_end(void)
{
	shape(NULL, "drop %s", area_name);
}

/* The same, when the area goes on to be looked at. */
void shapes_free_all(void)
{
	shapes_end();
	memset(used, 0, sizeof(used));
}
