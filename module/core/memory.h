/* SPDX-License-Identifier: GPL-2.0-only */
/* How short memory was when a request failed. */
#ifndef CD_MEMORY_H
#define CD_MEMORY_H

#include "portable.h"

/**
 * struct cd_memory - memory at the moment of a failure; all in pages
 * @seen: the rest holds
 * @nr_ram: all that the kernel manages
 * @nr_free: free, CMA included
 * @nr_free_cma: free in CMA areas (CmaFree)
 * @nr_min: the min watermarks of all zones
 * @nr_spare: free outside CMA and above the min watermark, zone by zone
 * @nr_available: what could be had without swapping (MemAvailable)
 * @nr_swap_free: free in swap
 * @place_seen: the rest holds, too
 * @place_pfn: where the last place tried begins
 * @nr_looked: pages of it that were looked at, up to its last one: the kernel
 *             empties a place from its first on
 * @nr_to_move: of these, pages in use, that still had to be moved away
 * @all_seen: all pages were looked at; @nr_cma_elsewhere holds
 * @nr_cma_elsewhere: free in CMA areas, but not in this place
 */
struct cd_memory {
	bool seen;
	unsigned long nr_ram;
	unsigned long nr_free;
	unsigned long nr_free_cma;
	unsigned long nr_min;
	unsigned long nr_spare;
	unsigned long nr_available;
	unsigned long nr_swap_free;
	bool place_seen;
	unsigned long place_pfn;
	unsigned long nr_looked;
	unsigned long nr_to_move;
	bool all_seen;
	unsigned long nr_cma_elsewhere;
};

#endif
