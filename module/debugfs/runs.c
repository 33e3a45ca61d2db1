// SPDX-License-Identifier: GPL-2.0-only
/*
 * <area>/runs		free and used runs by size
 * <area>/alignment	what each alignment leaves of the free pages, and what
 *			it has left behind buffers
 */
#include <linux/mm.h>

#include "areas.h"
#include "core/sentences.h"
#include "debugfs/area_figures.h"
#include "debugfs/files.h"
#include "debugfs/lines.h"
#include "debugfs/view.h"

struct runs_view {
	const struct cd_area *area;
	struct cd_area_figures now;
};

static struct runs_view *gather(struct cd_area *area)
{
	struct runs_view *view = kvzalloc(sizeof(*view), GFP_KERNEL);

	if (view && cd_area_figures_read(area, &view->now)) {
		kvfree(view);
		return NULL;
	}
	if (view)
		view->area = area;
	return view;
}

static void *gather_runs(struct cd_area *area)
{
	return gather(area);
}

static void *gather_alignment(struct cd_area *area)
{
	return gather(area);
}

static void show_count(struct seq_file *file, const struct cd_size_count *count,
		       unsigned long whole)
{
	char share[CD_SHARE_MAX];

	cd_say_share(count->nr_pages, whole, share, sizeof(share));
	seq_printf(file, " %8lu %9lu %6s", count->nr_runs, count->nr_pages,
		   share);
}

static void show_sizes(struct seq_file *file, const struct runs_view *view,
		       unsigned int i, unsigned long nr_used)
{
	char sizes[32];

	snprintf(sizes, sizeof(sizes), i ? "%lu-%lu" : "%lu", 1UL << i,
		 (2UL << i) - 1);
	seq_printf(file, "%-17s", sizes);
	show_count(file, &view->now.table.free[i], view->now.figures.nr_free);
	seq_putc(file, ' ');
	show_count(file, &view->now.table.used[i], nr_used);
	seq_putc(file, '\n');
}

/* The row of the largest run, of either kind. */
static unsigned int last_size(const struct cd_run_table *table)
{
	unsigned int i = CD_NR_SIZES - 1;

	while (i && !table->free[i].nr_runs && !table->used[i].nr_runs)
		i--;
	return i;
}

static int show_runs(struct seq_file *file, void *unused)
{
	const struct runs_view *view = file->private;
	const struct cd_figures *figures = &view->now.figures;
	unsigned long nr_used = figures->nr_pages - figures->nr_free;
	struct cd_size_count free = { 0 }, used = { 0 };
	unsigned int i, last = last_size(&view->now.table);

	seq_printf(file, "%s: free and used runs by size\n",
		   view->area->dir_name);
	seq_printf(file, "%-17s %8s %9s %6s  %8s %9s %6s\n", "pages",
		   "free", "pages", "share", "used", "pages", "share");
	for (i = 0; i <= last; i++) {
		show_sizes(file, view, i, nr_used);
		free.nr_runs += view->now.table.free[i].nr_runs;
		free.nr_pages += view->now.table.free[i].nr_pages;
		used.nr_runs += view->now.table.used[i].nr_runs;
		used.nr_pages += view->now.table.used[i].nr_pages;
	}
	seq_printf(file, "%-17s", "all");
	show_count(file, &free, figures->nr_pages);
	seq_putc(file, ' ');
	show_count(file, &used, figures->nr_pages);
	seq_putc(file, '\n');
	return 0;
}

static void show_order(struct seq_file *file, const struct runs_view *view,
		       unsigned int order)
{
	const struct cd_run_table *table = &view->now.table;
	const struct cd_run *run = &view->now.figures.usable[order];
	char share[CD_SHARE_MAX];

	cd_say_share(table->nr_usable[order], view->now.figures.nr_free,
		     share, sizeof(share));
	seq_printf(file, "%5u %8lu %9lu %8lu %9lu %6s  %lu", order,
		   1UL << order, 1UL << (order + PAGE_SHIFT - 10),
		   table->nr_blocks[order], table->nr_usable[order], share,
		   run->nr_pages);
	if (run->nr_pages)
		cd_show_place(file, view->area->cma, run);
	seq_putc(file, '\n');
}

static void show_remainders(struct seq_file *file,
			    const struct runs_view *view, unsigned int order)
{
	const struct cd_remainders *remainders =
		&view->now.figures.remainders[order];
	char share[CD_SHARE_MAX];

	cd_say_share(remainders->nr_pages, view->now.figures.nr_free, share,
		     sizeof(share));
	seq_printf(file, "%5u %8lu %8lu %9lu %6s\n", order, 1UL << order,
		   remainders->nr_runs, remainders->nr_pages, share);
}

/* Up to the largest block that the area has room for. */
static unsigned int nr_orders(const struct runs_view *view)
{
	unsigned int nr = 0;

	while (nr <= CD_MAX_ORDER &&
	       1UL << nr <= view->now.figures.nr_pages_range)
		nr++;
	return nr;
}

static int show_alignment(struct seq_file *file, void *unused)
{
	const struct runs_view *view = file->private;
	unsigned int order, nr = nr_orders(view);

	seq_printf(file, "%s: what alignment leaves of %lu free pages\n",
		   view->area->dir_name, view->now.figures.nr_free);
	seq_printf(file, "%5s %8s %9s %8s %9s %6s  %s\n", "align", "pages",
		   "KiB", "blocks", "usable", "share",
		   "largest run so aligned");
	for (order = 0; order < nr; order++)
		show_order(file, view, order);
	seq_puts(file, "\nremainders: free runs that begin as buffers so aligned leave them\n");
	seq_printf(file, "%5s %8s %8s %9s %6s\n", "align", "pages", "runs",
		   "left", "share");
	for (order = 0; order < nr; order++)
		show_remainders(file, view, order);
	return 0;
}

CD_DEFINE_VIEW_FILE(runs, kvfree);
CD_DEFINE_VIEW_FILE(alignment, kvfree);
