// SPDX-License-Identifier: GPL-2.0-only
/*
 * A caller that asks for less and less fails again and again: one story. Two
 * requests may be two callers'; of three on it is shown as one.
 */
#include <string.h>

#include "story.h"

/* Lines from one request of a story to the next. */
#define STEP_WITHIN 60

static bool goes_on(const struct story_teller *teller,
		    const struct log_failure *failure)
{
	const struct story *story = &teller->story;
	const struct log_failure *first = &teller->failures[0];

	return story->nr_steps && first->has_request && failure->has_request &&
	       failure->nr_pages < story->last.nr_pages &&
	       failure->line - story->last_line <= STEP_WITHIN &&
	       !strcmp(failure->area, first->area) &&
	       !strcmp(failure->tag, first->tag);
}

static void hold(struct story_teller *teller, unsigned int i,
		 const struct explanation *why)
{
	teller->whys[i] = *why;
	teller->failures[i] = *why->failure;
	teller->whys[i].failure = &teller->failures[i];
}

static void add_step(struct story *story, const struct explanation *why)
{
	story->last.nr_pages = why->diag.request.nr_pages;
	story->last.verdict = why->diag.verdict;
	story->last_line = why->failure->line;
	if (story->nr_steps < STORY_MAX)
		story->steps[story->nr_steps] = story->last;
	story->nr_steps++;
}

/* How the story ends for the caller is how its last request ended. */
static void take_outcome(struct log_failure *first,
			 const struct log_failure *last)
{
	first->outcome = last->outcome;
	memcpy(first->outcome_text, last->outcome_text, OUTCOME_MAX);
}

/**
 * story_add() - a failure, in the order of the log
 * @teller: who shows it, at the latest at story_end()
 * @why: the failure explained
 */
void story_add(struct story_teller *teller, const struct explanation *why)
{
	if (!goes_on(teller, why->failure))
		story_end(teller);
	if (teller->story.nr_steps < 2)
		hold(teller, (unsigned int)teller->story.nr_steps, why);
	else
		take_outcome(&teller->failures[0], why->failure);
	add_step(&teller->story, why);
}

/**
 * story_end() - show what is held
 * @teller: who holds it
 */
void story_end(struct story_teller *teller)
{
	struct story *story = &teller->story;
	struct story single = { .nr_steps = 1 };
	unsigned long i;

	if (story->nr_steps > 2)
		show_text(teller->out, &teller->whys[0], teller->nr_shown + 1,
			  teller->file, story);
	else
		for (i = 0; i < story->nr_steps; i++)
			show_text(teller->out, &teller->whys[i],
				  teller->nr_shown + 1 + i, teller->file,
				  &single);
	teller->nr_shown += story->nr_steps;
	story->nr_steps = 0;
}
