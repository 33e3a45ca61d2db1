/* SPDX-License-Identifier: GPL-2.0-only */
/* An explanation for people, and for scripts. */
#ifndef SHOW_H
#define SHOW_H

#include <stdio.h>

#include "explain.h"

/* Requests of one story that are shown one by one. */
#define STORY_MAX 12

/**
 * struct story_step - a request of a story
 * @nr_pages: pages
 * @verdict: why it failed
 */
struct story_step {
	unsigned long nr_pages;
	enum cd_verdict verdict;
};

/**
 * struct story - requests that were made for less and less
 * @nr_steps: how many; 1 is no story
 * @steps: the first of them
 * @last: the last
 * @last_line: its line
 */
struct story {
	unsigned long nr_steps;
	struct story_step steps[STORY_MAX];
	struct story_step last;
	unsigned long last_line;
};

void show_text(FILE *out, const struct explanation *why, unsigned long nr,
	       const char *file, const struct story *story);
void show_diagnosis(FILE *out, const struct explanation *why);
void show_json(FILE *out, const struct explanation *why);
void show_label(FILE *out, const char *label);
void show_wrapped(FILE *out, const char *label, const char *sentence);

#endif
