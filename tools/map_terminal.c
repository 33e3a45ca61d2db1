// SPDX-License-Identifier: GPL-2.0-only
/* An area as a picture for a terminal, 64 characters wide. */
#include "map.h"

#define ROW 64
#define MAX_ROWS 24

/* One character for each kind of cell, and how it is coloured. */
static const struct look {
	char sign;
	const char *colour;
	const char *meaning;
} looks[] = {
	{ '#', "\033[90m", "used" },
	{ '.', "\033[32m", "free" },
	{ '-', "\033[33m", "free, but skipped by alignment" },
	{ '+', "\033[90m", "some of each" },
	{ '@', "\033[1;7m", "the best place for the request" },
};

static const struct look *look_of(unsigned char cell)
{
	if (cell & MAP_BEST)
		return &looks[4];
	if (cell == MAP_USED)
		return &looks[0];
	if (cell & MAP_USED)
		return &looks[3];
	return cell == MAP_FREE ? &looks[1] : &looks[2];
}

static void put_look(FILE *out, bool colour, const struct look *look)
{
	if (colour)
		fprintf(out, "%s%c\033[0m", look->colour, look->sign);
	else
		putc(look->sign, out);
}

static void put_legend(FILE *out, bool colour, const struct map *map)
{
	unsigned int i;

	fprintf(out, "\n%8s ", "");
	for (i = 0; i < sizeof(looks) / sizeof(*looks); i++) {
		put_look(out, colour, &looks[i]);
		fprintf(out, " %s%s", looks[i].meaning, i == 2 ? "\n" : "  ");
		if (i == 2)
			fprintf(out, "%8s ", "");
	}
	fprintf(out, "\n%8s a character is %lu page%s; alignment is to %lu\n\n",
		"", map->cell_pages, map->cell_pages == 1 ? "" : "s",
		1UL << (map->order & 63));
}

/**
 * map_terminal() - draw an area in characters
 * @out: where to
 * @colour: with colours
 * @bm: the area
 * @why: what is asked of it
 */
void map_terminal(FILE *out, bool colour, const struct cd_bitmap *bm,
		  const struct explanation *why)
{
	struct map map;
	unsigned long i;

	if (!map_make(&map, bm, why, ROW * MAX_ROWS))
		return;
	for (i = 0; i < map.nr_cells; i++) {
		if (i % ROW == 0)
			fprintf(out, "%s%8lu ", i ? "\n" : "",
				i * map.cell_pages);
		put_look(out, colour, look_of(map.cells[i]));
	}
	put_legend(out, colour, &map);
	map_free(&map);
}
