// SPDX-License-Identifier: GPL-2.0-only
/*
 * /sys/kernel/debug/cma_diag: what people read.
 *
 *	summary			all areas, and what this kernel lets us see
 *	failures		the last failures of all areas, oldest first
 *	<area>/summary		one area in full
 *	<area>/failures		its last failures
 *
 * A file is gathered whole when it is opened, and stays as it is until it is
 * closed: however small the reads, and whatever happens meanwhile, what is
 * read is of one piece.
 */
#include <linux/debugfs.h>
#include <linux/fs.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/sort.h>
#include <linux/utsname.h>

#include "areas.h"
#include "core/sentences.h"
#include "debugfs.h"
#include "failure_text.h"
#include "inflight.h"
#include "kernel/cma_events.h"
#include "observe.h"
#include "snapshot.h"

static struct dentry *root;

/* A failure and the area it happened in. */
struct entry {
	const struct cd_area *area;
	struct cd_failure failure;
};

/* Room for a failure's text, mostly; seq_file finds more where it is needed. */
#define FAILURE_TEXT_SIZE 1536UL

/* What a file of failures showed when it was opened. */
struct failures_view {
	unsigned int nr;
	u64 nr_older;
	struct entry entries[];
};

static int compare_seq(const void *a, const void *b)
{
	const struct entry *left = a, *right = b;

	return left->failure.seq < right->failure.seq ? -1 :
	       left->failure.seq > right->failure.seq;
}

/*
 * Appends what is kept of an area, and returns how many failures it had until
 * then. The history is locked for one record at a time: failures that come
 * meanwhile are not held up, and may push the oldest out.
 */
static u64 gather_area(struct failures_view *view, struct cd_area *area)
{
	u64 end = cd_history_count(&area->history, NULL);
	u64 i = end > CD_HISTORY_LEN ? end - CD_HISTORY_LEN : 0;

	for (; i < end; i++) {
		struct entry *entry = &view->entries[view->nr];

		entry->area = area;
		view->nr += cd_history_get(&area->history, i, &entry->failure);
	}
	return end;
}

/* Of all areas together, as many are shown as are kept of one. */
static void keep_newest(struct failures_view *view)
{
	unsigned int drop;

	sort(view->entries, view->nr, sizeof(struct entry), compare_seq, NULL);
	if (view->nr <= CD_HISTORY_LEN)
		return;
	drop = view->nr - CD_HISTORY_LEN;
	view->nr = CD_HISTORY_LEN;
	memmove(view->entries, view->entries + drop,
		view->nr * sizeof(struct entry));
}

/* The failures of @only, or of all areas when it is NULL. */
static struct failures_view *gather_failures(struct cd_area *only)
{
	unsigned int i, nr_areas = only ? 1 : cd_areas_count();
	struct failures_view *view;
	u64 nr_failures = 0;

	view = kvzalloc(struct_size(view, entries, nr_areas * CD_HISTORY_LEN),
			GFP_KERNEL);
	if (!view)
		return NULL;
	for (i = 0; i < nr_areas; i++)
		nr_failures += gather_area(view, only ?: cd_areas_get(i));
	keep_newest(view);
	view->nr_older = nr_failures - view->nr;
	return view;
}

static int show_failures(struct seq_file *file, void *unused)
{
	const struct failures_view *view = file->private;
	unsigned int i;

	if (!view->nr)
		seq_puts(file, "no failure since the module was loaded\n");
	else if (view->nr_older)
		seq_printf(file, "%llu older failures are no longer kept\n\n",
			   view->nr_older);
	for (i = 0; i < view->nr; i++)
		cd_failure_show(file, view->entries[i].area->dir_name,
				&view->entries[i].failure);
	return 0;
}

static int open_failures(struct inode *inode, struct file *file)
{
	struct failures_view *view = gather_failures(inode->i_private);
	int err;

	if (!view)
		return -ENOMEM;
	err = single_open_size(file, show_failures, view,
			       PAGE_SIZE + view->nr * FAILURE_TEXT_SIZE);
	if (err)
		kvfree(view);
	return err;
}

/* What a summary showed when it was opened. */
struct area_view {
	struct cd_area *area;
	struct cd_figures figures;
	bool locked;
	u64 nr_failures;
	u64 nr_verdicts[CD_NR_VERDICTS];
	bool has_last;
	struct cd_failure last;
};

struct summary_view {
	unsigned int nr_areas;
	struct area_view areas[];
};

static int gather_summary_area(struct area_view *view, struct cd_area *area)
{
	struct cd_snapshot *snapshot = cd_snapshot_alloc(area->cma);

	if (!snapshot)
		return -ENOMEM;
	view->area = area;
	view->figures = snapshot->figures;
	view->locked = snapshot->locked;
	kvfree(snapshot);
	view->nr_failures = cd_history_count(&area->history,
					     view->nr_verdicts);
	view->has_last = view->nr_failures &&
			 cd_history_get(&area->history, view->nr_failures - 1,
					&view->last);
	return 0;
}

static struct summary_view *gather_summary(struct cd_area *only)
{
	unsigned int i, nr_areas = only ? 1 : cd_areas_count();
	struct summary_view *view;

	view = kvzalloc(struct_size(view, areas, nr_areas), GFP_KERNEL);
	if (!view)
		return NULL;
	view->nr_areas = nr_areas;
	for (i = 0; i < nr_areas; i++) {
		if (gather_summary_area(&view->areas[i],
					only ?: cd_areas_get(i))) {
			kvfree(view);
			return NULL;
		}
	}
	return view;
}

static int open_summary(struct inode *inode, struct file *file,
			int (*show)(struct seq_file *file, void *unused))
{
	struct summary_view *view = gather_summary(inode->i_private);
	int err;

	if (!view)
		return -ENOMEM;
	err = single_open(file, show, view);
	if (err)
		kvfree(view);
	return err;
}

static int release_view(struct inode *inode, struct file *file)
{
	struct seq_file *seq = file->private_data;

	kvfree(seq->private);
	return single_release(inode, file);
}

/* What this kernel lets us see, and what it does not. */
static void show_abilities(struct seq_file *file)
{
	seq_printf(file, "cma_diag on Linux %s\n", utsname()->release);
	cd_show_wrapped(file, "seen by", cd_cma_events_describe());
	seq_printf(file, "  %-10sstruct cma from %s, proven on every area\n",
		   "layout", cd_cma_layout_source());
	if (!cd_cma_events_have_busy())
		cd_show_wrapped(file, "not seen",
				"errno, busy retries: this kernel does not tell; when a place was tried, the verdict is \"unknown\"");
	else if (!cd_cma_events_have_errno())
		cd_show_wrapped(file, "not seen",
				"errno: this kernel's event does not tell; it is inferred where the events leave one answer");
	if (IS_ENABLED(CONFIG_PREEMPT_RT))
		cd_show_wrapped(file, "not seen",
				"the bitmap under its lock, at a failure: with PREEMPT_RT that lock sleeps; records say \"unlocked\"");
}

/* Nothing is lost silently: only what did happen is shown. */
static void show_notes(struct seq_file *file)
{
	const struct {
		unsigned long nr;
		const char *what;
	} notes[] = {
		{ cd_cma_nr_inactive(),
		  "areas left out, since the kernel could not activate them" },
		{ cd_observe_unattributed(),
		  "failures whose area this kernel did not tell" },
		{ cd_observe_without_bitmap(),
		  "failures recorded without a bitmap: too many at once" },
		{ cd_inflight_untracked(),
		  "allocations whose start found no free slot" },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(notes); i++)
		if (notes[i].nr)
			seq_printf(file, "  %-10s%s: %lu\n", "note",
				   notes[i].what, notes[i].nr);
}

static void show_area_line(struct seq_file *file, const struct area_view *view)
{
	const struct cd_figures *figures = &view->figures;

	seq_printf(file, "%-20s %7lu %7lu %6lu %7lu %7lu %6llu %s\n",
		   view->area->dir_name, figures->nr_pages, figures->nr_free,
		   figures->nr_runs, figures->largest.nr_pages,
		   figures->usable[cd_cma_align_cap()].nr_pages,
		   view->nr_failures,
		   view->has_last ? cd_verdict_word(view->last.diag.verdict) :
				    "-");
}

static int show_summary(struct seq_file *file, void *unused)
{
	const struct summary_view *view = file->private;
	char aligned[32];
	unsigned int i;

	show_abilities(file);
	show_notes(file);
	snprintf(aligned, sizeof(aligned), "at-%lu",
		 1UL << cd_cma_align_cap());
	seq_printf(file, "\n%-20s %7s %7s %6s %7s %7s %6s %s\n", "area",
		   "pages", "free", "runs", "largest", aligned, "failed",
		   "last");
	for (i = 0; i < view->nr_areas; i++)
		show_area_line(file, &view->areas[i]);
	return 0;
}

static void show_ranges(struct seq_file *file, const struct cd_cma *cma)
{
	unsigned int i;
	char size[32];

	for (i = 0; i < cma->nr_ranges; i++) {
		cd_say_pages(cma->range_pages[i], PAGE_SHIFT, size,
			     sizeof(size));
		seq_printf(file, "  %-10s%u: pfn 0x%lx, %lu pages (%s)\n",
			   "range", i, cma->base_pfn[i], cma->range_pages[i],
			   size);
	}
	if (cma->order_per_bit)
		seq_printf(file, "  %-10s%lu pages to a bit of the bitmap\n",
			   "unit", 1UL << cma->order_per_bit);
}

/* Where a run is, and in which range when there are several. */
static void show_place(struct seq_file *file, const struct cd_cma *cma,
		       const struct cd_run *run)
{
	seq_printf(file, " at %lu", run->start_page);
	if (cma->nr_ranges > 1)
		seq_printf(file, " of range %u", run->range);
	seq_putc(file, '\n');
}

static void show_area_figures(struct seq_file *file,
			      const struct area_view *view)
{
	const struct cd_figures *figures = &view->figures;
	char size[32];

	cd_say_pages(figures->nr_free, PAGE_SHIFT, size, sizeof(size));
	seq_printf(file, "  %-10s%lu of %lu pages (%s) in %lu run%s%s\n",
		   "free", figures->nr_free, figures->nr_pages, size,
		   figures->nr_runs, figures->nr_runs == 1 ? "" : "s",
		   view->locked ? "" : ", unlocked");
	if (!figures->largest.nr_pages)
		return;
	cd_say_pages(figures->largest.nr_pages, PAGE_SHIFT, size,
		     sizeof(size));
	seq_printf(file, "  %-10s%lu pages (%s)", "largest",
		   figures->largest.nr_pages, size);
	show_place(file, view->area->cma, &figures->largest);
}

/* Only up to where nothing is left: what follows is nothing, too. */
static void show_alignments(struct seq_file *file,
			    const struct area_view *view)
{
	unsigned int order;

	seq_puts(file, "\n  align    pages  largest run so aligned\n");
	for (order = 0; order <= CD_MAX_ORDER; order++) {
		const struct cd_run *run = &view->figures.usable[order];

		if (!run->nr_pages) {
			seq_printf(file, "  %5u %8lu  none, nor above\n",
				   order, 1UL << order);
			break;
		}
		seq_printf(file, "  %5u %8lu  %lu", order, 1UL << order,
			   run->nr_pages);
		show_place(file, view->area->cma, run);
	}
}

static void show_verdict_counts(struct seq_file *file,
				const struct area_view *view)
{
	unsigned int i;

	seq_printf(file, "\n  %-10s%llu since the module was loaded\n",
		   "failures", view->nr_failures);
	for (i = 0; i < CD_NR_VERDICTS; i++)
		if (view->nr_verdicts[i])
			seq_printf(file, "  %-10s%llu %s\n", "",
				   view->nr_verdicts[i], cd_verdict_word(i));
}

static int show_area_summary(struct seq_file *file, void *unused)
{
	const struct summary_view *summary = file->private;
	const struct area_view *view = &summary->areas[0];

	seq_printf(file, "%s\n", view->area->dir_name);
	show_ranges(file, view->area->cma);
	show_area_figures(file, view);
	show_alignments(file, view);
	show_verdict_counts(file, view);
	if (view->has_last) {
		seq_puts(file, "\nlast failure: ");
		cd_failure_show(file, view->area->dir_name, &view->last);
	}
	return 0;
}

static int open_root_summary(struct inode *inode, struct file *file)
{
	return open_summary(inode, file, show_summary);
}

static int open_area_summary(struct inode *inode, struct file *file)
{
	return open_summary(inode, file, show_area_summary);
}

#define DEFINE_VIEW_FOPS(name)					\
	static const struct file_operations name##_fops = {	\
		.owner = THIS_MODULE,				\
		.open = open_##name,				\
		.read = seq_read,				\
		.llseek = seq_lseek,				\
		.release = release_view,			\
	}

DEFINE_VIEW_FOPS(root_summary);
DEFINE_VIEW_FOPS(area_summary);
DEFINE_VIEW_FOPS(failures);

static void create_area(struct cd_area *area)
{
	struct dentry *dir = debugfs_create_dir(area->dir_name, root);

	debugfs_create_file("summary", 0400, dir, area, &area_summary_fops);
	debugfs_create_file("failures", 0400, dir, area, &failures_fops);
}

/**
 * cd_debugfs_init() - create the files
 *
 * A kernel without debugfs has none; the kernel log and the trace event work
 * all the same.
 *
 * Context: process, may sleep. The areas are set up.
 */
void cd_debugfs_init(void)
{
	unsigned int i;

	root = debugfs_create_dir("cma_diag", NULL);
	debugfs_create_file("summary", 0400, root, NULL, &root_summary_fops);
	debugfs_create_file("failures", 0400, root, NULL, &failures_fops);
	for (i = 0; i < cd_areas_count(); i++)
		create_area(cd_areas_get(i));
}

/**
 * cd_debugfs_exit() - remove the files
 *
 * Context: process, may sleep. Readers that are in a file are waited for.
 */
void cd_debugfs_exit(void)
{
	debugfs_remove_recursive(root);
}
