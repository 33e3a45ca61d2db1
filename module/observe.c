// SPDX-License-Identifier: GPL-2.0-only
/*
 * Watches allocations, and diagnoses those that fail.
 *
 * Everything here runs in the task that allocates and may not sleep; but for
 * what the log told, which a worker brings. A success costs a slot claimed and
 * given back, counters of its CPU, and what the ledger and the marks count.
 */
#include <linux/atomic.h>
#include <linux/ktime.h>
#include <linux/minmax.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/sched/clock.h>

#include "areas.h"
#include "core/place.h"
#include "dma_calls.h"
#include "inflight.h"
#include "kernel/cma_config.h"
#include "kernel/cma_outcome.h"
#include "kernel/dma_events.h"
#include "kernel/memory.h"
#include "kernel/page.h"
#include "kernel/source.h"
#include "kernel/stack.h"
#include "longest.h"
#include "news.h"
#include "observe.h"
#include "requests.h"
#include "snapshot.h"
#include "trace.h"
#include "watches.h"

static atomic_long_t nr_unattributed;
static atomic_long_t nr_without_bitmap;

static bool has_page_owner;

/* The place that the kernel tried last. */
static bool find_last_place(const struct cd_diagnosis *diag,
			    const struct cd_bitmap *bm, unsigned long *pfn)
{
	const struct cd_attempt *attempt = &diag->attempt;

	*pfn = attempt->last_pfn;
	if (cd_outcome_tells_last())
		return attempt->has_last_pfn;
	/* It is the next after the last busy one. */
	return attempt->has_last_pfn ?
	       cd_next_place(bm, &diag->request, pfn) :
	       cd_first_place(bm, &diag->request, pfn);
}

/* How short memory was; where the last place is, only if that was why. */
static void look_at_memory(struct cd_diagnosis *diag,
			   const struct cd_snapshot *snapshot)
{
	struct cd_memory *memory = &diag->memory;

	*memory = snapshot->memory;
	memory->place_seen = diag->verdict == CD_LOW_MEMORY &&
			     find_last_place(diag, &snapshot->bm,
					     &memory->place_pfn);
}

/* The snapshot's figures are worked in. */
static void judge(struct cd_failure *failure, const struct cd_cma *area,
		  struct cd_snapshot *snapshot)
{
	struct cd_diagnosis *diag = &failure->diag;

	failure->locked = snapshot->locked;
	diag->claims = snapshot->claims;
	cd_diagnose(diag, &snapshot->bm, &snapshot->figures);
	cd_holders_find_whose(&cd_areas_find(area)->holders, &snapshot->bm,
			      failure->boot_ns + failure->late_ns, diag);
	if (diag->attempt.candidates == CD_CANDIDATES_TRIED)
		look_at_memory(diag, snapshot);
}

static void look_now(struct cd_failure *failure, const struct cd_cma *area,
		     enum cd_lock_mode mode)
{
	struct cd_snapshot *snapshot = cd_snapshot_take(area, mode);

	if (!snapshot) {
		atomic_long_inc(&nr_without_bitmap);
		cd_diagnose(&failure->diag, NULL, NULL);
		return;
	}
	if (failure->late_known)
		failure->late_ns = max(local_clock(), failure->boot_ns) -
				   failure->boot_ns;
	cd_inflight_count_others(area, &snapshot->claims);
	if (failure->diag.attempt.candidates == CD_CANDIDATES_TRIED)
		cd_memory_read(&snapshot->memory);
	judge(failure, area, snapshot);
	cd_snapshot_put(snapshot);
}

/* @kept is the area as it was when it failed, NULL to look at it now. */
static void diagnose(struct cd_failure *failure, const struct cd_cma *area,
		     struct cd_snapshot *kept, enum cd_lock_mode mode)
{
	failure->diag.page_shift = PAGE_SHIFT;
	failure->diag.align_cap = cd_cma_align_cap();
	failure->diag.has_page_owner = has_page_owner;
	failure->diag.has_pages_file = true;

	/*
	 * Probes run with preemption off up to 6.19, and with it on from 7.0
	 * on. It must be off for a snapshot a CPU to be enough; a source that
	 * may sleep has one task.
	 */
	if (kept) {
		judge(failure, area, kept);
	} else if (mode == CD_LOCK_WAIT) {
		look_now(failure, area, mode);
	} else {
		preempt_disable();
		look_now(failure, area, mode);
		preempt_enable();
	}
	if (failure->diag.memory.place_seen)
		cd_memory_read_place(&failure->diag.memory,
				     failure->diag.request.nr_pages);
}

static void tell(const struct cd_cma *cma, struct cd_failure *failure)
{
	struct cd_area *area = cd_areas_find(cma);
	bool is_step = cd_history_append(&area->history, failure);

	if (cd_source_abilities()->requests)
		cd_area_marks_failed(area, failure, is_step);
	cd_dma_calls_failed(area, failure);
	trace_cma_failure(cma->name, failure);
	cd_news_announce();
}

/* What failed goes on from here. */
static void note_held_up(const struct cd_cma *cma, u64 since_ns)
{
	cd_keep_longest(&cd_areas_find(cma)->held_up_max_ns,
			local_clock() - since_ns);
}

/*
 * Request, attempt, errno, latency and how long ago it was are given; the rest
 * is found here.
 */
static void record(const struct cd_cma *cma, struct cd_failure *failure,
		   u64 ago_ns, struct cd_snapshot *kept,
		   const struct cd_context *context)
{
	u64 now_ns = local_clock();

	failure->time_ns = ktime_get_real_ns() - ago_ns;
	failure->boot_ns = now_ns - ago_ns;
	diagnose(failure, cma, kept, context->lock);
	failure->pid = current->pid;
	memcpy(failure->comm, current->comm, TASK_COMM_LEN);
	failure->comm[TASK_COMM_LEN - 1] = '\0';
	failure->nr_stack = cd_stack_save(failure->stack, CD_STACK_DEPTH,
					  context->regs);
	tell(cma, failure);
	note_held_up(cma, now_ns);
}

/* No finish will follow: the start is the moment it fails. */
static void on_oversized(const struct cd_cma *area,
			 const struct cd_request *request,
			 const struct cd_context *context)
{
	const struct cd_ended ended = {
		.request = *request,
		.failed = true,
		.nr_busy_known = true,
	};
	struct cd_failure failure = {
		.diag.request = *request,
		.diag.attempt.candidates = CD_CANDIDATES_NONE,
		.diag.attempt.nr_busy_known = true,
	};

	cd_requests_count(cd_areas_find(area)->requests, &ended);
	record(area, &failure, 0, NULL, context);
	trace_cma_alloc(area->name, &ended, 0, 0);
}

/* One that never had its finish is not what ends next. */
static void forget_start(void)
{
	struct cd_inflight *start = cd_inflight_find();

	if (start)
		cd_inflight_close(start);
}

static void on_start(const struct cd_cma *area,
		     const struct cd_request *request,
		     const struct cd_context *context)
{
	if (!area || !request->nr_pages) {
		forget_start();
	} else if (request->nr_pages > area->nr_pages &&
		   cd_cma_oversized_ends_early()) {
		forget_start();
		on_oversized(area, request, context);
	} else {
		cd_inflight_open(area, request);
	}
}

static bool is_started(void)
{
	return cd_inflight_find();
}

/* Others that isolate pages, in a task that also allocates: not in the area. */
static void on_blocked(unsigned long pfn)
{
	struct cd_inflight *start = cd_inflight_find();
	struct cd_page *page;

	if (!start || start->area != cd_cma_by_pfn(pfn))
		return;
	page = cd_tries_blocked(&start->tries, pfn);
	if (page)
		cd_page_read(pfn, page);
}

static void on_trying(unsigned long pfn)
{
	struct cd_inflight *start = cd_inflight_find();

	if (!start)
		return;
	start->was_tried = true;
	start->tried_pfn = pfn;
	start->tried_error = 0;
}

static void on_tried(int error)
{
	struct cd_inflight *start = cd_inflight_find();

	if (!start)
		return;
	start->tried_error = error;
	if (error == -EBUSY && cd_source_abilities()->busy_by_return)
		cd_tries_busy(&start->tries, start->tried_pfn);
}

static void on_busy(unsigned long pfn)
{
	struct cd_inflight *start = cd_inflight_find();

	if (start)
		cd_tries_busy(&start->tries, pfn);
}

/* What the finish tells, and what its start left when that was seen, too. */
static struct cd_outcome outcome_of(const struct cd_finish *finish,
				    const struct cd_inflight *start)
{
	struct cd_outcome outcome = {
		.pfn = finish->pfn,
		.error = finish->error,
	};

	if (start) {
		outcome.start_seen = true;
		outcome.tries = &start->tries;
		outcome.was_tried = start->was_tried;
		outcome.tried_pfn = start->tried_pfn;
		outcome.tried_error = start->tried_error;
	}
	return outcome;
}

static void on_success(const struct cd_cma *area,
		       const struct cd_finish *finish, struct cd_ended *ended,
		       const struct cd_inflight *start,
		       const struct cd_context *context)
{
	struct cd_area *there = cd_areas_find(area);

	if (start) {
		ended->nr_busy_known = cd_source_abilities()->busy;
		ended->nr_busy = start->tries.nr_busy;
	}
	if (there->holders.ledger)
		cd_holders_add(&there->holders, finish->pfn, &ended->request,
			       context);
	cd_area_marks_granted(there, finish->pfn, ended->request.nr_pages,
			      context);
	cd_requests_count(there->requests, ended);
	if (cd_history_is_stepping(&there->history)) {
		cd_history_had(&there->history, ended->request.nr_pages,
			       local_clock() - ended->latency_ns);
		cd_news_announce();
	}
	trace_cma_alloc(area->name, ended, finish->pfn, 0);
}

/* From when it began to log its failure, which is when it failed. */
static u64 time_logging(const struct cd_inflight *start)
{
	return start && start->failing_ns ? ktime_get_ns() - start->failing_ns :
	       0;
}

static void on_failure(const struct cd_cma *area,
		       const struct cd_finish *finish, struct cd_ended *ended,
		       const struct cd_inflight *start,
		       const struct cd_context *context)
{
	struct cd_snapshot *kept = start ? start->snapshot : NULL;
	u64 ago_ns = time_logging(start);
	struct cd_outcome outcome = outcome_of(finish, start);
	struct cd_failure failure = {
		.diag.request = ended->request,
		.diag.attempt = cd_read_outcome(&outcome),
		.kernel_errno = cd_outcome_errno(&outcome),
		.latency_known = ended->latency_known,
		.latency_ns = ended->latency_ns,
	};

	ended->nr_busy_known = failure.diag.attempt.nr_busy_known;
	ended->nr_busy = failure.diag.attempt.nr_busy;
	if (ago_ns && !kept) {
		failure.diag.late = true;
		failure.late_known = true;
	}
	cd_requests_count(cd_areas_find(area)->requests, ended);
	record(area, &failure, ago_ns, kept, context);
	trace_cma_alloc(area->name, ended, 0, failure.kernel_errno);
}

/*
 * What follows takes as long as the console does, and others free pages
 * meanwhile. Of two lines, the first tells the moment.
 */
static void on_failing(const struct cd_context *context)
{
	struct cd_inflight *start = cd_inflight_find();
	u64 now_ns = local_clock();

	if (!start || start->failing_ns)
		return;
	start->failing_ns = ktime_get_ns();
	start->snapshot = cd_snapshot_keep(start->area, context->lock);
	if (!start->snapshot)
		return;
	cd_inflight_count_others(start->area, &start->snapshot->claims);
	cd_memory_read(&start->snapshot->memory);
	note_held_up(start->area, now_ns);
	if (context->lock == CD_LOCK_HELD)
		cd_cma_note_held(start->area, local_clock() - now_ns);
}

/* The request of the current task is not under way any more. */
static void close_watched(const struct cd_cma *area,
			  const struct cd_finish *finish,
			  const struct cd_ended *ended,
			  struct cd_inflight *own,
			  const struct cd_context *context)
{
	if (ended->failed)
		cd_watches_refused(cd_areas_find(area), own, context);
	else
		cd_watches_granted(cd_areas_find(area), finish->pfn,
				   &ended->request, own, context);
}

static void on_finish(const struct cd_finish *finish,
		      const struct cd_context *context)
{
	const struct cd_cma *area = finish->area;
	struct cd_ended ended = {
		.request = finish->request,
		.failed = finish->failed,
	};
	struct cd_inflight *own = cd_inflight_find(), *start = own;

	/* A start of another area is one that never had its finish. */
	if (start && area && area != start->area)
		start = NULL;
	if (start) {
		area = start->area;
		ended.request = start->request;
		ended.latency_known = true;
		ended.latency_ns = (start->failing_ns ?: ktime_get_ns()) -
				   start->start_ns;
	}
	if (area && ended.failed)
		on_failure(area, finish, &ended, start, context);
	else if (area)
		on_success(area, finish, &ended, start, context);
	else if (ended.failed)
		atomic_long_inc(&nr_unattributed);
	if (area && cd_watches_are_set(&cd_areas_find(area)->watches))
		close_watched(area, finish, &ended, own, context);
	else if (own)
		cd_inflight_close(own);
}

/* What only the task could tell is not known. */
static void on_logged(const struct cd_logged *logged)
{
	const struct cd_cma *area = logged->area;
	const struct cd_ended ended = {
		.request = logged->request,
		.failed = true,
	};
	struct cd_failure failure = {
		.diag.request = logged->request,
		.diag.attempt = cd_read_logged(logged->error),
		.diag.late = true,
		.kernel_errno = logged->error,
		.late_known = logged->has_time,
		.boot_ns = logged->has_time ? logged->time_ns : local_clock(),
		.comm = CD_NO_COMM,
	};

	if (!area) {
		atomic_long_inc(&nr_unattributed);
		return;
	}
	diagnose(&failure, area, NULL, CD_LOCK_WAIT);
	failure.time_ns = ktime_get_real_ns() - failure.late_ns;
	cd_requests_count(cd_areas_find(area)->requests, &ended);
	tell(area, &failure);
	trace_cma_alloc(area->name, &ended, 0, failure.kernel_errno);
}

static const struct cd_alloc_observer observer = {
	.logged = on_logged,
	.start = on_start,
	.is_started = is_started,
	.blocked = on_blocked,
	.trying = on_trying,
	.tried = on_tried,
	.busy = on_busy,
	.failing = on_failing,
	.finish = on_finish,
};

/**
 * cd_observe_init() - diagnose failures from now on
 * @source: the name of what tells of them, or NULL for the best that there is
 * @break_attach: for tests: when all is attached, it is given up again
 *
 * Context: process, may sleep. All that a failure is recorded by is set up.
 *
 * Return: 0, or a negative errno after one sentence in the kernel log; failures
 * may have been recorded nevertheless.
 */
int cd_observe_init(const char *source, bool break_attach)
{
	int err;

	has_page_owner = cd_page_owner_is_on();
	err = cd_source_attach(source, &observer, break_attach);
	/* Without tasks there is nothing that these add to. */
	if (!err && cd_source_abilities()->requests) {
		cd_dma_events_attach(cd_dma_calls_ended);
		if (cd_areas_count() && cd_areas_get(0)->holders.ledger)
			cd_dma_bufs_attach(cd_dma_calls_exported);
	}
	return err;
}

/**
 * cd_observe_exit() - stop; on return nothing is recorded any more
 *
 * Context: process, may sleep.
 */
void cd_observe_exit(void)
{
	cd_dma_bufs_detach();
	cd_dma_events_detach();
	cd_source_detach();
}

/** cd_observe_unattributed() - failures whose area the kernel did not tell */
unsigned long cd_observe_unattributed(void)
{
	return atomic_long_read(&nr_unattributed);
}

/** cd_observe_without_bitmap() - failures recorded while no buffer was free */
unsigned long cd_observe_without_bitmap(void)
{
	return atomic_long_read(&nr_without_bitmap);
}
