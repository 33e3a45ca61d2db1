/* SPDX-License-Identifier: GPL-2.0-only */
/* The little that the core needs from outside, in the kernel and on a host. */
#ifndef CD_PORTABLE_H
#define CD_PORTABLE_H

#ifdef __KERNEL__
#include <linux/bitops.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/types.h>
#define CD_PRINTF __printf
#define cd_count_ones(word) hweight_long(word)
#else
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
/* The kernel's build checks the formats, of the same lines. */
#define CD_PRINTF(...)
#define cd_count_ones(word) ((unsigned long)__builtin_popcountl(word))
#endif

#define CD_BITS_PER_LONG ((unsigned int)(8 * sizeof(long)))

#endif
