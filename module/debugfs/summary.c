// SPDX-License-Identifier: GPL-2.0-only
/*
 * summary		all areas, and what this kernel lets us see
 * <area>/summary	one area in full
 */
#include <linux/mm.h>
#include <linux/utsname.h>

#include "areas.h"
#include "core/sentences.h"
#include "debugfs/area_figures.h"
#include "debugfs/failure_text.h"
#include "debugfs/files.h"
#include "debugfs/lines.h"
#include "debugfs/marks_text.h"
#include "debugfs/view.h"
#include "inflight.h"
#include "kernel/cma_config.h"
#include "kernel/dma_bufs.h"
#include "kernel/dma_events.h"
#include "kernel/source.h"
#include "kernel/symbols.h"
#include "name_stacks.h"
#include "observe.h"

/* What a summary showed when it was opened. */
struct area_view {
	struct cd_area *area;
	struct cd_area_figures now;
	u64 nr_failures;
	u64 nr_verdicts[CD_NR_VERDICTS];
	u64 nr_rescued;
	u64 nr_fatal;
	u64 held_up_max_ns;
	u64 lock_held_max_ns;
	bool has_last;
	struct cd_failure last;
	struct cd_marks_view marks;
};

struct summary_view {
	unsigned int nr_areas;
	struct area_view areas[];
};

static int gather_summary_area(struct area_view *view, struct cd_area *area)
{
	int err = cd_area_figures_read(area, &view->now);

	if (err)
		return err;
	view->area = area;
	/* Before the failures, of which they are some. */
	view->nr_rescued = cd_history_rescued(&area->history);
	view->nr_fatal = cd_history_fatal(&area->history);
	view->nr_failures = cd_history_count(&area->history,
					     view->nr_verdicts);
	view->held_up_max_ns = cd_area_held_up_max_ns(area);
	view->lock_held_max_ns = cd_cma_lock_held_max_ns(area->cma);
	cd_marks_gather(area, &view->marks);
	view->has_last = cd_history_get_newest(&area->history, &view->last);
	return view->has_last ? cd_name_stack(&view->last) : 0;
}

static void free_view(const void *private)
{
	const struct summary_view *view = private;
	unsigned int i;

	for (i = 0; i < view->nr_areas; i++)
		cd_stack_names_put(view->areas[i].last.names);
	kvfree(view);
}

/* @only that area, or all when it is NULL. */
static struct summary_view *gather(struct cd_area *only)
{
	unsigned int i, nr_areas = only ? 1 : cd_areas_count();
	struct summary_view *view;

	cd_name_stacks();
	view = kvzalloc(struct_size(view, areas, nr_areas), GFP_KERNEL);
	if (!view)
		return NULL;
	view->nr_areas = nr_areas;
	for (i = 0; i < nr_areas; i++) {
		if (gather_summary_area(&view->areas[i],
					only ?: cd_areas_get(i))) {
			free_view(view);
			return NULL;
		}
	}
	return view;
}

static void *gather_all_summary(void *unused)
{
	return gather(NULL);
}

static void *gather_summary(struct cd_area *area)
{
	return gather(area);
}

/* What this kernel lets us see, and what it does not. */
static void show_abilities(struct seq_file *file)
{
	const struct cd_abilities *seen = cd_source_abilities();

	seq_printf(file, "cma_diag on Linux %s\n", utsname()->release);
	cd_show_wrapped(file, "seen by", cd_source_describe());
	if (cd_dma_events_are_seen())
		cd_show_wrapped(file, "devices",
				"by dma:dma_alloc, which also tells what became of a driver whose request failed");
	if (cd_dma_bufs_are_seen())
		cd_show_wrapped(file, "dma-bufs",
				"of the dma-heap, by dma_buf_export() (kretprobe)");
	cd_show_label(file, "layout");
	seq_printf(file, "struct cma from %s, proven on every area\n",
		   cd_cma_layout_source());
	cd_show_label(file, "symbols");
	seq_printf(file, "by %s\n", cd_symbols_source());
	if (!seen->requests)
		cd_show_wrapped(file, "not seen",
				"the moment: the bitmap is looked at later, records say how much; alignment, caller, stack, time taken, busy retries; requests that had their pages; what was not logged, since its caller asked for no warning or too many failed at once: counted, from 5.13 on; up to 6.14 what is larger than the area");
	else if (!seen->busy)
		cd_show_wrapped(file, "not seen",
				"errno, busy retries: no probe or breakpoint on the return of alloc_contig_range(); when a place was tried, the verdict is \"unknown\"");
	else if (!seen->error)
		cd_show_wrapped(file, "not seen",
				"errno: no kretprobe; it is inferred where the events leave one answer");
	if (seen->requests && !seen->moment)
		cd_show_wrapped(file, "not seen",
				"the moment, where the kernel first logs a failure: the bitmap is looked at after that");
	if (!seen->blocking)
		cd_show_wrapped(file, "not seen",
				"which page was busy: no tracepoint test_pages_isolated");
	if (IS_ENABLED(CONFIG_PREEMPT_RT))
		cd_show_wrapped(file, "not seen",
				"the bitmap under its lock, at a failure: with PREEMPT_RT that lock sleeps; records say \"unlocked\"");
}

/* Nothing is lost silently: only what did happen is shown. */
static void show_notes(struct seq_file *file)
{
	const struct cd_missed missed = cd_source_missed();
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
		{ missed.nr_failures,
		  "failures that the kernel counted and did not log" },
		{ missed.nr_lines,
		  "lines of the kernel log, overwritten or cleared unread" },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(notes); i++) {
		if (!notes[i].nr)
			continue;
		cd_show_label(file, "note");
		seq_printf(file, "%s: %lu\n", notes[i].what, notes[i].nr);
	}
}

static void show_area_line(struct seq_file *file, const struct area_view *view)
{
	const struct cd_figures *figures = &view->now.figures;

	seq_printf(file, "%-20s %7lu %7lu %6lu %7lu %7lu %6llu %s\n",
		   view->area->dir_name, figures->nr_pages, figures->nr_free,
		   figures->nr_runs, figures->largest.nr_pages,
		   figures->usable[cd_cma_align_cap()].nr_pages,
		   view->nr_failures,
		   view->has_last ? cd_verdict_word(view->last.story.verdict) :
				    "-");
}

static void show_bars(struct seq_file *file, const struct summary_view *view)
{
	unsigned int i;

	seq_printf(file, "\n%-20s %s\n", "area",
		   "[from its first page to its last: . free, # used, + both]");
	for (i = 0; i < view->nr_areas; i++) {
		const struct area_view *area = &view->areas[i];

		seq_printf(file, "%-20s [%s] %lu pages\n",
			   area->area->dir_name, area->now.bar,
			   area->now.figures.nr_pages);
	}
}

static int show_all_summary(struct seq_file *file, void *unused)
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
	show_bars(file, view);
	return 0;
}

static void show_ranges(struct seq_file *file, const struct cd_cma *cma)
{
	unsigned int i;
	char size[32];

	for (i = 0; i < cma->nr_ranges; i++) {
		cd_say_pages(cma->range_pages[i], PAGE_SHIFT, size,
			     sizeof(size));
		cd_show_label(file, "range");
		seq_printf(file, "%u: pfn 0x%lx, %lu pages (%s)\n", i,
			   cma->base_pfn[i], cma->range_pages[i], size);
	}
	if (!cma->order_per_bit)
		return;
	cd_show_label(file, "unit");
	seq_printf(file, "%lu pages to a bit of the bitmap\n",
		   1UL << cma->order_per_bit);
}

static void show_area_figures(struct seq_file *file,
			      const struct area_view *view)
{
	const struct cd_figures *figures = &view->now.figures;
	char size[32];

	cd_say_pages(figures->nr_free, PAGE_SHIFT, size, sizeof(size));
	cd_show_label(file, "where");
	seq_printf(file, "[%s]\n", view->now.bar);
	cd_show_label(file, "free");
	seq_printf(file, "%lu of %lu pages (%s) in %lu run%s%s\n",
		   figures->nr_free, figures->nr_pages, size,
		   figures->nr_runs, figures->nr_runs == 1 ? "" : "s",
		   view->now.locked ? "" : ", unlocked");
	if (!figures->largest.nr_pages)
		return;
	cd_say_pages(figures->largest.nr_pages, PAGE_SHIFT, size,
		     sizeof(size));
	cd_show_label(file, "largest");
	seq_printf(file, "%lu pages (%s)", figures->largest.nr_pages, size);
	cd_show_place(file, view->area->cma, &figures->largest);
	seq_putc(file, '\n');
}

/* Only up to where nothing is left: what follows is nothing, too. */
static void show_alignments(struct seq_file *file,
			    const struct area_view *view)
{
	unsigned int order;

	seq_puts(file, "\n  align    pages  largest run so aligned\n");
	for (order = 0; order <= CD_MAX_ORDER; order++) {
		const struct cd_run *run = &view->now.figures.usable[order];

		if (!run->nr_pages) {
			seq_printf(file, "  %5u %8lu  none, nor above\n",
				   order, 1UL << order);
			break;
		}
		seq_printf(file, "  %5u %8lu  %lu", order, 1UL << order,
			   run->nr_pages);
		cd_show_place(file, view->area->cma, run);
		seq_putc(file, '\n');
	}
}

static void show_verdict_counts(struct seq_file *file,
				const struct area_view *view)
{
	char sentence[160];
	unsigned int i;

	seq_putc(file, '\n');
	cd_show_label(file, "failures");
	seq_printf(file, "%llu since the module was loaded\n",
		   view->nr_failures);
	for (i = 0; i < CD_NR_VERDICTS; i++) {
		if (!view->nr_verdicts[i])
			continue;
		cd_show_label(file, "");
		seq_printf(file, "%llu %s\n", view->nr_verdicts[i],
			   cd_verdict_word(i));
	}
	if (!view->nr_rescued && !view->nr_fatal)
		return;
	snprintf(sentence, sizeof(sentence),
		 "of those by DMA callers: %llu rescued (the driver was given other memory), %llu fatal (it was given nothing)",
		 view->nr_rescued, view->nr_fatal);
	cd_show_wrapped(file, "outcome", sentence);
}

/* What we cost, at most. */
static void show_cost(struct seq_file *file, const struct area_view *view)
{
	u64 us = DIV_ROUND_UP_ULL(view->held_up_max_ns, NSEC_PER_USEC);
	u64 lock_us = DIV_ROUND_UP_ULL(view->lock_held_max_ns, NSEC_PER_USEC);
	char text[160];

	if (us)
		scnprintf(text, sizeof(text),
			  "cma_diag held up a request for at most %llu us, and held the area's lock for at most %llu us",
			  us, lock_us);
	else
		scnprintf(text, sizeof(text),
			  "cma_diag held the area's lock for at most %llu us",
			  lock_us);
	cd_show_wrapped(file, "cost", text);
}

static int show_summary(struct seq_file *file, void *unused)
{
	const struct summary_view *summary = file->private;
	const struct area_view *view = &summary->areas[0];

	seq_printf(file, "%s\n", view->area->dir_name);
	show_ranges(file, view->area->cma);
	show_area_figures(file, view);
	show_alignments(file, view);
	show_verdict_counts(file, view);
	show_cost(file, view);
	if (view->marks.is_marked) {
		seq_putc(file, '\n');
		cd_marks_show_since(file, &view->marks);
		cd_marks_show(file, view->area, &view->marks);
	}
	if (view->has_last) {
		seq_puts(file, "\nlast failure: ");
		cd_failure_show(file, view->area->dir_name, &view->last);
	}
	return 0;
}

CD_DEFINE_VIEW_FILE(all_summary, free_view);
CD_DEFINE_VIEW_FILE(summary, free_view);
