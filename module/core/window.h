/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Windows: the places at which a request could lie, whatever is used in them.
 * The cheapest is the one that needs the fewest pages freed.
 */
#ifndef CD_WINDOW_H
#define CD_WINDOW_H

#include "free_runs.h"

struct cd_request;

/* Used runs of a window that are kept; the rest is counted. */
#define CD_NR_USED_RUNS 4

/**
 * struct cd_window - a place for a request, and what is in the way
 * @place: the pages that the request would get; nr_pages 0 means that there is
 *         no such place, and the rest is void
 * @nr_used: used pages in @place
 * @nr_runs: runs of them, each as far as it lies in @place
 * @used: the first of these runs
 */
struct cd_window {
	struct cd_run place;
	unsigned long nr_used;
	unsigned long nr_runs;
	struct cd_run used[CD_NR_USED_RUNS];
};

void cd_cheapest_window(const struct cd_bitmap *bm,
			const struct cd_request *request,
			struct cd_window *window);

#endif
