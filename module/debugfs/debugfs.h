/* SPDX-License-Identifier: GPL-2.0-only */
/* /sys/kernel/debug/cma_diag: what people and scripts read. */
#ifndef CD_DEBUGFS_H
#define CD_DEBUGFS_H

#include <linux/types.h>

bool cd_debugfs_is_file(const char *name);
void cd_debugfs_init(void);
void cd_debugfs_exit(void);

#endif
