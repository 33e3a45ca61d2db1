/* SPDX-License-Identifier: GPL-2.0-only */
/* The little that the core needs from outside, in the kernel and on a host. */
#ifndef CD_PORTABLE_H
#define CD_PORTABLE_H

#ifdef __KERNEL__
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <linux/types.h>
#define CD_PRINTF __printf
#else
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
/* The kernel's build checks the formats, of the same lines. */
#define CD_PRINTF(...)
#ifndef __always_inline
#define __always_inline inline
#endif
#endif

#define CD_BITS_PER_LONG ((unsigned int)(8 * sizeof(long)))

#endif
