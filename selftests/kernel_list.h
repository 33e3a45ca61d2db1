/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel's own list of an area's free runs, of a failure in its log. */
#ifndef KERNEL_LIST_H
#define KERNEL_LIST_H

#include <stdbool.h>

#include "oracle.h"

void forget_kernel_log(void);
bool read_kernel_list(struct oracle_range *range);

#endif
