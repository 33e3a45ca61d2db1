// SPDX-License-Identifier: GPL-2.0-only
/* The marks of an area, as text: in its file marks, and in its summary. */
#include <linux/mm.h>
#include <linux/seq_file.h>

#include "areas.h"
#include "core/mark_words.h"
#include "core/sentences.h"
#include "core/text.h"
#include "debugfs/marks_text.h"
#include "kernel/cma_config.h"
#include "kernel/source.h"

/**
 * cd_marks_gather() - the marks as they are now
 * @area: whose
 * @view: result, all zero
 *
 * Context: process, may sleep.
 */
void cd_marks_gather(struct cd_area *area, struct cd_marks_view *view)
{
	if (!cd_source_abilities()->requests)
		return;
	cd_area_marks_read(area, &view->marks);
	view->now = cd_now();
	/* No moment was had to look at the area in. */
	if (!view->marks.known) {
		view->marks = (struct cd_marks){ 0 };
		return;
	}
	view->is_marked = true;
	cd_marks_sizes(&view->marks, area->cma->nr_pages, cd_cma_size_step(),
		       &view->sizes);
}

/* Whose it is, and when. */
static void show_who(struct seq_file *file, const struct cd_marks_view *view,
		     const struct cd_mark *mark)
{
	seq_puts(file, mark->pid ? ", " : ", found so ");
	cd_show_date(file, &view->now, mark->time_ns);
	if (mark->pid)
		seq_printf(file, ", by %s[%d]", mark->comm, mark->pid);
	seq_putc(file, '\n');
}

/**
 * cd_marks_show_since() - "marks since 2026-11-27 12:00:01, for 34 s"
 * @file: where to
 * @view: there are marks
 */
void cd_marks_show_since(struct seq_file *file,
			 const struct cd_marks_view *view)
{
	seq_puts(file, "marks since ");
	cd_show_date(file, &view->now, view->marks.begun_ns);
	seq_printf(file, ", for %llu s\n",
		   cd_age_s(&view->now, view->marks.begun_ns));
}

static void show_extremes(struct seq_file *file, const struct cd_area *area,
			  const struct cd_marks_view *view)
{
	const struct cd_marks *marks = &view->marks;
	char size[32];

	cd_say_pages(marks->peak.nr_pages, PAGE_SHIFT, size, sizeof(size));
	cd_show_label(file, "peak");
	seq_printf(file, "%lu of %lu pages (%s) used", marks->peak.nr_pages,
		   area->cma->nr_pages, size);
	show_who(file, view, &marks->peak);
	cd_show_label(file, "lowest");
	if (marks->lowest.nr_pages)
		seq_printf(file, "a run of %lu page%s at most",
			   marks->lowest.nr_pages,
			   cd_plural(marks->lowest.nr_pages));
	else
		seq_puts(file, "no run");
	seq_printf(file, " at align %u", marks->order);
	show_who(file, view, &marks->lowest);
}

/**
 * cd_marks_show() - the marks, and how large the area should be
 * @file: where to
 * @area: whose
 * @view: there are marks
 */
void cd_marks_show(struct seq_file *file, const struct cd_area *area,
		   const struct cd_marks_view *view)
{
	char sentence[CD_SENTENCE_MAX];

	show_extremes(file, area, view);
	cd_say_lack(&view->marks.lack, sentence, sizeof(sentence));
	cd_show_wrapped(file, "failed", sentence);
	cd_say_enough(&view->sizes, area->cma->nr_pages, PAGE_SHIFT, sentence,
		      sizeof(sentence));
	cd_show_wrapped(file, "size", sentence);
	if (!view->sizes.apart)
		return;
	cd_say_apart(&view->sizes, PAGE_SHIFT, sentence, sizeof(sentence));
	cd_show_wrapped(file, "apart", sentence);
	if (cd_say_cap(&view->marks, sentence, sizeof(sentence)))
		cd_show_wrapped(file, "cap", sentence);
}
