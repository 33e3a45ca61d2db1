// SPDX-License-Identifier: GPL-2.0-only
/*
 * <area>/probe: would so many pages fit, and what else would?
 *
 * A question is written, and its answer read from the same open file; a reader
 * has nothing of another's. Nothing is allocated in the area.
 */
#define DEBUG /* a question that is not understood is logged at that level */
#include "log.h"

#include <linux/err.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "areas.h"
#include "core/sentences.h"
#include "core/what_if.h"
#include "debugfs/files.h"
#include "debugfs/lines.h"
#include "snapshot.h"

/*
 * An open file.
 * @asked: there is an answer
 */
struct probe {
	/* Threads that ask at the same time have the rest in turn. */
	struct mutex lock;
	const struct cd_area *area;
	bool asked;
	struct cd_question question;
	struct cd_diagnosis diag;
	struct cd_room room;
};

static void show_question(struct seq_file *file, const struct probe *probe)
{
	const struct cd_request *request = &probe->diag.request;
	char size[32];

	cd_say_pages(request->nr_pages, PAGE_SHIFT, size, sizeof(size));
	seq_printf(file, "%s: %s\n", probe->area->dir_name,
		   cd_verdict_word(probe->diag.verdict));
	cd_show_label(file, "request");
	seq_printf(file, "%lu pages (%s) at align %u", request->nr_pages, size,
		   request->align);
	if (probe->question.align_assumed)
		seq_puts(file, ", as a DMA caller asks");
	else if (request->align)
		seq_printf(file, " (%lu pages)", 1UL << request->align);
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

static int answer(struct probe *probe)
{
	struct cd_snapshot *snapshot = cd_snapshot_alloc(probe->area->cma);

	if (!snapshot)
		return -ENOMEM;
	probe->diag = (struct cd_diagnosis){
		.request = probe->question.request,
		.attempt.candidates = CD_CANDIDATES_WHAT_IF,
		.page_shift = PAGE_SHIFT,
		.align_cap = cd_cma_align_cap(),
	};
	cd_diagnose(&probe->diag, &snapshot->bm, &snapshot->figures);
	cd_count_room(&snapshot->bm, &probe->diag.request, &probe->room);
	probe->asked = true;
	kvfree(snapshot);
	return 0;
}

static int ask(struct probe *probe, const char *text)
{
	struct cd_question question;
	const char *complaint;
	int err = cd_parse_question(text, PAGE_SHIFT, cd_cma_align_cap(),
				    &question, &complaint);

	if (err) {
		pr_debug("%s/probe: %s\n", probe->area->dir_name, complaint);
		return err;
	}
	probe->question = question;
	return answer(probe);
}

/* A question that is not understood leaves the answer before it in place. */
static ssize_t write_probe(struct file *file, const char __user *buf,
			   size_t size, loff_t *pos)
{
	struct seq_file *seq = file->private_data;
	struct probe *probe = seq->private;
	char *text;
	int err;

	if (size > CD_QUESTION_MAX) {
		pr_debug("%s/probe: a question has at most %d characters\n",
			 probe->area->dir_name, CD_QUESTION_MAX);
		return -EINVAL;
	}
	text = memdup_user_nul(buf, size);
	if (IS_ERR(text))
		return PTR_ERR(text);
	if (strlen(text) < size) {
		pr_debug("%s/probe: a question has no NUL in it\n",
			 probe->area->dir_name);
		err = -EINVAL;
	} else {
		mutex_lock(&probe->lock);
		err = ask(probe, text);
		mutex_unlock(&probe->lock);
	}
	kfree(text);
	if (err)
		return err;
	/* The answer is read from its beginning. */
	*pos = 0;
	return size;
}

static int open_probe(struct inode *inode, struct file *file)
{
	struct probe *probe = kvzalloc(sizeof(*probe), GFP_KERNEL);
	int err;

	if (!probe)
		return -ENOMEM;
	mutex_init(&probe->lock);
	probe->area = inode->i_private;
	err = single_open(file, show_probe, probe);
	if (err)
		kvfree(probe);
	return err;
}

static int release_probe(struct inode *inode, struct file *file)
{
	struct seq_file *seq = file->private_data;

	kvfree(seq->private);
	return single_release(inode, file);
}

const struct file_operations cd_probe_fops = {
	.owner = THIS_MODULE,
	.open = open_probe,
	.read = seq_read,
	.write = write_probe,
	.llseek = seq_lseek,
	.release = release_probe,
};
