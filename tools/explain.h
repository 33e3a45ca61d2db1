/* SPDX-License-Identifier: GPL-2.0-only */
/* From what a log tells of a failure to the verdict. */
#ifndef EXPLAIN_H
#define EXPLAIN_H

#include "list_bitmap.h"
#include "log_failure.h"
#include "sentences.h"

/* What CONFIG_CMA_ALIGNMENT is where nobody has changed it. */
#define DEFAULT_ALIGN_CAP 8
/* An area begins at a page block, of this order or a higher one. */
#define BASE_ORDER 9
/* Room for a sentence of the core, and what is added to it here. */
#define EXPLAIN_MAX (2 * CD_SENTENCE_MAX)

/**
 * struct explain_options - what the user knows and the log does not tell
 * @align: order that requests ask for, -1 when not known
 * @order_per_bit: of the area, -1 when not known
 * @align_cap: CONFIG_CMA_ALIGNMENT
 * @page_shift: size of a page
 * @has_base: @base_pfns are given
 * @base_pfns: first page of each range; else 0, which is aligned to anything
 */
struct explain_options {
	int align;
	int order_per_bit;
	unsigned int align_cap;
	unsigned int page_shift;
	bool has_base;
	unsigned long base_pfns[CD_MAX_RANGES];
};

/**
 * struct explanation - a failure explained
 * @failure: what the log tells of it
 * @diag: verdict and figures; what of the figures holds is said below
 * @base_assumed: nor where the area begins, and that matters
 * @order_inferred: the list is wrong at a lower order per bit
 * @has_list: there is a list that can be read
 * @is_complete: the list has all that is free
 * @has_totals: diag.nr_free and diag.nr_pages hold
 * @has_largest: diag.largest holds
 * @has_usable: diag.usable holds
 * @is_inferred: that a place was tried is concluded from errno and list
 * @nr_listed: pages in the list
 * @nr_hidden: free pages that the list does not have, ~0UL when not known
 * @evidence: why this verdict
 * @help: what would have helped
 * @cheapest: the fewest pages that would have to be freed; may be empty
 */
struct explanation {
	const struct log_failure *failure;
	struct cd_diagnosis diag;
	bool base_assumed;
	bool order_inferred;
	bool has_list;
	bool is_complete;
	bool has_totals;
	bool has_largest;
	bool has_usable;
	bool is_inferred;
	unsigned long nr_listed;
	unsigned long nr_hidden;
	char evidence[EXPLAIN_MAX];
	char help[EXPLAIN_MAX];
	char cheapest[CD_SENTENCE_MAX];
};

void explain(const struct log_failure *failure,
	     const struct explain_options *options, struct list_bitmap *map,
	     struct explanation *why);

#endif
