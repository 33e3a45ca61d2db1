// SPDX-License-Identifier: GPL-2.0-only
/* All that the files show of an area's bitmap, at one moment. */
#include <linux/mm.h>

#include "areas.h"
#include "debugfs/area_figures.h"
#include "snapshot.h"

/**
 * cd_area_figures_read() - look at an area's bitmap; its marks take that in
 * @area: the area
 * @now: result
 *
 * Context: process, may sleep. Return: 0 or -ENOMEM.
 */
int cd_area_figures_read(struct cd_area *area, struct cd_area_figures *now)
{
	struct cd_snapshot *snapshot;
	struct cd_marks_sight sight;

	cd_area_marks_begin_look(area, &sight);
	snapshot = cd_snapshot_alloc(area->cma);
	if (!snapshot)
		return -ENOMEM;
	cd_area_marks_seen(area, &sight, &snapshot->bm);
	now->figures = snapshot->figures;
	now->locked = snapshot->locked;
	cd_tabulate_runs(&snapshot->bm, &now->table);
	cd_draw_bar(&snapshot->bm, now->bar);
	kvfree(snapshot);
	return 0;
}
