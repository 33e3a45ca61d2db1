// SPDX-License-Identifier: GPL-2.0-only
/* A saved <area>/bitmap, read back; nothing in the file is trusted. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bitmap_read.h"

#define HEADER_SIZE 112
#define RANGE_SIZE 24
/* 1 GiB of them: no area has more. */
#define MAX_BITS (1ULL << 33)
#define MAX_FILE (256UL << 20)

/* Little-endian, on every machine. */
static unsigned long long get(const unsigned char *from, unsigned int nr_bytes)
{
	unsigned long long number = 0;

	while (nr_bytes--)
		number = number << 8 | from[nr_bytes];
	return number;
}

/**
 * struct saved_range - a range as the file describes it
 * @base_pfn: first page
 * @nr_bits: bits
 * @offset: where they begin in the file
 */
struct saved_range {
	unsigned long long base_pfn;
	unsigned long long nr_bits;
	unsigned long long offset;
};

static struct saved_range get_range(const unsigned char *file, unsigned int i)
{
	const unsigned char *from = file + HEADER_SIZE + i * RANGE_SIZE;

	return (struct saved_range){
		get(from, 8), get(from + 8, 8), get(from + 16, 8),
	};
}

static const char *check_header(const unsigned char *file, size_t size)
{
	unsigned long long nr_ranges;

	if (size < HEADER_SIZE || memcmp(file, CD_BITMAP_MAGIC, 8))
		return "is no bitmap of cma_diag";
	if (get(file + 8, 4) != CD_BITMAP_VERSION)
		return "has a version of the format that is not known here";
	nr_ranges = get(file + 28, 4);
	if (!nr_ranges || nr_ranges > CD_MAX_RANGES ||
	    get(file + 12, 4) != HEADER_SIZE + nr_ranges * RANGE_SIZE ||
	    get(file + 16, 4) < 12 || get(file + 16, 4) > 16 ||
	    get(file + 20, 4) > 22)
		return "is damaged: its header cannot be";
	return size < get(file + 12, 4) ? "is cut short" : NULL;
}

static const char *check_range(const unsigned char *file, size_t size,
			       unsigned int i)
{
	struct saved_range range = get_range(file, i);
	unsigned long long nr_bytes = (range.nr_bits + 63) / 64 * 8;

	if (range.nr_bits > MAX_BITS || range.base_pfn > ~0ULL >> 12)
		return "is damaged: a range cannot be";
	if (range.offset > size || nr_bytes > size - range.offset)
		return "is cut short";
	return NULL;
}

static unsigned long nr_words(unsigned long long nr_bits)
{
	return (unsigned long)(nr_bits / CD_BITS_PER_LONG) + 1;
}

static void copy_bits(const unsigned char *from, unsigned long *words,
		      unsigned long long nr_bits)
{
	unsigned long long i;

	memset(words, 0, nr_words(nr_bits) * sizeof(*words));
	for (i = 0; i < (nr_bits + 7) / 8; i++)
		words[8 * i / CD_BITS_PER_LONG] |=
			(unsigned long)from[i] << 8 * i % CD_BITS_PER_LONG;
}

static void copy_ranges(const unsigned char *file, struct saved_bitmap *saved)
{
	unsigned long *words = saved->words;
	unsigned int i;

	for (i = 0; i < saved->bm.nr_ranges; i++) {
		struct saved_range range = get_range(file, i);

		copy_bits(file + range.offset, words, range.nr_bits);
		saved->bm.ranges[i] = (struct cd_range){
			(unsigned long)range.base_pfn,
			(unsigned long)range.nr_bits, words,
		};
		words += nr_words(range.nr_bits);
	}
}

/**
 * bitmap_read() - a bitmap from the bytes of a file
 * @file: the bytes
 * @size: how many
 * @saved: result; bitmap_free() gives its memory back
 *
 * Return: NULL, or what is wrong with it.
 */
const char *bitmap_read(const unsigned char *file, size_t size,
			struct saved_bitmap *saved)
{
	const char *wrong = check_header(file, size);
	size_t nr = 0;
	unsigned int i;

	*saved = (struct saved_bitmap){ 0 };
	if (wrong)
		return wrong;
	saved->page_shift = (unsigned int)get(file + 16, 4);
	saved->locked = get(file + 24, 4) & CD_BITMAP_LOCKED;
	memcpy(saved->name, file + 48, CD_BITMAP_NAME_MAX);
	saved->bm.order_per_bit = (unsigned int)get(file + 20, 4);
	saved->bm.nr_ranges = (unsigned int)get(file + 28, 4);
	for (i = 0; i < saved->bm.nr_ranges; i++) {
		wrong = check_range(file, size, i);
		if (wrong)
			return wrong;
		nr += nr_words(get_range(file, i).nr_bits);
	}
	saved->words = calloc(nr, sizeof(*saved->words));
	if (!saved->words)
		return "is too large for this machine's memory";
	copy_ranges(file, saved);
	return NULL;
}

static const char *read_all(FILE *file, unsigned char **bytes, size_t *size)
{
	size_t room = 0, nr;

	*size = 0;
	do {
		unsigned char *more;

		room = room ? 2 * room : 64 * 1024;
		more = room <= MAX_FILE ? realloc(*bytes, room) : NULL;
		if (!more)
			return "is larger than any bitmap";
		*bytes = more;
		nr = fread(*bytes + *size, 1, room - *size, file);
		*size += nr;
	} while (*size == room);
	return ferror(file) ? strerror(errno) : NULL;
}

/**
 * bitmap_load() - a bitmap from a file
 * @name: the file; "-" is the standard input
 * @saved: result; bitmap_free() gives its memory back
 *
 * Return: NULL, or what is wrong with it.
 */
const char *bitmap_load(const char *name, struct saved_bitmap *saved)
{
	FILE *file = strcmp(name, "-") ? fopen(name, "rb") : stdin;
	unsigned char *bytes = NULL;
	const char *wrong;
	size_t size;

	*saved = (struct saved_bitmap){ 0 };
	if (!file)
		return strerror(errno);
	wrong = read_all(file, &bytes, &size);
	if (!wrong)
		wrong = bitmap_read(bytes, size, saved);
	free(bytes);
	if (file != stdin)
		fclose(file);
	return wrong;
}

/**
 * bitmap_free() - give back its memory
 * @saved: a bitmap that was read, or not
 */
void bitmap_free(struct saved_bitmap *saved)
{
	free(saved->words);
	saved->words = NULL;
}
