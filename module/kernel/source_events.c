// SPDX-License-Identifier: GPL-2.0-only
/*
 * A source: tracepoints.
 *
 * The tracepoints are not exported; for_each_kernel_tracepoint() finds them.
 * Their prototypes changed more than once (include/trace/events/cma.h): the
 * compiler picks the probe that fits, from the type of the function that every
 * tracepoint declares for just this check, and an unknown prototype does not
 * compile. Kbuild tells which events the build tree has.
 *
 * 5.10 to 5.12 have one event, cma_alloc at the end, which names no area: a
 * kprobe on cma_alloc() sees the start, and with it the area. Up to 6.2 no
 * event has the errno: a kretprobe sees what alloc_contig_range() returned.
 *
 * From 6.11 on the event at the end comes after the kernel has printed that the
 * request failed, and its list of free runs. printk:console comes as each line
 * is stored, in the task that prints it, from 6.0 on (printk_sprint() of
 * kernel/printk/printk.c); before, in whichever task has the console.
 *
 * page_isolation:test_pages_isolated is the same in 5.10 to 7.3. The task that
 * allocates comes by it, for each place it tries, when all that could be moved
 * is; fin_pfn is then the first page that is not free, or end_pfn.
 */
#include <linux/kprobes.h>
#include <linux/mm_types.h>
#include <linux/string.h>
#include <linux/tracepoint.h>
#include <trace/events/cma.h>
#include <trace/events/page_isolation.h>
#include <trace/events/printk.h>

#include "log.h"
#include "kernel/contig_result.h"
#include "kernel/source.h"

static const struct cd_alloc_observer *observer;

/* A probe of a tracepoint runs with preemption off up to 6.19. */
static const struct cd_context in_probe = { .lock = CD_LOCK_TRY };

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

static void probe_isolated(void *data, unsigned long start_pfn,
			   unsigned long end_pfn, unsigned long fin_pfn)
{
	if (fin_pfn < end_pfn && observer->is_started())
		observer->blocked(fin_pfn);
}

PROTOTYPE_KNOWN(test_pages_isolated,
		PROBE_FITS(test_pages_isolated, probe_isolated));
static void probe_printed(void *data, const char *text, size_t len)
{
	struct cd_context context = { 0 };

	if (observer->is_started() && cd_source_is_failing(text, len, &context))
		observer->failing(&context);
}

PROTOTYPE_KNOWN(console, PROBE_FITS(console, probe_printed));

/* Done without where they are not there. */
static struct event isolated = {
	.name = "test_pages_isolated",
	.probe = probe_isolated,
};

static struct event printed = {
	.name = "console",
	.probe = probe_printed,
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

	observer->finish(&finish, &in_probe);
}

#ifdef CD_EVENT_CMA_ALLOC_FINISH

static void report_start(const char *name, unsigned long nr_pages,
			 unsigned int align)
{
	struct cd_request request = { .nr_pages = nr_pages, .align = align };

	observer->start(cd_cma_by_kernel_name(name), &request, &in_probe);
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

#define FINISH_HAS_ERRNO PROBE_FITS(cma_alloc_finish, probe_finish_errno)
#define BUSY_BY_RETURN false
#define SEEN_BY "cma:cma_alloc_start, _busy_retry and _finish (tracepoints)"

static int attach_kprobe(void)
{
	return 0;
}

static void detach_kprobe(void)
{
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

/*
 * cma_alloc(struct cma *cma, size_t count, unsigned int align, bool no_warn)
 *
 * As at a hardware breakpoint, see source_breakpoints.c: where it begins no
 * lock is held that cannot be slept under, and the caller is in x30 alone.
 */
static int at_cma_alloc(struct kprobe *kprobe, struct pt_regs *regs)
{
	const void *cma = (void *)regs_get_kernel_argument(regs, 0);
	struct cd_request request = {
		.nr_pages = regs_get_kernel_argument(regs, 1),
		.align = (unsigned int)regs_get_kernel_argument(regs, 2),
	};
	struct cd_context in_kprobe = { .lock = CD_LOCK_TRY, .regs = regs };

	observer->start(cd_cma_by_cma(cma), &request, &in_kprobe);
	return 0;
}

static struct kprobe cma_alloc_kprobe = {
	.symbol_name = "cma_alloc",
	.pre_handler = at_cma_alloc,
};

#define FINISH_HAS_ERRNO false
#define BUSY_BY_RETURN true
#define SEEN_BY "cma:cma_alloc (tracepoint), cma_alloc() (kprobe)"

static int attach_kprobe(void)
{
	int err = register_kprobe(&cma_alloc_kprobe);

	if (err)
		pr_warn("no kprobe can be set on cma_alloc (%d): not by tracepoints\n",
			err);
	return err;
}

static void detach_kprobe(void)
{
	unregister_kprobe(&cma_alloc_kprobe);
}

#endif

static const char *describe(void)
{
	return cd_contig_is_attached() ?
	       SEEN_BY ", alloc_contig_range() (kretprobe)" : SEEN_BY;
}

static bool is_started(void)
{
	return observer->is_started();
}

static void contig_returned(unsigned long pfn, int error)
{
	observer->trying(pfn);
	observer->tried(error);
}

static const struct cd_contig_observer contig_observer = {
	.is_wanted = is_started,
	.returned = contig_returned,
};

static void find_event(struct tracepoint *tp, void *data)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(events); i++)
		if (!strcmp(tp->name, events[i].name))
			events[i].tp = tp;
	if (!strcmp(tp->name, isolated.name))
		isolated.tp = tp;
	if (FINISH_HAS_ERRNO && !strcmp(tp->name, printed.name))
		printed.tp = tp;
}

static void attach_optional(struct event *event, const char *without)
{
	int err = event->tp ?
		  tracepoint_probe_register(event->tp, event->probe, NULL) :
		  -ENOENT;

	if (!err)
		return;
	event->tp = NULL;
	pr_warn("the tracepoint %s is not to be had (%d): %s\n", event->name,
		err, without);
}

static void detach_optional(struct event *event)
{
	if (event->tp)
		tracepoint_probe_unregister(event->tp, event->probe, NULL);
	event->tp = NULL;
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

	for (i = 0; i < ARRAY_SIZE(events); i++) {
		err = events[i].tp ?
		      tracepoint_probe_register(events[i].tp, events[i].probe,
						NULL) : -ENOENT;
		if (err) {
			pr_warn("the tracepoint cma:%s is not to be had (%d): not by tracepoints\n",
				events[i].name, err);
			detach_events(i);
			return err;
		}
	}
	return 0;
}

/* Comes before the events, so that of a start that is seen all places are. */
static void attach_places(void)
{
	attach_optional(&isolated, "which page was busy is not known");
	if (FINISH_HAS_ERRNO)
		attach_optional(&printed,
				"what fails is looked at after it was logged");
	else
		cd_contig_attach(&contig_observer);
}

static void detach_places(void)
{
	cd_contig_detach();
	detach_optional(&printed);
	detach_optional(&isolated);
	tracepoint_synchronize_unregister();
}

static struct cd_abilities abilities = {
	.requests = true,
	.busy_by_return = BUSY_BY_RETURN,
	.outcome = true,
};

static void find_abilities(void)
{
	abilities.busy = !BUSY_BY_RETURN || cd_contig_is_attached();
	abilities.error = FINISH_HAS_ERRNO || cd_contig_is_attached();
	abilities.blocking = isolated.tp;
	abilities.moment = !FINISH_HAS_ERRNO || printed.tp;
}

static int attach(const struct cd_alloc_observer *new_observer)
{
	int err;

	observer = new_observer;
	for_each_kernel_tracepoint(find_event, NULL);
	attach_places();
	find_abilities();
	err = attach_events();
	if (err)
		goto detach_places;
	err = attach_kprobe();
	if (err)
		goto detach_events;
	return 0;

detach_events:
	detach_events(ARRAY_SIZE(events));
detach_places:
	detach_places();
	return err;
}

static void detach(void)
{
	detach_kprobe();
	detach_events(ARRAY_SIZE(events));
	detach_places();
}

const struct cd_source cd_source_events = {
	.name = "tracepoints",
	.attach = attach,
	.detach = detach,
	.abilities = &abilities,
	.describe = describe,
};
