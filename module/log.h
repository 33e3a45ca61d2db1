/* SPDX-License-Identifier: GPL-2.0-only */
/* One prefix for every line in the kernel log. */
#ifndef CD_LOG_H
#define CD_LOG_H

#undef pr_fmt
#define pr_fmt(fmt) "cma_diag: " fmt

#include <linux/printk.h>

#endif
