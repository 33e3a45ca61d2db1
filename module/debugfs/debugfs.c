// SPDX-License-Identifier: GPL-2.0-only
/* /sys/kernel/debug/cma_diag: the directories, and which files are in them. */
#include <linux/debugfs.h>

#include "areas.h"
#include "debugfs/debugfs.h"
#include "debugfs/files.h"

struct entry {
	const char *name;
	umode_t mode;
	const struct file_operations *fops;
};

static const struct entry root_files[] = {
	{ "summary", 0400, &cd_all_summary_fops },
	{ "failures", 0400, &cd_failures_fops },
	{ "stats", 0400, &cd_all_stats_fops },
};

static const struct entry area_files[] = {
	{ "summary", 0400, &cd_summary_fops },
	{ "failures", 0400, &cd_failures_fops },
	{ "stats", 0400, &cd_stats_fops },
	{ "runs", 0400, &cd_runs_fops },
	{ "alignment", 0400, &cd_alignment_fops },
	{ "requests", 0400, &cd_requests_fops },
	{ "holders", 0400, &cd_holders_fops },
	{ "probe", 0600, &cd_probe_fops },
	{ "watch", 0600, &cd_watch_fops },
	{ "marks", 0600, &cd_marks_fops },
	{ "pages", 0600, &cd_pages_fops },
	{ "bitmap", 0400, &cd_bitmap_fops },
};

static struct dentry *root;

static void create_files(struct dentry *dir, struct cd_area *area,
			 const struct entry *files, size_t nr)
{
	for (; nr; nr--, files++)
		debugfs_create_file(files->name, files->mode, dir, area,
				    files->fops);
}

/**
 * cd_debugfs_is_file() - is this the name of a file beside the areas'?
 * @name: a name
 */
bool cd_debugfs_is_file(const char *name)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(root_files); i++)
		if (!strcmp(root_files[i].name, name))
			return true;
	return false;
}

/**
 * cd_debugfs_init() - create the files
 *
 * A kernel without debugfs has none; the kernel log and the trace events work
 * all the same.
 *
 * Context: process, may sleep. The areas are set up.
 */
void cd_debugfs_init(void)
{
	unsigned int i;

	root = debugfs_create_dir("cma_diag", NULL);
	create_files(root, NULL, root_files, ARRAY_SIZE(root_files));
	for (i = 0; i < cd_areas_count(); i++) {
		struct cd_area *area = cd_areas_get(i);

		create_files(debugfs_create_dir(area->dir_name, root), area,
			     area_files, ARRAY_SIZE(area_files));
	}
}

/**
 * cd_debugfs_exit() - remove the files
 *
 * Context: process, may sleep. Readers that are in a file are waited for.
 */
void cd_debugfs_exit(void)
{
	debugfs_remove_recursive(root);
}
