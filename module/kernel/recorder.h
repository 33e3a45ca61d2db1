/* SPDX-License-Identifier: GPL-2.0-only */
/* A trace instance of our own, that records failures from the load on. */
#ifndef CD_RECORDER_H
#define CD_RECORDER_H

#include <linux/types.h>

bool cd_recorder_start(void);
void cd_recorder_stop(void);

#endif
