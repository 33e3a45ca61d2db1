// SPDX-License-Identifier: GPL-2.0-only
/* <area>/bitmap: the bitmap at one moment, for tools; see bitmap_file.h. */
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/module.h>

#include "areas.h"
#include "core/bitmap_file.h"
#include "debugfs/files.h"
#include "snapshot.h"

struct bitmap_view {
	size_t size;
	unsigned char bytes[];
};

static struct bitmap_view *gather(const struct cd_area *area)
{
	struct cd_snapshot *snapshot = cd_snapshot_alloc(area->cma);
	struct cd_bitmap_origin origin = {
		.name = area->cma->name,
		.page_shift = PAGE_SHIFT,
		.time_ns = ktime_get_real_ns(),
	};
	struct bitmap_view *view;
	size_t size;

	if (!snapshot)
		return NULL;
	origin.locked = snapshot->locked;
	size = cd_bitmap_file_size(&snapshot->bm);
	view = kvzalloc(struct_size(view, bytes, size), GFP_KERNEL);
	if (view) {
		view->size = size;
		cd_bitmap_file_write(&snapshot->bm, &origin, view->bytes);
	}
	kvfree(snapshot);
	return view;
}

static int open_bitmap(struct inode *inode, struct file *file)
{
	file->private_data = gather(inode->i_private);
	return file->private_data ? 0 : -ENOMEM;
}

static ssize_t read_bitmap(struct file *file, char __user *buf, size_t size,
			   loff_t *pos)
{
	const struct bitmap_view *view = file->private_data;

	return simple_read_from_buffer(buf, size, pos, view->bytes,
				       view->size);
}

static loff_t seek_bitmap(struct file *file, loff_t offset, int whence)
{
	const struct bitmap_view *view = file->private_data;

	return fixed_size_llseek(file, offset, whence, view->size);
}

static int release_bitmap(struct inode *inode, struct file *file)
{
	kvfree(file->private_data);
	return 0;
}

const struct file_operations cd_bitmap_fops = {
	.owner = THIS_MODULE,
	.open = open_bitmap,
	.read = read_bitmap,
	.llseek = seek_bitmap,
	.release = release_bitmap,
};
