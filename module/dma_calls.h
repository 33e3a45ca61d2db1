/* SPDX-License-Identifier: GPL-2.0-only */
/* Calls of the DMA layer and of the dma-heap, as they end. */
#ifndef CD_DMA_CALLS_H
#define CD_DMA_CALLS_H

#include "history.h"
#include "kernel/dma_bufs.h"
#include "kernel/dma_events.h"

struct cd_area;

void cd_dma_calls_failed(struct cd_area *area,
			 const struct cd_failure *failure);
void cd_dma_calls_ended(const struct cd_dma_alloc *alloc);
void cd_dma_calls_exported(const struct cd_dma_buf *buf);
size_t cd_dma_calls_bytes(void);

#endif
