// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls of the DMA layer: for which device, and how a failure ended; and of the
 * dma-heap: as which dma-buf.
 *
 * The layer tells as its call ends: then the pages that it gives its caller are
 * those that this task has had in an area, or they are others. Which failure
 * was part of the call is not told. It is the last one of the task in an area,
 * of as many pages, whose stack goes through the same call. Where there is no
 * such failure of any task, a call that ends costs a look at a counter, and at
 * the ledger if it has pages of an area.
 *
 * A fixed table has the last failure of a task in an area, and its stack. Those
 * of callers that are no DMA callers stay, until the task fails again or the
 * slot is needed; when one goes whose call has yet to end, what became of its
 * caller is not known.
 */
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/string.h>

#include "areas.h"
#include "dma_calls.h"
#include "kernel/cma_area.h"
#include "news.h"
#include "trace.h"

#define NR_SLOTS 32U

/*
 * A failure whose call may not have ended.
 * @area: where
 * @seq: its number
 * @nr_pages: asked
 * @nr_stack: entries of @stack
 * @stack: who called
 */
struct unended {
	struct cd_area *area;
	u64 seq;
	unsigned long nr_pages;
	unsigned int nr_stack;
	unsigned long stack[CD_STACK_DEPTH];
};

/*
 * Whose the slots are, NULL when they are free. Apart, as each call that ends
 * looks at all of them if any is used. Without a reference: they are only
 * compared.
 */
static const struct task_struct *tasks[NR_SLOTS];
static struct unended slots[NR_SLOTS];
static unsigned int nr_used;
/* Raw, since allocations end with preemption off. Guards all of these. */
static DEFINE_RAW_SPINLOCK(lock);

static bool is_before(unsigned int i, unsigned int other)
{
	if (!tasks[i] || !tasks[other])
		return !tasks[i] && tasks[other];
	return slots[i].seq < slots[other].seq;
}

/* The task's own of that area; or a free one, or the oldest. */
static unsigned int find_slot(const struct cd_area *area)
{
	unsigned int i, found = 0;

	lockdep_assert_held(&lock);
	for (i = 0; i < NR_SLOTS; i++) {
		if (tasks[i] == current && slots[i].area == area)
			return i;
		if (is_before(i, found))
			found = i;
	}
	return found;
}

/**
 * cd_dma_calls_failed() - the current task has failed
 * @area: where
 * @failure: as it was recorded
 *
 * Context: any but NMI, in the task.
 */
void cd_dma_calls_failed(struct cd_area *area,
			 const struct cd_failure *failure)
{
	struct unended *slot;
	unsigned long flags;
	unsigned int i;

	if (!cd_dma_events_are_seen() || !failure->nr_stack)
		return;
	raw_spin_lock_irqsave(&lock, flags);
	i = find_slot(area);
	if (!tasks[i])
		WRITE_ONCE(nr_used, nr_used + 1);
	WRITE_ONCE(tasks[i], current);
	slot = &slots[i];
	slot->area = area;
	slot->seq = failure->seq;
	slot->nr_pages = failure->diag.request.nr_pages;
	slot->nr_stack = failure->nr_stack;
	memcpy(slot->stack, failure->stack, sizeof(slot->stack));
	raw_spin_unlock_irqrestore(&lock, flags);
}

static bool copy_own(unsigned int i, unsigned long nr_pages,
		     struct unended *copy)
{
	unsigned long flags;
	bool found;

	if (READ_ONCE(tasks[i]) != current)
		return false;
	raw_spin_lock_irqsave(&lock, flags);
	found = tasks[i] == current && slots[i].nr_pages == nr_pages;
	if (found)
		*copy = slots[i];
	raw_spin_unlock_irqrestore(&lock, flags);
	return found;
}

/* False when another task has needed it meanwhile. */
static bool release(unsigned int i, u64 seq)
{
	unsigned long flags;
	bool found;

	raw_spin_lock_irqsave(&lock, flags);
	found = tasks[i] && slots[i].seq == seq;
	if (found) {
		WRITE_ONCE(tasks[i], NULL);
		WRITE_ONCE(nr_used, nr_used - 1);
	}
	raw_spin_unlock_irqrestore(&lock, flags);
	return found;
}

static struct cd_area *area_of(const struct cd_dma_alloc *alloc)
{
	const struct cd_cma *cma = NULL;

	if (alloc->pfn_known)
		cma = cd_cma_by_pfn(alloc->pfn);
	return cma ? cd_areas_find(cma) : NULL;
}

/* For the trace event. */
static const char *name_area(const struct cd_dma_call *call)
{
	if (call->in_area)
		return call->in_area->cma->name;
	return call->rescued && !call->outside ? "?" : "-";
}

static void tell(const struct unended *failed, const struct cd_dma_alloc *alloc)
{
	struct cd_dma_call call = {
		.seen = true,
		.rescued = !alloc->failed,
		.in_area = area_of(alloc),
	};

	/* It has failed before, in a call of which the end was not seen. */
	if (call.in_area == failed->area)
		return;
	call.outside = alloc->pfn_known && !call.in_area;
	cd_fit_device(alloc->device, call.device);
	cd_history_call_ended(&failed->area->history, failed->seq, &call);
	trace_cma_dma(failed->area->cma->name, failed->nr_pages, &call,
		      name_area(&call));
	cd_news_announce();
}

/* In one call, more than one area may have been asked in vain. */
static noinline void settle(const struct cd_dma_alloc *alloc)
{
	struct unended failed;
	unsigned int i;

	for (i = 0; i < NR_SLOTS; i++)
		if (copy_own(i, alloc->nr_pages, &failed) &&
		    cd_dma_is_same_call(failed.stack, failed.nr_stack) &&
		    release(i, failed.seq))
			tell(&failed, alloc);
}

/**
 * cd_dma_calls_ended() - the DMA layer tells that a call ends
 * @alloc: what it was, and what it came to
 *
 * Context: any but NMI, in the task; in an interrupt CMA is not asked.
 */
void cd_dma_calls_ended(const struct cd_dma_alloc *alloc)
{
	struct cd_area *area;

	if (!in_task())
		return;
	area = area_of(alloc);
	if (area)
		cd_holders_name_device(&area->holders, alloc->pfn,
				       alloc->nr_pages, alloc->device);
	if (READ_ONCE(nr_used))
		settle(alloc);
}

/*
 * What the current task has had last, of all areas; NULL when it may have had
 * something later that is not known.
 */
static struct cd_area *find_last(struct cd_block *block,
				 struct cd_caller *caller)
{
	struct cd_area *found = NULL;
	struct cd_caller by;
	struct cd_block last;
	u64 found_ns = 0;
	unsigned int i;

	for (i = 0; i < cd_areas_count(); i++) {
		struct cd_area *area = cd_areas_get(i);
		u64 ns = cd_holders_last_of_task(&area->holders, &last, &by);

		if (ns <= found_ns)
			continue;
		found_ns = ns;
		found = last.end ? area : NULL;
		*block = last;
		*caller = by;
	}
	return found;
}

/**
 * cd_dma_calls_exported() - the current task has exported a dma-buf
 * @buf: the dma-buf
 *
 * Context: any but NMI, in the task.
 */
void cd_dma_calls_exported(const struct cd_dma_buf *buf)
{
	struct cd_caller caller;
	struct cd_block block;
	struct cd_area *area;
	unsigned long nr_bits;

	if (!in_task())
		return;
	area = find_last(&block, &caller);
	if (!area || block.inode)
		return;
	nr_bits = cd_pages_to_bits(&area->holders.places, buf->nr_pages);
	if (block.end - block.start == nr_bits &&
	    cd_dma_buf_has(buf, caller.frames, caller.nr_frames))
		cd_holders_name_inode(&area->holders, &block, buf->inode);
}

/** cd_dma_calls_bytes() - memory that the table takes */
size_t cd_dma_calls_bytes(void)
{
	return sizeof(tasks) + sizeof(slots);
}
