/* SPDX-License-Identifier: GPL-2.0-only */
/* A saved <area>/bitmap, read back; bitmap_file.h has its format. */
#ifndef BITMAP_READ_H
#define BITMAP_READ_H

#include "bitmap_file.h"

/**
 * struct saved_bitmap - a bitmap from a file
 * @bm: the bitmap
 * @name: of the area
 * @page_shift: size of a page
 * @locked: it was copied under the area's lock
 * @words: memory of @bm
 */
struct saved_bitmap {
	struct cd_bitmap bm;
	char name[CD_BITMAP_NAME_MAX + 1];
	unsigned int page_shift;
	bool locked;
	unsigned long *words;
};

const char *bitmap_read(const unsigned char *file, size_t size,
			struct saved_bitmap *saved);
const char *bitmap_load(const char *name, struct saved_bitmap *saved);
void bitmap_free(struct saved_bitmap *saved);

#endif
