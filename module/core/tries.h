/* SPDX-License-Identifier: GPL-2.0-only */
/* The places that a request tried in vain, and the pages that stopped it. */
#ifndef CD_TRIES_H
#define CD_TRIES_H

#include "frequent.h"
#include "page.h"

/* Blocking pages counted apart. A request may be stopped by thousands. */
#define CD_MAX_BLOCKERS 4

/**
 * struct cd_blocker - a page that stopped a request
 * @nr_places: places that it stopped; may be too many by up to @nr_doubtful
 * @nr_doubtful: places counted before this page took over the counter
 * @page: as it was when it first stopped one
 */
struct cd_blocker {
	unsigned long nr_places;
	unsigned long nr_doubtful;
	struct cd_page page;
};

/**
 * struct cd_tries - all places that one request gave up
 * @nr_busy: places given up since a page in them could not be moved
 * @first_busy_pfn: where the first of them begins
 * @last_busy_pfn: where the last does
 * @nr_blocked: places of which the kernel told the blocking page
 * @nr_untold: places given up without that
 * @first_blocking_pfn: the blocking page of the first place
 * @last_blocking_pfn: that of the last
 * @is_blocked: the blocking page of the place under way is told
 * @counters: places that a page stopped, for those that stopped most
 * @pages: these pages, each as it was when it first stopped one
 *
 * The last two need not be 0 to begin with; nothing holds in them before
 * @nr_blocked is more than 0.
 */
struct cd_tries {
	unsigned long nr_busy;
	unsigned long first_busy_pfn;
	unsigned long last_busy_pfn;
	unsigned long nr_blocked;
	unsigned long nr_untold;
	unsigned long first_blocking_pfn;
	unsigned long last_blocking_pfn;
	bool is_blocked;
	struct cd_counter counters[CD_MAX_BLOCKERS];
	struct cd_page pages[CD_MAX_BLOCKERS];
};

/**
 * struct cd_blocking - what is kept of a failed request's blocking pages
 * @seen: the kernel tells blocking pages; without it nothing else holds
 * @nr_places: places of which it told one
 * @nr_untold: places given up without that
 * @first_pfn: the blocking page of the first place
 * @last_pfn: that of the last
 * @worst: the one that stopped most places
 */
struct cd_blocking {
	bool seen;
	unsigned long nr_places;
	unsigned long nr_untold;
	unsigned long first_pfn;
	unsigned long last_pfn;
	struct cd_blocker worst;
};

struct cd_page *cd_tries_blocked(struct cd_tries *tries, unsigned long pfn);
void cd_tries_busy(struct cd_tries *tries, unsigned long pfn);
void cd_tries_sum_up(const struct cd_tries *tries,
		     struct cd_blocking *blocking);

#endif
