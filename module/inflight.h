/* SPDX-License-Identifier: GPL-2.0-only */
/* Allocations under way: what a start left for its finish, per task. */
#ifndef CD_INFLIGHT_H
#define CD_INFLIGHT_H

#include <linux/types.h>

#include "core/verdict.h"

struct cd_claims;
struct cd_cma;
struct cd_snapshot;
struct task_struct;

/**
 * struct cd_inflight - one allocation under way
 * @task: where the table has its task
 * @area: where
 * @request: what was asked
 * @start_ns: ktime_get_ns() at its start
 * @was_tried: alloc_contig_range() was seen to try a place
 * @tried_pfn: the last one
 * @tried_error: what it returned for that, 0 when that was not seen
 * @failing_ns: ktime_get_ns() when its task began to log that it failed; 0
 *              before, and where that is not seen
 * @snapshot: the area at that moment; NULL when none could be kept
 * @tries: places given up so far, and the pages that stopped it. Last, since
 *         its own last are long, and not cleared at a start
 */
struct cd_inflight {
	struct task_struct **task;
	const struct cd_cma *area;
	struct cd_request request;
	u64 start_ns;
	bool was_tried;
	unsigned long tried_pfn;
	int tried_error;
	u64 failing_ns;
	struct cd_snapshot *snapshot;
	struct cd_tries tries;
};

void cd_inflight_open(const struct cd_cma *area,
		      const struct cd_request *request);
struct cd_inflight *cd_inflight_find(void);
void cd_inflight_close(struct cd_inflight *alloc);
void cd_inflight_count_others(const struct cd_cma *area,
			      struct cd_claims *claims);
unsigned long cd_inflight_untracked(void);
size_t cd_inflight_bytes(void);

#endif
