/* SPDX-License-Identifier: GPL-2.0-only */
/* For which device each bit of a ledger is. */
#ifndef DEVICE_MODEL_H
#define DEVICE_MODEL_H

#include "ledger.h"

/* How often a name was refused, and took the place of one without a block. */
struct named {
	unsigned long nr_refused;
	unsigned long nr_recycled;
};

extern struct named named;

void begin_devices(unsigned int bits);
void forget_devices(const struct cd_block *block);
void name_somehow(const struct cd_block *block);
void name_any(void);
void check_device(const struct cd_block *block, unsigned int bit);
void check_names(void);
unsigned int device_mask(unsigned int bit);

#endif
