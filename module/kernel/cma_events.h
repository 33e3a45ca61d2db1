/* SPDX-License-Identifier: GPL-2.0-only */
/* Start, busy retries and finish of every CMA allocation. */
#ifndef CD_CMA_EVENTS_H
#define CD_CMA_EVENTS_H

#include <linux/types.h>

#include "core/verdict.h"
#include "kernel/cma_area.h"

/**
 * struct cd_finish - how an allocation ended
 * @area: NULL when the event does not tell (up to 5.12, when several areas
 *        exist and nothing was tried)
 * @request: what was asked
 * @failed: no page was had
 * @pfn: as the event gives it; its meaning on failure is cma_outcome.c's
 * @error: as the event gives it, 0 where it gives none
 */
struct cd_finish {
	const struct cd_cma *area;
	struct cd_request request;
	bool failed;
	unsigned long pfn;
	int error;
};

/**
 * struct cd_alloc_observer - who is told of allocations
 * @start: one begins. @mode: how far this context lets a copy of the bitmap go
 * @blocked: the first page that keeps a place from being taken. Also called
 *           for others than CMA who isolate pages: a task without a start
 * @tried: a place begins at @pfn, and alloc_contig_range() returned @error for
 *         it, 0 or a negative errno; only where the finish does not tell
 * @busy: a place was given up, since a page in it could not be moved
 * @finish: one ended
 *
 * All are called in the task that allocates, with no CMA lock held, and may
 * not sleep: the tracepoints' probes run with preemption off up to 6.19, and
 * @start on 5.10 to 5.12 runs in a kprobe handler, interrupts off. Around
 * @blocked and @tried the task is inside alloc_contig_range().
 *
 * @is_started: the current task has started one, and not finished; as cheap as
 *              can be
 */
struct cd_alloc_observer {
	void (*start)(const struct cd_cma *area,
		      const struct cd_request *request,
		      enum cd_lock_mode mode);
	bool (*is_started)(void);
	void (*blocked)(unsigned long pfn);
	void (*tried)(unsigned long pfn, int error);
	void (*busy)(unsigned long pfn);
	void (*finish)(const struct cd_finish *finish);
};

int cd_cma_events_attach(const struct cd_alloc_observer *observer,
			 bool break_attach);
void cd_cma_events_detach(void);
bool cd_cma_events_have_busy(void);
bool cd_cma_events_busy_by_return(void);
bool cd_cma_events_have_errno(void);
bool cd_cma_events_have_blocking(void);
const char *cd_cma_events_describe(void);

#endif
