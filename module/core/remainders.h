/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Remainders: what alignment left behind buffers.
 *
 * A buffer that begins at an aligned page, and is no multiple of the alignment,
 * ends short of the next aligned page; the next buffer begins there. What lies
 * between is a remainder: the head of a free run, from its start behind a used
 * bit to its first page that is aligned, when the run ends at a page so
 * aligned, or where its range does. A run without an aligned page is one whole.
 */
#ifndef CD_REMAINDERS_H
#define CD_REMAINDERS_H

#include "portable.h"

struct cd_bitmap;
struct cd_figures;

/*
 * Below this order chance makes remainders, too: of free runs of a page each,
 * one in 2^order ends at an aligned page.
 */
#define CD_MIN_REMAINDER_ORDER 4

/* The least CONFIG_CMA_ALIGNMENT that Kconfig takes on every kernel. */
#define CD_LOW_CAP 4

/**
 * struct cd_remainders - the remainders of an area, at one order
 * @nr_runs: free runs that begin with one
 * @nr_pages: pages of these remainders
 * @nr_sure_runs: those of @nr_runs that smaller buffers would not have left as
 *                well, if every second one of them was freed; from
 *                CD_MIN_REMAINDER_ORDER on
 * @nr_sure_pages: pages of these
 */
struct cd_remainders {
	unsigned long nr_runs;
	unsigned long nr_pages;
	unsigned long nr_sure_runs;
	unsigned long nr_sure_pages;
};

/**
 * struct cd_main_remainders - remainders that are much of what is free
 * @order: of the alignment that left them; 0 when they are not much, and the
 *         rest is void
 * @nr_runs: free runs that begin with one
 * @nr_pages: pages of these remainders
 * @nr_pages_low: as many of them at most there would be if the alignment had
 *                been CD_LOW_CAP
 * @overhang: pages that most buffers in front have more than a multiple of
 *            2^order; 0 when most do not have the same
 * @overhang_is_all: these buffers may have no other pages
 * @nr_alike: how many such buffers, or at least so many
 * @alike_counted: just so many
 */
struct cd_main_remainders {
	unsigned int order;
	unsigned long nr_runs;
	unsigned long nr_pages;
	unsigned long nr_pages_low;
	unsigned long overhang;
	bool overhang_is_all;
	unsigned long nr_alike;
	bool alike_counted;
};

struct cd_main_remainders
cd_find_main_remainders(const struct cd_bitmap *bm,
			const struct cd_figures *figures,
			unsigned int align, unsigned int align_cap);

#endif
