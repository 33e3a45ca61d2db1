// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is told of the watches of an area: copies of them, the names of the
 * stacks in them, and what the kernel log has not told.
 */
#include <linux/minmax.h>
#include <linux/string.h>

#include "watches.h"

/**
 * cd_watched_unsaid() - what the kernel log has not told of a watch
 * @watched: the watch, under the lock of the watches
 *
 * Return: CD_WATCH_BREAKS when it broke since, CD_WATCH_FITS_AGAIN when it
 * fits, and did not before; 0 for none.
 */
unsigned int cd_watched_unsaid(const struct cd_watched *watched)
{
	const struct cd_watch *watch = &watched->watch;
	unsigned int news = 0;

	if (watched->nr_said < watch->nr_broken)
		news |= CD_WATCH_BREAKS;
	if (watch->state == CD_WATCH_FITS &&
	    watched->said_fits_ns != watch->fits_ns)
		news |= CD_WATCH_FITS_AGAIN;
	return news;
}

/* Names of an older breaker are not this one's. */
static bool is_named(const struct cd_watched *watched)
{
	return watched->nr_named == watched->watch.nr_broken;
}

/**
 * cd_watches_copy() - the watches as they are now
 * @watches: of an area
 * @copies: result, CD_MAX_WATCHES of them; for cd_watches_put()
 *
 * Context: any but NMI. Return: how many there are.
 */
unsigned int cd_watches_copy(struct cd_watches *watches,
			     struct cd_watched *copies)
{
	unsigned long flags;
	unsigned int i, nr;

	raw_spin_lock_irqsave(&watches->lock, flags);
	nr = watches->nr;
	memcpy(copies, watches->set, nr * sizeof(*copies));
	for (i = 0; i < nr; i++) {
		if (copies[i].names && is_named(&copies[i]))
			cd_stack_names_get(copies[i].names);
		else
			copies[i].names = NULL;
	}
	raw_spin_unlock_irqrestore(&watches->lock, flags);
	return nr;
}

/**
 * cd_watches_put() - done with the names of copies
 * @copies: from cd_watches_copy()
 * @nr: how many
 */
void cd_watches_put(struct cd_watched *copies, unsigned int nr)
{
	while (nr)
		cd_stack_names_put(copies[--nr].names);
}

/* Of the watch that it was copied from, if that has not changed. */
static void give_names(struct cd_watches *watches, unsigned int i,
		       const struct cd_watched *copy,
		       struct cd_stack_names *names)
{
	struct cd_watched *watched = &watches->set[i];
	unsigned long flags;

	raw_spin_lock_irqsave(&watches->lock, flags);
	if (i < watches->nr &&
	    watched->watch.set_ns == copy->watch.set_ns &&
	    watched->watch.nr_broken == copy->watch.nr_broken) {
		swap(watched->names, names);
		watched->nr_named = copy->watch.nr_broken;
	}
	raw_spin_unlock_irqrestore(&watches->lock, flags);
	cd_stack_names_put(names);
}

static void name_stack(struct cd_watches *watches, unsigned int i)
{
	struct cd_watched copy;
	const struct cd_grant *breaker = &copy.watch.breaker;
	struct cd_stack_names *names;
	unsigned long flags;
	bool found;

	raw_spin_lock_irqsave(&watches->lock, flags);
	found = i < watches->nr && !is_named(&watches->set[i]);
	if (found)
		copy = watches->set[i];
	raw_spin_unlock_irqrestore(&watches->lock, flags);
	if (!found)
		return;
	names = cd_stack_names_make(breaker->frames, breaker->nr_frames);
	if (names)
		give_names(watches, i, &copy, names);
}

/**
 * cd_watches_name_stacks() - name the stacks of all that broke a watch
 * @watches: of an area
 *
 * Context: process, may sleep; one at a time. Without memory they are left to
 * the next time.
 */
void cd_watches_name_stacks(struct cd_watches *watches)
{
	unsigned int i;

	for (i = 0; i < CD_MAX_WATCHES; i++)
		name_stack(watches, i);
}

/**
 * cd_watches_has_unsaid() - is there anything that the kernel log has not told?
 * @watches: of an area
 * @i: which of them, below CD_MAX_WATCHES
 *
 * Context: any but NMI.
 */
bool cd_watches_has_unsaid(struct cd_watches *watches, unsigned int i)
{
	unsigned long flags;
	bool has;

	raw_spin_lock_irqsave(&watches->lock, flags);
	has = i < watches->nr && cd_watched_unsaid(&watches->set[i]);
	raw_spin_unlock_irqrestore(&watches->lock, flags);
	return has;
}

/**
 * cd_watches_take_unsaid() - what the kernel log has not told of a watch
 * @watches: of an area
 * @i: which, below CD_MAX_WATCHES
 * @watch: result: the watch as it is
 * @news: result: CD_WATCH_BREAKS when it broke since, CD_WATCH_FITS_AGAIN when
 *        it fits, and did not before
 *
 * Context: any but NMI. What is taken counts as told.
 *
 * Return: whether there is any.
 */
bool cd_watches_take_unsaid(struct cd_watches *watches, unsigned int i,
			    struct cd_watch *watch, unsigned int *news)
{
	struct cd_watched *watched = &watches->set[i];
	unsigned long flags;

	raw_spin_lock_irqsave(&watches->lock, flags);
	*news = i < watches->nr ? cd_watched_unsaid(watched) : 0;
	*watch = watched->watch;
	if (*news & CD_WATCH_BREAKS)
		watched->nr_said = watch->nr_broken;
	if (*news & CD_WATCH_FITS_AGAIN)
		watched->said_fits_ns = watch->fits_ns;
	raw_spin_unlock_irqrestore(&watches->lock, flags);
	return *news;
}
