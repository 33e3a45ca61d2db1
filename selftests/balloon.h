/* SPDX-License-Identifier: GPL-2.0-only */
/* A process that takes the guest's memory. */
#ifndef BALLOON_H
#define BALLOON_H

#include <sys/types.h>

/* Whether it can be swapped out. */
enum balloon_kind {
	BALLOON_SWAPPABLE,
	BALLOON_LOCKED,
};

pid_t balloon_fill(unsigned long keep_kib, enum balloon_kind kind);
void balloon_swap_out(pid_t pid, unsigned long kib);
void balloon_drop(pid_t pid);
unsigned long meminfo_kib(const char *key);

#endif
