// SPDX-License-Identifier: GPL-2.0-only
/*
 * cma_dma: DMA buffers for devices of the device tree, as drivers have them.
 *
 * For tests only. A command is written to /sys/kernel/debug/cma_dma:
 *
 *	coherent DEVICE BYTES	dma_alloc_attrs()
 *	unmapped DEVICE BYTES	... with DMA_ATTR_NO_KERNEL_MAPPING
 *	pages DEVICE BYTES	dma_alloc_pages()
 *	table DEVICE BYTES	dma_alloc_noncontiguous(), from 5.13 on
 *	free DEVICE PFN		give back what begins there
 *
 * A device is called by the path of its node; it must have no other driver.
 * write() fails with ENOMEM when there was nothing; after an allocation,
 * reading the same open file gives the first pfn, by the device's address: the
 * device must reach all memory at the addresses of the CPU.
 */
#include <linux/debugfs.h>
#include <linux/dma-mapping.h>
#include <linux/fs.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/of.h>
#include <linux/of_device.h>
#include <linux/of_platform.h>
#include <linux/of_reserved_mem.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#define MAX_DEVICES 4
#define MAX_COMMAND 128
#define FLAGS (GFP_KERNEL | __GFP_NOWARN)

struct buffer {
	struct list_head list;
	struct device *dev;
	const struct way *way;
	size_t bytes;
	void *address;
	dma_addr_t dma;
};

struct way {
	const char *verb;
	bool (*alloc)(struct buffer *buffer);
	void (*free)(struct buffer *buffer);
};

static struct platform_device *devices[MAX_DEVICES];
static char *paths[MAX_DEVICES];
static unsigned int nr_devices;
module_param_array_named(devices, paths, charp, &nr_devices, 0);
MODULE_PARM_DESC(devices, "the devices' paths in the device tree");

static LIST_HEAD(buffers);
/* Guards the list. */
static DEFINE_MUTEX(lock);
static struct dentry *file;

/* A device that is not coherent has a map of its own. */
static bool is_as_device_is(const struct buffer *buffer)
{
	const struct device_node *np = buffer->dev->of_node;

	if (of_property_read_bool(np, "dma-coherent"))
		return !is_vmalloc_addr(buffer->address);
	if (of_property_read_bool(np, "dma-noncoherent"))
		return is_vmalloc_addr(buffer->address);
	return true;
}

static bool alloc_coherent(struct buffer *buffer)
{
	buffer->address = dma_alloc_attrs(buffer->dev, buffer->bytes,
					  &buffer->dma, FLAGS, 0);
	if (buffer->address && !is_as_device_is(buffer))
		dev_err(buffer->dev, "must not have this map\n");
	return buffer->address;
}

static void free_coherent(struct buffer *buffer)
{
	dma_free_attrs(buffer->dev, buffer->bytes, buffer->address,
		       buffer->dma, 0);
}

static bool alloc_unmapped(struct buffer *buffer)
{
	buffer->address = dma_alloc_attrs(buffer->dev, buffer->bytes,
					  &buffer->dma, FLAGS,
					  DMA_ATTR_NO_KERNEL_MAPPING);
	return buffer->address;
}

static void free_unmapped(struct buffer *buffer)
{
	dma_free_attrs(buffer->dev, buffer->bytes, buffer->address,
		       buffer->dma, DMA_ATTR_NO_KERNEL_MAPPING);
}

static bool alloc_pages_of(struct buffer *buffer)
{
	buffer->address = dma_alloc_pages(buffer->dev, buffer->bytes,
					  &buffer->dma, DMA_BIDIRECTIONAL,
					  FLAGS);
	return buffer->address;
}

static void free_pages_of(struct buffer *buffer)
{
	dma_free_pages(buffer->dev, buffer->bytes, buffer->address,
		       buffer->dma, DMA_BIDIRECTIONAL);
}

#ifdef HAS_NONCONTIGUOUS

static bool alloc_table(struct buffer *buffer)
{
	struct sg_table *table;

	table = dma_alloc_noncontiguous(buffer->dev, buffer->bytes,
					DMA_BIDIRECTIONAL, FLAGS, 0);
	if (!table)
		return false;
	buffer->address = table;
	buffer->dma = sg_dma_address(table->sgl);
	return true;
}

static void free_table(struct buffer *buffer)
{
	dma_free_noncontiguous(buffer->dev, buffer->bytes, buffer->address,
			       DMA_BIDIRECTIONAL);
}

#endif

static const struct way ways[] = {
	{ "coherent", alloc_coherent, free_coherent },
	{ "unmapped", alloc_unmapped, free_unmapped },
	{ "pages", alloc_pages_of, free_pages_of },
#ifdef HAS_NONCONTIGUOUS
	{ "table", alloc_table, free_table },
#endif
};

static struct device *find_device(const char *path)
{
	unsigned int i;

	for (i = 0; i < nr_devices; i++)
		if (!strcmp(paths[i], path))
			return &devices[i]->dev;
	return NULL;
}

static int allocate(const struct way *way, struct device *dev, size_t bytes,
		    unsigned long *pfn)
{
	struct buffer *buffer = kzalloc(sizeof(*buffer), GFP_KERNEL);

	if (!buffer)
		return -EAGAIN;
	buffer->dev = dev;
	buffer->way = way;
	buffer->bytes = bytes;
	if (!way->alloc(buffer)) {
		kfree(buffer);
		return -ENOMEM;
	}
	*pfn = buffer->dma >> PAGE_SHIFT;
	mutex_lock(&lock);
	list_add(&buffer->list, &buffers);
	mutex_unlock(&lock);
	return 0;
}

static struct buffer *take(const struct device *dev, unsigned long pfn)
{
	struct buffer *buffer, *found = NULL;

	mutex_lock(&lock);
	list_for_each_entry(buffer, &buffers, list) {
		if (buffer->dev != dev || buffer->dma >> PAGE_SHIFT != pfn)
			continue;
		found = buffer;
		list_del(&found->list);
		break;
	}
	mutex_unlock(&lock);
	return found;
}

static int release(const struct device *dev, unsigned long pfn)
{
	struct buffer *buffer = take(dev, pfn);

	if (!buffer)
		return -ENOENT;
	buffer->way->free(buffer);
	kfree(buffer);
	return 0;
}

static int run(const char *command, unsigned long *answer)
{
	char verb[16], path[64];
	unsigned long number;
	struct device *dev;
	unsigned int i;

	if (sscanf(command, "%15s %63s %li", verb, path, &number) != 3)
		return -EINVAL;
	dev = find_device(path);
	if (!dev)
		return -ENODEV;
	if (!strcmp(verb, "free"))
		return release(dev, number);
	for (i = 0; i < ARRAY_SIZE(ways); i++)
		if (!strcmp(verb, ways[i].verb))
			return allocate(&ways[i], dev, number, answer);
	return -EINVAL;
}

/* The answer to an open file's last command is its private data: a number. */
static ssize_t dma_write(struct file *file, const char __user *buf, size_t size,
			 loff_t *pos)
{
	unsigned long answer = 0;
	char *command;
	int err;

	if (size > MAX_COMMAND)
		return -EINVAL;
	command = memdup_user_nul(buf, size);
	if (IS_ERR(command))
		return PTR_ERR(command);
	err = run(command, &answer);
	kfree(command);
	file->private_data = (void *)answer;
	return err ?: size;
}

static ssize_t dma_read(struct file *file, char __user *buf, size_t size,
			loff_t *pos)
{
	char answer[32];
	int len = scnprintf(answer, sizeof(answer), "0x%lx\n",
			    (unsigned long)file->private_data);
	loff_t start = 0;

	return simple_read_from_buffer(buf, size, &start, answer, len);
}

static const struct file_operations dma_fops = {
	.owner = THIS_MODULE,
	.open = nonseekable_open,
	.read = dma_read,
	.write = dma_write,
};

static struct platform_device *get_device_of(const char *path)
{
	struct device_node *np = of_find_node_by_path(path);
	struct platform_device *device;

	if (!np)
		return NULL;
	device = of_find_device_by_node(np);
	of_node_put(np);
	return device;
}

static void put_devices(unsigned int nr)
{
	while (nr--) {
		of_reserved_mem_device_release(&devices[nr]->dev);
		platform_device_put(devices[nr]);
	}
}

static int prepare(struct device *dev)
{
	int err = of_reserved_mem_device_init(dev);

	/* It names no pool: then the area that all share. */
	if (err && err != -ENODEV)
		return err;
	/* What a driver's probe begins with. */
	err = of_dma_configure(dev, dev->of_node, true);
	if (err)
		return err;
	return dma_set_mask_and_coherent(dev, DMA_BIT_MASK(64));
}

static int __init cma_dma_init(void)
{
	unsigned int i;
	int err;

	for (i = 0; i < nr_devices; i++) {
		devices[i] = get_device_of(paths[i]);
		err = devices[i] ? prepare(&devices[i]->dev) : -ENODEV;
		if (err) {
			put_devices(i + !!devices[i]);
			return err;
		}
	}
	file = debugfs_create_file("cma_dma", 0600, NULL, NULL, &dma_fops);
	return 0;
}

static void __exit cma_dma_exit(void)
{
	struct buffer *buffer, *next;

	debugfs_remove(file);
	list_for_each_entry_safe(buffer, next, &buffers, list) {
		buffer->way->free(buffer);
		kfree(buffer);
	}
	put_devices(nr_devices);
}

module_init(cma_dma_init);
module_exit(cma_dma_exit);

MODULE_DESCRIPTION("Devices with DMA buffers for the tests of cma_diag");
MODULE_AUTHOR("The cma_diag authors");
MODULE_LICENSE("GPL");
MODULE_INFO(test, "Y");
