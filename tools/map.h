/* SPDX-License-Identifier: GPL-2.0-only */
/* An area as a picture: why a request did not fit, or where it would. */
#ifndef MAP_H
#define MAP_H

#include <stdio.h>

#include "explain.h"

/* What a cell has of; several of them when it has some of each. */
#define MAP_USED	1
#define MAP_FREE	2
/* Free, but in front of the first aligned page of its run. */
#define MAP_SKIPPED	4
/* Of the best place there is for the request. */
#define MAP_BEST	8

/**
 * struct map - an area, cut into cells; its ranges lie one after the other
 * @why: the failure, or the question
 * @nr_pages: pages of the area
 * @order: of the alignment that skips free pages
 * @best_start: where the best place begins; it is the largest run so aligned,
 *              or the largest run when there is none
 * @best_pages: its pages, at most those asked; 0 when nothing is free
 * @cell_pages: pages of a cell
 * @nr_cells: cells
 * @cells: what each has
 */
struct map {
	const struct explanation *why;
	unsigned long nr_pages;
	unsigned int order;
	unsigned long best_start;
	unsigned long best_pages;
	unsigned long cell_pages;
	unsigned long nr_cells;
	unsigned char *cells;
};

bool map_make(struct map *map, const struct cd_bitmap *bm,
	      const struct explanation *why, unsigned long max_cells);
void map_free(struct map *map);
void map_svg(FILE *out, const struct cd_bitmap *bm,
	     const struct explanation *why);
void map_terminal(FILE *out, bool colour, const struct cd_bitmap *bm,
		  const struct explanation *why);

#endif
