/* SPDX-License-Identifier: GPL-2.0-only */
/* /sys/kernel/debug/cma_diag */
#ifndef CD_DEBUGFS_H
#define CD_DEBUGFS_H

void cd_debugfs_init(void);
void cd_debugfs_exit(void);

#endif
