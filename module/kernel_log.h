/* SPDX-License-Identifier: GPL-2.0-only */
/* One line in the kernel log per failure. */
#ifndef CD_KERNEL_LOG_H
#define CD_KERNEL_LOG_H

void cd_kernel_log_init(void);
bool cd_kernel_log_news(void);
unsigned long cd_kernel_log_interval(void);
void cd_kernel_log_exit(void);

#endif
