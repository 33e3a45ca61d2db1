// SPDX-License-Identifier: GPL-2.0-only
/* How short memory is. */
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/nodemask.h>
#include <linux/swap.h>
#include <linux/vmstat.h>

#include "kernel/memory.h"
#include "kernel/page.h"

/* Pages looked at in a failure: 64 MiB in 4 KiB pages. */
#define MAX_LOOKED 16384UL

/*
 * Pages of an area are moved to any zone, and to free pages of an area, too:
 * alloc_migration_target() is given __GFP_MOVABLE and no __GFP_THISNODE
 * (mm/page_alloc.c, 5.10 to 7.3).
 */
static void add_zone(struct cd_memory *memory, struct zone *zone)
{
	unsigned long nr_free, nr_cma, nr_min;

	if (!populated_zone(zone))
		return;
	nr_free = zone_page_state(zone, NR_FREE_PAGES);
	nr_cma = zone_page_state(zone, NR_FREE_CMA_PAGES);
	nr_min = min_wmark_pages(zone);
	memory->nr_free += nr_free;
	memory->nr_free_cma += nr_cma;
	memory->nr_min += nr_min;
	if (nr_free > nr_cma + nr_min)
		memory->nr_spare += nr_free - nr_cma - nr_min;
}

/**
 * cd_memory_read() - free memory, of all zones
 * @memory: result, but for what concerns a place
 *
 * Context: any. Takes no lock; the counters may be off by what each CPU has
 * not yet added to them.
 */
void cd_memory_read(struct cd_memory *memory)
{
	unsigned int i;
	int nid;

	*memory = (struct cd_memory){
		.seen = true,
		.nr_ram = totalram_pages(),
		.nr_available = si_mem_available(),
		.nr_swap_free = max(get_nr_swap_pages(), 0L),
	};
	for_each_online_node(nid)
		for (i = 0; i < MAX_NR_ZONES; i++)
			add_zone(memory, &NODE_DATA(nid)->node_zones[i]);
}

/**
 * cd_memory_read_place() - pages of a place that had still to be moved
 * @memory: has where the place begins; the result is added to it
 * @nr_pages: of the place
 *
 * Context: any. Takes up to MAX_LOOKED reads of memory that is not cached.
 */
void cd_memory_read_place(struct cd_memory *memory, unsigned long nr_pages)
{
	unsigned long i, end_pfn = memory->place_pfn + nr_pages, nr_free;

	memory->nr_looked = min(nr_pages, MAX_LOOKED);
	memory->nr_to_move = 0;
	for (i = 1; i <= memory->nr_looked; i++)
		if (!cd_page_is_free(end_pfn - i))
			memory->nr_to_move++;
	memory->all_seen = memory->nr_looked == nr_pages;
	nr_free = memory->nr_looked - memory->nr_to_move;
	memory->nr_cma_elsewhere = memory->nr_free_cma -
				   min(memory->nr_free_cma, nr_free);
}
