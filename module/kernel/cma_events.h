/* SPDX-License-Identifier: GPL-2.0-only */
/* Start, busy retry and finish of every CMA allocation. */
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
 * @busy: a place was given up, since a page in it could not be moved
 * @finish: one ended
 *
 * All are called in the task that allocates, with no CMA lock held, and may
 * not sleep: the tracepoints' probes run with preemption off up to 6.19, and
 * @start on 5.10 to 5.12 runs in a kprobe handler, interrupts off.
 */
struct cd_alloc_observer {
	void (*start)(const struct cd_cma *area,
		      const struct cd_request *request,
		      enum cd_lock_mode mode);
	void (*busy)(unsigned long pfn);
	void (*finish)(const struct cd_finish *finish);
};

int cd_cma_events_attach(const struct cd_alloc_observer *observer);
void cd_cma_events_detach(void);
bool cd_cma_events_have_busy(void);
bool cd_cma_events_have_errno(void);
const char *cd_cma_events_describe(void);

#endif
