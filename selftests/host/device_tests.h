/* SPDX-License-Identifier: GPL-2.0-only */
/* For which devices the blocks of a ledger are, by hand. */
#ifndef DEVICE_TESTS_H
#define DEVICE_TESTS_H

void test_ledger_devices(void **state);
void test_ledger_devices_of_parts(void **state);
void test_ledger_many_devices(void **state);
void test_ledger_long_devices(void **state);
void test_ledger_last_of_task(void **state);
void test_ledger_inodes(void **state);

#endif
