// SPDX-License-Identifier: GPL-2.0-only
/* What-if questions: would so many pages fit, and what else would. */
#include "bit_runs.h"
#include "what_if.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

static const char *skip_blanks(const char *text)
{
	while (is_blank(*text))
		text++;
	return text;
}

/* Decimal digits, at least one; -ERANGE when they do not fit. */
static int read_number(const char **text, unsigned long *number)
{
	const char *digit = *text;

	*number = 0;
	if (*digit < '0' || *digit > '9')
		return -EINVAL;
	for (; *digit >= '0' && *digit <= '9'; digit++)
		if (__builtin_mul_overflow(*number, 10UL, number) ||
		    __builtin_add_overflow(*number,
					   (unsigned long)(*digit - '0'),
					   number))
			return -ERANGE;
	*text = digit;
	return 0;
}

/* Bytes to a unit of size as a power of two; -1 when @unit is none. */
static int unit_shift(char unit)
{
	switch (unit) {
	case 'B':
		return 0;
	case 'K':
		return 10;
	case 'M':
		return 20;
	case 'G':
		return 30;
	default:
		return -1;
	}
}

/* "456" is pages; "3110400B", "8M" are sizes, rounded up to pages. */
static int read_count(const char **text, unsigned int page_shift,
		      unsigned long *nr_pages)
{
	int err = read_number(text, nr_pages);
	unsigned long mask = (1UL << page_shift) - 1, nr_bytes;
	int shift;

	if (err)
		return err;
	shift = unit_shift(**text);
	if (shift < 0)
		return 0;
	(*text)++;
	if (__builtin_mul_overflow(*nr_pages, 1UL << shift, &nr_bytes))
		return -ERANGE;
	*nr_pages = (nr_bytes >> page_shift) + !!(nr_bytes & mask);
	return 0;
}

/**
 * cd_dma_align() - the alignment that a DMA caller asks for
 * @nr_pages: what it asks for
 * @cap: CONFIG_CMA_ALIGNMENT
 *
 * min(get_order(size), CONFIG_CMA_ALIGNMENT): cma_alloc_aligned() in
 * kernel/dma/contiguous.c, 5.10 to 7.3.
 */
unsigned int cd_dma_align(unsigned long nr_pages, unsigned int cap)
{
	unsigned int order = 0;

	while (order < cap && 1UL << order < nr_pages)
		order++;
	return order;
}

static int read_align(const char **text, unsigned int *align)
{
	unsigned long number;
	int err = read_number(text, &number);

	if (err)
		return err;
	if (number >= CD_BITS_PER_LONG)
		return -ERANGE;
	*align = (unsigned int)number;
	return 0;
}

/**
 * cd_parse_question() - read "COUNT [ALIGN]"
 * @text: COUNT in pages, or a size with the unit B, K, M or G, rounded up to
 *        pages; ALIGN is an order. Decimal, apart by blanks; a newline at the
 *        end does not matter
 * @page_shift: size of a page
 * @align_cap: the order that DMA callers are capped at
 * @question: result
 * @complaint: what is wrong with @text, in one sentence
 *
 * Return: 0; -EINVAL when it is no question, -ERANGE when a number is larger
 * than this machine has.
 */
int cd_parse_question(const char *text, unsigned int page_shift,
		      unsigned int align_cap, struct cd_request *question,
		      const char **complaint)
{
	int err;

	*complaint = "COUNT must be pages, or a size such as 3110400B or 8M";
	text = skip_blanks(text);
	err = read_count(&text, page_shift, &question->nr_pages);
	if (err == -ERANGE)
		*complaint = "COUNT is larger than this machine can count";
	if (!err && (!question->nr_pages || (*text && !is_blank(*text))))
		err = -EINVAL;
	if (err)
		return err;

	text = skip_blanks(text);
	question->align_assumed = !*text;
	if (question->align_assumed) {
		question->align = cd_dma_align(question->nr_pages, align_cap);
		return 0;
	}
	*complaint = "ALIGN must be an order, 0 to 63: 2^ALIGN pages";
	err = read_align(&text, &question->align);
	if (err)
		return err;
	*complaint = "there must be nothing after COUNT and ALIGN";
	return *skip_blanks(text) ? -EINVAL : 0;
}

/* As many as the allocator would place, one after the other, in this run. */
static unsigned long buffers_in(const struct cd_bitmap *bm,
				struct cd_bit_run run,
				const struct cd_request *request)
{
	unsigned long nr_bits = cd_pages_to_bits(bm, request->nr_pages);
	unsigned long nr = 0;

	for (;;) {
		run.start = cd_aligned_bit(bm, &run, request->align);
		if (run.end - run.start < nr_bits)
			return nr;
		run.start += nr_bits;
		nr++;
		if (run.start == run.end)
			return nr;
	}
}

static int highest_align(const struct cd_bitmap *bm, unsigned long nr_bits)
{
	unsigned int order;

	for (order = 0; order < CD_BITS_PER_LONG; order++) {
		struct cd_run run = cd_largest_usable(bm, order);

		if (run.nr_pages >> bm->order_per_bit < nr_bits)
			break;
	}
	return (int)order - 1;
}

/**
 * cd_count_room() - what else would fit
 * @bm: the bitmap
 * @request: pages, not 0, and alignment
 * @room: result
 *
 * Context: any. Time grows with the free pages of the area, at worst.
 */
void cd_count_room(const struct cd_bitmap *bm, const struct cd_request *request,
		   struct cd_room *room)
{
	struct cd_bit_run run = { 0 };

	room->nr_pages = cd_largest_usable(bm, request->align).nr_pages;
	room->align = highest_align(bm, cd_pages_to_bits(bm,
							 request->nr_pages));
	room->nr_buffers = 0;
	while (cd_next_run(bm, false, &run))
		room->nr_buffers += buffers_in(bm, run, request);
}
