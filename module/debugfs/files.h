/* SPDX-License-Identifier: GPL-2.0-only */
/* The files, each of them in a file of its own; debugfs.c creates them. */
#ifndef CD_FILES_H
#define CD_FILES_H

#include <linux/fs.h>

/* Of all areas. */
extern const struct file_operations cd_all_summary_fops;
extern const struct file_operations cd_all_stats_fops;

/* Of all areas, or of the area that is the inode's private data. */
extern const struct file_operations cd_failures_fops;

/* Of the area that is the inode's private data. */
extern const struct file_operations cd_summary_fops;
extern const struct file_operations cd_stats_fops;
extern const struct file_operations cd_runs_fops;
extern const struct file_operations cd_alignment_fops;
extern const struct file_operations cd_requests_fops;
extern const struct file_operations cd_holders_fops;
extern const struct file_operations cd_probe_fops;
extern const struct file_operations cd_watch_fops;
extern const struct file_operations cd_marks_fops;
extern const struct file_operations cd_pages_fops;
extern const struct file_operations cd_bitmap_fops;

#endif
