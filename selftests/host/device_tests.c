// SPDX-License-Identifier: GPL-2.0-only
/* For which devices the blocks of a ledger are, by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "device_tests.h"
#include "ledger_model.h"
#include "ledger_tests.h"
#include "random_area.h"

static bool name_device(unsigned int start, unsigned int end,
			unsigned int caller, const char *name)
{
	struct cd_block block = {
		.start = start, .end = end, .pid = caller + 1,
	};

	return cd_ledger_name_device(ledger, &block, name);
}

/* Of one bit that a block has. */
static const char *device_at(unsigned int bit)
{
	const struct cd_block *block = cd_ledger_find(ledger, bit);

	assert_non_null(block);
	return cd_ledger_device(ledger, block->device);
}

/* Of all bits that somebody has, told by one of them. */
static unsigned int devices_of(unsigned int bit)
{
	struct cd_holding holdings[CD_MAX_DEVICES + 2];

	pack_words();
	cd_count_holdings(ledger, &bm, holdings);
	assert_int_equal(holdings[ledger->max_holders + 1].devices, 0);
	return holdings[slot_of(bit)].devices;
}

static unsigned int mask_at(unsigned int bit)
{
	return 1U << cd_ledger_find(ledger, bit)->device;
}

void test_ledger_devices(void **state)
{
	(void)state;
	make_simple(100, 90);
	begin_ledger(6, 3);
	assert_false(name_device(0, 10, 0, "vpu"));
	assert_true(add_block(0, 10, 0));
	assert_true(add_block(20, 30, 0));
	assert_true(add_block(40, 50, 1));
	assert_string_equal(device_at(0), "");
	assert_int_equal(devices_of(0), 1);

	/* None of these is there. */
	assert_false(name_device(0, 9, 0, "vpu"));
	assert_false(name_device(1, 10, 0, "vpu"));
	assert_false(name_device(0, 11, 0, "vpu"));
	assert_false(name_device(0, 10, 1, "vpu"));
	assert_false(name_device(10, 20, 0, "vpu"));
	assert_false(name_device(15, 30, 0, "vpu"));
	assert_false(name_device(50, 60, 1, "vpu"));
	assert_int_equal(devices_of(0) | devices_of(40), 1);

	assert_true(name_device(20, 30, 0, "vpu"));
	assert_string_equal(device_at(29), "vpu");
	assert_int_equal(devices_of(0), 1 | mask_at(20));
	assert_true(name_device(0, 10, 0, "vp"));
	assert_true(name_device(40, 50, 1, "vpu"));
	assert_string_equal(device_at(0), "vp");
	assert_int_equal(devices_of(0), mask_at(0) | mask_at(20));
	assert_int_equal(devices_of(40), mask_at(20));

	/* What is free by now counts no more; a new block is of none. */
	set_bits(bytes, 10, false);
	assert_int_equal(devices_of(0), mask_at(20));
	assert_true(add_block(20, 30, 0));
	assert_int_equal(devices_of(20), 1);
}

void test_ledger_devices_of_parts(void **state)
{
	(void)state;
	make_simple(100, 100);
	begin_ledger(5, 2);
	assert_true(add_block(0, 100, 0));
	assert_true(name_device(0, 100, 0, "vpu"));
	assert_true(add_block(10, 20, 1));
	assert_string_equal(device_at(9), "vpu");
	assert_string_equal(device_at(10), "");
	assert_string_equal(device_at(20), "vpu");
	assert_true(name_device(10, 20, 1, "gpu"));
	assert_true(add_block(15, 30, 1));
	assert_string_equal(device_at(14), "gpu");
	assert_string_equal(device_at(15), "");
	assert_string_equal(device_at(30), "vpu");
	assert_int_equal(devices_of(10), 1 | mask_at(10));
	assert_int_equal(devices_of(0), mask_at(0));

	/* It is no more what was added, but a block of its own. */
	assert_false(name_device(0, 100, 0, "isp"));
	assert_true(name_device(30, 100, 0, "isp"));
	assert_string_equal(device_at(0), "vpu");
	assert_string_equal(device_at(30), "isp");
	assert_int_equal(devices_of(0), mask_at(0) | mask_at(30));
}

/* One block for each of as many devices as are told apart. */
static void add_all_devices(void)
{
	char name[CD_DEVICE_LEN];
	unsigned int i;

	for (i = 1; i < CD_MAX_DEVICES; i++) {
		assert_true(add_block(i, i + 1, i % NR_CALLERS));
		snprintf(name, sizeof(name), "dev%u", i);
		assert_true(name_device(i, i + 1, i % NR_CALLERS, name));
	}
}

static void check_all_devices(unsigned int but)
{
	char name[CD_DEVICE_LEN];
	unsigned int i;

	for (i = 1; i < CD_MAX_DEVICES; i++) {
		snprintf(name, sizeof(name), "dev%u", i);
		if (i != but)
			assert_string_equal(device_at(i), name);
	}
}

void test_ledger_many_devices(void **state)
{
	(void)state;
	make_simple(100, 100);
	begin_ledger(2 * CD_MAX_DEVICES, NR_CALLERS);
	add_all_devices();
	check_all_devices(0);
	assert_true(add_block(50, 60, 0));
	assert_false(name_device(50, 60, 0, "vpu"));
	assert_string_equal(device_at(50), "");
	assert_true(name_device(50, 60, 0, "dev31"));
	assert_true(name_device(50, 60, 0, "dev1"));
	assert_false(name_device(50, 60, 0, "vpu"));
	assert_string_equal(device_at(50), "");

	/* A part of a block is enough to keep a name. */
	assert_true(add_block(40, 45, 0));
	assert_true(name_device(40, 45, 0, "dev9"));
	assert_true(add_block(9, 10, 1));
	assert_true(add_block(40, 44, 1));
	assert_false(name_device(40, 44, 1, "vpu"));
	check_all_devices(9);
	assert_string_equal(device_at(44), "dev9");

	/* Then it is gone: another has its place, and it has none. */
	set_bits(bytes + 44, 1, false);
	pack_words();
	cd_ledger_sweep(ledger, &bm);
	assert_true(name_device(40, 44, 1, "vpu"));
	assert_string_equal(device_at(40), "vpu");
	assert_false(name_device(50, 60, 0, "dev9"));
	check_all_devices(9);

	/* Of one block: that has the place of the name that it had. */
	assert_true(name_device(40, 44, 1, "gpu"));
	assert_string_equal(device_at(40), "gpu");
	check_all_devices(9);
	assert_int_equal(mask_at(40), 1U << 9);
	assert_int_equal(mask_at(31), 1U << 31);
}

/* Those of 39 bytes are kept whole; of longer ones the last 36. */
void test_ledger_long_devices(void **state)
{
	static const char *const names[][2] = {
		{ "soc@0:bus@32c00000:isp:ports:port@1:ep@",
		  "soc@0:bus@32c00000:isp:ports:port@1:ep@" },
		{ "soc@0:bus@32c00000:isp:ports:port@1:ep@1",
		  "...0:bus@32c00000:isp:ports:port@1:ep@1" },
		{ "soc@0:bus@32c00000:isp:ports:port@1:ep@2",
		  "...0:bus@32c00000:isp:ports:port@1:ep@2" },
		{ "another@0:bus@32c00000:isp:ports:port@1:ep@2",
		  "...0:bus@32c00000:isp:ports:port@1:ep@2" },
		{ "...0:bus@32c00000:isp:ports:port@1:ep@2",
		  "...0:bus@32c00000:isp:ports:port@1:ep@2" },
	};
	unsigned int i;

	(void)state;
	begin_ledger(5, 1);
	for (i = 0; i < 5; i++) {
		assert_true(add_block(i, i + 1, 0));
		assert_true(name_device(i, i + 1, 0, names[i][0]));
		assert_string_equal(device_at(i), names[i][1]);
	}
	assert_int_equal(strlen(device_at(0)), CD_DEVICE_LEN - 1);
	assert_int_equal(strlen(device_at(1)), CD_DEVICE_LEN - 1);
	assert_int_not_equal(mask_at(1), mask_at(2));
	assert_int_equal(mask_at(2), mask_at(3));
	assert_int_equal(mask_at(2), mask_at(4));
}

/* Pids are those of callers, and one more. */
static int last_start(int pid, unsigned long long must_ns)
{
	const struct cd_block *block;
	unsigned long long ns;

	block = cd_ledger_last_of(ledger, pid, &ns);
	assert_int_equal(ns, must_ns);
	return block ? (int)block->start : -1;
}

void test_ledger_last_of_task(void **state)
{
	struct cd_block block = { .time_ns = 1000 };
	const struct cd_caller caller = { .comm = "task" };
	unsigned int i;

	(void)state;
	make_simple(100, 100);
	begin_ledger(100, 1);
	assert_int_equal(last_start(1, 0), -1);
	for (i = 0; i < CD_NR_RECENT; i++) {
		block.start = i;
		block.end = i + 1;
		block.pid = i < 2 ? 1 : 2;
		block.time_ns++;
		assert_true(cd_ledger_add(ledger, &block, &caller));
	}
	/* The ring is just full: of a third there cannot have been any. */
	assert_int_equal(last_start(1, 1002), 1);
	assert_int_equal(last_start(2, 1000 + CD_NR_RECENT), CD_NR_RECENT - 1);
	assert_int_equal(last_start(3, 0), -1);

	/* One more: now there may have been, before the oldest. */
	block = (struct cd_block){
		.start = 1, .end = 2, .pid = 2, .time_ns = 5000,
	};
	assert_true(cd_ledger_add(ledger, &block, &caller));
	assert_int_equal(last_start(3, 1002), -1);
	/* What it had is another's by now; not the one before it. */
	assert_int_equal(last_start(1, 1002), -1);
	assert_int_equal(last_start(2, 5000), 1);
	block.start = 80;
	block.end = 90;
	assert_true(cd_ledger_add(ledger, &block, &caller));
	assert_int_equal(last_start(1, 1003), -1);
}

static unsigned long inode_at(unsigned int bit)
{
	return cd_ledger_find(ledger, bit)->inode;
}

void test_ledger_inodes(void **state)
{
	struct cd_block block = { .start = 0, .end = 100, .pid = 1 };

	(void)state;
	make_simple(100, 100);
	begin_ledger(5, 2);
	assert_false(cd_ledger_name_inode(ledger, &block, 7));
	assert_true(add_block(0, 100, 0));
	assert_true(cd_ledger_name_inode(ledger, &block, 7));
	block.end = 99;
	assert_false(cd_ledger_name_inode(ledger, &block, 8));
	assert_true(add_block(10, 20, 1));
	assert_int_equal(inode_at(0), 7);
	assert_int_equal(inode_at(10), 0);
	assert_int_equal(inode_at(20), 7);
}
