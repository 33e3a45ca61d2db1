/* SPDX-License-Identifier: GPL-2.0-only */
/* The last failures of an area, as they were found. */
#ifndef CD_HISTORY_H
#define CD_HISTORY_H

#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/types.h>

#include "core/verdict.h"
#include "stack_names.h"

#define CD_HISTORY_LEN 64U
#define CD_STACK_DEPTH 24U

/**
 * struct cd_failure - one failed allocation
 * @seq: number of the failure, over all areas, from 1
 * @time_ns: wall clock, ns since 1970
 * @boot_ns: the kernel log's clock
 * @pid: of the caller
 * @comm: of the caller
 * @kernel_errno: as the kernel's own log line has it; 0 when it tells none
 * @latency_known: @latency_ns holds: start and finish were both seen
 * @latency_ns: from start to finish
 * @locked: the bitmap was copied under the area's lock
 * @nr_stack: entries of @stack
 * @stack: who called
 * @names: the same as text; NULL until it is named, see name_stacks.c
 * @diag: request, figures, verdict
 */
struct cd_failure {
	u64 seq;
	u64 time_ns;
	u64 boot_ns;
	pid_t pid;
	char comm[TASK_COMM_LEN];
	int kernel_errno;
	bool latency_known;
	u64 latency_ns;
	bool locked;
	unsigned int nr_stack;
	unsigned long stack[CD_STACK_DEPTH];
	struct cd_stack_names *names;
	struct cd_diagnosis diag;
};

/**
 * struct cd_history - the last CD_HISTORY_LEN failures of an area
 * @lock: guards all of it; raw, since failures come with preemption off
 * @nr_failures: appended so far; failure i of them is in ring[i % LEN]
 * @nr_verdicts: the same by verdict
 * @ring: the records
 */
struct cd_history {
	raw_spinlock_t lock;
	u64 nr_failures;
	u64 nr_verdicts[CD_NR_VERDICTS];
	struct cd_failure *ring;
};

int cd_history_init(struct cd_history *history);
void cd_history_exit(struct cd_history *history);
void cd_history_append(struct cd_history *history, struct cd_failure *failure);
u64 cd_history_last_seq(void);
u64 cd_history_count(struct cd_history *history, u64 *nr_verdicts);
bool cd_history_get(struct cd_history *history, u64 i,
		    struct cd_failure *failure);
void cd_history_put(struct cd_failure *failure);
void cd_history_give_names(struct cd_history *history, u64 i,
			   struct cd_stack_names *names);

#endif
