// SPDX-License-Identifier: GPL-2.0-only
/*
 * Requests of an area that are watched: do they still fit, and who broke it?
 *
 * An allocation that has had pages is counted, and compared with the witnesses,
 * under the lock of the watches; there it ends to be under way. Mostly that is
 * all. Else its task looks at a copy of the bitmap, without the lock. That it
 * fits counts only if the allocation is the newest: whoever was counted after
 * it finds the watch open, or not fitting, and looks, too; whoever was counted
 * before it had its bits set.
 *
 * What does not fit is broken only if no other request was under way, since
 * what such a one has claimed may be given back, and no other allocation is
 * still to judge what it saw. Whoever ends last looks again; and so does a
 * worker, once a second, as long as a watch does not fit, since nothing tells
 * of releases.
 *
 * A request that found no slot is not known to be under way; it is counted as
 * untracked.
 */
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/workqueue.h>

#include "areas.h"
#include "glance.h"
#include "inflight.h"
#include "kernel/stack.h"
#include "news.h"
#include "snapshot.h"
#include "trace.h"
#include "watches.h"

#define LOOK_EVERY HZ
#define NR_LOOKS 20
#define SETTLE_EVERY_MS 10

static void look_again(struct work_struct *work);

static DECLARE_DELAYED_WORK(look_work, look_again);

/**
 * struct sight - a look under way
 * @nr_clears: of the watches, as it began
 * @nr_grants: likewise
 * @nr: watches
 * @wants: by watch, whether it is looked at
 * @requests: theirs
 * @looks: what was seen
 * @at_rest: no other request was under way
 * @time_ns: when
 */
struct sight {
	unsigned int nr_clears;
	u64 nr_grants;
	unsigned int nr;
	bool wants[CD_MAX_WATCHES];
	struct cd_request requests[CD_MAX_WATCHES];
	struct cd_look looks[CD_MAX_WATCHES];
	bool at_rest;
	u64 time_ns;
};

/**
 * cd_watches_init() - none is set
 * @watches: result, all zero; for cd_watches_clear() in the end
 */
void cd_watches_init(struct cd_watches *watches)
{
	raw_spin_lock_init(&watches->lock);
}

/**
 * cd_watches_stop() - look at none of all areas any more
 *
 * Context: process, may sleep. No request ends any more, and nobody reads.
 */
void cd_watches_stop(void)
{
	cancel_delayed_work_sync(&look_work);
}

/* Returns whether there is anything to look at: what fits, only if @all is. */
static bool begin_sight(const struct cd_watches *watches, bool all,
			struct sight *sight)
{
	bool any = false;
	unsigned int i;

	lockdep_assert_held(&watches->lock);
	sight->nr_clears = watches->nr_clears;
	sight->nr_grants = watches->nr_grants;
	sight->nr = watches->nr;
	for (i = 0; i < watches->nr; i++) {
		const struct cd_watch *watch = &watches->set[i].watch;

		sight->requests[i] = watch->request;
		sight->wants[i] = all || watch->state != CD_WATCH_FITS;
		any |= sight->wants[i];
	}
	return any;
}

/* In the order in which they come. */
static void trace_news(const struct cd_area *area, const struct cd_watch *watch,
		       unsigned int news)
{
	if (news & CD_WATCH_FITS_AGAIN)
		trace_cma_watch(area->cma->name, watch, false);
	if (news & CD_WATCH_BREAKS)
		trace_cma_watch(area->cma->name, watch, true);
}

/* Returns whether there is something for the kernel log to tell. */
static bool judge(struct cd_area *area, const struct cd_grant *grant,
		  const struct sight *sight)
{
	struct cd_watches *watches = &area->watches;
	bool at_rest = sight->at_rest && !watches->nr_looking, untold = false;
	unsigned int i, news;

	lockdep_assert_held(&watches->lock);
	for (i = 0; i < sight->nr; i++) {
		struct cd_watched *watched = &watches->set[i];

		if (!sight->wants[i])
			continue;
		news = cd_watch_judge(&watched->watch, &sight->looks[i], grant,
				      sight->nr_grants == watches->nr_grants,
				      at_rest, sight->time_ns);
		trace_news(area, &watched->watch, news);
		untold |= cd_watched_unsaid(watched);
	}
	return untold;
}

/*
 * Returns whether to look again: one that is newer waited for this to be
 * judged, and nobody is to come.
 */
static bool end_sight(struct cd_area *area, const struct cd_grant *grant,
		      bool seen, const struct sight *sight)
{
	struct cd_watches *watches = &area->watches;
	bool untold = false, all_fit = true, any_open = false;
	unsigned long flags;
	unsigned int i;

	raw_spin_lock_irqsave(&watches->lock, flags);
	watches->nr_looking -= !!grant;
	if (seen && sight->nr_clears == watches->nr_clears)
		untold = judge(area, grant, sight);
	for (i = 0; i < watches->nr; i++) {
		struct cd_watch *watch = &watches->set[i].watch;

		if (!seen && grant)
			cd_watch_acquit(watch, grant);
		all_fit &= watch->state == CD_WATCH_FITS;
		any_open |= watch->state == CD_WATCH_OPEN;
	}
	any_open &= !watches->nr_looking;
	raw_spin_unlock_irqrestore(&watches->lock, flags);
	if (untold)
		cd_news_announce();
	if (!all_fit)
		schedule_delayed_work(&look_work, LOOK_EVERY);
	return any_open && seen && sight->at_rest;
}

static void look_at(const struct cd_bitmap *bm, const struct cd_grant *grant,
		    struct sight *sight)
{
	unsigned int i;

	for (i = 0; i < sight->nr; i++)
		if (sight->wants[i])
			cd_watch_look(&sight->requests[i], bm, grant,
				      &sight->looks[i]);
}

/* Returns whether to look again. */
static bool look(struct cd_area *area, const struct cd_grant *grant,
		 enum cd_lock_mode mode, struct sight *sight)
{
	struct cd_glance glance;
	bool seen;

	/*
	 * Two that fail at the same time: the own slot is free before another's
	 * is read, so that one of both sees that nobody is left.
	 */
	smp_mb();
	cd_glance_begin(&glance, area, mode);
	seen = glance.snapshot;
	if (seen)
		look_at(&glance.snapshot->bm, grant, sight);
	sight->at_rest = glance.at_rest;
	sight->time_ns = glance.time_ns;
	cd_glance_end(&glance, area);
	return end_sight(area, grant, seen, sight);
}

static bool any_wants_look(const struct cd_watches *watches, unsigned long pfn,
			   unsigned long nr_pages)
{
	unsigned int i;

	for (i = 0; i < watches->nr; i++)
		if (cd_watch_wants_look(&watches->set[i].watch, pfn, nr_pages))
			return true;
	return false;
}

/* Counts it, and ends it, if that is all that there is to do. */
static bool count_grant(struct cd_watches *watches, unsigned long pfn,
			unsigned long nr_pages, struct cd_inflight *own)
{
	unsigned long flags;
	bool is_all;

	raw_spin_lock_irqsave(&watches->lock, flags);
	is_all = !any_wants_look(watches, pfn, nr_pages);
	if (is_all) {
		watches->nr_grants++;
		if (own)
			cd_inflight_close(own);
	}
	raw_spin_unlock_irqrestore(&watches->lock, flags);
	return is_all;
}

static void describe_grant(struct cd_grant *grant,
			   const struct cd_context *context)
{
	grant->time_ns = ktime_get_boottime_ns();
	grant->pid = current->pid;
	memcpy(grant->comm, current->comm, CD_COMM_LEN);
	grant->comm[CD_COMM_LEN - 1] = '\0';
	grant->nr_frames = cd_stack_save(grant->frames, CD_GRANT_DEPTH,
					 context->regs);
}

/* For all of them, or for those that are not known to fit. */
static noinline void look_for_nobody(struct cd_area *area,
				     enum cd_lock_mode mode, bool all)
{
	struct cd_watches *watches = &area->watches;
	unsigned long flags;
	struct sight sight;
	bool any;

	raw_spin_lock_irqsave(&watches->lock, flags);
	any = begin_sight(watches, all, &sight);
	raw_spin_unlock_irqrestore(&watches->lock, flags);
	if (any)
		look(area, NULL, mode, &sight);
}

/* Apart, so that others do not pay for its stack. */
static noinline void look_for_grant(struct cd_area *area, unsigned long pfn,
				    const struct cd_request *request,
				    struct cd_inflight *own,
				    const struct cd_context *context)
{
	struct cd_grant grant = { .request = *request, .pfn = pfn };
	struct cd_watches *watches = &area->watches;
	unsigned long flags;
	struct sight sight;
	unsigned int i;

	describe_grant(&grant, context);
	raw_spin_lock_irqsave(&watches->lock, flags);
	grant.number = ++watches->nr_grants;
	watches->nr_looking++;
	for (i = 0; i < watches->nr; i++)
		cd_watch_hit(&watches->set[i].watch, &grant);
	begin_sight(watches, false, &sight);
	if (own)
		cd_inflight_close(own);
	raw_spin_unlock_irqrestore(&watches->lock, flags);
	if (look(area, &grant, context->lock, &sight))
		look_for_nobody(area, context->lock, false);
}

/**
 * cd_watches_granted() - the current task's request has ended: it had pages
 * @area: where, with watches set
 * @pfn: the first page
 * @request: what was asked
 * @own: the request under way, which ends here: whoever sees that it does finds
 *       the allocation counted; NULL for none
 * @context: where that was seen
 *
 * Context: any but NMI, in the task, before it can release the pages.
 */
void cd_watches_granted(struct cd_area *area, unsigned long pfn,
			const struct cd_request *request,
			struct cd_inflight *own,
			const struct cd_context *context)
{
	if (!count_grant(&area->watches, pfn, request->nr_pages, own))
		look_for_grant(area, pfn, request, own, context);
}

static bool is_any_open(struct cd_watches *watches)
{
	unsigned long flags;
	bool is_open = false;
	unsigned int i;

	raw_spin_lock_irqsave(&watches->lock, flags);
	for (i = 0; i < watches->nr; i++)
		is_open |= watches->set[i].watch.state == CD_WATCH_OPEN;
	raw_spin_unlock_irqrestore(&watches->lock, flags);
	return is_open;
}

/**
 * cd_watches_refused() - likewise: it failed
 * @area: where, with watches set
 * @own: the request under way, which ends here; NULL for none
 * @context: where that was seen
 *
 * What it had claimed it has given back.
 *
 * Context: any but NMI, in the task.
 */
void cd_watches_refused(struct cd_area *area, struct cd_inflight *own,
			const struct cd_context *context)
{
	if (own)
		cd_inflight_close(own);
	if (is_any_open(&area->watches))
		look_for_nobody(area, context->lock, false);
}

/**
 * cd_watches_look() - look at the area for its watches
 * @area: the area
 *
 * Context: process. What is known of them is then so, unless requests are under
 * way.
 */
void cd_watches_look(struct cd_area *area)
{
	if (cd_watches_are_set(&area->watches))
		look_for_nobody(area, CD_LOCK_TRY, true);
}

/**
 * cd_watches_settle() - likewise, until all is known, or for 200 ms
 * @area: the area
 *
 * Requests that are under way end in a moment, mostly.
 *
 * Context: process, may sleep.
 */
void cd_watches_settle(struct cd_area *area)
{
	unsigned int i;

	for (i = 0; i < NR_LOOKS; i++) {
		if (i)
			msleep(SETTLE_EVERY_MS);
		cd_watches_look(area);
		if (!is_any_open(&area->watches))
			return;
	}
}

/* A look that finds one that does not fit has it done again. */
static void look_again(struct work_struct *work)
{
	unsigned int i;

	for (i = 0; i < cd_areas_count(); i++)
		look_for_nobody(cd_areas_get(i), CD_LOCK_TRY, false);
}

/* Would it fit if nothing was in use? */
static bool can_fit(struct cd_snapshot *snapshot, const struct cd_area *area,
		    const struct cd_request *request)
{
	struct cd_look look;

	memset(snapshot->words, 0,
	       cd_cma_bitmap_words(area->cma) * sizeof(*snapshot->words));
	cd_watch_look(request, &snapshot->bm, NULL, &look);
	return look.place.nr_pages;
}

static bool is_set(const struct cd_watches *watches,
		   const struct cd_request *request)
{
	unsigned int i;

	for (i = 0; i < watches->nr; i++) {
		const struct cd_request *other =
			&watches->set[i].watch.request;

		if (other->nr_pages == request->nr_pages &&
		    other->align == request->align)
			return true;
	}
	return false;
}

static int set_watch(struct cd_watches *watches,
		     const struct cd_request *request, const char **complaint)
{
	struct cd_watched *watched = &watches->set[watches->nr];

	lockdep_assert_held(&watches->lock);
	if (is_set(watches, request)) {
		*complaint = "this is watched already";
		return -EEXIST;
	}
	if (watches->nr == CD_MAX_WATCHES) {
		*complaint = "no more can be watched; \"clear\" removes all";
		return -ENOSPC;
	}
	*watched = (struct cd_watched){ 0 };
	cd_watch_set(&watched->watch, request, ktime_get_boottime_ns());
	WRITE_ONCE(watches->nr, watches->nr + 1);
	return 0;
}

/**
 * cd_watches_add() - set a watch
 * @area: where
 * @request: what would be asked
 * @complaint: result, when it is refused: why, in one sentence
 *
 * Context: process, may sleep.
 *
 * Return: 0; -ERANGE when that never fits, -EEXIST when it is watched already,
 * -ENOSPC when there are too many, -ENOMEM.
 */
int cd_watches_add(struct cd_area *area, const struct cd_request *request,
		   const char **complaint)
{
	struct cd_snapshot *snapshot = cd_snapshot_alloc(area->cma);
	unsigned long flags;
	int err;

	*complaint = "no memory";
	if (!snapshot)
		return -ENOMEM;
	if (!can_fit(snapshot, area, request)) {
		*complaint = "that would not fit if the area was empty";
		kvfree(snapshot);
		return -ERANGE;
	}
	raw_spin_lock_irqsave(&area->watches.lock, flags);
	err = set_watch(&area->watches, request, complaint);
	raw_spin_unlock_irqrestore(&area->watches.lock, flags);
	/*
	 * Whoever takes the area's lock after us finds the watch set when it is
	 * given pages; whoever did before has its bits set.
	 */
	if (!err)
		cd_snapshot_again(snapshot, area->cma);
	kvfree(snapshot);
	cd_watches_look(area);
	return err;
}

/**
 * cd_watches_clear() - remove all watches of an area
 * @watches: the watches
 *
 * Context: process.
 */
void cd_watches_clear(struct cd_watches *watches)
{
	unsigned long flags;
	unsigned int i;

	raw_spin_lock_irqsave(&watches->lock, flags);
	for (i = 0; i < watches->nr; i++)
		cd_stack_names_put(watches->set[i].names);
	watches->nr_clears++;
	WRITE_ONCE(watches->nr, 0);
	raw_spin_unlock_irqrestore(&watches->lock, flags);
}
