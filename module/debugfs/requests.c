// SPDX-License-Identifier: GPL-2.0-only
/* <area>/requests: what was asked, how long it took, and how it ended. */
#include <linux/math64.h>
#include <linux/mm.h>

#include "areas.h"
#include "debugfs/files.h"
#include "debugfs/lines.h"
#include "debugfs/view.h"
#include "kernel/source.h"

struct requests_view {
	const struct cd_area *area;
	/* The sum, and room to work in. */
	struct cd_request_totals totals[2];
};

static void *gather_requests(struct cd_area *area)
{
	struct requests_view *view = kvzalloc(sizeof(*view), GFP_KERNEL);

	if (!view)
		return NULL;
	view->area = area;
	cd_requests_sum(area->requests, view->totals);
	return view;
}

static void show_heading(struct seq_file *file, const char *heading)
{
	seq_printf(file, "\n%-24s %15s %15s\n", heading, "succeeded",
		   "failed");
}

static void show_row(struct seq_file *file, const char *what, u64 succeeded,
		     u64 failed)
{
	seq_printf(file, "%-24s %15llu %15llu\n", what, succeeded, failed);
}

/* Rows from the first that is not 0 to the last. */
struct rows {
	unsigned int first;
	unsigned int end;
};

static struct rows find_rows(const u64 *succeeded, const u64 *failed,
			     unsigned int nr)
{
	struct rows rows = { .end = nr };

	while (rows.end && !succeeded[rows.end - 1] && !failed[rows.end - 1])
		rows.end--;
	while (rows.first < rows.end && !succeeded[rows.first] &&
	       !failed[rows.first])
		rows.first++;
	return rows;
}

static void say_power(unsigned int i, char *what, size_t size)
{
	u64 first = i ? 1ULL << (i - 1) : 0;

	if (i < 2)
		snprintf(what, size, "%u", i);
	else if (i < CD_NR_POWERS - 1)
		snprintf(what, size, "%llu-%llu", first, 2 * first - 1);
	else
		snprintf(what, size, "%llu or more", first);
}

/* Powers of two from 0, as struct cd_request_counts has them. */
static void show_powers(struct seq_file *file, const char *heading,
			const u64 *succeeded, const u64 *failed)
{
	struct rows rows = find_rows(succeeded, failed, CD_NR_POWERS);
	unsigned int i;
	char what[32];

	show_heading(file, heading);
	for (i = rows.first; i < rows.end; i++) {
		say_power(i, what, sizeof(what));
		show_row(file, what, succeeded[i], failed[i]);
	}
}

static void show_aligns(struct seq_file *file, const u64 *succeeded,
			const u64 *failed)
{
	struct rows rows = find_rows(succeeded, failed, CD_NR_ALIGNS);
	unsigned int i;
	char what[32];

	show_heading(file, "align");
	for (i = rows.first; i < rows.end; i++) {
		snprintf(what, sizeof(what), i <= CD_MAX_ORDER ?
			 "%u" : "%u or more", i);
		show_row(file, what, succeeded[i], failed[i]);
	}
}

static void show_unknown(struct seq_file *file, u64 succeeded, u64 failed)
{
	if (succeeded || failed)
		show_row(file, "unknown", succeeded, failed);
}

static void show_totals(struct seq_file *file,
			const struct cd_request_counts *succeeded,
			const struct cd_request_counts *failed)
{
	show_heading(file, "total");
	show_row(file, "requests", succeeded->nr, failed->nr);
	show_row(file, "pages asked", succeeded->nr_pages, failed->nr_pages);
	show_row(file, "busy retries", succeeded->nr_busy, failed->nr_busy);
	show_row(file, "time taken, us",
		 div_u64(succeeded->latency_ns, NSEC_PER_USEC),
		 div_u64(failed->latency_ns, NSEC_PER_USEC));
}

static void show_slowest(struct seq_file *file, const struct cd_slow *slowest)
{
	unsigned int i;

	/* With the longest name and pid, 80 columns. */
	seq_printf(file, "\n%11s %-19s %7s %5s %-9s %s\n", "slowest, us",
		   "ended at (UTC)", "pages", "align", "result", "caller");
	for (i = 0; i < CD_NR_SLOWEST && slowest[i].latency_ns; i++) {
		const struct cd_slow *slow = &slowest[i];

		seq_printf(file, "%11llu ",
			   div_u64(slow->latency_ns, NSEC_PER_USEC));
		cd_show_time(file, slow->time_ns);
		seq_printf(file, " %7lu %5u %-9s %s[%d]\n",
			   slow->request.nr_pages, slow->request.align,
			   slow->failed ? "failed" : "succeeded", slow->comm,
			   slow->pid);
	}
}

static int show_requests(struct seq_file *file, void *unused)
{
	const struct requests_view *view = file->private;
	const struct cd_request_counts *succeeded = &view->totals->ended[0];
	const struct cd_request_counts *failed = &view->totals->ended[1];

	seq_printf(file, "%s: requests since the module was loaded\n",
		   view->area->dir_name);
	if (!cd_source_abilities()->requests)
		seq_puts(file,
			 "those that failed and were logged; others are not seen with this source\n");
	show_totals(file, succeeded, failed);
	show_powers(file, "pages", succeeded->pages, failed->pages);
	show_aligns(file, succeeded->align, failed->align);
	show_unknown(file, succeeded->align_unknown, failed->align_unknown);
	show_powers(file, "latency, us", succeeded->latency_us,
		    failed->latency_us);
	show_unknown(file, succeeded->latency_unknown, failed->latency_unknown);
	show_powers(file, "busy retries", succeeded->busy, failed->busy);
	show_unknown(file, succeeded->busy_unknown, failed->busy_unknown);
	show_slowest(file, view->totals->slowest);
	return 0;
}

CD_DEFINE_VIEW_FILE(requests, kvfree);
