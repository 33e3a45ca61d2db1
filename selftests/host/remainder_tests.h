/* SPDX-License-Identifier: GPL-2.0-only */
/* Remainders: what alignment left behind buffers, and what is said of them. */
#ifndef REMAINDER_TESTS_H
#define REMAINDER_TESTS_H

void test_remainders_of_models(void **state);
void test_remainders_of_chance(void **state);
void test_main_remainders(void **state);
void test_smaller_buffers_freed(void **state);
void test_remainders_fragmented(void **state);
void test_remainders_exhausted(void **state);
void test_remainders_misaligned(void **state);
void test_remainders_of_any_size(void **state);

#endif
