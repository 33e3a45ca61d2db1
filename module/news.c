// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tells those who wait for failures that there is one: readers that poll, and
 * the kernel log. From a worker, since a failure is found with preemption off,
 * where neither may be done.
 */
#include <linux/sched.h>
#include <linux/workqueue.h>

#include "kernel_log.h"
#include "name_stacks.h"
#include "news.h"

static DECLARE_WAIT_QUEUE_HEAD(waiting);

static void tell(struct work_struct *work);
static void tell_later(struct work_struct *work);

static DECLARE_WORK(news_work, tell);
static DECLARE_DELAYED_WORK(later_work, tell_later);

/* What the log passed over is said when no more is passed over. */
static void tell(struct work_struct *work)
{
	cd_name_stacks();
	wake_up_interruptible_all(&waiting);
	if (cd_kernel_log_news())
		schedule_delayed_work(&later_work, cd_kernel_log_interval());
}

static void tell_later(struct work_struct *work)
{
	schedule_work(&news_work);
}

/**
 * cd_news_announce() - there is a new failure
 *
 * Context: any but NMI.
 */
void cd_news_announce(void)
{
	schedule_work(&news_work);
}

/**
 * cd_news_waiting() - who waits for a new failure
 *
 * Return: a queue that is woken after each.
 */
wait_queue_head_t *cd_news_waiting(void)
{
	return &waiting;
}

/**
 * cd_news_flush() - wait until all is told
 *
 * What the kernel log passed over stays to be said, by cd_kernel_log_exit().
 *
 * Context: process, may sleep. No failure is recorded any more.
 */
void cd_news_flush(void)
{
	cancel_delayed_work_sync(&later_work);
	flush_work(&news_work);
	/* Told just now, it may have been put off again. */
	cancel_delayed_work_sync(&later_work);
	flush_work(&news_work);
	cancel_delayed_work_sync(&later_work);
}
