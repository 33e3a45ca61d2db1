/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where the tables of a ledger are, in memory: struct cd_ledger; the blocks,
 * and the holders, each where it was put first; the order, which is the indices
 * of the blocks by where they begin; the heads, of holders whose hash is alike.
 * All links are indices, so that a copy is as good.
 *
 * Only what a ledger is made of includes this: ledger.c, ledger_devices.c and
 * held.c.
 */
#ifndef CD_LEDGER_TABLES_H
#define CD_LEDGER_TABLES_H

#include "ledger.h"

/* Each table asks for no more alignment than the one before it. */
static inline struct cd_block *blocks_of(const struct cd_ledger *ledger)
{
	return (struct cd_block *)(ledger + 1);
}

static inline struct cd_holder *holders_of(const struct cd_ledger *ledger)
{
	return (struct cd_holder *)(blocks_of(ledger) + ledger->max_blocks);
}

static inline unsigned short *order_of(const struct cd_ledger *ledger)
{
	return (unsigned short *)(holders_of(ledger) + ledger->max_holders);
}

static inline unsigned short *heads_of(const struct cd_ledger *ledger)
{
	return order_of(ledger) + ledger->max_blocks;
}

static inline struct cd_block *block_at(const struct cd_ledger *ledger,
					unsigned int position)
{
	return &blocks_of(ledger)[order_of(ledger)[position]];
}

/* The first block that ends after a bit; or nr_blocks. */
static inline unsigned int find_position(const struct cd_ledger *ledger,
					 unsigned int bit)
{
	unsigned int low = 0, high = ledger->nr_blocks;

	while (low < high) {
		unsigned int middle = (low + high) / 2;

		if (block_at(ledger, middle)->end <= bit)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

#endif
