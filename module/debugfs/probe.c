// SPDX-License-Identifier: GPL-2.0-only
/*
 * <area>/probe: would so many pages fit, and what else would?
 *
 * A question is written, and its answer read from the same open file; a reader
 * has nothing of another's. Nothing is allocated in the area.
 */
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/sched/clock.h>
#include <linux/seq_file.h>

#include "areas.h"
#include "core/sentences.h"
#include "debugfs/files.h"
#include "debugfs/lines.h"
#include "debugfs/question.h"
#include "debugfs/view.h"
#include "inflight.h"
#include "kernel/cma_config.h"
#include "snapshot.h"

/*
 * An open file.
 * @asked: there is an answer
 */
struct probe {
	/* Threads that ask at the same time have the rest in turn. */
	struct mutex lock;
	struct cd_area *area;
	bool asked;
	struct cd_request question;
	struct cd_diagnosis diag;
	struct cd_room room;
};

static void show_question(struct seq_file *file, const struct probe *probe)
{
	seq_printf(file, "%s: %s\n", probe->area->dir_name,
		   cd_verdict_word(probe->diag.verdict));
	cd_show_label(file, "request");
	cd_question_show(file, &probe->question);
	seq_putc(file, '\n');
}

static void show_room(struct seq_file *file, const struct probe *probe)
{
	const struct cd_request *request = &probe->diag.request;
	const struct cd_room *room = &probe->room;
	char size[32];

	cd_say_pages(room->nr_pages, PAGE_SHIFT, size, sizeof(size));
	cd_show_label(file, "most");
	seq_printf(file, "%lu pages (%s) fit at align %u\n", room->nr_pages,
		   size, request->align);
	cd_show_label(file, "align");
	if (room->align < 0)
		seq_puts(file, "these pages fit at no alignment\n");
	else
		seq_printf(file, "these pages fit up to align %d\n",
			   room->align);
	cd_show_label(file, "at once");
	seq_printf(file, "%lu such buffer%s fit\n", room->nr_buffers,
		   room->nr_buffers == 1 ? "" : "s");
}

static int show_probe(struct seq_file *file, void *unused)
{
	struct probe *probe = file->private;

	mutex_lock(&probe->lock);
	if (probe->asked) {
		show_question(file, probe);
		cd_show_diagnosis(file, &probe->diag);
		show_room(file, probe);
	} else {
		seq_puts(file, "nothing was asked yet: write \"COUNT [ALIGN]\" to this open file, then read it:\n");
		seq_puts(file, "    (echo 456 8 >&0; cat) <>probe\n");
	}
	mutex_unlock(&probe->lock);
	return 0;
}

static int answer(struct probe *probe, const struct cd_request *question)
{
	struct cd_snapshot *snapshot = cd_snapshot_alloc(probe->area->cma);

	if (!snapshot)
		return -ENOMEM;
	probe->question = *question;
	probe->diag = (struct cd_diagnosis){
		.request = *question,
		.attempt.candidates = CD_CANDIDATES_WHAT_IF,
		.page_shift = PAGE_SHIFT,
		.align_cap = cd_cma_align_cap(),
	};
	cd_diagnose(&probe->diag, &snapshot->bm, &snapshot->figures);
	cd_inflight_count_others(probe->area->cma, &probe->diag.claims);
	cd_holders_find_whose(&probe->area->holders, &snapshot->bm,
			      local_clock(), &probe->diag);
	cd_count_room(&snapshot->bm, &probe->diag.request, &probe->room);
	probe->asked = true;
	kvfree(snapshot);
	return 0;
}

/* A question that is not understood leaves the answer before it in place. */
static ssize_t write_probe(struct file *file, const char __user *buf,
			   size_t size, loff_t *pos)
{
	struct seq_file *seq = file->private_data;
	struct probe *probe = seq->private;
	struct cd_request question;
	int err = cd_question_read(probe->area, "probe", buf, size, &question);

	if (err)
		return err;
	mutex_lock(&probe->lock);
	err = answer(probe, &question);
	mutex_unlock(&probe->lock);
	if (err)
		return err;
	/* The answer is read from its beginning. */
	*pos = 0;
	return size;
}

static int open_probe(struct inode *inode, struct file *file)
{
	struct probe *probe = kvzalloc(sizeof(*probe), GFP_KERNEL);

	if (!probe)
		return -ENOMEM;
	mutex_init(&probe->lock);
	probe->area = inode->i_private;
	return cd_view_open(file, probe, show_probe, kvfree);
}

static int close_probe(struct inode *inode, struct file *file)
{
	return cd_view_release(inode, file, kvfree);
}

const struct file_operations cd_probe_fops = {
	.owner = THIS_MODULE,
	.open = open_probe,
	.read = seq_read,
	.write = write_probe,
	.llseek = seq_lseek,
	.release = close_probe,
};
