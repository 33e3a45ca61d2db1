// SPDX-License-Identifier: GPL-2.0-only
/*
 * The marks of an area: how full it has been, and how large it should be.
 *
 * An allocation that has had pages is counted under the lock of the marks.
 * Mostly that is all. When it may have set a mark, its task looks at a copy of
 * the bitmap, without the lock: whoever was counted before has its bits set.
 */
#include <linux/delay.h>
#include <linux/ktime.h>
#include <linux/sched.h>
#include <linux/string.h>

#include "area_marks.h"
#include "areas.h"
#include "glance.h"
#include "kernel/cma_config.h"
#include "snapshot.h"

/* Where requests are always under way, and the copy is made without the lock. */
#define NR_LOOKS 20
#define LOOK_EVERY_MS 10

/**
 * cd_area_marks_init() - they begin
 * @own: result, all zero
 */
void cd_area_marks_init(struct cd_area_marks *own)
{
	raw_spin_lock_init(&own->lock);
	cd_marks_begin(&own->marks, cd_cma_align_cap(),
		       ktime_get_boottime_ns());
}

/* Returns false when the bitmap was not had. */
static bool look(struct cd_area *area, enum cd_lock_mode mode,
		 struct cd_marks_look *look, unsigned int nr_resets,
		 struct cd_asker *asker)
{
	struct cd_area_marks *own = &area->marks;
	struct cd_glance glance;
	unsigned long flags;
	bool seen;

	cd_glance_begin(&glance, area, mode);
	seen = glance.snapshot;
	if (seen)
		cd_marks_look(&glance.snapshot->bm, own->marks.order, look);
	asker->time_ns = glance.time_ns;
	cd_glance_end(&glance, area);
	if (!seen)
		return false;
	raw_spin_lock_irqsave(&own->lock, flags);
	if (nr_resets == own->nr_resets)
		cd_marks_judge(&own->marks, look, asker);
	raw_spin_unlock_irqrestore(&own->lock, flags);
	return true;
}

/* Apart, so that others do not pay for its stack. */
static noinline void look_for_grant(struct cd_area *area,
				    enum cd_lock_mode mode)
{
	struct cd_asker asker = { .pid = current->pid };
	struct cd_area_marks *own = &area->marks;
	struct cd_marks_look sight;
	unsigned int nr_resets;
	unsigned long flags;

	memcpy(asker.comm, current->comm, CD_COMM_LEN);
	asker.comm[CD_COMM_LEN - 1] = '\0';
	raw_spin_lock_irqsave(&own->lock, flags);
	nr_resets = own->nr_resets;
	cd_marks_begin_look(&own->marks, &sight);
	raw_spin_unlock_irqrestore(&own->lock, flags);
	look(area, mode, &sight, nr_resets, &asker);
}

/**
 * cd_area_marks_granted() - the current task has had pages
 * @area: where
 * @pfn: the first of them
 * @nr_pages: how many
 * @context: where that was seen
 *
 * Context: any but NMI, in the task, before it can release them.
 */
void cd_area_marks_granted(struct cd_area *area, unsigned long pfn,
			   unsigned long nr_pages,
			   const struct cd_context *context)
{
	struct cd_area_marks *own = &area->marks;
	unsigned long flags;
	bool wants_look;

	raw_spin_lock_irqsave(&own->lock, flags);
	wants_look = cd_marks_granted(&own->marks, &area->holders.places, pfn,
				      nr_pages);
	raw_spin_unlock_irqrestore(&own->lock, flags);
	if (wants_look)
		look_for_grant(area, context->lock);
}

/**
 * cd_area_marks_failed() - the current task's request failed
 * @area: where
 * @failure: how; complete
 * @is_step: it is a step of a story, and not its first
 *
 * Context: any but NMI.
 */
void cd_area_marks_failed(struct cd_area *area,
			  const struct cd_failure *failure, bool is_step)
{
	struct cd_area_marks *own = &area->marks;
	struct cd_asker asker = { .pid = failure->pid };
	unsigned long flags;

	memcpy(asker.comm, failure->comm, CD_COMM_LEN);
	raw_spin_lock_irqsave(&own->lock, flags);
	cd_marks_failed(&own->marks, &failure->diag, &asker, is_step);
	raw_spin_unlock_irqrestore(&own->lock, flags);
}

/* As a reader. */
static bool look_once(struct cd_area *area)
{
	struct cd_area_marks *own = &area->marks;
	struct cd_asker nobody = { 0 };
	struct cd_marks_look sight;
	unsigned int nr_resets;
	unsigned long flags;

	raw_spin_lock_irqsave(&own->lock, flags);
	nr_resets = own->nr_resets;
	cd_marks_begin_look(&own->marks, &sight);
	raw_spin_unlock_irqrestore(&own->lock, flags);
	return look(area, CD_LOCK_TRY, &sight, nr_resets, &nobody);
}

/**
 * cd_area_marks_look() - take in the area as it is now
 * @area: whose
 *
 * Context: process, may sleep.
 */
void cd_area_marks_look(struct cd_area *area)
{
	unsigned int i;

	for (i = 0; i < NR_LOOKS && !look_once(area); i++)
		msleep(LOOK_EVERY_MS);
}

/**
 * cd_area_marks_reset() - they begin anew, with the area as it is
 * @area: whose
 *
 * Context: process, may sleep.
 */
void cd_area_marks_reset(struct cd_area *area)
{
	struct cd_area_marks *own = &area->marks;
	unsigned long flags;

	raw_spin_lock_irqsave(&own->lock, flags);
	own->nr_resets++;
	cd_marks_begin(&own->marks, cd_cma_align_cap(),
		       ktime_get_boottime_ns());
	raw_spin_unlock_irqrestore(&own->lock, flags);
	cd_area_marks_look(area);
}

/**
 * cd_area_marks_read() - the marks, with the area as it is now taken in
 * @area: whose
 * @marks: result
 *
 * Context: process, may sleep.
 */
void cd_area_marks_read(struct cd_area *area, struct cd_marks *marks)
{
	struct cd_area_marks *own = &area->marks;
	unsigned long flags;

	cd_area_marks_look(area);
	raw_spin_lock_irqsave(&own->lock, flags);
	*marks = own->marks;
	raw_spin_unlock_irqrestore(&own->lock, flags);
}
