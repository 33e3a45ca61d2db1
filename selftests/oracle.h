/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A second opinion on an area, that shares nothing with module/core: a byte
 * for every bit, and every place looked at, one after the other.
 */
#ifndef ORACLE_H
#define ORACLE_H

#include <stdbool.h>

#define ORACLE_MAX_RANGES 8
#define ORACLE_NR_ORDERS 21

/* used[i] is nonzero when the 2^order_per_bit pages of bit i are allocated. */
struct oracle_range {
	unsigned long base_pfn;
	unsigned long nr_bits;
	unsigned char *used;
};

struct oracle_area {
	unsigned int order_per_bit;
	unsigned int nr_ranges;
	struct oracle_range ranges[ORACLE_MAX_RANGES];
};

/* In pages; *_at is where, counted from the start of range *_range. */
struct oracle_answer {
	unsigned long total;
	unsigned long free;
	unsigned long nr_runs;
	unsigned long largest;
	unsigned long largest_at;
	unsigned int largest_range;
	unsigned long usable[ORACLE_NR_ORDERS];
	unsigned long usable_at[ORACLE_NR_ORDERS];
	unsigned int usable_range[ORACLE_NR_ORDERS];
};

/* Runs of 2^i to 2^(i+1) - 1 pages. */
struct oracle_size {
	unsigned long nr_runs;
	unsigned long nr_pages;
};

/*
 * Free runs that begin with a remainder, and these remainders' pages; and those
 * of them that smaller buffers, freed, could not have left.
 */
struct oracle_remainders {
	unsigned long nr_runs;
	unsigned long nr_pages;
	unsigned long nr_sure_runs;
	unsigned long nr_sure_pages;
};

/*
 * Those that are much of what is free, at an order; order 0 when none are. The
 * commonest of what buffers in front have more than a multiple of 2^order, and
 * how many have it.
 */
struct oracle_main_remainders {
	unsigned int order;
	struct oracle_remainders at;
	unsigned long nr_pages_low;
	unsigned long overhang;
	bool overhang_is_all;
	unsigned long nr_alike;
};

/*
 * The first of the aligned places with the fewest used pages in them, and the
 * used runs there: how many, and the first of them. In pages, counted from the
 * start of the range.
 */
#define ORACLE_NR_RUNS 4
struct oracle_cheapest {
	unsigned long at;
	unsigned int range;
	unsigned long nr_used;
	unsigned long nr_runs;
	unsigned long run_at[ORACLE_NR_RUNS];
	unsigned long run_pages[ORACLE_NR_RUNS];
};

#define ORACLE_NR_SIZES 64
#define ORACLE_BAR_WIDTH 40

void oracle_count(const struct oracle_area *area, struct oracle_answer *answer);
unsigned long oracle_usable(const struct oracle_area *area, unsigned int order,
			    unsigned long *at, unsigned int *range);
bool oracle_fits(const struct oracle_area *area, unsigned long nr_pages,
		 unsigned int order);
bool oracle_place(const struct oracle_area *area, unsigned long nr_pages,
		  unsigned int order, unsigned int *range, unsigned long *bit);
bool oracle_cheapest(const struct oracle_area *area, unsigned long nr_pages,
		     unsigned int order, struct oracle_cheapest *cheapest);
const char *oracle_verdict(const struct oracle_area *area,
			   unsigned long nr_pages, unsigned int order);
void oracle_sizes(const struct oracle_area *area, bool used,
		  struct oracle_size *sizes);
unsigned long oracle_blocks(const struct oracle_area *area,
			    unsigned int order);
unsigned long oracle_usable_pages(const struct oracle_area *area,
				  unsigned int order);
unsigned long oracle_buffers(const struct oracle_area *area,
			     unsigned long nr_pages, unsigned int order);
void oracle_remainders(const struct oracle_area *area, unsigned int order,
		       struct oracle_remainders *remainders);
void oracle_main_remainders(const struct oracle_area *area,
			    const struct oracle_answer *answer,
			    unsigned int align, unsigned int align_cap,
			    struct oracle_main_remainders *found);
int oracle_highest_align(const struct oracle_area *area,
			 unsigned long nr_pages);
void oracle_bar(const struct oracle_area *area, char *bar);

#endif
