// SPDX-License-Identifier: GPL-2.0-only
/*
 * Names the stacks of failures, of holders and of watches while the modules in
 * them are there: when one is told, and before a module goes or loses the part
 * that only its load needed.
 */
#include <linux/lockdep.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/notifier.h>
#include <linux/string.h>

#include "areas.h"
#include "name_stacks.h"

static DEFINE_MUTEX(lock);

/* Under the lock: records of each area that are dealt with. */
static u64 nr_named[CD_MAX_AREAS];

/* Under the lock: the last names made. Most callers come again. */
static struct cd_stack_names *latest;

static int make_names(struct cd_failure *failure)
{
	struct cd_stack_names *names;

	lockdep_assert_held(&lock);
	if (failure->names)
		return 0;
	names = cd_stack_names_make(failure->stack, failure->nr_stack);
	if (!names)
		return -ENOMEM;
	if (latest && !strcmp(latest->lines, names->lines)) {
		cd_stack_names_put(names);
		names = latest;
	} else {
		cd_stack_names_put(latest);
		latest = names;
	}
	cd_stack_names_get(names);
	failure->names = names;
	return 0;
}

/**
 * cd_name_stack() - see to it that a failure's stack has names
 * @failure: a copy, from cd_history_get(), of one that perhaps came after the
 *           last cd_name_stacks()
 *
 * Context: process, may sleep. Return: 0 or -ENOMEM.
 */
int cd_name_stack(struct cd_failure *failure)
{
	int err;

	mutex_lock(&lock);
	err = make_names(failure);
	mutex_unlock(&lock);
	return err;
}

/* One that has been overwritten needs none. */
static int name_failure(struct cd_history *history, u64 i)
{
	struct cd_failure failure;
	int err;

	if (!cd_history_get(history, i, &failure))
		return 0;
	err = make_names(&failure);
	if (!err)
		cd_history_give_names(history, i, failure.names);
	return err;
}

/* Without memory the rest is left to the next time. */
static void name_area(unsigned int i)
{
	struct cd_history *history = &cd_areas_get(i)->history;
	u64 end = cd_history_end(history);

	if (end - nr_named[i] > CD_HISTORY_LEN)
		nr_named[i] = end - CD_HISTORY_LEN;
	while (nr_named[i] < end && !name_failure(history, nr_named[i]))
		nr_named[i]++;
}

/**
 * cd_name_stacks() - name the stacks of all failures, holders and watches
 *
 * Context: process, may sleep.
 */
void cd_name_stacks(void)
{
	unsigned int i;

	mutex_lock(&lock);
	for (i = 0; i < cd_areas_count(); i++) {
		name_area(i);
		cd_holders_name_stacks(&cd_areas_get(i)->holders);
		cd_watches_name_stacks(&cd_areas_get(i)->watches);
	}
	cd_stack_names_free_unused();
	mutex_unlock(&lock);
}

/*
 * A module that goes, also since its own load failed, is told of before its
 * names go, and one that is live, before those of its __init part do
 * (delete_module() and do_init_module() of the kernel).
 */
static int on_module(struct notifier_block *block, unsigned long state,
		     void *module)
{
	if (state == MODULE_STATE_LIVE || state == MODULE_STATE_GOING)
		cd_name_stacks();
	return NOTIFY_DONE;
}

static struct notifier_block module_notifier = { .notifier_call = on_module };

/**
 * cd_name_stacks_init() - from now on no module goes unnamed
 *
 * Context: process, may sleep. The areas are known.
 *
 * Return: 0 or a negative errno.
 */
int cd_name_stacks_init(void)
{
	return register_module_notifier(&module_notifier);
}

/**
 * cd_name_stacks_exit() - stop
 *
 * Context: process, may sleep. Nothing else names stacks any more.
 */
void cd_name_stacks_exit(void)
{
	unregister_module_notifier(&module_notifier);
	cd_stack_names_put(latest);
}
