/* SPDX-License-Identifier: GPL-2.0-only */
/* Marks: looks, one after the other, several at a time, and sizes. */
#ifndef MARK_TESTS_H
#define MARK_TESTS_H

void test_mark_looks(void **state);
void test_marks_one_by_one(void **state);
void test_marks_interleaved(void **state);
void test_marks_lack(void **state);
void test_marks_caps(void **state);
void test_marks_huge(void **state);
void test_marks_sizes(void **state);
void test_marks_sizes_of_released(void **state);
void test_marks_apart(void **state);

#endif
