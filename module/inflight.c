// SPDX-License-Identifier: GPL-2.0-only
/*
 * Allocations under way: what a start left for its finish, per task.
 *
 * A fixed table, hashed by task. A slot is claimed with one cmpxchg() by the
 * task it then belongs to, and only that task touches the rest of it: no lock,
 * no allocation, and nothing shared but a cache line that is nearly always
 * one's own.
 */
#include <linux/atomic.h>
#include <linux/bits.h>
#include <linux/cache.h>
#include <linux/hash.h>
#include <linux/ktime.h>
#include <linux/sched.h>

#include "core/verdict.h"
#include "inflight.h"
#include "kernel/cma_area.h"
#include "snapshot.h"

#define SLOT_BITS 7
#define NR_SLOTS BIT(SLOT_BITS)
/* Slots that a task looks at, from the one its hash names. */
#define NR_STEPS 16U

struct slot {
	struct task_struct *task;
	struct cd_inflight alloc;
} ____cacheline_aligned_in_smp;

static struct slot slots[NR_SLOTS];
static atomic_long_t nr_untracked;

static struct slot *step(unsigned int i)
{
	return &slots[(hash_ptr(current, SLOT_BITS) + i) % NR_SLOTS];
}

static struct slot *find_own(void)
{
	unsigned int i;

	for (i = 0; i < NR_STEPS; i++)
		if (READ_ONCE(step(i)->task) == current)
			return step(i);
	return NULL;
}

static struct slot *claim(void)
{
	unsigned int i;

	for (i = 0; i < NR_STEPS; i++) {
		struct slot *slot = step(i);

		if (!READ_ONCE(slot->task) &&
		    !cmpxchg(&slot->task, NULL, current))
			return slot;
	}
	return NULL;
}

/**
 * cd_inflight_open() - the current task begins an allocation
 * @area: where
 * @request: what
 *
 * What an earlier start of this task left behind without a finish is
 * overwritten, and its snapshot given back. When no slot is free the allocation
 * is counted as untracked; its finish then stands alone, or, where it tells too
 * little, is passed over.
 *
 * Context: any but NMI.
 */
void cd_inflight_open(const struct cd_cma *area,
		      const struct cd_request *request)
{
	struct slot *slot = find_own();

	if (slot)
		cd_snapshot_put(slot->alloc.snapshot);
	else
		slot = claim();
	if (!slot) {
		atomic_long_inc(&nr_untracked);
		return;
	}
	slot->alloc = (struct cd_inflight){
		.area = area,
		.request = *request,
		.start_ns = ktime_get_ns(),
	};
}

/**
 * cd_inflight_find() - what the current task's start left
 *
 * Context: any but NMI.
 *
 * Return: the current task's, until cd_inflight_close(); NULL when it has
 * started nothing, or its start was not seen.
 */
struct cd_inflight *cd_inflight_find(void)
{
	struct slot *slot = find_own();

	return slot ? &slot->alloc : NULL;
}

/**
 * cd_inflight_close() - the current task's allocation has ended
 * @alloc: from cd_inflight_find(); its snapshot is given back
 *
 * Context: any but NMI.
 */
void cd_inflight_close(struct cd_inflight *alloc)
{
	struct slot *slot = container_of(alloc, struct slot, alloc);

	cd_snapshot_put(alloc->snapshot);
	/* Read before the slot is another task's; claim() is the other side. */
	smp_store_release(&slot->task, NULL);
}

/**
 * cd_inflight_count_others() - what other tasks may have claimed of an area
 * @area: the area
 * @claims: result
 *
 * A request has claimed the pages of one place at a time, or of none as yet.
 * One that is larger than the area never has, and on some kernels never ends.
 *
 * Racy: who is under way may have ended.
 *
 * Context: any.
 */
void cd_inflight_count_others(const struct cd_cma *area,
			      struct cd_claims *claims)
{
	unsigned int i;

	*claims = (struct cd_claims){ 0 };
	for (i = 0; i < NR_SLOTS; i++) {
		const struct task_struct *task = READ_ONCE(slots[i].task);
		const struct cd_inflight *alloc = &slots[i].alloc;
		unsigned long nr_pages = READ_ONCE(alloc->request.nr_pages);

		if (!task || task == current ||
		    READ_ONCE(alloc->area) != area || nr_pages > area->nr_pages)
			continue;
		claims->nr_requests++;
		claims->nr_pages += nr_pages;
	}
}

/** cd_inflight_untracked() - allocations that found no slot */
unsigned long cd_inflight_untracked(void)
{
	return atomic_long_read(&nr_untracked);
}

/** cd_inflight_bytes() - memory that the table takes */
size_t cd_inflight_bytes(void)
{
	return sizeof(slots);
}
