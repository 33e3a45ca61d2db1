/* SPDX-License-Identifier: GPL-2.0-only */
/* The ledger of an area, against a model that has an owner for every bit. */
#ifndef LEDGER_TESTS_H
#define LEDGER_TESTS_H

#include <stdbool.h>

/* For other tests by hand, too. */
void make_simple(unsigned int nr, unsigned int nr_used);
bool add_block(unsigned int start, unsigned int end, unsigned int caller);
unsigned int slot_of(unsigned int bit);

void test_ledger_with_room(void **state);
void test_ledger_without_room(void **state);
void test_ledger_before_it_began(void **state);
void test_ledger_splits(void **state);
void test_ledger_losses(void **state);
void test_ledger_holders(void **state);
void test_ledger_growth(void **state);
void test_ledger_hashes(void **state);
void test_ledger_largest(void **state);
void test_whose_said(void **state);
void test_ledger_pfns(void **state);

#endif
