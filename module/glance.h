/* SPDX-License-Identifier: GPL-2.0-only */
/* A look at an area's bitmap while it is in use. */
#ifndef CD_GLANCE_H
#define CD_GLANCE_H

#include <linux/types.h>

#include "kernel/cma_area.h"

struct cd_area;
struct cd_snapshot;

/**
 * struct cd_glance - a look under way
 * @snapshot: the bitmap as it was at one moment; NULL when that was not had
 * @at_rest: no other request was under way then
 * @time_ns: when it began, by ktime_get_boottime_ns()
 * @begun_ns: likewise, by local_clock(); private
 */
struct cd_glance {
	struct cd_snapshot *snapshot;
	bool at_rest;
	u64 time_ns;
	u64 begun_ns;
};

void cd_glance_begin(struct cd_glance *glance, const struct cd_area *area,
		     enum cd_lock_mode mode);
void cd_glance_end(struct cd_glance *glance, struct cd_area *area);

#endif
