// SPDX-License-Identifier: GPL-2.0-only
/* The places that a request tried in vain, and the pages that stopped it. */
#include "tries.h"

/**
 * cd_tries_blocked() - the kernel tells the page that stops a place
 * @tries: the request's
 * @pfn: that page
 *
 * Context: any. Takes no lock, allocates nothing.
 *
 * Return: where the page is to be described, but for its pfn, when it was not
 * yet; else NULL.
 */
struct cd_page *cd_tries_blocked(struct cd_tries *tries, unsigned long pfn)
{
	const struct cd_counter *counter;
	unsigned int i;

	tries->is_blocked = true;
	if (!tries->nr_blocked++) {
		tries->first_blocking_pfn = pfn;
		memset(tries->counters, 0, sizeof(tries->counters));
	}
	tries->last_blocking_pfn = pfn;
	i = cd_count_up(tries->counters, CD_MAX_BLOCKERS, pfn, 0);
	counter = &tries->counters[i];
	if (counter->count > counter->nr_doubtful + 1)
		return NULL;
	tries->pages[i] = (struct cd_page){ .pfn = pfn };
	return &tries->pages[i];
}

/**
 * cd_tries_busy() - a place was given up as busy
 * @tries: the request's
 * @pfn: where the place begins
 *
 * Context: any. Takes no lock, allocates nothing.
 */
void cd_tries_busy(struct cd_tries *tries, unsigned long pfn)
{
	if (!tries->nr_busy++)
		tries->first_busy_pfn = pfn;
	tries->last_busy_pfn = pfn;
	if (!tries->is_blocked)
		tries->nr_untold++;
	tries->is_blocked = false;
}

/**
 * cd_tries_sum_up() - what is kept of the blocking pages
 * @tries: the request's
 * @blocking: result; @blocking->seen is the caller's
 *
 * Context: any. Takes no lock, allocates nothing.
 */
void cd_tries_sum_up(const struct cd_tries *tries,
		     struct cd_blocking *blocking)
{
	unsigned int worst;

	blocking->nr_places = tries->nr_blocked;
	blocking->nr_untold = tries->nr_untold;
	blocking->first_pfn = tries->first_blocking_pfn;
	blocking->last_pfn = tries->last_blocking_pfn;
	blocking->worst = (struct cd_blocker){ 0 };
	if (!tries->nr_blocked)
		return;
	worst = cd_most_frequent(tries->counters, CD_MAX_BLOCKERS);
	blocking->worst = (struct cd_blocker){
		.nr_places = tries->counters[worst].count,
		.nr_doubtful = tries->counters[worst].nr_doubtful,
		.page = tries->pages[worst],
	};
}
