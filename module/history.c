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
 */
void cd_history_exit(struct cd_history *history)
{
	kvfree(history->ring);
}

/**
 * cd_history_append() - add a failure, overwriting the oldest
 * @history: the history
 * @failure: complete but for its seq, which is set here
 *
 * Context: any but NMI. Holds history->lock for one copy.
 */
void cd_history_append(struct cd_history *history, struct cd_failure *failure)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&history->lock, flags);
	failure->seq = atomic64_inc_return(&last_seq);
	history->ring[history->nr_failures++ % CD_HISTORY_LEN] = *failure;
	history->nr_verdicts[failure->diag.verdict]++;
	raw_spin_unlock_irqrestore(&history->lock, flags);
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
 * @failure: result
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
	there = i < history->nr_failures &&
		history->nr_failures - i <= CD_HISTORY_LEN;
	if (there)
		*failure = history->ring[i % CD_HISTORY_LEN];
	raw_spin_unlock_irqrestore(&history->lock, flags);
	return there;
}
