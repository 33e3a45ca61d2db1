// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a failed allocation's pfn and errno mean on this kernel.
 *
 * Read in mm/cma.c, cma_alloc() and what it calls:
 *
 *   up to 6.14   pfn is -1 when the bitmap had no place, and then the errno is
 *                -ENOMEM; else pfn is the last place tried, and the errno is
 *                what alloc_contig_range() ended with: -EBUSY, -ENOMEM, -EINTR.
 *   from 6.15    pfn is 0. The errno is -EBUSY both when the bitmap had no
 *                place and when every place was busy; the busy retries tell
 *                the two apart. -ENOMEM comes from a place that was tried.
 *
 * The finish event carries the errno from 6.3 on; before, a kretprobe sees what
 * alloc_contig_range() returned. Busy retries have an event from 5.13 on.
 *
 * A source that sees every place and what it ended with needs none of this.
 */
#include <linux/errno.h>
#include <linux/sched/signal.h>

#include "kernel/cma_area.h"
#include "kernel/cma_outcome.h"
#include "kernel/source.h"

static bool had_no_place(const struct cd_outcome *outcome)
{
	return !cd_cma_errno_is_ambiguous() && outcome->pfn == -1UL;
}

static unsigned long nr_busy(const struct cd_outcome *outcome)
{
	return outcome->start_seen ? outcome->tries->nr_busy : 0;
}

/*
 * Up to 6.2 no event gives the errno: it is what alloc_contig_range() returned
 * for the last place. If that was not seen: from 5.13 on the last place was
 * given up as busy if its busy retry was the last event. If not, memory was
 * short or a signal came in; a signal that is pending leaves both open.
 */
static int infer_error(const struct cd_outcome *outcome)
{
	if (!outcome->start_seen)
		return 0;
	if (outcome->tried_error && outcome->tried_pfn == outcome->pfn)
		return outcome->tried_error;
	if (!cd_source_abilities()->busy ||
	    cd_source_abilities()->busy_by_return)
		return 0;
	if (nr_busy(outcome) && outcome->tries->last_busy_pfn == outcome->pfn)
		return -EBUSY;
	return fatal_signal_pending(current) ? 0 : -ENOMEM;
}

/* Up to 6.14: pfn tells whether a place was tried. */
static void read_by_pfn(const struct cd_outcome *outcome,
			struct cd_attempt *attempt)
{
	if (had_no_place(outcome)) {
		attempt->candidates = CD_CANDIDATES_NONE;
		return;
	}
	attempt->candidates = CD_CANDIDATES_TRIED;
	attempt->has_last_pfn = true;
	attempt->last_pfn = outcome->pfn;
	attempt->error = outcome->error ?: infer_error(outcome);
}

/* From 6.15 on: the errno tells, and for -EBUSY the busy retries. */
static void read_by_errno(const struct cd_outcome *outcome,
			  struct cd_attempt *attempt)
{
	if (outcome->error == -EBUSY && !nr_busy(outcome)) {
		attempt->candidates = outcome->start_seen ?
				      CD_CANDIDATES_NONE :
				      CD_CANDIDATES_UNKNOWN;
		return;
	}
	attempt->candidates = CD_CANDIDATES_TRIED;
	attempt->error = outcome->error;
	if (nr_busy(outcome)) {
		attempt->has_last_pfn = true;
		attempt->last_pfn = outcome->tries->last_busy_pfn;
	}
}

/* All of them were seen: none seen is none tried. */
static void read_by_places(const struct cd_outcome *outcome,
			   struct cd_attempt *attempt)
{
	if (!outcome->was_tried) {
		attempt->candidates = outcome->start_seen ?
				      CD_CANDIDATES_NONE :
				      CD_CANDIDATES_UNKNOWN;
		return;
	}
	attempt->candidates = CD_CANDIDATES_TRIED;
	attempt->has_last_pfn = true;
	attempt->last_pfn = outcome->tried_pfn;
	attempt->error = outcome->tried_error;
}

/**
 * cd_read_outcome() - what was tried, from what the events showed
 * @outcome: a failed allocation of the current task
 *
 * Context: any, in the task that allocated.
 */
struct cd_attempt cd_read_outcome(const struct cd_outcome *outcome)
{
	const struct cd_abilities *seen = cd_source_abilities();
	struct cd_attempt attempt = {
		.nr_busy = nr_busy(outcome),
		.nr_busy_known = seen->busy && outcome->start_seen,
	};

	if (seen->places)
		read_by_places(outcome, &attempt);
	else if (seen->outcome && cd_cma_errno_is_ambiguous())
		read_by_errno(outcome, &attempt);
	else if (seen->outcome)
		read_by_pfn(outcome, &attempt);
	/* Nothing tried is nothing given up. */
	attempt.nr_busy_known |= attempt.candidates == CD_CANDIDATES_NONE;
	attempt.blocking.seen = outcome->start_seen && seen->blocking;
	if (attempt.blocking.seen)
		cd_tries_sum_up(outcome->tries, &attempt.blocking);
	return attempt;
}

/**
 * cd_read_logged() - what was tried, from nothing but the errno
 * @error: as the kernel's log has it
 *
 * What it leaves open, "no place" or what a place ended with, is left open.
 *
 * Context: any.
 */
struct cd_attempt cd_read_logged(int error)
{
	struct cd_attempt attempt = { 0 };
	int open = cd_cma_errno_is_ambiguous() ? -EBUSY : -ENOMEM;

	if (error != open) {
		attempt.candidates = CD_CANDIDATES_TRIED;
		attempt.error = error;
	}
	return attempt;
}

/**
 * cd_outcome_tells_last() - a last place that is told is the last of all
 *
 * If not it is the last that was given up as busy, and perhaps one more was
 * tried.
 */
bool cd_outcome_tells_last(void)
{
	const struct cd_abilities *seen = cd_source_abilities();

	return seen->places || !seen->busy || !cd_cma_errno_is_ambiguous();
}

static int errno_by_places(const struct cd_outcome *outcome)
{
	if (outcome->was_tried)
		return outcome->tried_error;
	if (!outcome->start_seen)
		return 0;
	return cd_cma_errno_is_ambiguous() ? -EBUSY : -ENOMEM;
}

/**
 * cd_outcome_errno() - the errno that the kernel's own log line prints
 * @outcome: a failed allocation
 *
 * Return: the errno of the finish event; or what the last place failed with,
 * or what stands for none when there was none; 0 when it is not known.
 */
int cd_outcome_errno(const struct cd_outcome *outcome)
{
	const struct cd_abilities *seen = cd_source_abilities();

	if (seen->places)
		return errno_by_places(outcome);
	if (outcome->error || !seen->outcome)
		return outcome->error;
	if (had_no_place(outcome))
		return -ENOMEM;
	return outcome->start_seen && outcome->tried_pfn == outcome->pfn ?
	       outcome->tried_error : 0;
}
