// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lines that tell whether a caller got by when CMA had nothing for it. DMA
 * callers fall back to the page allocator, which has no more than its highest
 * order.
 */
#include <stdlib.h>
#include <string.h>

#include "outcome_lines.h"

static bool is_size_of(unsigned long nr_bytes,
		       const struct log_failure *failure,
		       unsigned int page_shift)
{
	unsigned long mask = (1UL << page_shift) - 1;

	return (nr_bytes >> page_shift) + !!(nr_bytes & mask) ==
	       failure->nr_pages;
}

/* A driver says of how many bytes it got none. */
static bool is_driver(const char *text, const struct log_failure *failure,
		      unsigned int page_shift)
{
	static const char * const words[] = {
		"dma alloc of size ", "allocate buffer with size ",
	};
	unsigned int i;

	for (i = 0; i < sizeof(words) / sizeof(*words); i++) {
		const char *at = strstr(text, words[i]);

		if (at && (i || strstr(at, "failed")))
			return is_size_of(strtoul(at + strlen(words[i]), NULL,
						  10), failure, page_shift);
	}
	return false;
}

static unsigned long order_of(unsigned long nr_pages)
{
	unsigned long order = 0;

	while (order < 63 && 1UL << order < nr_pages)
		order++;
	return order;
}

/* "swapper/0: page allocation failure: order:10, mode:0xcc1" */
static bool is_page_allocator(const char *text,
			      const struct log_failure *failure)
{
	const char *at = strstr(text, "page allocation failure: order:");

	if (!at)
		return false;
	at = strstr(at, "order:") + strlen("order:");
	return strtoul(at, NULL, 10) == order_of(failure->nr_pages);
}

/*
 * "WARNING: CPU: 0 PID: 1 at mm/page_alloc.c:4738 __alloc_pages_nodemask+0x..":
 * the page allocator was asked for an order of MAX_ORDER or more, which was 11
 * unless the board says otherwise: 4 MiB or more.
 */
static bool is_order_warning(const char *text,
			     const struct log_failure *failure)
{
	const char *at = strstr(text, "WARNING: ");

	return at && strstr(at, "mm/page_alloc.c:") &&
	       strstr(at, "__alloc_pages") && order_of(failure->nr_pages) >= 10;
}

/**
 * outcome_of() - what a line tells of a failure's caller
 * @line: a line that follows the failure
 * @failure: it
 * @page_shift: size of a page
 */
enum log_outcome outcome_of(const struct log_line *line,
			    const struct log_failure *failure,
			    unsigned int page_shift)
{
	if (!failure->has_request)
		return OUTCOME_UNKNOWN;
	if (is_driver(line->text, failure, page_shift) ||
	    is_page_allocator(line->text, failure) ||
	    is_order_warning(line->text, failure))
		return OUTCOME_FAILED;
	if (strstr(line->text, "DMA: failed to allocate") &&
	    strstr(line->text, "pool for atomic allocation"))
		return OUTCOME_FAILED;
	if (strstr(line->text, "DMA: preallocated ") &&
	    strstr(line->text, "pool for atomic allocations"))
		return OUTCOME_GOT_BY;
	return OUTCOME_UNKNOWN;
}
