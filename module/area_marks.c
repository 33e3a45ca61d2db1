// SPDX-License-Identifier: GPL-2.0-only
/*
 * The marks of an area: how full it has been, and how large it should be.
 *
 * An allocation that has had pages is counted under the lock of the marks.
 * Mostly that is all: buffers that come and go in the same places set no mark.
 * When it may have set one, its task looks at a copy of the bitmap, without the
 * lock: whoever was counted before has its bits set.
 */
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/string.h>

#include "area_marks.h"
#include "areas.h"
#include "glance.h"
#include "kernel/cma_config.h"
#include "snapshot.h"

/**
 * cd_area_marks_init() - they begin
 * @own: result, all zero
 * @places: places of the area
 *
 * Context: process, may sleep. Return: 0 or -ENOMEM; then, too,
 * cd_area_marks_exit() is to be called.
 */
int cd_area_marks_init(struct cd_area_marks *own,
		       const struct cd_bitmap *places)
{
	unsigned long *words = kvcalloc(cd_marks_words(places), sizeof(*words),
					GFP_KERNEL);

	raw_spin_lock_init(&own->lock);
	cd_marks_init(&own->marks, words);
	cd_marks_begin(&own->marks, cd_cma_align_cap(),
		       ktime_get_boottime_ns());
	return words ? 0 : -ENOMEM;
}

/**
 * cd_area_marks_exit() - free what they take
 * @own: from cd_area_marks_init()
 *
 * Context: process, may sleep. No request ends any more, and nobody reads.
 */
void cd_area_marks_exit(struct cd_area_marks *own)
{
	kvfree(own->marks.maybe);
}

/**
 * cd_area_marks_begin_look() - before the bitmap is copied
 * @area: whose
 * @sight: result, for cd_area_marks_seen()
 *
 * Context: any but NMI.
 */
void cd_area_marks_begin_look(struct cd_area *area,
			      struct cd_marks_sight *sight)
{
	struct cd_area_marks *own = &area->marks;
	unsigned long flags;

	raw_spin_lock_irqsave(&own->lock, flags);
	sight->nr_resets = own->nr_resets;
	cd_marks_begin_look(&own->marks, &sight->look);
	raw_spin_unlock_irqrestore(&own->lock, flags);
}

static void see(struct cd_area *area, struct cd_marks_sight *sight,
		const struct cd_bitmap *bm, const struct cd_asker *asker)
{
	struct cd_area_marks *own = &area->marks;
	unsigned long flags;

	cd_marks_look(bm, cd_cma_align_cap(), &sight->look);
	raw_spin_lock_irqsave(&own->lock, flags);
	if (sight->nr_resets == own->nr_resets)
		cd_marks_judge(&own->marks, &sight->look, bm, asker);
	raw_spin_unlock_irqrestore(&own->lock, flags);
}

/**
 * cd_area_marks_seen() - what a reader sees of the bitmap
 * @area: whose
 * @sight: begun
 * @bm: a copy of one moment
 *
 * Nothing is marked by what tells of failures alone.
 *
 * Context: any but NMI.
 */
void cd_area_marks_seen(struct cd_area *area, struct cd_marks_sight *sight,
			const struct cd_bitmap *bm)
{
	const struct cd_asker nobody = { .time_ns = ktime_get_boottime_ns() };

	if (cd_source_abilities()->requests)
		see(area, sight, bm, &nobody);
}

/* Apart, so that others do not pay for its stack. */
static noinline void look_for_grant(struct cd_area *area,
				    enum cd_lock_mode mode)
{
	struct cd_asker asker = { .pid = current->pid };
	struct cd_marks_sight sight;
	struct cd_glance glance;

	memcpy(asker.comm, current->comm, CD_COMM_LEN);
	asker.comm[CD_COMM_LEN - 1] = '\0';
	cd_area_marks_begin_look(area, &sight);
	cd_glance_begin(&glance, area, mode);
	asker.time_ns = glance.time_ns;
	/* Or it may be of others, who have claimed or had pages. */
	if (!glance.at_rest)
		asker = (struct cd_asker){ .time_ns = glance.time_ns };
	/* Else the next that has pages looks. */
	if (glance.snapshot)
		see(area, &sight, &glance.snapshot->bm, &asker);
	cd_glance_end(&glance, area);
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
	unsigned long flags;

	raw_spin_lock_irqsave(&own->lock, flags);
	cd_marks_failed(&own->marks, &failure->diag, failure->pid, is_step);
	raw_spin_unlock_irqrestore(&own->lock, flags);
}

/**
 * cd_area_marks_look() - take in the area as it is now
 * @area: whose
 *
 * Context: process, may sleep. Return: 0 or -ENOMEM.
 */
int cd_area_marks_look(struct cd_area *area)
{
	struct cd_snapshot *snapshot;
	struct cd_marks_sight sight;

	cd_area_marks_begin_look(area, &sight);
	snapshot = cd_snapshot_alloc(area->cma);
	if (!snapshot)
		return -ENOMEM;
	cd_area_marks_seen(area, &sight, &snapshot->bm);
	kvfree(snapshot);
	return 0;
}

/**
 * cd_area_marks_reset() - they begin anew, with the area as it is
 * @area: whose
 *
 * Context: process, may sleep. Return: 0; or -ENOMEM, and they go on.
 */
int cd_area_marks_reset(struct cd_area *area)
{
	const struct cd_asker nobody = { .time_ns = ktime_get_boottime_ns() };
	struct cd_area_marks *own = &area->marks;
	struct cd_snapshot *snapshot;
	struct cd_marks_sight sight;
	unsigned long flags;

	cd_area_marks_begin_look(area, &sight);
	snapshot = cd_snapshot_alloc(area->cma);
	if (!snapshot)
		return -ENOMEM;
	/* Of no size that was there before. */
	sight.look.lowest = ULONG_MAX;
	cd_marks_look(&snapshot->bm, cd_cma_align_cap(), &sight.look);
	raw_spin_lock_irqsave(&own->lock, flags);
	own->nr_resets++;
	cd_marks_begin(&own->marks, cd_cma_align_cap(), nobody.time_ns);
	cd_marks_judge(&own->marks, &sight.look, &snapshot->bm, &nobody);
	raw_spin_unlock_irqrestore(&own->lock, flags);
	kvfree(snapshot);
	return 0;
}

/**
 * cd_area_marks_copy() - the marks as they are
 * @area: whose
 * @marks: result
 *
 * Context: any but NMI.
 */
void cd_area_marks_copy(struct cd_area *area, struct cd_marks *marks)
{
	struct cd_area_marks *own = &area->marks;
	unsigned long flags;

	raw_spin_lock_irqsave(&own->lock, flags);
	*marks = own->marks;
	raw_spin_unlock_irqrestore(&own->lock, flags);
}
