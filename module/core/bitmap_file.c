// SPDX-License-Identifier: GPL-2.0-only
/* An area's bitmap as a file; the format is described in bitmap_file.h. */
#include "bitmap_file.h"

#define HEADER_SIZE 112
#define RANGE_SIZE 24

static size_t header_size(const struct cd_bitmap *bm)
{
	return HEADER_SIZE + bm->nr_ranges * RANGE_SIZE;
}

static size_t range_size(const struct cd_range *range)
{
	return (range->nr_bits + 63) / 64 * 8;
}

/* Byte by byte, and so in the same order on every machine. */
static unsigned char *put(unsigned char *to, unsigned long long number,
			  unsigned int nr_bytes)
{
	for (; nr_bytes; nr_bytes--, number >>= 8)
		*to++ = (unsigned char)number;
	return to;
}

static unsigned char *put_name(unsigned char *to, const char *name)
{
	unsigned int i;

	for (i = 0; i < CD_BITMAP_NAME_MAX; i++)
		*to++ = *name ? (unsigned char)*name++ : 0;
	return to;
}

static unsigned char *put_bits(unsigned char *to, const struct cd_range *range)
{
	size_t i, nr = range_size(range);

	for (i = 0; i < nr; i++) {
		unsigned long bit = 8 * i, word = 0;

		if (bit < range->nr_bits)
			word = range->bitmap[bit / CD_BITS_PER_LONG] >>
			       bit % CD_BITS_PER_LONG & 0xff;
		if (bit < range->nr_bits && range->nr_bits - bit < 8)
			word &= (1UL << (range->nr_bits - bit)) - 1;
		*to++ = (unsigned char)word;
	}
	return to;
}

/** cd_bitmap_file_size() - bytes that cd_bitmap_file_write() writes */
size_t cd_bitmap_file_size(const struct cd_bitmap *bm)
{
	size_t size = header_size(bm);
	unsigned int i;

	for (i = 0; i < bm->nr_ranges; i++)
		size += range_size(&bm->ranges[i]);
	return size;
}

/**
 * cd_bitmap_file_write() - a bitmap as a file
 * @bm: the bitmap
 * @origin: where it is from
 * @buf: room for cd_bitmap_file_size() bytes
 *
 * Context: any.
 */
void cd_bitmap_file_write(const struct cd_bitmap *bm,
			  const struct cd_bitmap_origin *origin, void *buf)
{
	size_t offset = header_size(bm);
	unsigned long nr_pages = 0;
	unsigned char *to = buf;
	unsigned int i;

	for (i = 0; i < bm->nr_ranges; i++)
		nr_pages += bm->ranges[i].nr_bits << bm->order_per_bit;
	for (i = 0; i < 8; i++)
		*to++ = (unsigned char)CD_BITMAP_MAGIC[i];
	to = put(to, CD_BITMAP_VERSION, 4);
	to = put(to, offset, 4);
	to = put(to, origin->page_shift, 4);
	to = put(to, bm->order_per_bit, 4);
	to = put(to, origin->locked ? CD_BITMAP_LOCKED : 0, 4);
	to = put(to, bm->nr_ranges, 4);
	to = put(to, origin->time_ns, 8);
	to = put(to, nr_pages, 8);
	to = put_name(to, origin->name);
	for (i = 0; i < bm->nr_ranges; i++) {
		to = put(to, bm->ranges[i].base_pfn, 8);
		to = put(to, bm->ranges[i].nr_bits, 8);
		to = put(to, offset, 8);
		offset += range_size(&bm->ranges[i]);
	}
	for (i = 0; i < bm->nr_ranges; i++)
		to = put_bits(to, &bm->ranges[i]);
}
