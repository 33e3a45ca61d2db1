/* SPDX-License-Identifier: GPL-2.0-only */
/* Allocations under way: what a start left for its finish, per task. */
#ifndef CD_INFLIGHT_H
#define CD_INFLIGHT_H

#include <linux/types.h>

#include "core/verdict.h"

struct cd_cma;

/**
 * struct cd_inflight - one allocation under way
 * @area: where
 * @request: what was asked
 * @start_ns: ktime_get_ns() at its start
 * @nr_busy: busy retries so far
 * @last_busy_pfn: of the last of them
 */
struct cd_inflight {
	const struct cd_cma *area;
	struct cd_request request;
	u64 start_ns;
	unsigned long nr_busy;
	unsigned long last_busy_pfn;
};

void cd_inflight_open(const struct cd_cma *area,
		      const struct cd_request *request);
void cd_inflight_busy(unsigned long pfn);
bool cd_inflight_close(struct cd_inflight *was);
unsigned long cd_inflight_untracked(void);

#endif
