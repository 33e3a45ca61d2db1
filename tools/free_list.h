/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's list of free runs, "4@572+7@585=> 357 free of 2048 total pages",
 * read piece by piece: it may be wrapped, split into records, or cut short.
 * Sizes are in pages, positions in bits.
 */
#ifndef FREE_LIST_H
#define FREE_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "free_runs.h"

/* More than an area of 2 GiB can have; what exceeds it is left out. */
#define LIST_MAX_RUNS (1U << 18)

/**
 * struct list_run - a free run as it is printed
 * @nr_pages: pages
 * @start_bit: first bit, counted from the start of its range
 */
struct list_run {
	unsigned int nr_pages;
	unsigned int start_bit;
};

/* What comes next in a list. */
enum list_state {
	LIST_NONE,
	LIST_ITEM,
	LIST_SIZE,
	LIST_POSITION,
	LIST_ARROW,
	LIST_FREE,
	LIST_OF,
	LIST_TOTAL,
	LIST_CLOSED,
};

/**
 * struct free_list - a list, as far as it was read
 * @state: what comes next; LIST_NONE when there is no list
 * @number: digits so far
 * @has_digit: there are some
 * @nr_pages: of the run that is being read
 * @is_short: it was cut by "...", or is longer than LIST_MAX_RUNS
 * @is_damaged: runs overlap, or numbers are out of range
 * @has_header: it began with "number of available pages"
 * @in_header: some of it is in that line, as up to 6.14
 * @by_range: it has a line for each range
 * @has_totals: @nr_free and @nr_total hold
 * @nr_free: pages that are free, as printed
 * @nr_total: pages of the area, as printed
 * @nr_listed: pages of the runs that were read
 * @nr_ranges: ranges that were read, 0 while there is no run
 * @first_run: for each range, where it begins in @runs
 * @nr_runs: runs that were read
 * @nr_room: runs that @runs has room for
 * @runs: the runs; kept for the next list
 */
struct free_list {
	enum list_state state;
	unsigned long number;
	bool has_digit;
	unsigned long nr_pages;
	bool is_short;
	bool is_damaged;
	bool has_header;
	bool in_header;
	bool by_range;
	bool has_totals;
	unsigned long nr_free;
	unsigned long nr_total;
	unsigned long nr_listed;
	unsigned int nr_ranges;
	unsigned int first_run[CD_MAX_RANGES];
	unsigned int nr_runs;
	unsigned int nr_room;
	struct list_run *runs;
};

void list_begin(struct free_list *list);
void list_begin_range(struct free_list *list, unsigned int range);
const char *list_read(struct free_list *list, const char *text);
bool list_is_open(const struct free_list *list);
const char *list_find(const struct free_list *list, const char *whole,
		      const char *text);
unsigned int list_range_end(const struct free_list *list, unsigned int range);

#endif
