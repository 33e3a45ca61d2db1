/* SPDX-License-Identifier: GPL-2.0-only */
/* What module/core is measured against. */
#ifndef PLAIN_WALK_H
#define PLAIN_WALK_H

#include "free_runs.h"

/* CONFIG_CMA_ALIGNMENT is at most 12. */
#define PLAIN_NR_ORDERS 13

/* In bits. */
struct plain_figures {
	unsigned long nr_free;
	unsigned long nr_runs;
	unsigned long usable[PLAIN_NR_ORDERS];
};

void plain_walk(const struct cd_range *range, struct plain_figures *figures);

#endif
