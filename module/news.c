// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tells those who wait for failures that there is one: readers that poll, and
 * the kernel log. From a worker, since a failure is found with preemption off,
 * where neither may be done.
 */
#include <linux/workqueue.h>

#include "debugfs/debugfs.h"
#include "kernel_log.h"
#include "news.h"

static void tell(struct work_struct *work)
{
	cd_debugfs_wake();
	cd_kernel_log_news();
}

static DECLARE_WORK(news_work, tell);

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
 * cd_news_flush() - wait until all is told
 *
 * Context: process, may sleep. No failure is recorded any more.
 */
void cd_news_flush(void)
{
	flush_work(&news_work);
}
