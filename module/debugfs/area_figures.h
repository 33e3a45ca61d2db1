/* SPDX-License-Identifier: GPL-2.0-only */
/* All that the files show of an area's bitmap, at one moment. */
#ifndef CD_AREA_FIGURES_H
#define CD_AREA_FIGURES_H

#include "core/run_table.h"

struct cd_area;

/**
 * struct cd_area_figures - an area's bitmap in figures
 * @figures: totals, and the largest run at each alignment
 * @table: runs by size, and what each alignment leaves
 * @bar: where the free pages lie
 * @locked: the bitmap was copied under the area's lock
 */
struct cd_area_figures {
	struct cd_figures figures;
	struct cd_run_table table;
	char bar[CD_BAR_WIDTH + 1];
	bool locked;
};

int cd_area_figures_read(struct cd_area *area, struct cd_area_figures *now);

#endif
