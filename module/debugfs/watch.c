// SPDX-License-Identifier: GPL-2.0-only
/*
 * <area>/watch: requests that are watched: do they still fit, and if not, whose
 * allocation broke it?
 *
 * Each question that is written sets a watch; "clear" removes them.
 */
#define DEBUG /* what is refused is logged at that level */
#include "log.h"

#include <linux/mm.h>

#include "areas.h"
#include "core/sentences.h"
#include "core/text.h"
#include "debugfs/files.h"
#include "debugfs/lines.h"
#include "debugfs/question.h"
#include "debugfs/view.h"
#include "inflight.h"
#include "kernel/source.h"
#include "name_stacks.h"

struct watch_view {
	struct cd_area *area;
	struct cd_claims claims;
	struct cd_now now;
	unsigned int nr;
	struct cd_watched watched[CD_MAX_WATCHES];
};

static void free_watch_view(const void *private)
{
	const struct watch_view *view = private;
	unsigned int i;

	for (i = 0; i < view->nr; i++)
		cd_stack_names_put(view->watched[i].names);
	kvfree(view);
}

/* Of those that came after the last cd_name_stacks(). */
static int name_stacks(struct watch_view *view)
{
	unsigned int i;

	for (i = 0; i < view->nr; i++) {
		struct cd_watched *watched = &view->watched[i];
		const struct cd_grant *breaker = &watched->watch.breaker;

		if (!watched->names)
			watched->names =
				cd_stack_names_make(breaker->frames,
						    breaker->nr_frames);
		if (!watched->names)
			return -ENOMEM;
	}
	return 0;
}

static struct watch_view *gather_watch(struct cd_area *area, bool reads)
{
	struct watch_view *view = kvzalloc(sizeof(*view), GFP_KERNEL);

	if (!view)
		return NULL;
	view->area = area;
	if (!reads)
		return view;
	cd_watches_settle(area);
	cd_name_stacks();
	cd_inflight_count_others(area->cma, &view->claims);
	view->nr = cd_watches_copy(&area->watches, view->watched);
	view->now = cd_now();
	if (name_stacks(view)) {
		free_watch_view(view);
		return NULL;
	}
	return view;
}

static void show_open(struct seq_file *file, const struct watch_view *view)
{
	const struct cd_claims *claims = &view->claims;
	char sentence[CD_SENTENCE_MAX];
	struct cd_text text;

	cd_text_begin(&text, sentence, sizeof(sentence));
	cd_add(&text, "not known while others allocate");
	if (claims->nr_requests)
		cd_add(&text, ": up to %lu page%s are claimed by %lu request%s",
		       claims->nr_pages, cd_plural(claims->nr_pages),
		       claims->nr_requests, cd_plural(claims->nr_requests));
	cd_show_wrapped(file, "state", sentence);
}

static void show_broken(struct seq_file *file, const struct watch_view *view,
			const struct cd_watch *watch)
{
	cd_show_label(file, "state");
	if (!watch->nr_broken) {
		seq_printf(file, "does not fit, nor did it when the watch was set, %llu s ago\n",
			   cd_age_s(&view->now, watch->set_ns));
		return;
	}
	seq_puts(file, "does not fit since ");
	cd_show_date(file, &view->now, watch->broken_ns);
	seq_printf(file, ", for %llu s\n",
		   cd_age_s(&view->now, watch->broken_ns));
}

static void show_state(struct seq_file *file, const struct watch_view *view,
		       const struct cd_watch *watch)
{
	if (watch->state == CD_WATCH_OPEN) {
		show_open(file, view);
	} else if (watch->state == CD_WATCH_BROKEN) {
		show_broken(file, view, watch);
	} else {
		cd_show_label(file, "state");
		seq_puts(file, "fits,");
		cd_show_place(file, view->area->cma, &watch->witness);
		seq_putc(file, '\n');
	}
}

static void show_nr_broken(struct seq_file *file,
			   const struct watch_view *view,
			   const struct cd_watch *watch)
{
	cd_show_label(file, "broken");
	seq_printf(file, "%lu time%s", watch->nr_broken,
		   cd_plural(watch->nr_broken));
	if (watch->nr_broken) {
		seq_puts(file, ", the last ");
		cd_show_date(file, &view->now, watch->broken_ns);
	}
	seq_putc(file, '\n');
}

/* The last time that it broke. */
static void show_breaker(struct seq_file *file, const struct watch_view *view,
			 const struct cd_watched *watched)
{
	const struct cd_watch *watch = &watched->watch;
	char sentence[CD_SENTENCE_MAX];

	if (watch->breaker.request.nr_pages) {
		cd_say_grant(&watch->breaker, &view->area->holders.places,
			     PAGE_SHIFT, sentence, sizeof(sentence));
		cd_show_wrapped(file, "by", sentence);
	} else {
		cd_show_label(file, "by");
		seq_puts(file, "not known: unseen, or several at once\n");
	}
	cd_show_label(file, "left");
	seq_printf(file, "a run of %lu page%s at most, at align %u\n",
		   watch->largest, cd_plural(watch->largest),
		   watch->request.align);
	if (watch->state == CD_WATCH_FITS && watch->fits_ns) {
		cd_show_label(file, "again");
		cd_show_date(file, &view->now, watch->fits_ns);
		seq_putc(file, '\n');
	}
	cd_show_stack(file, watched->names);
}

static void show_one(struct seq_file *file, const struct watch_view *view,
		     const struct cd_watched *watched)
{
	const struct cd_watch *watch = &watched->watch;

	seq_putc(file, '\n');
	cd_question_show(file, &watch->request);
	seq_putc(file, '\n');
	show_state(file, view, watch);
	show_nr_broken(file, view, watch);
	if (watch->nr_broken)
		show_breaker(file, view, watched);
}

static int show_watch(struct seq_file *file, void *unused)
{
	const struct watch_view *view = file->private;
	const char *name = view->area->dir_name;
	unsigned int i;

	if (!cd_source_abilities()->requests) {
		seq_printf(file, "%s: no watch can be set\n", name);
		cd_show_wrapped(file, "why", CD_TELLS_OF_FAILURES_ALONE);
	} else if (!view->nr) {
		seq_printf(file, "%s: no watch is set\n", name);
		cd_show_label(file, "to set");
		seq_printf(file, "write \"COUNT [ALIGN]\" here, up to %u times\n",
			   CD_MAX_WATCHES);
	} else {
		seq_printf(file, "%s: %u watch%s of at most %u\n", name,
			   view->nr, view->nr == 1 ? "" : "es",
			   CD_MAX_WATCHES);
	}
	for (i = 0; i < view->nr; i++)
		show_one(file, view, &view->watched[i]);
	return 0;
}

static int set_watch(struct cd_area *area, const char __user *buf, size_t size)
{
	struct cd_request question;
	const char *complaint;
	int err = cd_question_read(area, "watch", buf, size, &question);

	if (err)
		return err;
	err = cd_watches_add(area, &question, &complaint);
	if (err)
		pr_debug("%s/watch: %s\n", area->dir_name, complaint);
	return err;
}

static ssize_t write_watch(struct file *file, const char __user *buf,
			   size_t size, loff_t *pos)
{
	const struct seq_file *seq = file->private_data;
	const struct watch_view *view = seq->private;
	bool is_clear;
	int err;

	if (!cd_source_abilities()->requests) {
		pr_debug("%s/watch: %s\n", view->area->dir_name,
			 CD_TELLS_OF_FAILURES_ALONE);
		return -EOPNOTSUPP;
	}
	err = cd_word_read(buf, size, "clear", &is_clear);
	if (!err && is_clear)
		cd_watches_clear(&view->area->watches);
	else if (!err)
		err = set_watch(view->area, buf, size);
	return err ?: size;
}

static int open_watch(struct inode *inode, struct file *file)
{
	return cd_view_open(file,
			    gather_watch(inode->i_private,
					 file->f_mode & FMODE_READ),
			    show_watch, free_watch_view);
}

static int close_watch(struct inode *inode, struct file *file)
{
	return cd_view_release(inode, file, free_watch_view);
}

const struct file_operations cd_watch_fops = {
	.owner = THIS_MODULE,
	.open = open_watch,
	.read = seq_read,
	.write = write_watch,
	.llseek = seq_lseek,
	.release = close_watch,
};
