// SPDX-License-Identifier: GPL-2.0-only
/* Why an allocation failed: one verdict of a closed set, with its figures. */
#include "verdict.h"

static const char * const words[CD_NR_VERDICTS] = {
	[CD_UNKNOWN] = CD_WORD_UNKNOWN,
	[CD_TOO_BIG] = CD_WORD_TOO_BIG,
	[CD_EXHAUSTED] = CD_WORD_EXHAUSTED,
	[CD_FRAGMENTED] = CD_WORD_FRAGMENTED,
	[CD_MISALIGNED] = CD_WORD_MISALIGNED,
	[CD_BUSY] = CD_WORD_BUSY,
	[CD_LOW_MEMORY] = CD_WORD_LOW_MEMORY,
	[CD_INTERRUPTED] = CD_WORD_INTERRUPTED,
	[CD_RACED] = CD_WORD_RACED,
	[CD_FITS] = CD_WORD_FITS,
};

/**
 * cd_verdict_word() - the word users see
 * @verdict: a verdict
 */
const char *cd_verdict_word(enum cd_verdict verdict)
{
	return verdict < CD_NR_VERDICTS ? words[verdict] : words[CD_UNKNOWN];
}

static bool holds(const struct cd_bitmap *bm, unsigned long run_pages,
		  unsigned long nr_pages)
{
	return run_pages && run_pages >> bm->order_per_bit >=
	       cd_pages_to_bits(bm, nr_pages);
}

static void measure(struct cd_diagnosis *diag, const struct cd_bitmap *bm,
		    struct cd_figures *figures)
{
	const struct cd_request *request = &diag->request;
	int order;

	cd_count_figures(bm, figures);
	diag->has_bitmap = true;
	diag->order_per_bit = bm->order_per_bit;
	diag->nr_ranges = bm->nr_ranges;
	diag->nr_pages = figures->nr_pages;
	diag->nr_pages_range = figures->nr_pages_range;
	diag->nr_free = figures->nr_free;
	diag->nr_runs = figures->nr_runs;
	diag->largest = figures->largest;
	if (diag->largest.nr_pages)
		diag->largest_aligned = cd_align_run(bm, diag->largest,
						     request->align);
	if (request->align <= CD_MAX_ORDER)
		diag->usable = figures->usable[request->align];
	else
		diag->usable = cd_largest_usable(bm, request->align);
	diag->remainders = cd_find_main_remainders(bm, figures, request->align,
						   diag->align_cap);
	diag->fits = holds(bm, diag->usable.nr_pages, request->nr_pages);
	diag->fits_up_to = -1;
	for (order = 0; order <= CD_MAX_ORDER; order++) {
		if (!holds(bm, figures->usable[order].nr_pages,
			   request->nr_pages))
			break;
		diag->fits_up_to = order;
	}
}

/* The bitmap alone; the request was not tried anywhere. */
static enum cd_verdict judge_bitmap(const struct cd_diagnosis *diag,
				    const struct cd_bitmap *bm)
{
	unsigned long nr_pages = diag->request.nr_pages;

	if (!holds(bm, diag->nr_pages_range, nr_pages))
		return CD_TOO_BIG;
	if (!holds(bm, diag->nr_free, nr_pages))
		return CD_EXHAUSTED;
	if (!holds(bm, diag->largest.nr_pages, nr_pages))
		return CD_FRAGMENTED;
	if (!diag->fits)
		return CD_MISALIGNED;
	switch (diag->attempt.candidates) {
	case CD_CANDIDATES_WHAT_IF:
		return CD_FITS;
	case CD_CANDIDATES_NONE:
		return CD_RACED;
	default:
		return CD_UNKNOWN;
	}
}

/* A place was found and tried: the bitmap is not why it failed. */
static enum cd_verdict judge_attempt(const struct cd_attempt *attempt)
{
	switch (attempt->error) {
	case -EBUSY:
		return CD_BUSY;
	case -ENOMEM:
		return CD_LOW_MEMORY;
	default:
		return CD_UNKNOWN;
	}
}

/* Enough is free, in pieces: what lies between them is in the way. */
static bool is_in_pieces(enum cd_verdict verdict)
{
	return verdict == CD_FRAGMENTED || verdict == CD_MISALIGNED;
}

/**
 * cd_diagnose() - the verdict on a request
 * @diag: request, attempt, page_shift and align_cap are given; all else is
 *        filled in
 * @bm: the bitmap at the moment of the failure, NULL when it was not seen
 * @figures: room to work in; holds the figures of @bm afterwards
 *
 * What was tried outranks the bitmap, and the bitmap outranks the errno.
 *
 * Context: any. Takes no lock, allocates nothing.
 */
void cd_diagnose(struct cd_diagnosis *diag, const struct cd_bitmap *bm,
		 struct cd_figures *figures)
{
	if (bm)
		measure(diag, bm, figures);

	if (diag->attempt.error == -EINTR)
		diag->verdict = CD_INTERRUPTED;
	else if (diag->attempt.candidates == CD_CANDIDATES_TRIED)
		diag->verdict = judge_attempt(&diag->attempt);
	else if (bm)
		diag->verdict = judge_bitmap(diag, bm);
	else
		diag->verdict = CD_UNKNOWN;

	diag->cheapest = (struct cd_window){ 0 };
	if (is_in_pieces(diag->verdict))
		cd_cheapest_window(bm, &diag->request, &diag->cheapest);
}
