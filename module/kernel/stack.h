/* SPDX-License-Identifier: GPL-2.0-only */
/* The stack of a task that allocates. */
#ifndef CD_STACK_H
#define CD_STACK_H

#include <linux/types.h>

struct cd_frames;
struct pt_regs;

unsigned int cd_stack_save(unsigned long *frames, unsigned int max,
			   const struct pt_regs *regs);
bool cd_stack_is_allocator(const char *symbol);
bool cd_stack_is_entry(const char *symbol);
bool cd_stack_share_function(const struct cd_frames *a,
			     const struct cd_frames *b,
			     bool (*is_wanted)(const char *symbol));

#endif
