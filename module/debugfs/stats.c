// SPDX-License-Identifier: GPL-2.0-only
/*
 * stats		what concerns the module as a whole
 * <area>/stats		every figure of an area
 *
 * "key value" lines, for scripts. Stable, and described, in
 * Documentation/ABI/stable/debugfs-cma_diag: a key never changes its meaning
 * and never goes; new ones may come, at any place.
 */
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/string.h>

#include "areas.h"
#include "debugfs/area_figures.h"
#include "debugfs/files.h"
#include "debugfs/marks_text.h"
#include "debugfs/view.h"
#include "inflight.h"
#include "kernel/source.h"
#include "observe.h"

#define STATS_VERSION 1

static void show(struct seq_file *file, const char *key, u64 value)
{
	seq_printf(file, "%s %llu\n", key, value);
}

/* For keys that are numbered, such as range_0_pfn. */
static void show_nth(struct seq_file *file, const char *format, unsigned int n,
		     u64 value)
{
	char key[48];

	snprintf(key, sizeof(key), format, n);
	show(file, key, value);
}

struct all_stats_view {
	unsigned int nr_areas;
	unsigned int nr_inactive;
	unsigned long nr_unattributed;
	unsigned long nr_without_bitmap;
	unsigned long nr_untracked;
	struct cd_missed missed;
};

static void *gather_all_stats(void *unused)
{
	struct all_stats_view *view = kvzalloc(sizeof(*view), GFP_KERNEL);

	if (!view)
		return NULL;
	view->nr_areas = cd_areas_count();
	view->nr_inactive = cd_cma_nr_inactive();
	view->nr_unattributed = cd_observe_unattributed();
	view->nr_without_bitmap = cd_observe_without_bitmap();
	view->nr_untracked = cd_inflight_untracked();
	view->missed = cd_source_missed();
	return view;
}

static int show_all_stats(struct seq_file *file, void *unused)
{
	const struct all_stats_view *view = file->private;

	show(file, "version", STATS_VERSION);
	show(file, "areas", view->nr_areas);
	show(file, "areas_inactive", view->nr_inactive);
	show(file, "failures_unattributed", view->nr_unattributed);
	show(file, "failures_without_bitmap", view->nr_without_bitmap);
	show(file, "requests_untracked", view->nr_untracked);
	show(file, "failures_not_logged", view->missed.nr_failures);
	show(file, "log_lines_missed", view->missed.nr_lines);
	return 0;
}

struct stats_view {
	const struct cd_cma *cma;
	struct cd_area_figures now;
	u64 nr_failures;
	u64 nr_late;
	u64 nr_rescued;
	u64 nr_fatal;
	u64 held_up_max_ns;
	u64 lock_held_max_ns;
	unsigned long nr_copies;
	unsigned int nr_watches;
	struct cd_watched watched[CD_MAX_WATCHES];
	struct cd_marks_view marks;
	u64 nr_verdicts[CD_NR_VERDICTS];
	/* The sum, and room to work in. */
	struct cd_request_totals totals[2];
};

static void *gather_stats(struct cd_area *area)
{
	struct stats_view *view = kvzalloc(sizeof(*view), GFP_KERNEL);

	if (!view)
		return NULL;
	if (cd_area_figures_read(area, &view->now)) {
		kvfree(view);
		return NULL;
	}
	view->cma = area->cma;
	/* Before the failures, of which they are some. */
	view->nr_rescued = cd_history_rescued(&area->history);
	view->nr_fatal = cd_history_fatal(&area->history);
	view->nr_failures = cd_history_count(&area->history,
					     view->nr_verdicts);
	view->nr_late = cd_history_late(&area->history);
	view->held_up_max_ns = cd_area_held_up_max_ns(area);
	view->lock_held_max_ns = cd_cma_lock_held_max_ns(area->cma);
	view->nr_copies = cd_cma_nr_locked_copies(area->cma);
	cd_requests_sum(area->requests, view->totals);
	cd_marks_gather(area, &view->marks);
	cd_watches_settle(area);
	view->nr_watches = cd_watches_copy(&area->watches, view->watched);
	/* Nobody is named here. */
	cd_watches_put(view->watched, view->nr_watches);
	return view;
}

static void show_ranges(struct seq_file *file, const struct cd_cma *cma)
{
	unsigned int i;

	show(file, "ranges", cma->nr_ranges);
	for (i = 0; i < cma->nr_ranges; i++) {
		show_nth(file, "range_%u_pfn", i, cma->base_pfn[i]);
		show_nth(file, "range_%u_pages", i, cma->range_pages[i]);
	}
}

static void show_figures(struct seq_file *file,
			 const struct cd_figures *figures)
{
	unsigned int order;

	show(file, "free_pages", figures->nr_free);
	show(file, "free_runs", figures->nr_runs);
	show(file, "largest_pages", figures->largest.nr_pages);
	show(file, "largest_pfn", figures->largest.start_pfn);
	for (order = 0; order <= CD_MAX_ORDER; order++)
		show_nth(file, "usable_pages_%u", order,
			 figures->usable[order].nr_pages);
	for (order = 0; order <= CD_MAX_ORDER; order++)
		show_nth(file, "remainder_runs_%u", order,
			 figures->remainders[order].nr_runs);
	for (order = 0; order <= CD_MAX_ORDER; order++)
		show_nth(file, "remainder_pages_%u", order,
			 figures->remainders[order].nr_pages);
}

/* "low-memory" is no word of a key. */
static void show_failures(struct seq_file *file, const struct stats_view *view)
{
	char key[16 + CD_WORD_MAX];
	unsigned int i;

	show(file, "failures", view->nr_failures);
	for (i = 0; i < CD_NR_VERDICTS; i++) {
		/* The answer to a question, and no failure's. */
		if (i == CD_FITS)
			continue;
		snprintf(key, sizeof(key), "failures_%s", cd_verdict_word(i));
		strreplace(key, '-', '_');
		show(file, key, view->nr_verdicts[i]);
	}
	show(file, "late_failures", view->nr_late);
	show(file, "rescued_failures", view->nr_rescued);
	show(file, "fatal_failures", view->nr_fatal);
}

static void show_requests(struct seq_file *file,
			  const struct cd_request_counts *counts,
			  const char *how)
{
	seq_printf(file, "requests_%s %llu\n", how, counts->nr);
	seq_printf(file, "requests_%s_pages %llu\n", how, counts->nr_pages);
	seq_printf(file, "requests_%s_us %llu\n", how,
		   div_u64(counts->latency_ns, NSEC_PER_USEC));
	seq_printf(file, "requests_%s_busy_retries %llu\n", how,
		   counts->nr_busy);
}

static void show_watches(struct seq_file *file, const struct stats_view *view)
{
	unsigned int i;

	show(file, "watches", view->nr_watches);
	for (i = 0; i < view->nr_watches; i++) {
		const struct cd_watch *watch = &view->watched[i].watch;

		show_nth(file, "watch_%u_pages", i, watch->request.nr_pages);
		show_nth(file, "watch_%u_align", i, watch->request.align);
		show_nth(file, "watch_%u_fits", i,
			 watch->state == CD_WATCH_FITS);
		show_nth(file, "watch_%u_broken", i, watch->nr_broken);
	}
}

static void show_date(struct seq_file *file, const char *key,
		      const struct cd_marks_view *view, u64 boot_ns)
{
	show(file, key, view->is_marked ?
	     div_u64(cd_real_ns(&view->now, boot_ns), NSEC_PER_SEC) : 0);
}

/* All of them 0 when there are none. */
static void show_marks(struct seq_file *file, const struct cd_marks_view *view)
{
	const struct cd_marks *marks = &view->marks;
	const struct cd_lack *lack = &marks->lack;

	show(file, "marks_known", view->is_marked);
	show_date(file, "marks_since", view, marks->begun_ns);
	show(file, "peak_used_pages", marks->peak.nr_pages);
	show_date(file, "peak_used_time", view, marks->peak.time_ns);
	show(file, "lowest_run_pages", marks->lowest.nr_pages);
	show_date(file, "lowest_run_time", view, marks->lowest.time_ns);
	show(file, "lacked_room", lack->nr);
	show(file, "lacked_room_distinct", lack->nr_unmet);
	show(file, "enough_pages", view->sizes.enough);
	show(file, "enough_all_pages", view->sizes.enough_all);
	show(file, "apart_pages", view->sizes.apart);
	show(file, "apart_all_pages", view->sizes.apart_all);
}

static int show_stats(struct seq_file *file, void *unused)
{
	const struct stats_view *view = file->private;

	show(file, "version", STATS_VERSION);
	show(file, "page_size", PAGE_SIZE);
	show(file, "pages", view->now.figures.nr_pages);
	show(file, "pages_per_bit", 1UL << view->cma->order_per_bit);
	show_ranges(file, view->cma);
	show(file, "locked", view->now.locked);
	show_figures(file, &view->now.figures);
	show_failures(file, view);
	show_requests(file, &view->totals->ended[0], "succeeded");
	show_requests(file, &view->totals->ended[1], "failed");
	show(file, "held_up_max_ns", view->held_up_max_ns);
	show(file, "lock_held_max_ns", view->lock_held_max_ns);
	show(file, "locked_copies", view->nr_copies);
	show_watches(file, view);
	show_marks(file, &view->marks);
	return 0;
}

CD_DEFINE_VIEW_FILE(all_stats, kvfree);
CD_DEFINE_VIEW_FILE(stats, kvfree);
