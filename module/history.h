/* SPDX-License-Identifier: GPL-2.0-only */
/* The last failures of an area, as they were found. */
#ifndef CD_HISTORY_H
#define CD_HISTORY_H

#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/types.h>

#include "core/ledger.h"
#include "core/story.h"
#include "core/verdict.h"
#include "stack_names.h"

struct cd_area;

#define CD_HISTORY_LEN 64U
/* The newest records, which may grow: several may step down at a time. */
#define CD_NR_GROWING 8U
#define CD_STACK_DEPTH 24U
#define CD_NO_COMM "(not known)"

/**
 * struct cd_dma_call - the call of the DMA layer that a failure was part of
 * @seen: it was seen to end; the rest holds
 * @rescued: its caller was given other memory; else nothing
 * @in_area: the area which that is of; NULL for none
 * @outside: it is of no area; when that, too, is false, it is not known
 * @device: for which device, cut to fit
 */
struct cd_dma_call {
	bool seen;
	bool rescued;
	bool outside;
	const struct cd_area *in_area;
	char device[CD_DEVICE_LEN];
};

/**
 * struct cd_failure - one failed allocation, or several that are one story
 *
 * What is not of its story is of its first failure.
 *
 * @seq: number of the failure, over all areas, from 1
 * @last_seq: of the last failure of its story
 * @dma: the call that the last one was part of
 * @change: a number that grows with each change of a record, over all areas
 * @last_boot_ns: when that ended, by the kernel log's clock
 * @story: all of it
 * @to_say: it is one, and the kernel log has not told, or not all of it
 * @nr_said: failures of it that the kernel log has told
 * @time_ns: wall clock, ns since 1970
 * @boot_ns: the kernel log's clock
 * @pid: of the caller, 0 when it is not known
 * @comm: of the caller, CD_NO_COMM when it is not known
 * @kernel_errno: as the kernel's own log line has it; 0 when it tells none
 * @latency_known: @latency_ns holds: start and finish were both seen
 * @latency_ns: from start to finish
 * @late_known: @late_ns holds; only of one that was looked at late
 * @late_ns: from when the kernel logged it to when the bitmap was copied
 * @locked: the bitmap was copied under the area's lock
 * @nr_stack: entries of @stack
 * @stack: who called
 * @names: the same as text; NULL until it is named, see name_stacks.c
 * @diag: request, figures, verdict
 */
struct cd_failure {
	u64 seq;
	u64 last_seq;
	struct cd_dma_call dma;
	u64 change;
	u64 last_boot_ns;
	struct cd_story story;
	bool to_say;
	unsigned long nr_said;
	u64 time_ns;
	u64 boot_ns;
	pid_t pid;
	char comm[TASK_COMM_LEN];
	int kernel_errno;
	bool latency_known;
	u64 latency_ns;
	bool late_known;
	u64 late_ns;
	bool locked;
	unsigned int nr_stack;
	unsigned long stack[CD_STACK_DEPTH];
	struct cd_stack_names *names;
	struct cd_diagnosis diag;
};

/**
 * struct cd_history - the last CD_HISTORY_LEN records of an area's failures
 * @lock: guards all of it; raw, since failures come with preemption off
 * @nr_records: appended so far; record i of them is in ring[i % LEN]
 * @nr_failures: failures so far; a story's record has several
 * @nr_late: failures that were looked at late
 * @nr_verdicts: failures by verdict
 * @nr_rescued: failures whose callers were given other memory
 * @nr_fatal: failures whose callers were given nothing
 * @nr_unsaid: failures of stories that were overwritten before they were told
 * @newest: the record of the newest failure
 * @last_change: the number of the last change
 * @stepping: the pid of the newest story's caller, 0 when there is none or it
 *            has had something; also read without the lock
 * @ring: the records
 */
struct cd_history {
	raw_spinlock_t lock;
	u64 nr_records;
	u64 nr_failures;
	u64 nr_late;
	u64 nr_verdicts[CD_NR_VERDICTS];
	u64 nr_rescued;
	u64 nr_fatal;
	u64 nr_unsaid;
	u64 newest;
	u64 last_change;
	pid_t stepping;
	struct cd_failure *ring;
};

int cd_history_init(struct cd_history *history);
void cd_history_exit(struct cd_history *history);
bool cd_history_append(struct cd_history *history, struct cd_failure *failure);
void cd_history_had(struct cd_history *history, unsigned long nr_pages,
		    u64 boot_ns);
void cd_history_call_ended(struct cd_history *history, u64 seq,
			   const struct cd_dma_call *call);
u64 cd_history_last_seq(void);
u64 cd_history_count(struct cd_history *history, u64 *nr_verdicts);
u64 cd_history_late(struct cd_history *history);
u64 cd_history_rescued(struct cd_history *history);
u64 cd_history_fatal(struct cd_history *history);
u64 cd_history_end(struct cd_history *history);
u64 cd_history_last_change(void);
u64 cd_history_news(struct cd_history *history);
bool cd_history_get(struct cd_history *history, u64 i,
		    struct cd_failure *failure);
bool cd_history_get_newest(struct cd_history *history,
			   struct cd_failure *failure);
void cd_history_put(struct cd_failure *failure);
void cd_history_give_names(struct cd_history *history, u64 i,
			   struct cd_stack_names *names);
bool cd_history_take_story(struct cd_history *history, u64 before_ns,
			   struct cd_failure *failure, bool *more);
u64 cd_history_take_unsaid(struct cd_history *history);

/**
 * cd_history_is_stepping() - the current task has failures that are a story
 * @history: the history
 *
 * Context: any. As cheap as can be: whoever has its pages asks.
 */
static inline bool cd_history_is_stepping(const struct cd_history *history)
{
	return READ_ONCE(history->stepping) == current->pid;
}

#endif
