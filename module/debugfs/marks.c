// SPDX-License-Identifier: GPL-2.0-only
/*
 * <area>/marks: how full the area has been, how little of it was left in one
 * piece, and how large it should be.
 *
 * "reset", written, has them begin anew.
 */
#define DEBUG /* what is refused is logged at that level */
#include "log.h"

#include <linux/mm.h>

#include "areas.h"
#include "debugfs/files.h"
#include "debugfs/lines.h"
#include "debugfs/marks_text.h"
#include "debugfs/question.h"
#include "debugfs/view.h"
#include "kernel/source.h"

struct marks_view {
	struct cd_area *area;
	struct cd_marks_view marks;
};

static struct marks_view *gather_marks(struct cd_area *area, bool reads)
{
	struct marks_view *view = kvzalloc(sizeof(*view), GFP_KERNEL);

	if (!view)
		return NULL;
	view->area = area;
	if (!reads || !cd_source_abilities()->requests)
		return view;
	if (cd_area_marks_look(area)) {
		kvfree(view);
		return NULL;
	}
	cd_marks_gather(area, &view->marks);
	return view;
}

static int show_marks(struct seq_file *file, void *unused)
{
	const struct marks_view *view = file->private;

	seq_printf(file, "%s: ", view->area->dir_name);
	if (view->marks.is_marked) {
		cd_marks_show_since(file, &view->marks);
		cd_marks_show(file, view->area, &view->marks);
		return 0;
	}
	seq_puts(file, "no marks\n");
	cd_show_wrapped(file, "why", CD_TELLS_OF_FAILURES_ALONE);
	return 0;
}

static ssize_t write_marks(struct file *file, const char __user *buf,
			   size_t size, loff_t *pos)
{
	const struct seq_file *seq = file->private_data;
	const struct marks_view *view = seq->private;
	struct cd_area *area = view->area;
	bool is_reset;
	int err;

	if (!cd_source_abilities()->requests) {
		pr_debug("%s/marks: %s\n", area->dir_name,
			 CD_TELLS_OF_FAILURES_ALONE);
		return -EOPNOTSUPP;
	}
	err = cd_word_read(buf, size, "reset", &is_reset);
	if (err)
		return err;
	if (!is_reset) {
		pr_debug("%s/marks: the word \"reset\" is all that it takes\n",
			 area->dir_name);
		return -EINVAL;
	}
	return cd_area_marks_reset(area) ?: size;
}

static int open_marks(struct inode *inode, struct file *file)
{
	return cd_view_open(file,
			    gather_marks(inode->i_private,
					 file->f_mode & FMODE_READ),
			    show_marks, kvfree);
}

static int close_marks(struct inode *inode, struct file *file)
{
	return cd_view_release(inode, file, kvfree);
}

const struct file_operations cd_marks_fops = {
	.owner = THIS_MODULE,
	.open = open_marks,
	.read = seq_read,
	.write = write_marks,
	.llseek = seq_lseek,
	.release = close_marks,
};
