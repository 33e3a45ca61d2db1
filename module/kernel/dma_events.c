// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the DMA layer tells of allocations, where the kernel has tracepoints for
 * that: for which device, and whether the caller is given anything.
 *
 * kernel/dma/mapping.c: dma_alloc_attrs(), dma_alloc_pages() and
 * dma_alloc_noncontiguous() end with one event each, also when they failed. At
 * first (6.12) there was none but that of dma_alloc_attrs(), without direction.
 *
 * What they return is an address of the kernel's linear map, or one of
 * vmalloc() where the device is not coherent; or with
 * DMA_ATTR_NO_KERNEL_MAPPING what is for the layer itself: the struct page,
 * from dma_direct_alloc_no_mapping(), or something else, behind an IOMMU.
 */
#include <linux/dma-mapping.h>
#include <linux/mm.h>
#include <linux/scatterlist.h>
#include <linux/string.h>
#include <linux/tracepoint.h>
#include <linux/vmalloc.h>
#include <trace/events/dma.h>

#include "core/common_callers.h"
#include "kernel/dma_events.h"
#include "kernel/stack.h"

#define PROBE_FITS(event, probe)					\
	__builtin_types_compatible_p(					\
		typeof(check_trace_callback_type_##event),		\
		void (typeof(probe) *))

#define NR_FRAMES 32U

static cd_dma_observer_t *observer;
static bool are_seen;

/* A page without a struct page has a number, too: nothing is looked at. */
#define PAGES_ARE_COUNTED						\
	(IS_ENABLED(CONFIG_FLATMEM) || IS_ENABLED(CONFIG_SPARSEMEM_VMEMMAP))

/* Of anything else but a struct page it cannot be true. */
static bool find_page(const void *cookie, unsigned long *pfn)
{
	*pfn = page_to_pfn((const struct page *)cookie);
	return pfn_valid(*pfn) && pfn_to_page(*pfn) == cookie;
}

static bool find_pfn(const void *address, unsigned long attrs,
		     unsigned long *pfn)
{
	if (!PAGES_ARE_COUNTED)
		return false;
	if (attrs & DMA_ATTR_NO_KERNEL_MAPPING)
		return find_page(address, pfn);
	if (is_vmalloc_addr(address)) {
		*pfn = vmalloc_to_pfn(address);
		return true;
	}
	if (!virt_addr_valid(address))
		return false;
	*pfn = page_to_pfn(virt_to_page(address));
	return true;
}

static const char *name_of(const struct device *dev)
{
	const char *name = dev_name(dev);

	return name && *name ? name : "(no name)";
}

static void report(const struct device *dev, const void *address, size_t size,
		   unsigned long attrs)
{
	struct cd_dma_alloc alloc = {
		.device = name_of(dev),
		.nr_pages = PFN_UP(size),
		.failed = !address,
	};

	alloc.pfn_known = address && find_pfn(address, attrs, &alloc.pfn);
	observer(&alloc);
}

/* 6.12 at first */
static void probe_alloc(void *data, struct device *dev, void *virt_addr,
			dma_addr_t dma_addr, size_t size, gfp_t flags,
			unsigned long attrs)
{
	report(dev, virt_addr, size, attrs);
}

/* 6.13 on, and 6.12 as it is by now */
static void probe_alloc_dir(void *data, struct device *dev, void *virt_addr,
			    dma_addr_t dma_addr, size_t size,
			    enum dma_data_direction dir, gfp_t flags,
			    unsigned long attrs)
{
	report(dev, virt_addr, size, attrs);
}

static_assert(PROBE_FITS(dma_alloc, probe_alloc) ||
	      PROBE_FITS(dma_alloc, probe_alloc_dir),
	      "cma_diag does not know this prototype of dma_alloc");

/* One tracepoint, and the probe that sits on it. */
struct event {
	const char *name;
	void *probe;
	struct tracepoint *tp;
};

#ifdef CD_EVENT_DMA_ALLOC_PAGES

static_assert(PROBE_FITS(dma_alloc_pages, probe_alloc_dir),
	      "cma_diag does not know this prototype of dma_alloc_pages");
static_assert(PROBE_FITS(dma_alloc_sgt_err, probe_alloc_dir),
	      "cma_diag does not know this prototype of dma_alloc_sgt_err");

static void probe_sgt(void *data, struct device *dev, struct sg_table *sgt,
		      size_t size, enum dma_data_direction dir, gfp_t flags,
		      unsigned long attrs)
{
	struct cd_dma_alloc alloc = {
		.device = name_of(dev),
		.nr_pages = PFN_UP(size),
		.pfn_known = sgt->orig_nents == 1,
	};

	if (alloc.pfn_known)
		alloc.pfn = page_to_pfn(sg_page(sgt->sgl));
	observer(&alloc);
}

static_assert(PROBE_FITS(dma_alloc_sgt, probe_sgt),
	      "cma_diag does not know this prototype of dma_alloc_sgt");

#endif

static struct event events[] = {
	{
		.name = "dma_alloc",
		.probe = PROBE_FITS(dma_alloc, probe_alloc) ?
			 (void *)probe_alloc : (void *)probe_alloc_dir,
	},
#ifdef CD_EVENT_DMA_ALLOC_PAGES
	{ .name = "dma_alloc_pages", .probe = probe_alloc_dir },
	{ .name = "dma_alloc_sgt", .probe = probe_sgt },
	{ .name = "dma_alloc_sgt_err", .probe = probe_alloc_dir },
#endif
};

static void find_event(struct tracepoint *tp, void *data)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(events); i++)
		if (!strcmp(tp->name, events[i].name))
			events[i].tp = tp;
}

/**
 * cd_dma_events_attach() - be told of allocations of the DMA layer
 * @new_observer: who is told
 *
 * What is not to be had is done without.
 *
 * Context: process, may sleep.
 */
void cd_dma_events_attach(cd_dma_observer_t *new_observer)
{
	bool any = false;
	unsigned int i;

	observer = new_observer;
	for_each_kernel_tracepoint(find_event, NULL);
	for (i = 0; i < ARRAY_SIZE(events); i++) {
		if (events[i].tp &&
		    tracepoint_probe_register(events[i].tp, events[i].probe,
					      NULL))
			events[i].tp = NULL;
		any |= !!events[i].tp;
	}
	/* The end of what fails from here on is seen. */
	WRITE_ONCE(are_seen, any);
}

/**
 * cd_dma_events_detach() - on return nobody is told any more
 *
 * Context: process, may sleep.
 */
void cd_dma_events_detach(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(events); i++) {
		if (events[i].tp)
			tracepoint_probe_unregister(events[i].tp,
						    events[i].probe, NULL);
		events[i].tp = NULL;
	}
	tracepoint_synchronize_unregister();
	WRITE_ONCE(are_seen, false);
}

/** cd_dma_events_are_seen() - is the observer told of anything? */
bool cd_dma_events_are_seen(void)
{
	return READ_ONCE(are_seen);
}

/* Those that end with an event; not what they call. */
static bool is_dma_call(const char *symbol)
{
	static const char * const calls[] = {
		"dma_alloc_attrs+", "dma_alloc_pages+",
		"dma_alloc_noncontiguous+",
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(calls); i++)
		if (strstarts(symbol, calls[i]))
			return true;
	return false;
}

/**
 * cd_dma_is_same_call() - was that within the call that ends now?
 * @frames: a stack of the current task, innermost first
 * @nr_frames: how many
 *
 * For the observer. Of the same call site, and of the same callers of that; who
 * asks for what was last knows that it is the same call.
 *
 * Context: any but NMI; takes as long as two symbols take to be found.
 *
 * Return: false also where this kernel tells no stacks, or no symbols.
 */
bool cd_dma_is_same_call(const unsigned long *frames, unsigned int nr_frames)
{
	const struct cd_frames a = { .addresses = frames, .nr = nr_frames };
	unsigned long here[NR_FRAMES];
	const struct cd_frames b = {
		.addresses = here,
		.nr = cd_stack_save(here, NR_FRAMES, NULL),
	};

	return cd_stack_share_function(&a, &b, is_dma_call);
}
