// SPDX-License-Identifier: GPL-2.0-only
/* What a file showed when it was opened. */
#include <linux/mm.h>

#include "debugfs/view.h"

/**
 * cd_view_open() - open a file on a view
 * @file: the file
 * @view: what it shows, for kvfree(); NULL when there was no memory for it
 * @show: writes the whole text
 *
 * Context: process, may sleep. Return: 0 or -ENOMEM.
 */
int cd_view_open(struct file *file, void *view,
		 int (*show)(struct seq_file *file, void *unused))
{
	int err = view ? single_open(file, show, view) : -ENOMEM;

	if (err)
		kvfree(view);
	return err;
}

/** cd_view_release() - close the file, and free its view */
int cd_view_release(struct inode *inode, struct file *file)
{
	struct seq_file *seq = file->private_data;

	kvfree(seq->private);
	return single_release(inode, file);
}
