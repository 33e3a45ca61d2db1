/* SPDX-License-Identifier: GPL-2.0-only */
/* The line of the kernel's log that says that an allocation failed. */
#ifndef FAILED_LINE_TESTS_H
#define FAILED_LINE_TESTS_H

void test_failed_lines(void **state);
void test_other_lines(void **state);
void test_damaged_lines(void **state);

#endif
