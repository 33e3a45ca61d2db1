// SPDX-License-Identifier: GPL-2.0-only
/*
 * cma_client: a driver's part. While it is loaded it has DMA buffers for a
 * device of the device tree; the load fails when there are none.
 *
 * For tests only. Like a driver that knows of memory-region, it first asks for
 * the device's own pool. The device must have no other driver.
 */
#include <linux/dma-mapping.h>
#include <linux/module.h>
#include <linux/of.h>
#include <linux/of_platform.h>
#include <linux/of_reserved_mem.h>
#include <linux/platform_device.h>

#define MAX_BUFFERS 64

static char *node = "";
module_param(node, charp, 0);
MODULE_PARM_DESC(node, "the device's path in the device tree");

static unsigned long bytes;
module_param(bytes, ulong, 0);
MODULE_PARM_DESC(bytes, "size of a buffer");

static unsigned int count = 1;
module_param(count, uint, 0);
MODULE_PARM_DESC(count, "how many buffers, 64 at most");

static struct platform_device *device;

static struct {
	void *address;
	dma_addr_t dma;
} buffers[MAX_BUFFERS];

static unsigned int nr_buffers;

static void free_all(void)
{
	while (nr_buffers) {
		nr_buffers--;
		dma_free_coherent(&device->dev, bytes,
				  buffers[nr_buffers].address,
				  buffers[nr_buffers].dma);
	}
	of_reserved_mem_device_release(&device->dev);
	platform_device_put(device);
}

static int allocate(void)
{
	for (; nr_buffers < count; nr_buffers++) {
		buffers[nr_buffers].address =
			dma_alloc_coherent(&device->dev, bytes,
					   &buffers[nr_buffers].dma,
					   GFP_KERNEL | __GFP_NOWARN);
		if (!buffers[nr_buffers].address)
			return -ENOMEM;
	}
	return 0;
}

static int __init cma_client_init(void)
{
	struct device_node *np;
	int err;

	if (count > MAX_BUFFERS)
		return -EINVAL;
	np = of_find_node_by_path(node);
	if (!np)
		return -ENODEV;
	device = of_find_device_by_node(np);
	of_node_put(np);
	if (!device)
		return -ENODEV;
	err = of_reserved_mem_device_init(&device->dev);
	/* It names no pool: then the area that all share. */
	if (err == -ENODEV)
		err = 0;
	err = err ?: dma_set_mask_and_coherent(&device->dev, DMA_BIT_MASK(32));
	err = err ?: allocate();
	if (err)
		free_all();
	return err;
}

static void __exit cma_client_exit(void)
{
	free_all();
}

module_init(cma_client_init);
module_exit(cma_client_exit);

MODULE_DESCRIPTION("A client of CMA for the tests of cma_diag");
MODULE_AUTHOR("The cma_diag authors");
MODULE_LICENSE("GPL");
MODULE_INFO(test, "Y");
