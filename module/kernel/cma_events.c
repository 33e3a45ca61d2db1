// SPDX-License-Identifier: GPL-2.0-only
/*
 * Start, busy retry and finish of every CMA allocation.
 *
 * The tracepoints are not exported; for_each_kernel_tracepoint() finds them.
 * Their prototypes changed more than once (include/trace/events/cma.h): the
 * compiler picks the probe that fits, from the type of the function that every
 * tracepoint declares for just this check, and an unknown prototype does not
 * compile. Kbuild tells which events the build tree has.
 *
 * 5.10 to 5.12 have one event, cma_alloc at the end, which names no area: a
 * kprobe on cma_alloc() sees the start, and with it the area.
 */
#include <linux/kprobes.h>
#include <linux/mm_types.h>
#include <linux/string.h>
#include <linux/tracepoint.h>
#include <trace/events/cma.h>

#include "log.h"
#include "kernel/cma_events.h"

#ifndef CONFIG_TRACEPOINTS
#error "cma_diag needs a kernel with tracepoints (CONFIG_FTRACE=y gives them)"
#endif

static const struct cd_alloc_observer *observer;

#define PROBE_FITS(event, probe)					\
	__builtin_types_compatible_p(					\
		typeof(check_trace_callback_type_##event),		\
		void (typeof(probe) *))

#define PROTOTYPE_KNOWN(event, fits)					\
	static_assert(fits,						\
		      "cma_diag does not know this prototype of " #event)

/* One tracepoint, and the probe that sits on it. */
struct event {
	const char *name;
	void *probe;
	struct tracepoint *tp;
};

static void report_finish(const struct cd_cma *area, unsigned long pfn,
			  const struct page *page, unsigned long nr_pages,
			  unsigned int align, int error)
{
	struct cd_finish finish = {
		.area = area,
		.request = { .nr_pages = nr_pages, .align = align },
		.failed = !page,
		.pfn = pfn,
		.error = error,
	};

	observer->finish(&finish);
}

#ifdef CD_EVENT_CMA_ALLOC_FINISH

static void report_start(const char *name, unsigned long nr_pages,
			 unsigned int align)
{
	struct cd_request request = { .nr_pages = nr_pages, .align = align };

	observer->start(cd_cma_by_kernel_name(name), &request, CD_LOCK_TRY);
}

/* 5.13 to 6.17 */
static void probe_start(void *data, const char *name, unsigned long nr_pages,
			unsigned int align)
{
	report_start(name, nr_pages, align);
}

/* 6.18 on */
static void probe_start_counts(void *data, const char *name,
			       unsigned long nr_pages,
			       unsigned long available_pages,
			       unsigned long total_pages, unsigned int align)
{
	report_start(name, nr_pages, align);
}

PROTOTYPE_KNOWN(cma_alloc_start,
		PROBE_FITS(cma_alloc_start, probe_start) ||
		PROBE_FITS(cma_alloc_start, probe_start_counts));

static void probe_busy(void *data, const char *name, unsigned long pfn,
		       const struct page *page, unsigned long nr_pages,
		       unsigned int align)
{
	observer->busy(pfn);
}

PROTOTYPE_KNOWN(cma_alloc_busy_retry,
		PROBE_FITS(cma_alloc_busy_retry, probe_busy));

/* 5.13 to 6.2 */
static void probe_finish(void *data, const char *name, unsigned long pfn,
			 const struct page *page, unsigned long nr_pages,
			 unsigned int align)
{
	report_finish(cd_cma_by_kernel_name(name), pfn, page, nr_pages, align,
		      0);
}

/* 6.3 on */
static void probe_finish_errno(void *data, const char *name, unsigned long pfn,
			       const struct page *page, unsigned long nr_pages,
			       unsigned int align, int error)
{
	report_finish(cd_cma_by_kernel_name(name), pfn, page, nr_pages, align,
		      page ? 0 : error);
}

PROTOTYPE_KNOWN(cma_alloc_finish,
		PROBE_FITS(cma_alloc_finish, probe_finish) ||
		PROBE_FITS(cma_alloc_finish, probe_finish_errno));

static struct event events[] = {
	{
		.name = "cma_alloc_finish",
		.probe = PROBE_FITS(cma_alloc_finish, probe_finish) ?
			 (void *)probe_finish : (void *)probe_finish_errno,
	}, {
		.name = "cma_alloc_busy_retry",
		.probe = probe_busy,
	}, {
		.name = "cma_alloc_start",
		.probe = PROBE_FITS(cma_alloc_start, probe_start) ?
			 (void *)probe_start : (void *)probe_start_counts,
	},
};

static int attach_kprobe(void)
{
	return 0;
}

static void detach_kprobe(void)
{
}

/** cd_cma_events_have_busy() - busy retries are seen on this kernel */
bool cd_cma_events_have_busy(void)
{
	return true;
}

/** cd_cma_events_have_errno() - the finish event gives an errno */
bool cd_cma_events_have_errno(void)
{
	return PROBE_FITS(cma_alloc_finish, probe_finish_errno);
}

/** cd_cma_events_describe() - what failures are seen by, for people */
const char *cd_cma_events_describe(void)
{
	return "cma:cma_alloc_start, _busy_retry and _finish (tracepoints)";
}

#else /* 5.10 to 5.12: one event, and no area in it */

/* The event's pfn is -1 when nothing was tried; one area is unambiguous. */
static void probe_alloc(void *data, unsigned long pfn, const struct page *page,
			unsigned int nr_pages, unsigned int align)
{
	const struct cd_cma *area = cd_cma_by_pfn(pfn);

	if (!area && cd_cma_nr_areas() == 1)
		area = cd_cma_area(0);
	report_finish(area, pfn, page, nr_pages, align, 0);
}

PROTOTYPE_KNOWN(cma_alloc, PROBE_FITS(cma_alloc, probe_alloc));

static struct event events[] = {
	{ .name = "cma_alloc", .probe = probe_alloc },
};

/* cma_alloc(struct cma *cma, size_t count, unsigned int align, bool no_warn) */
static int at_cma_alloc(struct kprobe *kprobe, struct pt_regs *regs)
{
	const void *cma = (void *)regs_get_kernel_argument(regs, 0);
	struct cd_request request = {
		.nr_pages = regs_get_kernel_argument(regs, 1),
		.align = (unsigned int)regs_get_kernel_argument(regs, 2),
	};

	observer->start(cd_cma_by_cma(cma), &request, CD_LOCK_NEVER);
	return 0;
}

static struct kprobe cma_alloc_kprobe = {
	.symbol_name = "cma_alloc",
	.pre_handler = at_cma_alloc,
};

static int attach_kprobe(void)
{
	int err = register_kprobe(&cma_alloc_kprobe);

	if (err)
		pr_err("not loaded: no kprobe can be set on cma_alloc (%d)\n",
		       err);
	return err;
}

static void detach_kprobe(void)
{
	unregister_kprobe(&cma_alloc_kprobe);
}

bool cd_cma_events_have_busy(void)
{
	return false;
}

bool cd_cma_events_have_errno(void)
{
	return false;
}

const char *cd_cma_events_describe(void)
{
	return "cma:cma_alloc (tracepoint) and cma_alloc() (kprobe)";
}

#endif

static void find_event(struct tracepoint *tp, void *data)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(events); i++)
		if (!strcmp(tp->name, events[i].name))
			events[i].tp = tp;
}

static void detach_events(unsigned int nr)
{
	while (nr--)
		tracepoint_probe_unregister(events[nr].tp, events[nr].probe,
					    NULL);
	/* Probes that still run are waited for; then nobody uses us. */
	tracepoint_synchronize_unregister();
}

/* The start comes last, so that no start is seen whose finish is missed. */
static int attach_events(void)
{
	unsigned int i;
	int err;

	for_each_kernel_tracepoint(find_event, NULL);
	for (i = 0; i < ARRAY_SIZE(events); i++) {
		err = events[i].tp ?
		      tracepoint_probe_register(events[i].tp, events[i].probe,
						NULL) : -ENOENT;
		if (err) {
			pr_err("not loaded: the tracepoint cma:%s is not to be had (%d)\n",
			       events[i].name, err);
			detach_events(i);
			return err;
		}
	}
	return 0;
}

/**
 * cd_cma_events_attach() - be told of every allocation from now on
 * @new_observer: must stay until cd_cma_events_detach() returns
 *
 * Context: process, may sleep. cd_cma_init() came first.
 *
 * Return: 0, or a negative errno after one sentence in the kernel log.
 */
int cd_cma_events_attach(const struct cd_alloc_observer *new_observer)
{
	int err;

	observer = new_observer;
	err = attach_events();
	if (err)
		return err;
	err = attach_kprobe();
	if (err)
		detach_events(ARRAY_SIZE(events));
	return err;
}

/**
 * cd_cma_events_detach() - no more; on return no callback runs any more
 *
 * Context: process, may sleep.
 */
void cd_cma_events_detach(void)
{
	detach_kprobe();
	detach_events(ARRAY_SIZE(events));
}
