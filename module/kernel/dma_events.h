/* SPDX-License-Identifier: GPL-2.0-only */
/* What the DMA layer tells of allocations: for which device, and the end. */
#ifndef CD_DMA_EVENTS_H
#define CD_DMA_EVENTS_H

#include <linux/types.h>

/**
 * struct cd_dma_alloc - an allocation of the DMA layer that has ended
 * @device: the device's name; until the observer returns
 * @nr_pages: pages asked
 * @failed: the caller is given nothing
 * @pfn_known: @pfn holds
 * @pfn: of the first page that the caller is given
 */
struct cd_dma_alloc {
	const char *device;
	unsigned long nr_pages;
	bool failed;
	bool pfn_known;
	unsigned long pfn;
};

/* Called in the task that allocates; in any context but NMI. */
typedef void cd_dma_observer_t(const struct cd_dma_alloc *alloc);

#ifdef CD_DMA_EVENTS

void cd_dma_events_attach(cd_dma_observer_t *observer);
void cd_dma_events_detach(void);
bool cd_dma_events_are_seen(void);
bool cd_dma_is_same_call(const unsigned long *frames, unsigned int nr_frames);

#else

static inline void cd_dma_events_attach(cd_dma_observer_t *observer)
{
}

static inline void cd_dma_events_detach(void)
{
}

static inline bool cd_dma_events_are_seen(void)
{
	return false;
}

static inline bool cd_dma_is_same_call(const unsigned long *frames,
				       unsigned int nr_frames)
{
	return false;
}

#endif

#endif
