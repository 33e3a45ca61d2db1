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
 * cd_marks_gather() - the marks as they are
 * @area: whose
 * @view: result, all zero
 *
 * Context: process. Whoever calls this has just looked at the area.
 */
void cd_marks_gather(struct cd_area *area, struct cd_marks_view *view)
{
	if (!cd_source_abilities()->requests)
		return;
	cd_area_marks_copy(area, &view->marks);
	view->now = cd_now();
	view->is_marked = true;
	cd_marks_sizes(&view->marks, area->cma->nr_pages, cd_cma_size_step(),
		       &view->sizes);
}

/* When it was, and whose it is. */
static void add_when(struct cd_text *text, const struct cd_marks_view *view,
		     const struct cd_mark *mark)
{
	char date[CD_DATE_MAX];

	cd_say_date(&view->now, mark->time_ns, date, sizeof(date));
	if (mark->pid)
		cd_add(text, ", %s, by %s[%d]", date, mark->comm, mark->pid);
	else
		cd_add(text, ", found so %s", date);
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

static void show_peak(struct seq_file *file, const struct cd_area *area,
		      const struct cd_marks_view *view)
{
	const struct cd_mark *peak = &view->marks.peak;
	char sentence[CD_SENTENCE_MAX], size[32];
	struct cd_text text;

	cd_text_begin(&text, sentence, sizeof(sentence));
	cd_say_pages(peak->nr_pages, PAGE_SHIFT, size, sizeof(size));
	cd_add(&text, "%lu of %lu pages (%s) used", peak->nr_pages,
	       area->cma->nr_pages, size);
	add_when(&text, view, peak);
	cd_show_wrapped(file, "peak", sentence);
}

static void show_lowest(struct seq_file *file,
			const struct cd_marks_view *view)
{
	const struct cd_mark *lowest = &view->marks.lowest;
	char sentence[CD_SENTENCE_MAX];
	struct cd_text text;

	cd_text_begin(&text, sentence, sizeof(sentence));
	if (lowest->nr_pages)
		cd_add(&text, "a run of %lu page%s at most", lowest->nr_pages,
		       cd_plural(lowest->nr_pages));
	else
		cd_add(&text, "no run");
	cd_add(&text, " at align %u", view->marks.order);
	add_when(&text, view, lowest);
	cd_show_wrapped(file, "lowest", sentence);
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

	show_peak(file, area, view);
	show_lowest(file, view);
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
