// SPDX-License-Identifier: GPL-2.0-only
/*
 * What alloc_contig_range() returned, where no event tells: a kretprobe.
 *
 * cma_alloc() calls it once for each place (mm/cma.c). From 6.3 on the finish
 * event has the errno, and this is not needed; the name of the function and
 * its first argument, the pfn where the place begins, are the same in all
 * versions before.
 */
#include <linux/kprobes.h>

#include "log.h"
#include "kernel/contig_result.h"

static const struct cd_contig_observer *observer;
static bool attached;

#ifdef CONFIG_KRETPROBES

struct call {
	unsigned long pfn;
};

/* 1: its return is of no interest. */
static int at_entry(struct kretprobe_instance *instance, struct pt_regs *regs)
{
	struct call *call = (void *)instance->data;

	if (!observer->is_wanted())
		return 1;
	call->pfn = regs_get_kernel_argument(regs, 0);
	return 0;
}

NOKPROBE_SYMBOL(at_entry);

static int at_return(struct kretprobe_instance *instance, struct pt_regs *regs)
{
	const struct call *call = (void *)instance->data;

	observer->returned(call->pfn, (int)regs_return_value(regs));
	return 0;
}

NOKPROBE_SYMBOL(at_return);

/* Calls that may be under way at a time; one more is missed, and no harm. */
static struct kretprobe probe = {
	.kp.symbol_name = "alloc_contig_range",
	.entry_handler = at_entry,
	.handler = at_return,
	.data_size = sizeof(struct call),
	.maxactive = 64,
};

static int attach(void)
{
	return register_kretprobe(&probe);
}

static void detach(void)
{
	unregister_kretprobe(&probe);
}

#else

static int attach(void)
{
	return -EOPNOTSUPP;
}

static void detach(void)
{
}

#endif

/**
 * cd_contig_attach() - be told of every place's errno from now on
 * @new_observer: must stay until cd_contig_detach() returns
 *
 * Context: process, may sleep.
 *
 * When this kernel does not let us, says one sentence in the kernel log; then
 * nobody is told, and verdicts are less certain.
 */
void cd_contig_attach(const struct cd_contig_observer *new_observer)
{
	int err;

	observer = new_observer;
	err = attach();
	attached = !err;
	if (err)
		pr_warn("no kretprobe can be set on alloc_contig_range (%d): what a place failed with is not always known\n",
			err);
}

/**
 * cd_contig_detach() - no more; on return no callback runs any more
 *
 * Context: process, may sleep.
 */
void cd_contig_detach(void)
{
	if (attached)
		detach();
	attached = false;
}

/** cd_contig_is_attached() - the observer is told */
bool cd_contig_is_attached(void)
{
	return attached;
}
