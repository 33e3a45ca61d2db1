/* SPDX-License-Identifier: GPL-2.0-only */
/* The cheapest way out: which pages to free, and what is said of them. */
#ifndef WINDOW_TESTS_H
#define WINDOW_TESTS_H

void test_cheapest_windows(void **state);
void test_cheapest_of_large(void **state);
void test_when_cheapest(void **state);
void test_cheapest_said(void **state);
void test_cheapest_place_said(void **state);

#endif
