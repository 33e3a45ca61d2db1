/* SPDX-License-Identifier: GPL-2.0-only */
/* What the dma-heap of an area exports: the inodes that users see. */
#ifndef CD_DMA_BUFS_H
#define CD_DMA_BUFS_H

#include <linux/kconfig.h>
#include <linux/types.h>

/**
 * struct cd_dma_buf - a dma-buf that was exported just now
 * @inode: its number, as /proc/PID/fdinfo and debugfs' dma_buf/bufinfo have it
 * @nr_pages: its size
 * @nr_frames: entries of @frames
 * @frames: the stack of its exporter, innermost first; until the observer
 *          returns
 */
struct cd_dma_buf {
	unsigned long inode;
	unsigned long nr_pages;
	unsigned int nr_frames;
	const unsigned long *frames;
};

/*
 * Called in the task that exports, where dma_buf_export() returns: in a handler
 * of a kretprobe, with preemption off.
 */
typedef void cd_dma_buf_observer_t(const struct cd_dma_buf *buf);

#if IS_ENABLED(CONFIG_DMABUF_HEAPS_CMA) && defined(CONFIG_KRETPROBES)
#define CD_DMA_BUFS
#endif

#ifdef CD_DMA_BUFS

void cd_dma_bufs_attach(cd_dma_buf_observer_t *observer);
void cd_dma_bufs_detach(void);
bool cd_dma_bufs_are_seen(void);
bool cd_dma_buf_has(const struct cd_dma_buf *buf, const unsigned long *frames,
		    unsigned int nr_frames);

#else

static inline void cd_dma_bufs_attach(cd_dma_buf_observer_t *observer)
{
}

static inline void cd_dma_bufs_detach(void)
{
}

static inline bool cd_dma_bufs_are_seen(void)
{
	return false;
}

static inline bool cd_dma_buf_has(const struct cd_dma_buf *buf,
				  const unsigned long *frames,
				  unsigned int nr_frames)
{
	return false;
}

#endif

#endif
