// SPDX-License-Identifier: GPL-2.0-only
/* An area, cut into cells. */
#include <stdlib.h>
#include <string.h>

#include "map.h"

static bool is_used(const struct cd_range *range, unsigned long bit)
{
	return range->bitmap[bit / CD_BITS_PER_LONG] >>
	       bit % CD_BITS_PER_LONG & 1;
}

/* Pages of the ranges before this one. */
static unsigned long range_offset(const struct cd_bitmap *bm,
				  unsigned int range)
{
	unsigned long nr_pages = 0;
	unsigned int r;

	for (r = 0; r < range; r++)
		nr_pages += bm->ranges[r].nr_bits << bm->order_per_bit;
	return nr_pages;
}

static void mark(struct map *map, unsigned long start, unsigned long nr_pages,
		 unsigned char what)
{
	unsigned long i;

	if (!nr_pages)
		return;
	for (i = start / map->cell_pages;
	     i <= (start + nr_pages - 1) / map->cell_pages; i++)
		map->cells[i] |= what;
}

static void mark_free(struct map *map, const struct cd_bitmap *bm,
		      struct cd_run run, unsigned long offset)
{
	struct cd_run rest = cd_align_run(bm, run, map->order);
	unsigned long nr_skipped = run.nr_pages - rest.nr_pages;

	mark(map, offset + run.start_page, nr_skipped, MAP_SKIPPED);
	mark(map, offset + run.start_page + nr_skipped, rest.nr_pages,
	     MAP_FREE);
}

static void mark_range(struct map *map, const struct cd_bitmap *bm,
		       unsigned int r)
{
	const struct cd_range *range = &bm->ranges[r];
	unsigned long offset = range_offset(bm, r), bit, end;

	for (bit = 0; bit < range->nr_bits; bit = end) {
		bool used = is_used(range, bit);
		struct cd_run run = {
			.start_page = bit << bm->order_per_bit, .range = r,
		};

		for (end = bit + 1; end < range->nr_bits &&
		     is_used(range, end) == used; end++)
			;
		run.nr_pages = (end - bit) << bm->order_per_bit;
		if (used)
			mark(map, offset + run.start_page, run.nr_pages,
			     MAP_USED);
		else
			mark_free(map, bm, run, offset);
	}
}

static void find_best(struct map *map, const struct cd_bitmap *bm)
{
	const struct cd_diagnosis *diag = &map->why->diag;
	const struct cd_run *best = diag->usable.nr_pages ? &diag->usable :
							    &diag->largest;

	map->best_pages = best->nr_pages;
	if (diag->request.nr_pages &&
	    map->best_pages > diag->request.nr_pages)
		map->best_pages = diag->request.nr_pages;
	map->best_start = range_offset(bm, best->range) + best->start_page;
	mark(map, map->best_start, map->best_pages, MAP_BEST);
}

/**
 * map_make() - cut an area into cells
 * @map: result; map_free() gives its memory back
 * @bm: the area
 * @why: what is asked of it
 * @max_cells: no more than these; a cell has 2^n pages
 *
 * Return: false when there is no page, or no memory.
 */
bool map_make(struct map *map, const struct cd_bitmap *bm,
	      const struct explanation *why, unsigned long max_cells)
{
	unsigned int r;

	*map = (struct map){
		.why = why,
		.nr_pages = range_offset(bm, bm->nr_ranges),
		.order = why->diag.request.align,
		.cell_pages = 1,
	};
	while (map->nr_pages > max_cells * map->cell_pages)
		map->cell_pages *= 2;
	map->nr_cells = (map->nr_pages + map->cell_pages - 1) /
			map->cell_pages;
	map->cells = map->nr_cells ? calloc(map->nr_cells, 1) : NULL;
	if (!map->cells)
		return false;
	for (r = 0; r < bm->nr_ranges; r++)
		mark_range(map, bm, r);
	find_best(map, bm);
	return true;
}

/**
 * map_free() - give back its memory
 * @map: a map
 */
void map_free(struct map *map)
{
	free(map->cells);
	map->cells = NULL;
}
