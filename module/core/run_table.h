/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An area at a glance, and in full: how its free and used runs are
 * distributed over sizes, what each alignment leaves of the free pages, and
 * where in the area they lie.
 */
#ifndef CD_RUN_TABLE_H
#define CD_RUN_TABLE_H

#include "free_runs.h"

/* Sizes are counted by power of two: 1, 2-3, 4-7, ... pages. */
#define CD_NR_SIZES CD_BITS_PER_LONG
#define CD_BAR_WIDTH 40

/**
 * struct cd_size_count - the runs of 2^i to 2^(i+1) - 1 pages
 * @nr_runs: how many
 * @nr_pages: what they have together
 */
struct cd_size_count {
	unsigned long nr_runs;
	unsigned long nr_pages;
};

/**
 * struct cd_run_table - all the runs of an area
 * @free: free runs by size, @free[i] those of 2^i pages and more
 * @used: used runs likewise; a run of used pages may be several buffers
 * @nr_blocks: for each order, disjoint free blocks of 2^order pages, each
 *             aligned to its size
 * @nr_usable: for each order, the pages that follow an aligned page in their
 *             run, with it: what an alignment leaves of the free pages
 */
struct cd_run_table {
	struct cd_size_count free[CD_NR_SIZES];
	struct cd_size_count used[CD_NR_SIZES];
	unsigned long nr_blocks[CD_NR_ORDERS];
	unsigned long nr_usable[CD_NR_ORDERS];
};

unsigned int cd_size_class(unsigned long nr_pages);
void cd_tabulate_runs(const struct cd_bitmap *bm, struct cd_run_table *table);
void cd_draw_bar(const struct cd_bitmap *bm, char *bar);

#endif
