// SPDX-License-Identifier: GPL-2.0-only
/* For which device each bit of a ledger is: a model that knows all names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "device_model.h"
#include "ledger_model.h"
#include "random_area.h"

#define MOST_NAME (CD_DEVICE_LEN - 1)
/* Of one that is longer, behind the dots. */
#define MOST_KEPT ((int)MOST_NAME - 3)
#define NR_DEVICES 60U

/* By bit, from 1 on; it holds where the ledger has a block. */
static unsigned int device_of[MOST_BITS];
static unsigned int nr_bits;
/* With few devices, none is refused. */
static unsigned int nr_devices;
struct named named;

void begin_devices(unsigned int bits)
{
	nr_bits = bits;
	nr_devices = below(2) ? NR_DEVICES : 1 + below(NR_DEVICES);
	memset(device_of, 0, sizeof(device_of));
}

/*
 * The first are each the beginning of the next, up to the longest; the others
 * differ in the last bytes that are kept.
 */
static void spell(unsigned int device, char name[CD_DEVICE_LEN])
{
	if (device <= MOST_NAME) {
		memset(name, 'a', device);
		name[device] = '\0';
		return;
	}
	snprintf(name, CD_DEVICE_LEN, "...%0*u", MOST_KEPT, device);
}

/* Before what is kept is noise. In memory of just its size. */
static char *spell_longer(unsigned int device)
{
	char name[2 * CD_DEVICE_LEN];
	char *copy;

	spell(device, name);
	if (device > MOST_NAME)
		snprintf(name, sizeof(name), "%04lu%0*u",
			 below(1UL << below(60)), MOST_KEPT, device);
	copy = strdup(name);
	assert_non_null(copy);
	return copy;
}

static bool is_index_of(unsigned int i, unsigned int device)
{
	char name[CD_DEVICE_LEN];

	spell(device, name);
	return !strcmp(cd_ledger_device(ledger, i), name);
}

/* Where the ledger has a name, or 0. */
static unsigned int index_of(unsigned int device)
{
	unsigned int i;

	for (i = 1; i < CD_MAX_DEVICES; i++)
		if (is_index_of(i, device))
			return i;
	return 0;
}

/* The bit of a holding's devices that stands for a bit's device. */
unsigned int device_mask(unsigned int bit)
{
	unsigned int i = 0;

	if (device_of[bit]) {
		i = index_of(device_of[bit]);
		assert_int_not_equal(i, 0);
	}
	return 1U << i;
}

void check_device(const struct cd_block *block, unsigned int bit)
{
	if (!device_of[bit]) {
		assert_int_equal(block->device, 0);
		return;
	}
	assert_in_range(block->device, 1, CD_MAX_DEVICES - 1);
	assert_true(is_index_of(block->device, device_of[bit]));
}

/* None is there twice, each has an end, and 0 stays empty. */
void check_names(void)
{
	unsigned int i, k;

	assert_string_equal(cd_ledger_device(ledger, 0), "");
	for (i = 1; i < CD_MAX_DEVICES; i++) {
		const char *name = cd_ledger_device(ledger, i);

		assert_true(strnlen(name, CD_DEVICE_LEN) < CD_DEVICE_LEN);
		for (k = 1; *name && k < i; k++)
			assert_string_not_equal(cd_ledger_device(ledger, k),
						name);
	}
}

void forget_devices(const struct cd_block *block)
{
	unsigned int bit;

	for (bit = block->start; bit < block->end; bit++)
		device_of[bit] = 0;
}

/* Another is for it already, or not all places are taken by others' devices. */
static bool has_room_for(unsigned int device, const struct cd_block *but)
{
	bool used[NR_DEVICES + 1] = { false };
	unsigned int bit, nr = 0;

	for (bit = 0; bit < nr_bits;) {
		const struct cd_block *block = cd_ledger_find(ledger, bit);

		if (block && block->start != but->start && device_of[bit] &&
		    !used[device_of[bit]]) {
			used[device_of[bit]] = true;
			nr++;
		}
		bit = block ? block->end : bit + 1;
	}
	return used[device] || nr < CD_MAX_DEVICES - 1;
}

static bool is_full(void)
{
	unsigned int i;

	for (i = 1; i < CD_MAX_DEVICES; i++)
		if (!*cd_ledger_device(ledger, i))
			return false;
	return true;
}

/* Without room, it is not known any more. */
static void name_block(const struct cd_block *block, unsigned int device)
{
	bool must = has_room_for(device, block);
	bool is_new = is_full() && !index_of(device);
	char *name = spell_longer(device);
	unsigned int bit;

	assert_int_equal(cd_ledger_name_device(ledger, block, name), must);
	free(name);
	named.nr_refused += !must;
	named.nr_recycled += must && is_new;
	for (bit = block->start; bit < block->end; bit++) {
		device_of[bit] = must ? device : 0;
		check_device(cd_ledger_find(ledger, bit), bit);
	}
}

/* There is no such block, and not a byte is to change. */
static void name_none(const struct cd_block *block, unsigned int device)
{
	size_t size = cd_ledger_bytes(ledger->max_blocks, ledger->max_holders);
	struct cd_ledger *before = malloc(size);
	char *name = spell_longer(device);

	assert_non_null(before);
	memcpy(before, ledger, size);
	assert_false(cd_ledger_name_device(ledger, block, name));
	assert_memory_equal(ledger, before, size);
	free(before);
	free(name);
}

/* In no other block can one of its ends, or its number, be so. */
static void name_wrong(struct cd_block block, unsigned int device)
{
	switch (below(6)) {
	case 0:
		block.start++;
		break;
	case 1:
		block.start--;
		break;
	case 2:
		block.end++;
		break;
	case 3:
		block.end--;
		break;
	case 4:
		block.pid += below(2) ? 1 : -1;
		break;
	default:
		block.end += nr_bits - block.start;
		block.start = nr_bits;
	}
	name_none(&block, device);
}

/* One that was added, whether it was kept or not: rightly, wrongly, or not. */
void name_somehow(const struct cd_block *block)
{
	const struct cd_block *is = cd_ledger_find(ledger, block->start);
	unsigned int device = 1 + below(nr_devices);

	if (!is || is->pid != block->pid) {
		name_none(block, device);
		return;
	}
	if (!below(4))
		name_wrong(*block, device);
	if (below(6))
		name_block(block, device);
	if (!below(8))
		name_wrong(*block, 1 + below(nr_devices));
}

/* A block as it is by now, or a part of one. */
void name_any(void)
{
	const struct cd_block *is = cd_ledger_find(ledger, below(nr_bits));
	struct cd_block block;

	if (!is)
		return;
	block = *is;
	name_block(&block, 1 + below(nr_devices));
}
