/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a file showed when it was opened.
 *
 * A view is gathered whole at open, and stays as it is until the file is
 * closed: however small the reads, and whatever happens meanwhile, what is
 * read is of one piece.
 */
#ifndef CD_VIEW_H
#define CD_VIEW_H

#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/seq_file.h>

int cd_view_open(struct file *file, void *view,
		 int (*show)(struct seq_file *file, void *unused),
		 void (*free)(const void *view));
int cd_view_release(struct inode *inode, struct file *file,
		    void (*free)(const void *view));

/*
 * The fops of a file: gather_NAME() is given the inode's private data and
 * returns a view, or NULL; show_NAME() finds it in the seq_file's private data.
 */
#define CD_DEFINE_VIEW_FILE(name, free)					\
	static void (* const free_##name)(const void *view) = free;	\
									\
	static int open_##name(struct inode *inode, struct file *file)	\
	{								\
		return cd_view_open(file,				\
				    gather_##name(inode->i_private),	\
				    show_##name, free_##name);		\
	}								\
									\
	static int close_##name(struct inode *inode, struct file *file) \
	{								\
		return cd_view_release(inode, file, free_##name);	\
	}								\
									\
	const struct file_operations cd_##name##_fops = {		\
		.owner = THIS_MODULE,					\
		.open = open_##name,					\
		.read = seq_read,					\
		.llseek = seq_lseek,					\
		.release = close_##name,				\
	}

#endif
