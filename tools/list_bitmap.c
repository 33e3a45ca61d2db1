// SPDX-License-Identifier: GPL-2.0-only
/* A list of free runs as a bitmap. Bits that are not listed are used. */
#include <stdlib.h>
#include <string.h>

#include "list_bitmap.h"

/* hugetlbfs has areas of an order per bit up to that of a page of 16 GiB. */
#define MAX_ORDER_PER_BIT 22

static unsigned int range_start(const struct free_list *list,
				unsigned int range)
{
	return list->nr_ranges ? list->first_run[range] : 0;
}

static unsigned int nr_ranges(const struct free_list *list)
{
	return list->nr_ranges ? list->nr_ranges : 1;
}

/* The bit after the last run of a range; ~0UL when @order cannot be right. */
static unsigned long range_bits(const struct free_list *list,
				unsigned int range, unsigned int order)
{
	unsigned int i = range_start(list, range);
	unsigned long end = 0;
	bool is_first = true;

	for (; i < list_range_end(list, range); i++) {
		const struct list_run *run = &list->runs[i];

		if (run->nr_pages & ((1U << order) - 1) ||
		    (!is_first && run->start_bit <= end))
			return ~0UL;
		end = (unsigned long)run->start_bit + (run->nr_pages >> order);
		is_first = false;
	}
	return end;
}

/* Does the list come out with this order per bit, and fit the area? */
static bool is_right(const struct free_list *list, unsigned int order)
{
	unsigned long nr_bits = 0;
	unsigned int r;

	for (r = 0; r < nr_ranges(list); r++) {
		unsigned long end = range_bits(list, r, order);

		if (end == ~0UL)
			return false;
		nr_bits += end;
	}
	if (!list->has_totals)
		return nr_bits <= BITMAP_MAX_BITS;
	return !(list->nr_total & ((1UL << order) - 1)) &&
	       nr_bits <= list->nr_total >> order &&
	       list->nr_total >> order <= BITMAP_MAX_BITS;
}

/* What the list does not place belongs to the range where most is free. */
static unsigned int widest_range(const struct cd_bitmap *bm)
{
	unsigned int r, widest = 0;

	for (r = 1; r < bm->nr_ranges; r++)
		if (bm->ranges[r].nr_bits >= bm->ranges[widest].nr_bits)
			widest = r;
	return widest;
}

static void set_sizes(struct cd_bitmap *bm, const struct free_list *list)
{
	unsigned long nr_bits = 0;
	unsigned int r;

	for (r = 0; r < bm->nr_ranges; r++) {
		bm->ranges[r].nr_bits = range_bits(list, r, bm->order_per_bit);
		nr_bits += bm->ranges[r].nr_bits;
	}
	if (list->has_totals)
		bm->ranges[widest_range(bm)].nr_bits +=
			(list->nr_total >> bm->order_per_bit) - nr_bits;
}

static size_t words_for(unsigned long nr_bits)
{
	return nr_bits / CD_BITS_PER_LONG + 1;
}

static bool has_room(struct list_bitmap *map, size_t nr)
{
	unsigned long *words;

	if (nr <= map->nr_words)
		return true;
	words = realloc(map->words, nr * sizeof(*words));
	if (!words)
		return false;
	map->words = words;
	map->nr_words = nr;
	return true;
}

static void clear_bits(unsigned long *words, unsigned long bit,
		       unsigned long nr)
{
	while (nr) {
		unsigned long first = bit % CD_BITS_PER_LONG;
		unsigned long n = CD_BITS_PER_LONG - first;
		unsigned long mask;

		n = n < nr ? n : nr;
		mask = n < CD_BITS_PER_LONG ? (1UL << n) - 1 : ~0UL;
		words[bit / CD_BITS_PER_LONG] &= ~(mask << first);
		bit += n;
		nr -= n;
	}
}

static bool set_bits(struct list_bitmap *map, const struct free_list *list)
{
	struct cd_bitmap *bm = &map->bm;
	size_t nr = 0, at = 0;
	unsigned int r, i;

	for (r = 0; r < bm->nr_ranges; r++)
		nr += words_for(bm->ranges[r].nr_bits);
	if (!has_room(map, nr))
		return false;
	memset(map->words, 0xff, nr * sizeof(*map->words));
	for (r = 0; r < bm->nr_ranges; r++) {
		bm->ranges[r].bitmap = map->words + at;
		for (i = range_start(list, r); i < list_range_end(list, r); i++)
			clear_bits(map->words + at, list->runs[i].start_bit,
				   list->runs[i].nr_pages >> bm->order_per_bit);
		at += words_for(bm->ranges[r].nr_bits);
	}
	return true;
}

/**
 * list_bitmap_make() - the bitmap that a list describes
 * @map: result; its memory is used again
 * @list: the list
 * @base_pfns: for each range, its first page
 * @order_per_bit: pages that a bit stands for, -1 when not known
 *
 * Return: false when the list cannot be that of an area.
 */
bool list_bitmap_make(struct list_bitmap *map, const struct free_list *list,
		      const unsigned long *base_pfns, int order_per_bit)
{
	unsigned int order = order_per_bit < 0 ? 0 :
						 (unsigned int)order_per_bit;
	unsigned int r;

	while (!is_right(list, order)) {
		if (order_per_bit >= 0 || order == MAX_ORDER_PER_BIT)
			return false;
		order++;
	}
	map->order_inferred = order_per_bit < 0 && order;
	map->bm = (struct cd_bitmap){
		.order_per_bit = order, .nr_ranges = nr_ranges(list),
	};
	for (r = 0; r < map->bm.nr_ranges; r++)
		map->bm.ranges[r].base_pfn = base_pfns[r];
	set_sizes(&map->bm, list);
	return set_bits(map, list);
}

/**
 * list_bitmap_free() - give back its memory
 * @map: the bitmap
 */
void list_bitmap_free(struct list_bitmap *map)
{
	free(map->words);
	map->words = NULL;
	map->nr_words = 0;
}
