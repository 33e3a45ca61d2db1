/* SPDX-License-Identifier: GPL-2.0-only */
/* Watches allocations, and diagnoses those that fail. */
#ifndef CD_OBSERVE_H
#define CD_OBSERVE_H

#include <linux/types.h>

int cd_observe_init(const char *source, bool break_attach);
void cd_observe_exit(void);
unsigned long cd_observe_unattributed(void);
unsigned long cd_observe_without_bitmap(void);

#endif
