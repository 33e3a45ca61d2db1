/* SPDX-License-Identifier: GPL-2.0-only */
/* A caller that asks again and again for a little less, told as one. */
#ifndef CD_STORY_H
#define CD_STORY_H

#include "verdict.h"

/* What is asked later than this after a failure is another story. */
#define CD_STORY_PAUSE_NS 1000000000ULL

/**
 * struct cd_story - failures of one caller, each for a little less
 * @nr: how many; 1 is no story
 * @ns: from the first to the last
 * @last: what the last one asked
 * @verdict: why that failed
 * @usable: the largest run that started at its alignment then, in pages; only
 *          looked at where the bitmap decides
 * @nr_pages_had: what its task had in the end, 0 if that was not seen
 * @caller_assumed: nobody told who asked; the area, the sizes and the time are
 *                  those of one caller
 */
struct cd_story {
	unsigned long nr;
	unsigned long long ns;
	struct cd_request last;
	enum cd_verdict verdict;
	unsigned long usable;
	unsigned long nr_pages_had;
	bool caller_assumed;
};

void cd_story_begin(struct cd_story *story, const struct cd_diagnosis *diag);
bool cd_story_goes_on(const struct cd_story *story,
		      const struct cd_request *request,
		      unsigned long long pause_ns);
void cd_story_add(struct cd_story *story, const struct cd_diagnosis *diag,
		  unsigned long long ns);
void cd_say_story(const struct cd_story *story,
		  const struct cd_request *first, char *buf, size_t size);

#endif
