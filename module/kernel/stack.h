/* SPDX-License-Identifier: GPL-2.0-only */
/* Which frames of a stack are news to somebody who looks for the caller. */
#ifndef CD_STACK_H
#define CD_STACK_H

#include <linux/types.h>

bool cd_stack_is_allocator(const char *symbol);
bool cd_stack_is_entry(const char *symbol);

#endif
