// SPDX-License-Identifier: GPL-2.0-only
/*
 * Allocations under way: what a start left for its finish, per task.
 *
 * A fixed table of rows, hashed by task. A slot is claimed with one cmpxchg()
 * by the task it then belongs to, and only that task touches the rest of it: no
 * lock, no allocation, and one cache line to look at, which is nearly always
 * one's own.
 */
#include <linux/atomic.h>
#include <linux/bits.h>
#include <linux/cache.h>
#include <linux/compiler.h>
#include <linux/hash.h>
#include <linux/ktime.h>
#include <linux/sched.h>

#include "core/verdict.h"
#include "inflight.h"
#include "kernel/cma_area.h"
#include "snapshot.h"

#define ROW_BITS 4
#define NR_ROWS BIT(ROW_BITS)
/* A cache line of tasks. */
#define ROW_LEN 8U

/* Whose the slots of a row are; a task has none but in the row of its hash. */
struct row {
	struct task_struct *tasks[ROW_LEN];
} ____cacheline_aligned_in_smp;

static struct row rows[NR_ROWS];
static struct cd_inflight slots[NR_ROWS][ROW_LEN];
static atomic_long_t nr_untracked;

static unsigned int own_row(void)
{
	return hash_ptr(current, ROW_BITS);
}

/*
 * Nearly always, as a task begins. Others may come and go meanwhile; the
 * current task's own is put there and taken away by nobody else.
 */
static bool is_empty(const struct row *row)
{
	struct task_struct *const *tasks = row->tasks;

	static_assert(ROW_LEN == 8);
	return !((unsigned long)READ_ONCE(tasks[0]) |
		 (unsigned long)READ_ONCE(tasks[1]) |
		 (unsigned long)READ_ONCE(tasks[2]) |
		 (unsigned long)READ_ONCE(tasks[3]) |
		 (unsigned long)READ_ONCE(tasks[4]) |
		 (unsigned long)READ_ONCE(tasks[5]) |
		 (unsigned long)READ_ONCE(tasks[6]) |
		 (unsigned long)READ_ONCE(tasks[7]));
}

static struct cd_inflight *find_own(unsigned int row)
{
	unsigned int i;

	for (i = 0; i < ROW_LEN; i++)
		if (READ_ONCE(rows[row].tasks[i]) == current)
			return &slots[row][i];
	return NULL;
}

/* Acquires what cd_inflight_close() releases. */
static struct cd_inflight *claim(unsigned int row)
{
	unsigned int i;

	for (i = 0; i < ROW_LEN; i++) {
		struct task_struct **task = &rows[row].tasks[i];

		if (READ_ONCE(*task) || cmpxchg_acquire(task, NULL, current))
			continue;
		slots[row][i].task = task;
		return &slots[row][i];
	}
	return NULL;
}

/*
 * All that cd_inflight_open() does not set, one by one: arm64 kernels call a
 * function for a memset() of this size. Of the tries, counters and pages are
 * left as they are; see struct cd_tries.
 */
static void clear(struct cd_inflight *alloc)
{
	struct cd_tries *tries = &alloc->tries;

	alloc->was_tried = false;
	alloc->tried_pfn = 0;
	alloc->tried_error = 0;
	alloc->failing_ns = 0;
	alloc->snapshot = NULL;
	tries->nr_busy = 0;
	tries->first_busy_pfn = 0;
	tries->last_busy_pfn = 0;
	tries->nr_blocked = 0;
	tries->nr_untold = 0;
	tries->first_blocking_pfn = 0;
	tries->last_blocking_pfn = 0;
	tries->is_blocked = false;
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
	unsigned int row = own_row();
	struct cd_inflight *alloc = is_empty(&rows[row]) ? NULL :
							   find_own(row);

	if (alloc)
		cd_snapshot_put(alloc->snapshot);
	else
		alloc = claim(row);
	if (!alloc) {
		atomic_long_inc(&nr_untracked);
		return;
	}
	clear(alloc);
	alloc->area = area;
	alloc->request = *request;
	alloc->start_ns = ktime_get_ns();
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
	return find_own(own_row());
}

/**
 * cd_inflight_close() - the current task's allocation has ended
 * @alloc: from cd_inflight_find(); its snapshot is given back
 *
 * Context: any but NMI.
 */
void cd_inflight_close(struct cd_inflight *alloc)
{
	cd_snapshot_put(alloc->snapshot);
	/* Read before the slot is another task's; claim() is the other side. */
	smp_store_release(alloc->task, NULL);
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
	for (i = 0; i < NR_ROWS * ROW_LEN; i++) {
		const struct task_struct *task =
			READ_ONCE(rows[i / ROW_LEN].tasks[i % ROW_LEN]);
		const struct cd_inflight *alloc =
			&slots[i / ROW_LEN][i % ROW_LEN];
		unsigned long nr_pages;

		if (!task || task == current || READ_ONCE(alloc->area) != area)
			continue;
		nr_pages = READ_ONCE(alloc->request.nr_pages);
		if (nr_pages > area->nr_pages)
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
	return sizeof(rows) + sizeof(slots);
}
