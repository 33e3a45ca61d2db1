/* SPDX-License-Identifier: GPL-2.0-only */
/* The ledger under test, and those who call it. */
#ifndef LEDGER_MODEL_H
#define LEDGER_MODEL_H

#include "ledger.h"

#define NR_CALLERS 12U
#define MOST_BITS 1000U

extern struct cd_ledger *ledger;

void begin_ledger(unsigned int max_blocks, unsigned int max_holders);
struct cd_caller make_caller(unsigned int i);

#endif
