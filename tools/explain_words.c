// SPDX-License-Identifier: GPL-2.0-only
/* What is said of a failure in a log: the core's words, and what is missing. */
#include "attempt_words.h"
#include "explain_words.h"

static bool was_tried(const struct explanation *why)
{
	return why->diag.attempt.candidates == CD_CANDIDATES_TRIED;
}

static void add_totals(struct cd_text *text, const struct explanation *why)
{
	const struct cd_diagnosis *diag = &why->diag;

	if (why->has_totals)
		cd_add(text, "%lu of %lu pages are free", diag->nr_free,
		       diag->nr_pages);
}

/* What the errno may be, on the kernel that printed it. */
static void add_errno(struct cd_text *text, const struct log_failure *failure)
{
	if (!failure->has_error)
		cd_add(text, "the log has no errno");
	else if (failure->error == -ENOMEM)
		cd_add(text,
		       "up to Linux 6.14 errno -12 is \"no place\" as well as \"no memory to move pages to\"");
	else if (failure->error == -EBUSY && failure->side == SIDE_NEW)
		cd_add(text,
		       "from Linux 6.15 on errno -16 is \"no place\" as well as \"busy\"");
	else if (failure->error == -EBUSY)
		cd_add(text,
		       "errno -16 is \"busy\" up to Linux 6.14 and \"no place\", too, from 6.15 on, and the log does not tell which this is");
	else
		cd_add(text, "errno %d is none that cma_alloc() explains",
		       failure->error);
}

static void add_list_state(struct cd_text *text, const struct explanation *why)
{
	const struct cd_diagnosis *diag = &why->diag;

	if (!why->has_list) {
		cd_add(text, why->failure->list.nr_runs ?
		       ", and the list of free runs is damaged" :
		       ", and the log has no list of free runs");
	} else if (diag->fits) {
		cd_add(text, ", and the request fits: %lu pages at %lu",
		       diag->usable.nr_pages, diag->usable.start_page);
	} else if (why->nr_hidden && why->nr_hidden != ~0UL) {
		cd_add(text,
		       ", and the list lacks %lu free pages, in which the request may fit",
		       why->nr_hidden);
	} else if (why->nr_hidden) {
		cd_add(text, ", and the list of free runs ends early");
	}
}

static void say_unknown(struct cd_text *text, const struct explanation *why)
{
	if (!why->failure->has_request) {
		cd_add(text,
		       "the log does not have the line that says how many pages were asked");
		if (why->is_complete)
			cd_add(text, "; the largest run is %lu pages",
			       why->diag.largest.nr_pages);
	} else {
		add_errno(text, why->failure);
		add_list_state(text, why);
	}
	if (why->has_totals) {
		cd_add(text, "; ");
		add_totals(text, why);
	}
}

static void help_unknown(struct cd_text *text, const struct explanation *why)
{
	if (!why->failure->has_request)
		cd_add(text,
		       "look above for \"alloc failed, req-size\"; where many fail at a time, the kernel leaves such lines out");
	else if (!why->is_complete)
		cd_add(text,
		       "add the lines from \"number of available pages\" to \"total pages\", whole (up to Linux 6.10 it takes CONFIG_CMA_DEBUG), or let it fail again with cma_diag loaded");
	else
		cd_add(text, "let it fail again with cma_diag loaded");
}

/* Ranges are in the log, but not how large each is. */
static void say_too_big(struct cd_text *text, const struct explanation *why)
{
	const struct cd_diagnosis *diag = &why->diag;

	if (diag->request.nr_pages > diag->nr_pages)
		cd_add(text, "%lu pages are asked, the whole area has %lu",
		       diag->request.nr_pages, diag->nr_pages);
	else
		cd_add(text,
		       "%lu pages are asked, the largest of the area's %u ranges has %lu at most, and no allocation spans two",
		       diag->request.nr_pages, diag->nr_ranges,
		       diag->nr_pages_range);
}

/* The list does not have all, but enough. */
static void say_in_part(struct cd_text *text, const struct explanation *why)
{
	const struct cd_diagnosis *diag = &why->diag;

	add_totals(text, why);
	if (diag->verdict == CD_EXHAUSTED) {
		cd_add(text, ", %lu < %lu", diag->nr_free,
		       diag->request.nr_pages);
		return;
	}
	cd_add(text,
	       "; the list has %lu, in runs of at most %lu page%s (at %lu)",
	       why->nr_listed, diag->largest.nr_pages,
	       cd_plural(diag->largest.nr_pages), diag->largest.start_page);
	if (diag->verdict == CD_MISALIGNED)
		cd_add(text, ", of which alignment leaves %lu",
		       diag->usable.nr_pages);
	cd_add(text, " < %lu", diag->request.nr_pages);
	if (why->nr_hidden)
		cd_add(text, ", and what it lacks, %lu, is less, too",
		       why->nr_hidden);
}

static void help_in_part(struct cd_text *text, const struct explanation *why)
{
	const struct cd_diagnosis *diag = &why->diag;
	unsigned long nr_pages = diag->request.nr_pages;

	switch (diag->verdict) {
	case CD_TOO_BIG:
		cd_add(text, "ask for at most ");
		cd_add_pages(text, diag, diag->nr_pages);
		cd_add(text, ", or give the area at least ");
		cd_add_pages(text, diag, nr_pages);
		break;
	case CD_EXHAUSTED:
		cd_add(text, "free or add at least ");
		cd_add_pages(text, diag, nr_pages - diag->nr_free);
		break;
	case CD_MISALIGNED:
		cd_add(text, "%lu page%s fit at align %d or lower", nr_pages,
		       cd_plural(nr_pages), diag->fits_up_to);
		break;
	default:
		cd_add(text,
		       "keep small long-lived buffers out of this area, or add ");
		cd_add_pages(text, diag, nr_pages);
		cd_add(text, " to it");
	}
}

/* What the list does not place is not known to fit or not. */
static void help_by_core(struct cd_text *text, const struct explanation *why)
{
	struct cd_diagnosis diag = why->diag;
	char sentence[CD_SENTENCE_MAX];

	diag.has_bitmap = why->is_complete || diag.fits;
	cd_say_help(&diag, sentence, sizeof(sentence));
	cd_add(text, "%s", sentence);
}

static void add_inference(struct cd_text *text, const struct explanation *why)
{
	const struct cd_diagnosis *diag = &why->diag;

	if (!why->is_inferred)
		return;
	cd_add(text,
	       "; inferred from errno %d and a list that has room, %lu pages at %lu",
	       why->failure->error, diag->usable.nr_pages,
	       diag->usable.start_page);
	if (diag->nr_ranges > 1)
		cd_add(text, " of range %u", diag->usable.range);
	if (why->diag.request.align_assumed)
		cd_add(text, ", at the assumed align");
	cd_add(text, ": were they freed just then, it was raced");
}

static void add_busy_lines(struct cd_text *text, const struct explanation *why)
{
	const struct busy_lines *busy = &why->failure->busy;

	if (!busy->nr)
		return;
	cd_add(text, "; the log has %lu line%s of busy places before it",
	       busy->nr, cd_plural(busy->nr));
	if (busy->has_pfns)
		cd_add(text, ", the last of pfns 0x%lx to 0x%lx",
		       busy->first_pfn, busy->end_pfn - 1);
}

/* What is wrong with the list is said, whatever the verdict. */
static void add_doubts(struct cd_text *text, const struct explanation *why)
{
	const struct log_failure *failure = why->failure;
	const struct free_list *list = &failure->list;

	if (why->has_list && why->has_totals &&
	    list->nr_free != why->nr_listed)
		cd_add(text,
		       "; the list adds up to %lu pages, but the kernel printed %lu free",
		       why->nr_listed, list->nr_free);
	if (list->has_totals && !why->has_totals)
		cd_add(text, "; the printed totals, %lu of %lu, cannot be",
		       list->nr_free, list->nr_total);
	if (list->is_damaged)
		cd_add(text, "; runs of the list are out of order");
	if (failure->is_mixed)
		cd_add(text,
		       "; several failed at a time: their lists are taken in order");
}

static void say_outcome(struct cd_text *text, const struct explanation *why)
{
	if (why->failure->outcome == OUTCOME_FAILED)
		cd_add(text, "; the caller did not get by without CMA");
	else if (why->failure->outcome == OUTCOME_GOT_BY)
		cd_add(text, "; the caller got by with less, or without CMA");
}

static void say_by_core(struct cd_text *text, const struct explanation *why)
{
	char sentence[CD_SENTENCE_MAX];

	cd_say_evidence(&why->diag, sentence, sizeof(sentence));
	cd_add(text, "%s", sentence);
}

static void say(struct cd_text *text, const struct explanation *why)
{
	if (why->diag.verdict == CD_UNKNOWN)
		say_unknown(text, why);
	else if (why->diag.verdict == CD_TOO_BIG)
		say_too_big(text, why);
	else if (was_tried(why) || why->is_complete)
		say_by_core(text, why);
	else
		say_in_part(text, why);
}

static void say_help(struct cd_text *text, const struct explanation *why)
{
	if (why->diag.verdict == CD_UNKNOWN)
		help_unknown(text, why);
	else if (was_tried(why) || why->is_complete)
		help_by_core(text, why);
	else
		help_in_part(text, why);
}

/**
 * explain_say() - put an explanation into words
 * @why: the explanation, all but words
 */
void explain_say(struct explanation *why)
{
	struct cd_text text;

	cd_text_begin(&text, why->evidence, sizeof(why->evidence));
	say(&text, why);
	add_inference(&text, why);
	add_busy_lines(&text, why);
	add_doubts(&text, why);
	say_outcome(&text, why);
	cd_text_begin(&text, why->help, sizeof(why->help));
	say_help(&text, why);
	cd_say_cheapest(&why->diag, why->cheapest, sizeof(why->cheapest));
}
