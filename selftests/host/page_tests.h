/* SPDX-License-Identifier: GPL-2.0-only */
/* Places, what stops a request there, and what is said of it. */
#ifndef PAGE_TESTS_H
#define PAGE_TESTS_H

void test_places(void **state);
void test_tries(void **state);
void test_census(void **state);
void test_pages_said(void **state);
void test_page_use(void **state);
void test_busy_said(void **state);
void test_low_memory_said(void **state);
void test_interrupted_said(void **state);

#endif
