// SPDX-License-Identifier: GPL-2.0-only
/*
 * From what a log tells of a failure to the verdict, by module/core. The list
 * was printed a moment after the failure, as the module's snapshot is taken.
 */
#include "explain.h"
#include "explain_words.h"
#include "what_if.h"

static void set_request(struct explanation *why,
			const struct explain_options *options)
{
	const struct log_failure *failure = why->failure;
	struct cd_request *request = &why->diag.request;

	request->nr_pages = failure->nr_pages;
	request->align_assumed = false;
	if (options->align >= 0) {
		request->align = (unsigned int)options->align;
	} else if (failure->has_align) {
		request->align = failure->align;
	} else {
		request->align = cd_dma_align(request->nr_pages,
					      options->align_cap);
		request->align_assumed = true;
	}
	why->base_assumed = !options->has_base && request->align > BASE_ORDER;
}

/* How the kernel's errno is to be read: what is certain of what was tried. */
static int sure_error(const struct log_failure *failure)
{
	switch (failure->error) {
	case -EINTR:
		return -EINTR;
	case -EBUSY:
		return failure->side == SIDE_OLD || failure->busy.nr ?
		       -EBUSY : 0;
	case -ENOMEM:
		return failure->side == SIDE_NEW ? -ENOMEM : 0;
	default:
		return 0;
	}
}

/* ... and what it is when the request fits. */
static int error_if_it_fits(const struct log_failure *failure)
{
	return failure->error == -EBUSY || failure->error == -ENOMEM ?
	       failure->error : 0;
}

static void diagnose(struct explanation *why, const struct cd_bitmap *bm,
		     int error)
{
	static struct cd_figures figures;

	why->diag.attempt.error = error;
	why->diag.attempt.candidates = error ? CD_CANDIDATES_TRIED :
				       CD_CANDIDATES_UNKNOWN;
	cd_diagnose(&why->diag, bm, &figures);
}

static unsigned long taken_pages(const struct cd_diagnosis *diag)
{
	unsigned long mask = (1UL << diag->order_per_bit) - 1;

	return (diag->request.nr_pages + mask) & ~mask;
}

/* What is printed holds, where the list has less or does not come out. */
static void set_totals(struct explanation *why)
{
	const struct free_list *list = &why->failure->list;

	if (why->is_complete || !why->has_totals)
		return;
	why->diag.nr_free = list->nr_free;
	why->diag.nr_pages = list->nr_total;
}

/* What the list leaves open the printed totals may decide. */
static enum cd_verdict judge_totals(const struct explanation *why)
{
	const struct cd_diagnosis *diag = &why->diag;
	unsigned long nr_pages = taken_pages(diag);

	if (!why->has_totals)
		return CD_UNKNOWN;
	if (nr_pages > diag->nr_pages)
		return CD_TOO_BIG;
	if (nr_pages > diag->nr_free && nr_pages > why->nr_listed)
		return CD_EXHAUSTED;
	if (!why->has_list || nr_pages <= why->nr_hidden ||
	    nr_pages > diag->nr_free)
		return CD_UNKNOWN;
	return diag->largest.nr_pages < nr_pages ? CD_FRAGMENTED :
						   CD_MISALIGNED;
}

/*
 * A bitmap of the list is judged by the core; where pages are missing from it,
 * a place that it has is there, and one that it has not may be.
 */
static void judge(struct explanation *why, const struct cd_bitmap *bm)
{
	const struct log_failure *failure = why->failure;
	struct cd_diagnosis *diag = &why->diag;
	int sure = sure_error(failure);

	diagnose(why, bm, sure);
	set_totals(why);
	if (sure)
		return;
	if (bm && diag->fits) {
		why->is_inferred = error_if_it_fits(failure);
		diagnose(why, bm, error_if_it_fits(failure));
		set_totals(why);
	} else if (!why->is_complete) {
		diag->verdict = judge_totals(why);
	}
}

static void set_known(struct explanation *why)
{
	const struct free_list *list = &why->failure->list;

	why->has_totals = list->has_totals && list->nr_total &&
			  list->nr_free <= list->nr_total;
	why->nr_listed = why->has_list ? list->nr_listed : 0;
	why->nr_hidden = !why->has_totals ? ~0UL :
			 list->nr_free > why->nr_listed ?
			 list->nr_free - why->nr_listed : 0;
	why->is_complete = why->has_list && why->has_totals &&
			   !list->is_damaged &&
			   list->nr_listed == list->nr_free;
}

/* The largest of what is seen is the largest when the rest is less. */
static void set_largest(struct explanation *why)
{
	why->has_largest = why->has_list && why->nr_hidden != ~0UL &&
			   why->diag.largest.nr_pages >= why->nr_hidden;
	why->has_usable = why->has_list && why->failure->has_request &&
			  why->nr_hidden != ~0UL &&
			  why->diag.usable.nr_pages >= why->nr_hidden;
}

/*
 * A page that is not listed is used, if the list has all that is free; but of
 * several ranges the log does not tell where each ends.
 */
static void set_cheapest(struct explanation *why)
{
	struct cd_diagnosis *diag = &why->diag;

	if (!why->is_complete || diag->nr_ranges > 1)
		diag->cheapest = (struct cd_window){ 0 };
}

/**
 * explain() - the verdict on a failure, in words, too
 * @failure: what the log tells of it
 * @options: what the user knows besides
 * @map: room to work in
 * @why: result
 */
void explain(const struct log_failure *failure,
	     const struct explain_options *options, struct list_bitmap *map,
	     struct explanation *why)
{
	const struct free_list *list = &failure->list;
	const struct cd_bitmap *bm = NULL;

	*why = (struct explanation){
		.failure = failure,
		.diag = {
			.page_shift = options->page_shift,
			.align_cap = options->align_cap,
		},
	};
	set_request(why, options);
	if ((list->nr_runs || (list->has_totals && !list->nr_free)) &&
	    list_bitmap_make(map, list, options->base_pfns,
			     options->order_per_bit)) {
		bm = &map->bm;
		why->has_list = true;
		why->order_inferred = map->order_inferred;
	}
	set_known(why);
	judge(why, bm);
	if (!failure->has_request)
		why->diag.verdict = CD_UNKNOWN;
	set_largest(why);
	set_cheapest(why);
	explain_say(why);
}
