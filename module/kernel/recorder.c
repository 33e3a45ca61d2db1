// SPDX-License-Identifier: GPL-2.0-only
/*
 * A trace instance of our own, that records failures from the load on:
 * instances/cma_diag under /sys/kernel/tracing.
 *
 * Its buffer has the size of every instance's (1408 KiB a CPU by default, boot
 * parameter trace_buf_size=, kernel/trace/trace.c): there is no way to ask for
 * less from within the kernel, yet its own file buffer_size_kb can be written.
 */
/* trace.h of a kernel without tracing relies on what comes before it. */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/trace.h>
#include <linux/trace_events.h>

#include "log.h"
#include "kernel/recorder.h"

#define NAME "cma_diag"

#ifdef CONFIG_TRACING

static struct trace_array *instance;

/*
 * trace_array_get_by_name(name) up to 6.7; from 6.8 on (name, systems), and
 * then the instance has no events but ours (include/linux/trace.h).
 */
struct trace_array *by_name(const char *name);
struct trace_array *by_name_and_systems(const char *name, const char *systems);

#define BY_NAME_ALONE							\
	__builtin_types_compatible_p(typeof(trace_array_get_by_name),	\
				     typeof(by_name))

static_assert(BY_NAME_ALONE ||
	      __builtin_types_compatible_p(typeof(trace_array_get_by_name),
					   typeof(by_name_and_systems)),
	      "cma_diag does not know this prototype of trace_array_get_by_name");

/* The cast is to the type that the function has, in the branch that is kept. */
static struct trace_array *get_instance(void)
{
	void *get = trace_array_get_by_name;

	if (BY_NAME_ALONE)
		return ((typeof(by_name) *)get)(NAME);
	return ((typeof(by_name_and_systems) *)get)(NAME, NAME);
}

/**
 * cd_recorder_start() - record failures from now on
 *
 * Without it everything else works all the same: what fails is said in the
 * kernel log and is no error.
 *
 * Context: process, may sleep. The module's events exist.
 *
 * Return: whether there is an instance.
 */
bool cd_recorder_start(void)
{
	int err;

	instance = get_instance();
	if (!instance) {
		pr_warn("no trace instance could be made: failures are not recorded\n");
		return false;
	}
	err = trace_array_set_clr_event(instance, NAME, "cma_failure", true);
	if (err)
		pr_warn("the trace instance does not record failures (%d)\n",
			err);
	return true;
}

/**
 * cd_recorder_stop() - remove the instance
 *
 * One that somebody reads stays, and records no more.
 *
 * Context: process, may sleep.
 */
void cd_recorder_stop(void)
{
	if (!instance)
		return;
	trace_array_set_clr_event(instance, NAME, "cma_failure", false);
	trace_array_put(instance);
	if (trace_array_destroy(instance))
		pr_info("the trace instance " NAME " is in use and stays\n");
	instance = NULL;
}

#else

bool cd_recorder_start(void)
{
	return false;
}

void cd_recorder_stop(void)
{
}

#endif
