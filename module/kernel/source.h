/* SPDX-License-Identifier: GPL-2.0-only */
/* Sources: whatever tells of CMA allocations, or of those that failed. */
#ifndef CD_SOURCE_H
#define CD_SOURCE_H

#include <linux/types.h>

#include "core/verdict.h"
#include "kernel/cma_area.h"

struct pt_regs;

/**
 * struct cd_context - what can be done where an observer is called
 * @lock: how far a copy of the bitmap may go for its lock
 * @regs: where the function that allocates begins or ends; NULL where the stack
 *        is that of the call
 */
struct cd_context {
	enum cd_lock_mode lock;
	const struct pt_regs *regs;
};

/**
 * struct cd_finish - how an allocation ended
 * @area: NULL when that is known from its start alone, or not at all (up to
 *        5.12, when several areas exist and nothing was tried)
 * @request: what was asked; not needed where the start always was seen
 * @failed: no page was had
 * @pfn: of the first page; its meaning on failure is cma_outcome.c's
 * @error: as the kernel gives it, 0 where it gives none
 */
struct cd_finish {
	const struct cd_cma *area;
	struct cd_request request;
	bool failed;
	unsigned long pfn;
	int error;
};

/**
 * struct cd_logged - a failure that was told after the fact
 * @area: NULL when it was not told, or several are so called
 * @request: what was asked; its alignment is assumed
 * @error: the errno that the kernel's line has
 * @has_time: @time_ns holds
 * @time_ns: when it was logged, by local_clock()
 */
struct cd_logged {
	const struct cd_cma *area;
	struct cd_request request;
	int error;
	bool has_time;
	u64 time_ns;
};

/**
 * struct cd_alloc_observer - who is told of allocations
 * @start: one begins
 * @blocked: the first page that keeps a place from being taken. Also called
 *           for others than CMA who isolate pages: a task without a start
 * @trying: a place that begins at @pfn is about to be taken; or was seen to be
 *          tried at all when it had been, just before @tried
 * @tried: alloc_contig_range() returned @error for it, 0 or a negative errno
 * @busy: a place was given up, since a page in it could not be moved; only with
 *        a source that is not told by @tried
 * @failing: the current task begins to log that its own failed; the finish
 *           follows when that is printed. Perhaps with the area's lock held,
 *           as the context tells; not only of CMA's, nor once only
 * @finish: one ended
 * @logged: one failed, some time ago; the only one that a source without tasks
 *          calls. One at a time, from a task of its own that may sleep
 *
 * The others are called in the task that allocates, with no CMA lock held, and
 * may not sleep: with preemption off, or with interrupts off in a handler of a
 * kprobe or of a breakpoint. Around @blocked, @trying and @tried the task is
 * inside alloc_contig_range().
 *
 * @is_started: the current task has started one, and not finished; as cheap as
 *              can be
 */
struct cd_alloc_observer {
	void (*start)(const struct cd_cma *area,
		      const struct cd_request *request,
		      const struct cd_context *context);
	bool (*is_started)(void);
	void (*blocked)(unsigned long pfn);
	void (*trying)(unsigned long pfn);
	void (*tried)(int error);
	void (*busy)(unsigned long pfn);
	void (*failing)(const struct cd_context *context);
	void (*finish)(const struct cd_finish *finish,
		       const struct cd_context *context);
	void (*logged)(const struct cd_logged *logged);
};

/**
 * struct cd_abilities - what a source tells
 * @requests: each request, in its task, as it begins and ends: alignment,
 *            caller, time taken, and those that had their pages
 * @moment: ... the moment, even where the kernel logs a failure before that
 *          ends
 * @busy: places given up as busy
 * @busy_by_return: ... but only by what alloc_contig_range() returned; a return
 *                  that was missed tells nothing
 * @error: what the last place failed with
 * @places: every place that is tried, so that none seen is none tried
 * @outcome: pfn and errno of the finish, as cma_outcome.c reads them
 * @blocking: pages that keep a place from being taken
 */
struct cd_abilities {
	bool requests;
	bool moment;
	bool busy;
	bool busy_by_return;
	bool error;
	bool places;
	bool outcome;
	bool blocking;
};

/**
 * struct cd_missed - what a source did not tell
 * @nr_failures: that the kernel has counted
 * @nr_lines: of the kernel's log, which may have been failures
 */
struct cd_missed {
	unsigned long nr_failures;
	unsigned long nr_lines;
};

/**
 * struct cd_source - one way to be told of allocations
 * @name: for the parameter source=
 * @attach: be told from now on. Process context, may sleep; cd_cma_init() came
 *          first. 0, or a negative errno after one sentence in the kernel log
 * @detach: no more; on return no callback runs any more. Process context, may
 *          sleep
 * @abilities: what it tells; holds once attached
 * @describe: what it sees allocations by, for people; once attached
 * @missed: what it is known not to have told, so far; process context, may
 *          sleep; NULL when it tells all
 */
struct cd_source {
	const char *name;
	int (*attach)(const struct cd_alloc_observer *observer);
	void (*detach)(void);
	const struct cd_abilities *abilities;
	const char *(*describe)(void);
	struct cd_missed (*missed)(void);
};

extern const struct cd_source cd_source_events;
extern const struct cd_source cd_source_breakpoints;
extern const struct cd_source cd_source_log;

int cd_source_attach(const char *name,
		     const struct cd_alloc_observer *observer,
		     bool break_attach);
void cd_source_detach(void);
const struct cd_abilities *cd_source_abilities(void);
const char *cd_source_describe(void);
struct cd_missed cd_source_missed(void);
bool cd_source_is_failing(const char *text, size_t len,
			  struct cd_context *context);

#endif
