/* SPDX-License-Identifier: GPL-2.0-only */
/* A caller that steps down: what is a step, and what is said of all. */
#ifndef STORY_TESTS_H
#define STORY_TESTS_H

void test_story_steps(void **state);
void test_stories_said(void **state);

#endif
