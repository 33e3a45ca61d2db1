// SPDX-License-Identifier: GPL-2.0-only
/* Chooses the source: the first that this kernel has, best first. */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "log.h"
#include "core/failed_line.h"
#include "kernel/source.h"

/* The one that ends the list is none: what is there was built in (Kbuild). */
static const struct cd_source * const sources[] = {
#ifdef CD_SOURCE_EVENTS
	&cd_source_events,
#endif
#ifdef CD_SOURCE_BREAKPOINTS
	&cd_source_breakpoints,
#endif
#ifdef CD_SOURCE_LOG
	&cd_source_log,
#endif
	NULL
};

static const struct cd_source *source;

/* Until there is one nothing is told. */
static const struct cd_abilities no_abilities;

static int refuse(void)
{
	pr_err("not loaded: break_attach asks for that\n");
	return -EIO;
}

/* What this kernel was not built with. */
#if !defined(CD_SOURCE_EVENTS) && !defined(CD_SOURCE_BREAKPOINTS)
#define BETTER_SOURCES \
	"; CONFIG_FTRACE would give tracepoints, CONFIG_PERF_EVENTS on arm64 hardware breakpoints"
#elif !defined(CD_SOURCE_EVENTS)
#define BETTER_SOURCES "; CONFIG_FTRACE would give tracepoints"
#else
#define BETTER_SOURCES ""
#endif

static bool is_wanted(const struct cd_source *candidate, const char *name)
{
	return !name || !strcmp(candidate->name, name);
}

static int refuse_name(const char *name)
{
	char there[64] = "";
	int i, len = 0;

	for (i = 0; sources[i]; i++) {
		if (is_wanted(sources[i], name))
			return 0;
		len += scnprintf(there + len, sizeof(there) - len, " %s",
				 sources[i]->name);
	}
	pr_err("not loaded: source=%s names none; there are:%s\n", name,
	       len ? there : " none");
	return -EINVAL;
}

static int attach_first(const char *name,
			const struct cd_alloc_observer *observer)
{
	int i, err = -EOPNOTSUPP;

	for (i = 0; sources[i]; i++) {
		if (!is_wanted(sources[i], name))
			continue;
		/* Before the first callback that asks for its abilities. */
		source = sources[i];
		err = source->attach(observer);
		if (!err && !source->abilities->requests)
			pr_warn("failures are seen by what the kernel logs of them, and later%s\n",
				BETTER_SOURCES);
		if (!err)
			return 0;
		source = NULL;
	}
	if (name)
		pr_err("not loaded: source=%s cannot be had (%d)\n", name, err);
	else
		pr_err("not loaded: there is nothing else by which allocations could be seen on this kernel%s\n",
		       BETTER_SOURCES);
	return err;
}

/**
 * cd_source_attach() - be told of every allocation from now on
 * @name: of the source, or NULL for the best that there is
 * @observer: must stay until cd_source_detach() returns
 * @break_attach: for tests: when all is attached, it is given up again
 *
 * Context: process, may sleep. cd_cma_init() came first.
 *
 * Return: 0, or a negative errno after one sentence in the kernel log.
 */
int cd_source_attach(const char *name,
		     const struct cd_alloc_observer *observer,
		     bool break_attach)
{
	int err = name ? refuse_name(name) : 0;

	err = err ?: attach_first(name, observer);
	if (!err && break_attach) {
		cd_source_detach();
		err = refuse();
	}
	return err;
}

/**
 * cd_source_detach() - no more; on return no callback runs any more
 *
 * Context: process, may sleep.
 */
void cd_source_detach(void)
{
	source->detach();
	source = NULL;
}

/**
 * cd_source_abilities() - what the source tells
 *
 * Context: any.
 */
const struct cd_abilities *cd_source_abilities(void)
{
	const struct cd_source *now = READ_ONCE(source);

	return now ? now->abilities : &no_abilities;
}

/** cd_source_describe() - what allocations are seen by, for people */
const char *cd_source_describe(void)
{
	return source->describe();
}

/**
 * cd_source_missed() - what the source is known not to have told
 *
 * Context: process, may sleep.
 */
struct cd_missed cd_source_missed(void)
{
	return source->missed ? source->missed() : (struct cd_missed){ 0 };
}

/**
 * cd_source_is_failing() - is this what the kernel logs when a request failed?
 * @text: what it logs, or the format of that
 * @len: of @text
 * @context: its @lock is set when it is
 *
 * The line that says so comes without a lock, and only as often as its limit
 * lets it; from 6.11 on, and before with CONFIG_CMA_DEBUG, the list of free
 * runs follows, under the area's lock (cma_debug_show_areas() of mm/cma.c).
 *
 * Context: any.
 */
bool cd_source_is_failing(const char *text, size_t len,
			  struct cd_context *context)
{
	if (strnstr(text, CD_ALLOC_FAILED, len))
		context->lock = CD_LOCK_TRY;
	else if (strnstr(text, CD_FREE_LIST, len))
		context->lock = CD_LOCK_HELD;
	else
		return false;
	return true;
}
