// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copies of an area's bitmap, and room to analyse them in.
 *
 * For failures there is a pool, allocated when the module loads and large
 * enough for the largest area. A failure takes one, never waits for one, and
 * does without when all are taken.
 */
#include <linux/bitops.h>
#include <linux/cpumask.h>
#include <linux/minmax.h>
#include <linux/mm.h>

#include "snapshot.h"

/*
 * A snapshot is used with preemption off, or by one task for all, so that one
 * for each CPU is enough. More than these are not worth the memory. Those that
 * are kept while their task prints are apart, and come first: of those who
 * print, most only leave their lines to one who has the console.
 */
#define MAX_SNAPSHOTS 8U
#define NR_KEPT 2U

static struct cd_snapshot *pool[NR_KEPT + MAX_SNAPSHOTS];
static unsigned int nr_pool;
/* Room for a bitmap in each. */
static size_t pool_words;

static size_t bytes_for(size_t nr_words)
{
	return sizeof(struct cd_snapshot) + nr_words * sizeof(long);
}

/**
 * cd_snapshots_init() - allocate the pool
 *
 * Context: process, may sleep. The areas are known.
 *
 * Return: 0 or -ENOMEM.
 */
int cd_snapshots_init(void)
{
	unsigned int i;

	for (i = 0; i < cd_cma_nr_areas(); i++)
		pool_words = max(pool_words,
				 cd_cma_bitmap_words(cd_cma_area(i)));
	for (i = 0; i < NR_KEPT + min(num_possible_cpus(), MAX_SNAPSHOTS);
	     i++) {
		pool[i] = kvzalloc(bytes_for(pool_words), GFP_KERNEL);
		if (!pool[i]) {
			cd_snapshots_exit();
			return -ENOMEM;
		}
		nr_pool++;
	}
	return 0;
}

/**
 * cd_snapshots_exit() - free the pool
 *
 * Context: process, may sleep. Nobody takes snapshots any more.
 */
void cd_snapshots_exit(void)
{
	while (nr_pool)
		kvfree(pool[--nr_pool]);
}

/** cd_snapshots_bytes() - memory that the pool takes */
size_t cd_snapshots_bytes(void)
{
	return nr_pool * bytes_for(pool_words);
}

/*
 * The copy ends where the snapshot's memory does, whatever the area's size, so
 * that KASAN sees a read past the end of it.
 */
static void fill(struct cd_snapshot *snapshot, size_t nr_words,
		 const struct cd_cma *area, enum cd_lock_mode mode)
{
	unsigned long *words = snapshot->words + nr_words -
			       cd_cma_bitmap_words(area);

	snapshot->locked = cd_cma_copy_bitmap(area, mode, words,
					      &snapshot->bm);
}

/* The first of [@first, @end) of the pool that is not taken; or NULL. */
static struct cd_snapshot *take(unsigned int first, unsigned int end,
				const struct cd_cma *area,
				enum cd_lock_mode mode)
{
	unsigned int i;

	for (i = first; i < end; i++) {
		if (test_and_set_bit_lock(0, &pool[i]->taken))
			continue;
		fill(pool[i], pool_words, area, mode);
		return pool[i];
	}
	return NULL;
}

/**
 * cd_snapshot_take() - copy an area's bitmap into a snapshot of the pool
 * @area: the area
 * @mode: what the context allows
 *
 * Context: as @mode says, with preemption off until cd_snapshot_put(); or one
 * task at a time, with CD_LOCK_WAIT.
 *
 * Return: the snapshot; NULL when all are taken.
 */
struct cd_snapshot *cd_snapshot_take(const struct cd_cma *area,
				     enum cd_lock_mode mode)
{
	return take(NR_KEPT, nr_pool, area, mode);
}

/**
 * cd_snapshot_keep() - likewise, but to be kept for longer
 * @area: the area
 * @mode: what the context allows
 *
 * Context: as @mode says; preemption may be on.
 *
 * Return: the snapshot; NULL when all that can be kept are.
 */
struct cd_snapshot *cd_snapshot_keep(const struct cd_cma *area,
				     enum cd_lock_mode mode)
{
	return take(0, NR_KEPT, area, mode);
}

/**
 * cd_snapshot_alloc() - copy an area's bitmap for a reader
 * @area: the area
 *
 * Context: process, may sleep.
 *
 * Return: the snapshot with its figures counted, for kvfree(); or NULL.
 */
struct cd_snapshot *cd_snapshot_alloc(const struct cd_cma *area)
{
	size_t nr_words = cd_cma_bitmap_words(area);
	struct cd_snapshot *snapshot = kvzalloc(bytes_for(nr_words),
						GFP_KERNEL);

	if (!snapshot)
		return NULL;
	cd_snapshot_again(snapshot, area);
	cd_count_figures(&snapshot->bm, &snapshot->figures);
	return snapshot;
}

/**
 * cd_snapshot_again() - copy the bitmap once more
 * @snapshot: from cd_snapshot_alloc(); its figures stay as they were
 * @area: the same area
 *
 * Context: process, may sleep.
 */
void cd_snapshot_again(struct cd_snapshot *snapshot,
		       const struct cd_cma *area)
{
	fill(snapshot, cd_cma_bitmap_words(area), area, CD_LOCK_WAIT);
}
