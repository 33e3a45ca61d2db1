// SPDX-License-Identifier: GPL-2.0-only
/* All that the files show of an area's bitmap, at one moment. */
#include <linux/mm.h>

#include "debugfs/area_figures.h"
#include "snapshot.h"

/**
 * cd_area_figures_read() - look at an area's bitmap
 * @cma: the area
 * @now: result
 *
 * Context: process, may sleep. Return: 0 or -ENOMEM.
 */
int cd_area_figures_read(const struct cd_cma *cma, struct cd_area_figures *now)
{
	struct cd_snapshot *snapshot = cd_snapshot_alloc(cma);

	if (!snapshot)
		return -ENOMEM;
	now->figures = snapshot->figures;
	now->locked = snapshot->locked;
	cd_tabulate_runs(&snapshot->bm, &now->table);
	cd_draw_bar(&snapshot->bm, now->bar);
	kvfree(snapshot);
	return 0;
}
