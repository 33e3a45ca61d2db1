// SPDX-License-Identifier: GPL-2.0-only
/*
 * A look at an area's bitmap while it is in use.
 *
 * What was copied without the area's lock is of one moment if no other request
 * was under way, and none ended meanwhile.
 */
#include <linux/ktime.h>
#include <linux/preempt.h>
#include <linux/sched/clock.h>

#include "areas.h"
#include "glance.h"
#include "inflight.h"
#include "longest.h"
#include "snapshot.h"

static bool is_of_one_moment(struct cd_glance *glance,
			     const struct cd_area *area, u64 nr_ended)
{
	struct cd_snapshot *snapshot = glance->snapshot;

	/* Whose bits are in the copy is under way by now, or has ended. */
	smp_rmb();
	cd_inflight_count_others(area->cma, &snapshot->claims);
	glance->at_rest = !snapshot->claims.nr_requests &&
			  nr_ended == cd_requests_nr_ended(area->requests);
	return glance->at_rest || snapshot->locked;
}

/**
 * cd_glance_begin() - copy an area's bitmap
 * @glance: result, for cd_glance_end() in any case
 * @area: the area
 * @mode: what the context allows
 *
 * Context: as @mode says, which is not CD_LOCK_WAIT; any but NMI. Preemption is
 * off from here to cd_glance_end(), for a snapshot a CPU to be enough.
 */
void cd_glance_begin(struct cd_glance *glance, const struct cd_area *area,
		     enum cd_lock_mode mode)
{
	u64 nr_ended;

	preempt_disable();
	glance->begun_ns = local_clock();
	glance->time_ns = ktime_get_boottime_ns();
	glance->at_rest = false;
	nr_ended = cd_requests_nr_ended(area->requests);
	glance->snapshot = cd_snapshot_take(area->cma, mode);
	if (!glance->snapshot || is_of_one_moment(glance, area, nr_ended))
		return;
	cd_snapshot_put(glance->snapshot);
	glance->snapshot = NULL;
}

/**
 * cd_glance_end() - give it back; the current request was held up so long
 * @glance: the look
 * @area: the area
 *
 * Context: as for cd_glance_begin().
 */
void cd_glance_end(struct cd_glance *glance, struct cd_area *area)
{
	cd_snapshot_put(glance->snapshot);
	cd_keep_longest(&area->held_up_max_ns,
			local_clock() - glance->begun_ns);
	preempt_enable();
}
