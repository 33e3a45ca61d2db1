// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the dma-heap of an area exports: a kretprobe on dma_buf_export().
 *
 * drivers/dma-buf/heaps/cma_heap.c, 5.10 to 7.3: cma_heap_allocate() has pages
 * of the area, once, and exports them (in 5.10 by a helper); nothing else there
 * does either. Other exporters have their pages long before, or in pieces: of
 * these nothing is known. The tracepoint dma_buf:dma_buf_export (7.0 on) would
 * tell no more.
 *
 * Where a function begins its caller is in x30, and not yet the kretprobe's.
 */
#include "kernel/dma_bufs.h"

#ifdef CD_DMA_BUFS

#include <linux/dma-buf.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/kprobes.h>
#include <linux/mm.h>
#include <linux/string.h>

#include "core/common_callers.h"
#include "kernel/stack.h"
#include "log.h"

#define NR_FRAMES 16U

struct call {
	unsigned int nr_frames;
	unsigned long frames[NR_FRAMES];
};

static cd_dma_buf_observer_t *observer;
static bool attached;

static int at_entry(struct kretprobe_instance *instance, struct pt_regs *regs)
{
	struct call *call = (void *)instance->data;

	call->nr_frames = cd_stack_save(call->frames, NR_FRAMES, regs);
	return 0;
}

NOKPROBE_SYMBOL(at_entry);

static int at_return(struct kretprobe_instance *instance, struct pt_regs *regs)
{
	const struct call *call = (void *)instance->data;
	const struct dma_buf *dmabuf = (void *)regs_return_value(regs);
	struct cd_dma_buf buf = {
		.nr_frames = call->nr_frames,
		.frames = call->frames,
	};

	if (IS_ERR_OR_NULL(dmabuf))
		return 0;
	buf.inode = file_inode(dmabuf->file)->i_ino;
	buf.nr_pages = PFN_UP(dmabuf->size);
	observer(&buf);
	return 0;
}

NOKPROBE_SYMBOL(at_return);

/* Calls that may be under way at a time; one more is missed, and no harm. */
static struct kretprobe probe = {
	.kp.symbol_name = "dma_buf_export",
	.entry_handler = at_entry,
	.handler = at_return,
	.data_size = sizeof(struct call),
	.maxactive = 64,
};

/**
 * cd_dma_bufs_attach() - be told of dma-bufs from now on
 * @new_observer: must stay until cd_dma_bufs_detach() returns
 *
 * Context: process, may sleep. When this kernel does not let us, says one
 * sentence in the kernel log; then nobody is told.
 */
void cd_dma_bufs_attach(cd_dma_buf_observer_t *new_observer)
{
	int err;

	observer = new_observer;
	err = register_kretprobe(&probe);
	attached = !err;
	if (err)
		pr_warn("no kretprobe can be set on dma_buf_export (%d): inodes of dma-bufs are not known\n",
			err);
}

/**
 * cd_dma_bufs_detach() - no more; on return no callback runs any more
 *
 * Context: process, may sleep.
 */
void cd_dma_bufs_detach(void)
{
	if (attached)
		unregister_kretprobe(&probe);
	attached = false;
}

/** cd_dma_bufs_are_seen() - is the observer told of anything? */
bool cd_dma_bufs_are_seen(void)
{
	return attached;
}

static bool is_of_heap(const char *symbol)
{
	return strstarts(symbol, "cma_heap_");
}

/**
 * cd_dma_buf_has() - are these pages what was exported?
 * @buf: the dma-buf
 * @frames: a stack of the current task, when it had them, innermost first
 * @nr_frames: how many
 *
 * For the observer. Of the same call of the heap, if these are the last pages
 * that the task has had.
 *
 * Context: any but NMI; takes as long as two symbols take to be found.
 *
 * Return: false also where this kernel tells no symbols.
 */
bool cd_dma_buf_has(const struct cd_dma_buf *buf, const unsigned long *frames,
		    unsigned int nr_frames)
{
	const struct cd_frames a = { .addresses = frames, .nr = nr_frames };
	const struct cd_frames b = {
		.addresses = buf->frames,
		.nr = buf->nr_frames,
	};

	return cd_stack_share_function(&a, &b, is_of_heap);
}

#endif
