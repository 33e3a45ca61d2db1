/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An area's bitmap as a file: what <area>/bitmap holds and tools read.
 *
 * All numbers are little-endian.
 *
 *	offset	bytes	what
 *	0	8	CD_BITMAP_MAGIC
 *	8	4	version, 1
 *	12	4	bytes of this header, with its ranges
 *	16	4	page shift: a page has 2^this bytes
 *	20	4	order_per_bit: a bit stands for 2^this pages
 *	24	4	flags: 1 the copy was made under the area's lock
 *	28	4	ranges
 *	32	8	wall clock of the copy, ns since 1970
 *	40	8	pages of the area
 *	48	64	name of the area, filled up with NULs
 *	112	24	for each range: base pfn, bits, and where in the file
 *			its bits begin; 8 bytes each
 *
 * Then the bits of each range, the first the lowest of its byte, a set bit
 * allocated; filled up with zero bits to a multiple of 8 bytes.
 */
#ifndef CD_BITMAP_FILE_H
#define CD_BITMAP_FILE_H

#include "free_runs.h"

#define CD_BITMAP_MAGIC "CMAbits\n"
#define CD_BITMAP_VERSION 1
#define CD_BITMAP_LOCKED 1
#define CD_BITMAP_NAME_MAX 64

/**
 * struct cd_bitmap_origin - where a bitmap is from
 * @name: of the area
 * @page_shift: size of a page
 * @locked: it was copied under the area's lock
 * @time_ns: when, wall clock, ns since 1970
 */
struct cd_bitmap_origin {
	const char *name;
	unsigned int page_shift;
	bool locked;
	unsigned long long time_ns;
};

size_t cd_bitmap_file_size(const struct cd_bitmap *bm);
void cd_bitmap_file_write(const struct cd_bitmap *bm,
			  const struct cd_bitmap_origin *origin, void *buf);

#endif
