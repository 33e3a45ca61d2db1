/* SPDX-License-Identifier: GPL-2.0-only */
/* What is asked of an area, how long it takes, and how it ends. */
#ifndef CD_REQUESTS_H
#define CD_REQUESTS_H

#include <linux/sched.h>
#include <linux/types.h>

#include "core/verdict.h"

/* Powers of two from 0: [0] is 0, [i] is 2^(i-1) to 2^i - 1, the last more. */
#define CD_NR_POWERS 33U
/* Orders 0 to CD_MAX_ORDER, then all above. */
#define CD_NR_ALIGNS (CD_NR_ORDERS + 1U)
#define CD_NR_SLOWEST 8U

/**
 * struct cd_ended - a request that has ended
 * @request: what was asked
 * @failed: nothing was had
 * @latency_known: @latency_ns holds: start and finish were both seen
 * @latency_ns: from start to finish
 * @nr_busy_known: @nr_busy holds
 * @nr_busy: busy retries
 */
struct cd_ended {
	struct cd_request request;
	bool failed;
	bool latency_known;
	u64 latency_ns;
	bool nr_busy_known;
	unsigned long nr_busy;
};

/**
 * struct cd_request_counts - requests that ended alike
 * @nr: how many
 * @nr_pages: pages asked, together
 * @nr_busy: busy retries, together
 * @latency_ns: time taken, together
 * @pages: by pages asked, in powers of two
 * @align: by alignment order
 * @align_unknown: whose alignment was not told
 * @latency_us: by time taken, in powers of two of us
 * @latency_unknown: whose start was not seen
 * @busy: by busy retries, in powers of two
 * @busy_unknown: whose busy retries were not seen
 */
struct cd_request_counts {
	u64 nr;
	u64 nr_pages;
	u64 nr_busy;
	u64 latency_ns;
	u64 pages[CD_NR_POWERS];
	u64 align[CD_NR_ALIGNS];
	u64 align_unknown;
	u64 latency_us[CD_NR_POWERS];
	u64 latency_unknown;
	u64 busy[CD_NR_POWERS];
	u64 busy_unknown;
};

/**
 * struct cd_slow - one of the slowest requests
 * @latency_ns: from start to finish; 0 when there is none
 * @time_ns: when it ended, wall clock
 * @request: what was asked
 * @failed: nothing was had
 * @pid: of the caller
 * @comm: of the caller
 */
struct cd_slow {
	u64 latency_ns;
	u64 time_ns;
	struct cd_request request;
	bool failed;
	pid_t pid;
	char comm[TASK_COMM_LEN];
};

/**
 * struct cd_request_totals - all requests of an area
 * @ended: those that had their pages, and those that failed
 * @slowest: the slowest of them, the slowest first
 */
struct cd_request_totals {
	struct cd_request_counts ended[2];
	struct cd_slow slowest[CD_NR_SLOWEST];
};

struct cd_requests;

struct cd_requests __percpu *cd_requests_alloc(void);
void cd_requests_free(struct cd_requests __percpu *requests);
size_t cd_requests_bytes(void);
void cd_requests_count(struct cd_requests __percpu *requests,
		       const struct cd_ended *ended);
u64 cd_requests_nr_ended(struct cd_requests __percpu *requests);
void cd_requests_sum(struct cd_requests __percpu *requests,
		     struct cd_request_totals *totals);

#endif
