/* SPDX-License-Identifier: GPL-2.0-only */
/* Sites: where in arm64 code a breakpoint can sit, and where none can. */
#ifndef SITE_TESTS_H
#define SITE_TESTS_H

void test_steps(void **state);
void test_site_entries(void **state);
void test_site_beginnings_refused(void **state);
void test_site_returns(void **state);
void test_site_branches(void **state);
void test_site_branches_refused(void **state);
void test_site_lengths(void **state);
void test_sites_of_random_words(void **state);
void test_sites_of_random_functions(void **state);

#endif
