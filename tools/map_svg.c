// SPDX-License-Identifier: GPL-2.0-only
/*
 * An area as an SVG picture. Cells of a kind that lie together are one shape,
 * and shades and hatching tell kinds apart without colour.
 */
#include <string.h>

#include "map.h"

#define ROW_CELLS 1024UL
#define MAX_ROWS 40
#define ROW_HEIGHT 14
#define ROW_STEP 18
#define LEFT 70
#define TOP 150
#define TEXT_WIDTH 150

/* In the order of the legend. */
enum kind { USED, FREE, SKIPPED, MIXED, NR_KINDS };

static const struct {
	const char *fill;
	const char *meaning;
} kinds[NR_KINDS] = {
	[USED] = { "#404040", "used" },
	[FREE] = { "#ffffff", "free" },
	[SKIPPED] = { "url(#h)", "free, but in front of an aligned page" },
	[MIXED] = { "#a0a0a0", "some of each" },
};

static enum kind kind_of(unsigned char cell)
{
	cell &= MAP_USED | MAP_FREE | MAP_SKIPPED;
	if (cell == MAP_USED)
		return USED;
	if (cell & MAP_USED)
		return MIXED;
	return cell == MAP_FREE ? FREE : SKIPPED;
}

static void put_text(FILE *out, const char *text, size_t len)
{
	for (; len; len--, text++) {
		if (*text == '<')
			fputs("&lt;", out);
		else if (*text == '&')
			fputs("&amp;", out);
		else
			putc(*text < 0x20 || *text > 0x7e ? '?' : *text, out);
	}
}

/* A sentence, at most @max lines of it, from @y on. */
static void put_sentence(FILE *out, const char *text, unsigned int y,
			 unsigned int max)
{
	for (; *text && max; max--, y += 15) {
		size_t len = strlen(text);

		if (len > TEXT_WIDTH)
			for (len = TEXT_WIDTH; len && text[len] != ' '; len--)
				;
		if (!len)
			len = TEXT_WIDTH;
		fprintf(out, "<text x=\"10\" y=\"%u\">", y);
		put_text(out, text, len);
		fputs("</text>\n", out);
		text += len;
		text += strspn(text, " ");
	}
}

static void put_heading(FILE *out, const struct explanation *why)
{
	const char *area = why->failure->area;
	char request[128];

	fputs("<text x=\"10\" y=\"24\" font-size=\"18\" font-weight=\"bold\">",
	      out);
	put_text(out, area, strlen(area));
	fprintf(out, "%s%s</text>\n", area[0] ? ": " : "",
		cd_verdict_word(why->diag.verdict));
	snprintf(request, sizeof(request), "%lu pages at align %u (%lu)%s",
		 why->diag.request.nr_pages, why->diag.request.align,
		 1UL << (why->diag.request.align & 63),
		 why->diag.request.align_assumed ? ", assumed" : "");
	put_sentence(out, request, 44, 1);
	put_sentence(out, why->evidence, 62, 4);
}

/* A box, and the text beside it, which goes on. */
static void put_sample(FILE *out, unsigned int x, unsigned int y,
		       const char *fill, const char *stroke, int stroke_width)
{
	fprintf(out,
		"<rect x=\"%u\" y=\"%u\" width=\"20\" height=\"12\" ", x, y);
	fprintf(out, "fill=\"%s\" stroke=\"%s\" stroke-width=\"%d\"/>", fill,
		stroke, stroke_width);
	fprintf(out, "<text x=\"%u\" y=\"%u\">", x + 25, y + 11);
}

static void put_legend(FILE *out, const struct map *map)
{
	unsigned int x = 10, y = TOP - 28;
	int kind;

	for (kind = 0; kind < NR_KINDS; kind++) {
		put_sample(out, x, y, kinds[kind].fill, "#000", 1);
		fprintf(out, "%s</text>\n", kinds[kind].meaning);
		x += 60 + 7 * (unsigned int)strlen(kinds[kind].meaning);
	}
	if (!map->best_pages)
		return;
	put_sample(out, x, y, "none", "#d00", 3);
	fprintf(out, "best place: %lu pages at %lu</text>\n", map->best_pages,
		map->best_start);
}

static void put_shape(FILE *out, unsigned long cell, unsigned long nr)
{
	fprintf(out, "M%lu %luh%luv%dh-%luz", cell % ROW_CELLS,
		cell / ROW_CELLS * ROW_STEP, nr, ROW_HEIGHT, nr);
}

/* All cells of a kind as one path; a shape ends with its row. */
static void put_kind(FILE *out, const struct map *map, enum kind kind)
{
	unsigned long i, nr;

	fprintf(out, "<path fill=\"%s\" d=\"", kinds[kind].fill);
	for (i = 0; i < map->nr_cells; i += nr) {
		for (nr = 1; i + nr < map->nr_cells &&
		     (i + nr) % ROW_CELLS &&
		     kind_of(map->cells[i + nr]) == kind_of(map->cells[i]);
		     nr++)
			;
		if (kind_of(map->cells[i]) == kind)
			put_shape(out, i, nr);
	}
	fputs("\"/>\n", out);
}

static void put_best(FILE *out, const struct map *map)
{
	unsigned long start = map->best_start / map->cell_pages;
	unsigned long end = start + 1, nr;

	if (!map->best_pages)
		return;
	end = (map->best_start + map->best_pages - 1) / map->cell_pages + 1;
	fputs("<path fill=\"none\" stroke=\"#d00\" stroke-width=\"3\" d=\"",
	      out);
	for (; start < end; start += nr) {
		nr = ROW_CELLS - start % ROW_CELLS;
		nr = nr < end - start ? nr : end - start;
		put_shape(out, start, nr);
	}
	fputs("\"/>\n", out);
}

static void put_hatching(FILE *out)
{
	fputs("<defs><pattern id=\"h\" width=\"4\" height=\"4\" ", out);
	fputs("patternUnits=\"userSpaceOnUse\">", out);
	fputs("<rect width=\"4\" height=\"4\" fill=\"#fff\"/>", out);
	fputs("<path d=\"M0 4L4 0\" stroke=\"#000\"/></pattern></defs>\n", out);
}

static void put_rows(FILE *out, const struct map *map, unsigned long nr_rows)
{
	unsigned long row;
	int kind;

	for (row = 0; row < nr_rows; row++)
		fprintf(out,
			"<text x=\"%d\" y=\"%lu\" text-anchor=\"end\">%lu</text>\n",
			LEFT - 6, TOP + row * ROW_STEP + 11,
			row * ROW_CELLS * map->cell_pages);
	fprintf(out,
		"<g transform=\"translate(%d %d)\" shape-rendering=\"crispEdges\">\n",
		LEFT, TOP);
	for (kind = 0; kind < NR_KINDS; kind++)
		put_kind(out, map, (enum kind)kind);
	put_best(out, map);
	fputs("</g>\n", out);
}

/**
 * map_svg() - draw an area as SVG
 * @out: where to
 * @bm: the area
 * @why: what is asked of it
 */
void map_svg(FILE *out, const struct cd_bitmap *bm,
	     const struct explanation *why)
{
	unsigned long nr_rows, width, height;
	struct map map;

	if (!map_make(&map, bm, why, ROW_CELLS * MAX_ROWS))
		return;
	nr_rows = (map.nr_cells + ROW_CELLS - 1) / ROW_CELLS;
	width = LEFT + ROW_CELLS + 10;
	height = TOP + nr_rows * ROW_STEP + 10;
	fprintf(out,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%lu\" height=\"%lu\" ",
		width, height);
	fprintf(out,
		"viewBox=\"0 0 %lu %lu\" font-family=\"sans-serif\" font-size=\"12\">\n",
		width, height);
	put_hatching(out);
	fputs("<rect width=\"100%\" height=\"100%\" fill=\"#e8e8e8\"/>\n", out);
	put_heading(out, why);
	put_legend(out, &map);
	put_rows(out, &map, nr_rows);
	fputs("</svg>\n", out);
	map_free(&map);
}
