// SPDX-License-Identifier: GPL-2.0-only
/* The last failures of an area, as they were found. */
#include <linux/atomic.h>
#include <linux/mm.h>
#include <linux/string.h>

#include "history.h"

static atomic64_t last_seq;

/**
 * cd_history_init() - allocate an empty history
 * @history: the history
 *
 * Context: process, may sleep. Return: 0 or -ENOMEM.
 */
int cd_history_init(struct cd_history *history)
{
	raw_spin_lock_init(&history->lock);
	history->ring = kvcalloc(CD_HISTORY_LEN, sizeof(*history->ring),
				 GFP_KERNEL);
	return history->ring ? 0 : -ENOMEM;
}

/**
 * cd_history_exit() - free a history
 * @history: the history
 *
 * Context: process. Nobody else has it any more.
 */
void cd_history_exit(struct cd_history *history)
{
	unsigned int i;

	for (i = 0; history->ring && i < CD_HISTORY_LEN; i++)
		cd_stack_names_put(history->ring[i].names);
	cd_stack_names_free_unused();
	kvfree(history->ring);
}

static struct cd_failure *slot(struct cd_history *history, u64 i)
{
	return &history->ring[i % CD_HISTORY_LEN];
}

static bool is_kept(const struct cd_history *history, u64 i)
{
	return i < history->nr_failures &&
	       history->nr_failures - i <= CD_HISTORY_LEN;
}

/**
 * cd_history_append() - add a failure, overwriting the oldest
 * @history: the history
 * @failure: complete but for its seq, which is set here; its stack has no names
 *
 * Context: any but NMI. Holds history->lock for one copy.
 */
void cd_history_append(struct cd_history *history, struct cd_failure *failure)
{
	struct cd_stack_names *overwritten;
	struct cd_failure *oldest;
	unsigned long flags;

	raw_spin_lock_irqsave(&history->lock, flags);
	failure->seq = atomic64_inc_return(&last_seq);
	oldest = slot(history, history->nr_failures++);
	overwritten = oldest->names;
	*oldest = *failure;
	history->nr_verdicts[failure->diag.verdict]++;
	raw_spin_unlock_irqrestore(&history->lock, flags);
	cd_stack_names_put(overwritten);
}

/**
 * cd_history_last_seq() - the number of the newest failure, of any area
 *
 * Context: any. A failure that is numbered so, or lower, is appended, or about
 * to be, with its history locked.
 */
u64 cd_history_last_seq(void)
{
	return atomic64_read(&last_seq);
}

/**
 * cd_history_count() - failures so far
 * @history: the history
 * @nr_verdicts: the same by verdict, CD_NR_VERDICTS of them; may be NULL
 *
 * Context: any but NMI.
 */
u64 cd_history_count(struct cd_history *history, u64 *nr_verdicts)
{
	unsigned long flags;
	u64 nr_failures;

	raw_spin_lock_irqsave(&history->lock, flags);
	nr_failures = history->nr_failures;
	if (nr_verdicts)
		memcpy(nr_verdicts, history->nr_verdicts,
		       sizeof(history->nr_verdicts));
	raw_spin_unlock_irqrestore(&history->lock, flags);
	return nr_failures;
}

/**
 * cd_history_get() - one failure
 * @history: the history
 * @i: which, counted from the area's first
 * @failure: result; its names are there until cd_history_put()
 *
 * Context: any but NMI. Holds history->lock for one copy.
 *
 * Return: false when it has been overwritten, or is yet to come.
 */
bool cd_history_get(struct cd_history *history, u64 i,
		    struct cd_failure *failure)
{
	unsigned long flags;
	bool there;

	raw_spin_lock_irqsave(&history->lock, flags);
	there = is_kept(history, i);
	if (there)
		*failure = *slot(history, i);
	if (there && failure->names)
		cd_stack_names_get(failure->names);
	raw_spin_unlock_irqrestore(&history->lock, flags);
	return there;
}

/**
 * cd_history_put() - done with the names of a failure
 * @failure: from cd_history_get(), which is a copy: the rest of it stays
 *
 * Context: any but NMI.
 */
void cd_history_put(struct cd_failure *failure)
{
	cd_stack_names_put(failure->names);
	failure->names = NULL;
}

/**
 * cd_history_give_names() - name the stack of a failure that has no names yet
 * @history: the history
 * @i: which, counted from the area's first
 * @names: its names; the reference is the history's from now on
 *
 * Context: any but NMI. Of one failure, once.
 */
void cd_history_give_names(struct cd_history *history, u64 i,
			   struct cd_stack_names *names)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&history->lock, flags);
	if (is_kept(history, i))
		swap(slot(history, i)->names, names);
	raw_spin_unlock_irqrestore(&history->lock, flags);
	cd_stack_names_put(names);
}
