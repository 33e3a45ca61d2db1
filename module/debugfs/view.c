// SPDX-License-Identifier: GPL-2.0-only
/* What a file showed when it was opened. */
#include "debugfs/view.h"

/**
 * cd_view_open() - open a file on a view
 * @file: the file
 * @view: what it shows; NULL when there was no memory for it
 * @show: writes the whole text
 * @free: frees the view
 *
 * Context: process, may sleep. Return: 0 or -ENOMEM.
 */
int cd_view_open(struct file *file, void *view,
		 int (*show)(struct seq_file *file, void *unused),
		 void (*free)(const void *view))
{
	int err = view ? single_open(file, show, view) : -ENOMEM;

	if (err && view)
		free(view);
	return err;
}

/**
 * cd_view_release() - close a file on a view
 * @inode: the file's
 * @file: the file
 * @free: frees the view
 */
int cd_view_release(struct inode *inode, struct file *file,
		    void (*free)(const void *view))
{
	struct seq_file *seq = file->private_data;

	free(seq->private);
	return single_release(inode, file);
}
