/* SPDX-License-Identifier: GPL-2.0-only */
/* Why an allocation failed: one verdict of a closed set, with its figures. */
#ifndef CD_VERDICT_H
#define CD_VERDICT_H

#include "free_runs.h"
#include "ledger.h"
#include "memory.h"
#include "tries.h"
#include "window.h"

/* The verdicts, each with the word that stands for it everywhere. */
#define CD_WORD_UNKNOWN		"unknown"
#define CD_WORD_TOO_BIG		"too-big"
#define CD_WORD_EXHAUSTED	"exhausted"
#define CD_WORD_FRAGMENTED	"fragmented"
#define CD_WORD_MISALIGNED	"misaligned"
#define CD_WORD_BUSY		"busy"
#define CD_WORD_LOW_MEMORY	"low-memory"
#define CD_WORD_INTERRUPTED	"interrupted"
#define CD_WORD_RACED		"raced"
#define CD_WORD_FITS		"fits"
/* Room for any of them. */
#define CD_WORD_MAX		16

/**
 * enum cd_verdict - why an allocation failed
 * @CD_UNKNOWN: the evidence does not decide
 * @CD_TOO_BIG: larger than the area, or than its largest range
 * @CD_EXHAUSTED: fewer pages are free than asked
 * @CD_FRAGMENTED: enough are free, but no run is long enough
 * @CD_MISALIGNED: a run is long enough, but not from an aligned page on
 * @CD_BUSY: it fitted, but pages there could not be moved
 * @CD_LOW_MEMORY: it fitted, but there was no memory to move its pages to
 * @CD_INTERRUPTED: a fatal signal ended it
 * @CD_RACED: it did not fit, and a moment later it does
 * @CD_FITS: the answer to a what-if question; no failure's verdict
 * @CD_NR_VERDICTS: how many there are
 */
enum cd_verdict {
	CD_UNKNOWN,
	CD_TOO_BIG,
	CD_EXHAUSTED,
	CD_FRAGMENTED,
	CD_MISALIGNED,
	CD_BUSY,
	CD_LOW_MEMORY,
	CD_INTERRUPTED,
	CD_RACED,
	CD_FITS,
	CD_NR_VERDICTS
};

/**
 * struct cd_request - what was asked of the area
 * @nr_pages: pages
 * @align: alignment order: a start that is a multiple of 2^align pages
 * @align_assumed: nobody told @align; it is what a DMA caller would ask for
 */
struct cd_request {
	unsigned long nr_pages;
	unsigned int align;
	bool align_assumed;
};

/**
 * enum cd_candidates - did the allocator find a place to try?
 * @CD_CANDIDATES_UNKNOWN: nothing tells
 * @CD_CANDIDATES_NONE: the bitmap had no place; nothing was tried
 * @CD_CANDIDATES_TRIED: at least one place was tried, and migration failed
 * @CD_CANDIDATES_WHAT_IF: nobody allocated; the question is whether it fits
 */
enum cd_candidates {
	CD_CANDIDATES_UNKNOWN,
	CD_CANDIDATES_NONE,
	CD_CANDIDATES_TRIED,
	CD_CANDIDATES_WHAT_IF,
};

/**
 * struct cd_attempt - what the kernel did about a request
 * @candidates: whether there was a place to try
 * @nr_busy: places given up because a page in them could not be moved
 * @nr_busy_known: @nr_busy counts all of them; else the kernel hides them
 * @has_last_pfn: @last_pfn is known
 * @last_pfn: where the last place tried begins
 * @blocking: the pages that stopped it
 * @error: the negative errno the allocator ended with, 0 when not known. Its
 *         meaning is not the kernel's bare errno: who fills this in has left
 *         out an errno that says nothing on that kernel.
 */
struct cd_attempt {
	enum cd_candidates candidates;
	unsigned long nr_busy;
	bool nr_busy_known;
	bool has_last_pfn;
	unsigned long last_pfn;
	struct cd_blocking blocking;
	int error;
};

/**
 * struct cd_claims - what requests under way may have claimed
 *
 * An allocation marks its pages as used before it has them, and gives them back
 * when it fails.
 *
 * @nr_requests: other requests that were under way
 * @nr_pages: pages that these ask for together
 */
struct cd_claims {
	unsigned long nr_requests;
	unsigned long nr_pages;
};

/**
 * struct cd_diagnosis - a request, what is known of it, and the verdict
 * @request: what was asked
 * @attempt: what was tried
 * @memory: how short memory was; only looked at when a place was tried
 * @claims: of the used pages, those that nobody may get to hold
 * @late: the bitmap was looked at some time after the failure
 * @has_page_owner: the kernel keeps who allocated each page
 * @has_pages_file: a file pages tells what the area's pages are lent to
 * @page_shift: size of a page, for human units
 * @align_cap: the order CONFIG_CMA_ALIGNMENT caps DMA callers at, 0 unknown
 * @has_bitmap: the bitmap was seen; the fields below hold
 * @order_per_bit: pages a bit stands for
 * @nr_ranges: ranges of the area
 * @nr_pages: pages of the area
 * @nr_pages_range: pages of its largest range
 * @nr_free: free pages
 * @nr_runs: free runs
 * @largest: largest free run
 * @largest_aligned: what the request's alignment leaves of @largest
 * @usable: largest run that starts at the request's alignment
 * @remainders: what alignment left behind buffers, when it is much of what is
 *              free
 * @cheapest: where the fewest pages freed would make it fit; only looked for
 *            when it is fragmented or misaligned
 * @whose: who has the used pages of @cheapest, as far as a ledger knows
 * @fits: the request fits @usable
 * @fits_up_to: highest order, up to CD_MAX_ORDER, at which the pages asked
 *              fit; -1 when at none
 * @verdict: the answer
 */
struct cd_diagnosis {
	struct cd_request request;
	struct cd_attempt attempt;
	struct cd_memory memory;
	struct cd_claims claims;
	bool late;
	bool has_page_owner;
	bool has_pages_file;
	unsigned int page_shift;
	unsigned int align_cap;
	bool has_bitmap;
	unsigned int order_per_bit;
	unsigned int nr_ranges;
	unsigned long nr_pages;
	unsigned long nr_pages_range;
	unsigned long nr_free;
	unsigned long nr_runs;
	struct cd_run largest;
	struct cd_run largest_aligned;
	struct cd_run usable;
	struct cd_main_remainders remainders;
	struct cd_window cheapest;
	struct cd_whose whose;
	bool fits;
	int fits_up_to;
	enum cd_verdict verdict;
};

const char *cd_verdict_word(enum cd_verdict verdict);
void cd_diagnose(struct cd_diagnosis *diag, const struct cd_bitmap *bm,
		 struct cd_figures *figures);

#endif
