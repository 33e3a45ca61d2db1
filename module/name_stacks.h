/* SPDX-License-Identifier: GPL-2.0-only */
/* Names the stacks of failures while the modules in them are there. */
#ifndef CD_NAME_STACKS_H
#define CD_NAME_STACKS_H

#include "history.h"

int cd_name_stacks_init(void);
void cd_name_stacks_exit(void);
int cd_name_stack(struct cd_failure *failure);
void cd_name_stacks(void);

#endif
