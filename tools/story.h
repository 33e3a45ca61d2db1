/* SPDX-License-Identifier: GPL-2.0-only */
/* A caller that asks for less and less fails again and again: one story. */
#ifndef STORY_H
#define STORY_H

#include "show.h"

/**
 * struct story_teller - shows failures, those of one story as one
 * @out: where to
 * @file: the log, NULL when there is only one
 * @nr_shown: failures shown, or part of a story that was
 * @story: that of the failures held
 * @failures: the first of it, and the second while there are only two
 * @whys: these explained
 */
struct story_teller {
	FILE *out;
	const char *file;
	unsigned long nr_shown;
	struct story story;
	struct log_failure failures[2];
	struct explanation whys[2];
};

void story_add(struct story_teller *teller, const struct explanation *why);
void story_end(struct story_teller *teller);

#endif
