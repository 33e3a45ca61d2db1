/* SPDX-License-Identifier: GPL-2.0-only */
/* module/core against the oracle, on random areas. */
#ifndef RANDOM_TESTS_H
#define RANDOM_TESTS_H

void test_random_bitmaps(void **state);
void test_large_bitmaps(void **state);
void test_periods(void **state);
void test_tables(void **state);
void test_bitmap_file(void **state);

#endif
