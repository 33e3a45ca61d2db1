// SPDX-License-Identifier: GPL-2.0-only
/*
 * The last source: what the kernel logs of failures, and counts of them.
 *
 * cma_alloc() prints a line of each failure, unless its caller asked for none
 * (__GFP_NOWARN) or too many came at once, and counts each as CMA_ALLOC_FAIL
 * from 5.13 on (mm/cma.c). The line has the area, the pages and the errno.
 *
 * The log is read by a worker, as dumpers of the log read it, so that nothing
 * depends on the console's level. A console of ours rings for it. What prints
 * may hold any lock, also the area's: from 6.11 on the kernel lists the free
 * runs under it. So the console's write() looks for the words and queues an
 * irq_work, and nothing else. Where no line comes to a console, the worker
 * looks each second.
 */
#include <linux/console.h>
#include <linux/irq_work.h>
#include <linux/kmsg_dump.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/string.h>
#include <linux/vmstat.h>
#include <linux/workqueue.h>

#include "core/failed_line.h"
#include "core/what_if.h"
#include "kernel/cma_config.h"
#include "kernel/source.h"

/* A record of the log, with room for its prefix; what is longer is cut. */
#define LINE_MAX 512

static const struct cd_alloc_observer *observer;

/* Of the worker, and before it runs. */
#ifdef CD_HAS_KMSG_ITER
static struct kmsg_dump_iter reader;
#else
static struct kmsg_dumper reader;
#endif
static char line[LINE_MAX];

static unsigned long nr_told;
static unsigned long nr_lines_missed;
static unsigned long nr_counted_before;

static void begin_reading(void)
{
#ifndef CD_HAS_KMSG_ITER
	/* Else it is read only while the kernel dumps its log. */
	reader.active = true;
#endif
	kmsg_dump_rewind(&reader);
	while (kmsg_dump_get_line(&reader, true, line, sizeof(line), NULL))
		;
}

static bool read_line(void)
{
	u64 seq = reader.cur_seq;
	size_t len;

	if (!kmsg_dump_get_line(&reader, true, line, sizeof(line) - 1, &len))
		return false;
	line[len] = '\0';
	WRITE_ONCE(nr_lines_missed,
		   nr_lines_missed + (reader.cur_seq - seq - 1));
	return true;
}

static void tell(const struct cd_failed_line *failed)
{
	const struct cd_logged logged = {
		.area = cd_cma_by_name(failed->has_name ? failed->name : NULL),
		.request = {
			.nr_pages = failed->nr_pages,
			.align = cd_dma_align(failed->nr_pages,
					      cd_cma_align_cap()),
			.align_assumed = true,
		},
		.error = failed->error,
		.has_time = failed->has_time,
		.time_ns = failed->time_ns,
	};

	observer->logged(&logged);
	WRITE_ONCE(nr_told, nr_told + 1);
}

/* One at a time, whoever queues it. */
static struct workqueue_struct *queue;

static void read_log(struct work_struct *work);
static DECLARE_DELAYED_WORK(read_work, read_log);

static void read_log(struct work_struct *work)
{
	struct cd_failed_line failed;

	while (read_line())
		if (cd_read_failed_line(line, &failed))
			tell(&failed);
	queue_delayed_work(queue, &read_work, HZ);
}

static void ring(struct irq_work *work)
{
	mod_delayed_work(queue, &read_work, 0);
}

static struct irq_work bell;

/* Under the console's lock, whoever prints; see above for what may be done. */
static void write(struct console *console, const char *text, unsigned int len)
{
	if (strnstr(text, CD_ALLOC_FAILED, len))
		irq_work_queue(&bell);
}

static struct console console = {
	.name = "cma_diag",
	.write = write,
	/* Not one that a command line must name. */
	.flags = CON_ENABLED,
};

#if defined(CD_HAS_ALLOC_FAIL) && defined(CONFIG_VM_EVENT_COUNTERS)

static unsigned long count_failures(void)
{
	unsigned long events[NR_VM_EVENT_ITEMS];

	all_vm_events(events);
	return events[CMA_ALLOC_FAIL];
}

#else

static unsigned long count_failures(void)
{
	return 0;
}

#endif

static int attach(const struct cd_alloc_observer *new_observer)
{
	queue = alloc_ordered_workqueue("cma_diag_log", 0);
	if (!queue)
		return -ENOMEM;
	observer = new_observer;
	begin_reading();
	nr_counted_before = count_failures();
	init_irq_work(&bell, ring);
	register_console(&console);
	queue_delayed_work(queue, &read_work, HZ);
	return 0;
}

static void detach(void)
{
	unregister_console(&console);
	irq_work_sync(&bell);
	cancel_delayed_work_sync(&read_work);
	destroy_workqueue(queue);
}

static const char *describe(void)
{
	return "what the kernel logs of them, and its counter cma_alloc_fail";
}

/*
 * A failure is counted after it is logged: what is counted by now, and logged,
 * is told once the log is read. Never less than before.
 */
static struct cd_missed missed(void)
{
	static DEFINE_MUTEX(lock);
	static struct cd_missed most;
	unsigned long nr_counted, nr;

	mutex_lock(&lock);
	nr_counted = count_failures() - nr_counted_before;
	flush_delayed_work(&read_work);
	nr = READ_ONCE(nr_told);
	if (nr_counted > nr)
		most.nr_failures = max(most.nr_failures, nr_counted - nr);
	most.nr_lines = READ_ONCE(nr_lines_missed);
	mutex_unlock(&lock);
	return most;
}

static const struct cd_abilities abilities;

const struct cd_source cd_source_log = {
	.name = "log",
	.attach = attach,
	.detach = detach,
	.abilities = &abilities,
	.describe = describe,
	.missed = missed,
};
