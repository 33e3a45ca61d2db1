/* SPDX-License-Identifier: GPL-2.0-only */
/* A list of free runs as a bitmap, which is what module/core reads. */
#ifndef LIST_BITMAP_H
#define LIST_BITMAP_H

#include "free_list.h"

/* A larger area is not read: 128 GiB of 4 KiB pages, at order_per_bit 0. */
#define BITMAP_MAX_BITS (1UL << 25)

/**
 * struct list_bitmap - the bitmap that a list describes
 * @bm: it; of the sizes of several ranges the log has only the sum
 * @order_inferred: of the orders per bit, this is the least that the list is
 *                  right with, and not 0
 * @words: memory of @bm, kept for the next
 * @nr_words: room in @words
 */
struct list_bitmap {
	struct cd_bitmap bm;
	bool order_inferred;
	unsigned long *words;
	size_t nr_words;
};

bool list_bitmap_make(struct list_bitmap *map, const struct free_list *list,
		      const unsigned long *base_pfns, int order_per_bit);
void list_bitmap_free(struct list_bitmap *map);

#endif
