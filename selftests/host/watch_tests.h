/* SPDX-License-Identifier: GPL-2.0-only */
/* Watches: does a request still fit, and whose allocation broke it? */
#ifndef WATCH_TESTS_H
#define WATCH_TESTS_H

void test_watch_looks(void **state);
void test_watch_one_by_one(void **state);
void test_watch_interleaved(void **state);
void test_watch_by_hand(void **state);

#endif
