/* SPDX-License-Identifier: GPL-2.0-only */
/* What the module keeps of each area. */
#ifndef CD_AREAS_H
#define CD_AREAS_H

#include <linux/atomic.h>

#include "area_marks.h"
#include "history.h"
#include "holders.h"
#include "kernel/cma_area.h"
#include "requests.h"
#include "watches.h"

/**
 * struct cd_area - an area, its failures and its requests
 * @cma: the area
 * @dir_name: its directory; the name, made unique with ".1", ".2" where
 *            another area or a file has it
 * @history: its failures
 * @requests: counters of all its requests
 * @holders: who has its pages
 * @marks: how full it has been, and what failed
 * @watches: requests of which is told when they do not fit any more
 * @held_up_max_ns: the longest time that a request which failed, or that was
 *                  followed by a look for a watch or a mark, was held up by
 *                  us, at a time
 */
struct cd_area {
	const struct cd_cma *cma;
	char dir_name[CD_NAME_MAX + 12];
	struct cd_history history;
	struct cd_requests __percpu *requests;
	struct cd_holders holders;
	struct cd_area_marks marks;
	struct cd_watches watches;
	atomic64_t held_up_max_ns;
};

int cd_areas_init(bool (*is_taken)(const char *name), unsigned int max_blocks);
void cd_areas_exit(void);
size_t cd_areas_bytes(void);
unsigned int cd_areas_count(void);
struct cd_area *cd_areas_get(unsigned int i);
struct cd_area *cd_areas_find(const struct cd_cma *cma);
u64 cd_area_held_up_max_ns(const struct cd_area *area);

#endif
