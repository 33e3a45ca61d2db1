// SPDX-License-Identifier: GPL-2.0-only
/*
 * A caller that asks again and again for a little less, told as one.
 *
 * Drivers that want as much as there is ask for all they could use, and step
 * down until they have something: by a fixed size (the Vivante GPU's galcore,
 * 4 MiB at a time) or by halves. Each step that fails is a failure, and tells
 * little that the one before it did not; the first says what was wanted, the
 * last how far down it went.
 */
#include "sentences.h"
#include "story.h"
#include "text.h"

static void take_last(struct cd_story *story, const struct cd_diagnosis *diag)
{
	story->last = diag->request;
	story->verdict = diag->verdict;
	story->usable = diag->usable.nr_pages;
}

/**
 * cd_story_begin() - a failure that is no step of a story that is there
 * @story: result
 * @diag: the failure's
 */
void cd_story_begin(struct cd_story *story, const struct cd_diagnosis *diag)
{
	*story = (struct cd_story){ .nr = 1 };
	take_last(story, diag);
}

/**
 * cd_story_goes_on() - is a request of the same caller the next step?
 * @story: so far
 * @request: what is asked now
 * @pause_ns: from the end of the last failure to the start of this request
 *
 * Not if it asks for less than half, or the caller has had something.
 */
bool cd_story_goes_on(const struct cd_story *story,
		      const struct cd_request *request,
		      unsigned long long pause_ns)
{
	unsigned long last = story->last.nr_pages;

	return !story->nr_pages_had && request->nr_pages < last &&
	       request->nr_pages >= last / 2 && pause_ns <= CD_STORY_PAUSE_NS;
}

/**
 * cd_story_add() - a step that failed, too
 * @story: the story; the step goes on with it
 * @diag: of the step
 * @ns: from the first failure to this
 */
void cd_story_add(struct cd_story *story, const struct cd_diagnosis *diag,
		  unsigned long long ns)
{
	story->nr++;
	story->ns = ns;
	take_last(story, diag);
}

/* "0.4 s", and below a tenth "12.3 ms". */
static void add_time(struct cd_text *text, unsigned long long ns)
{
	unsigned long us = (unsigned long)(ns >> 3) / 125;
	unsigned long tenths = (us + 50) / 100;

	if (us >= 100000)
		tenths = (us + 50000) / 100000;
	cd_add(text, "%lu.%lu %s", tenths / 10, tenths % 10,
	       us >= 100000 ? "s" : "ms");
}

static void add_last(struct cd_text *text, const struct cd_story *story)
{
	cd_add(text, "; the last was %s", cd_verdict_word(story->verdict));
	switch (story->verdict) {
	case CD_TOO_BIG:
	case CD_EXHAUSTED:
	case CD_FRAGMENTED:
	case CD_MISALIGNED:
		break;
	default:
		return;
	}
	if (story->usable)
		cd_add(text, ": at align %u at most %lu page%s fitted",
		       story->last.align, story->usable,
		       cd_plural(story->usable));
	else
		cd_add(text, ": at align %u nothing fitted",
		       story->last.align);
}

/**
 * cd_say_story() - how a caller stepped down, and whether it came to anything
 * @story: the story
 * @first: what its first failure asked
 * @buf: result; empty when one failure is all
 * @size: of @buf; CD_SENTENCE_MAX is enough
 */
void cd_say_story(const struct cd_story *story,
		  const struct cd_request *first, char *buf, size_t size)
{
	struct cd_text text;

	cd_text_begin(&text, buf, size);
	if (story->nr < 2)
		return;
	cd_add(&text, "%lu failures from %lu down to %lu page%s in ", story->nr,
	       first->nr_pages, story->last.nr_pages,
	       cd_plural(story->last.nr_pages));
	add_time(&text, story->ns);
	cd_add(&text, ": %sa caller stepping down",
	       story->caller_assumed ? "perhaps " : "");
	add_last(&text, story);
	if (story->nr_pages_had)
		cd_add(&text, "; then its task had %lu page%s",
		       story->nr_pages_had, cd_plural(story->nr_pages_had));
}
