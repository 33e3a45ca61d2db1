/* SPDX-License-Identifier: GPL-2.0-only */
/* Two stacks: where they part, by hand and at random. */
#ifndef CALLER_TESTS_H
#define CALLER_TESTS_H

void test_callers_in_common(void **state);
void test_callers_not_in_common(void **state);
void test_callers_of_cut_stacks(void **state);
void test_callers_of_recursion(void **state);
void test_random_callers(void **state);
void test_callers_of_few_addresses(void **state);

#endif
