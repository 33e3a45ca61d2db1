/* SPDX-License-Identifier: GPL-2.0-only */
/* The marks of an area: how full it has been, and how large it should be. */
#ifndef CD_AREA_MARKS_H
#define CD_AREA_MARKS_H

#include <linux/spinlock.h>

#include "core/marks.h"
#include "kernel/source.h"

struct cd_area;
struct cd_failure;

/**
 * struct cd_area_marks - the marks of an area, by ktime_get_boottime_ns()
 * @lock: guards all of it; raw, since allocations end with preemption off
 * @nr_resets: how often they began anew
 * @marks: the marks
 */
struct cd_area_marks {
	raw_spinlock_t lock;
	unsigned int nr_resets;
	struct cd_marks marks;
};

/**
 * struct cd_marks_sight - a look under way
 * @nr_resets: as it began
 * @look: what is seen
 */
struct cd_marks_sight {
	unsigned int nr_resets;
	struct cd_marks_look look;
};

int cd_area_marks_init(struct cd_area_marks *own,
		       const struct cd_bitmap *places);
void cd_area_marks_exit(struct cd_area_marks *own);
void cd_area_marks_begin_look(struct cd_area *area,
			      struct cd_marks_sight *sight);
void cd_area_marks_seen(struct cd_area *area, struct cd_marks_sight *sight,
			const struct cd_bitmap *bm);
void cd_area_marks_granted(struct cd_area *area, unsigned long pfn,
			   unsigned long nr_pages,
			   const struct cd_context *context);
void cd_area_marks_failed(struct cd_area *area,
			  const struct cd_failure *failure, bool is_step);
int cd_area_marks_look(struct cd_area *area);
int cd_area_marks_reset(struct cd_area *area);
void cd_area_marks_copy(struct cd_area *area, struct cd_marks *marks);

#endif
