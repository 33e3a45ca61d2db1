// SPDX-License-Identifier: GPL-2.0-only
/* The last failures of an area, as they were found. */
#include <linux/atomic.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/string.h>

#include "history.h"

static atomic64_t last_seq;
static atomic64_t last_change;

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
	return i < history->nr_records &&
	       history->nr_records - i <= CD_HISTORY_LEN;
}

static u64 oldest_kept(const struct cd_history *history)
{
	return history->nr_records -
	       min_t(u64, history->nr_records, CD_HISTORY_LEN);
}

/*
 * The first entry is within the allocator, which fails at several places; or,
 * with tracepoints, it is our own, as are some that follow. These differ for
 * what is refused as too big before it is tried: that is another story.
 */
static bool is_same_caller(const struct cd_failure *a,
			   const struct cd_failure *b)
{
	return a->pid == b->pid && a->nr_stack == b->nr_stack &&
	       (a->nr_stack < 2 ||
		!memcmp(&a->stack[1], &b->stack[1],
			(a->nr_stack - 1) * sizeof(a->stack[0])));
}

/* Times of several CPUs, or of several clocks, may be out of order. */
static u64 since(u64 then, u64 now)
{
	return now > then ? now - then : 0;
}

/* The record whose next step this failure is, among the newest; or NULL. */
static struct cd_failure *find_story(struct cd_history *history,
				     const struct cd_failure *failure)
{
	u64 begin_ns = since(failure->latency_ns, failure->boot_ns);
	u64 i;

	for (i = 1; i <= CD_NR_GROWING && i <= history->nr_records; i++) {
		struct cd_failure *record =
			slot(history, history->nr_records - i);

		if (!is_same_caller(record, failure))
			continue;
		if (!cd_story_goes_on(&record->story, &failure->diag.request,
				      since(record->last_boot_ns, begin_ns)))
			return NULL;
		history->newest = history->nr_records - i;
		return record;
	}
	return NULL;
}

static void mark_changed(struct cd_history *history, struct cd_failure *record,
			 u64 change)
{
	record->change = change;
	history->last_change = change;
}

static void add_step(struct cd_history *history, struct cd_failure *record,
		     const struct cd_failure *failure, u64 change)
{
	cd_story_add(&record->story, &failure->diag,
		     since(record->boot_ns, failure->boot_ns));
	record->story.caller_assumed = !failure->pid;
	record->last_seq = failure->seq;
	record->dma = (struct cd_dma_call){ 0 };
	record->last_boot_ns = failure->boot_ns;
	record->to_say = true;
	mark_changed(history, record, change);
	WRITE_ONCE(history->stepping, failure->pid);
}

/* Returns the names of the stack that is overwritten. */
static struct cd_stack_names *add_record(struct cd_history *history,
					 const struct cd_failure *failure,
					 u64 change)
{
	struct cd_failure *record = slot(history, history->nr_records);
	struct cd_stack_names *overwritten = record->names;

	history->nr_unsaid += record->story.nr - record->nr_said;
	history->newest = history->nr_records++;
	*record = *failure;
	record->last_seq = failure->seq;
	record->last_boot_ns = failure->boot_ns;
	record->to_say = false;
	record->nr_said = 1;
	cd_story_begin(&record->story, &failure->diag);
	mark_changed(history, record, change);
	return overwritten;
}

/**
 * cd_history_append() - add a failure, to its story or overwriting the oldest
 * @history: the history
 * @failure: complete but for its seq, which is set here, and what is of a
 *           story; its stack has no names
 *
 * Context: any but NMI. Holds history->lock for one copy.
 *
 * Return: true when it is a step of a story that was there.
 */
bool cd_history_append(struct cd_history *history, struct cd_failure *failure)
{
	struct cd_stack_names *overwritten = NULL;
	struct cd_failure *record;
	unsigned long flags;
	u64 change;

	raw_spin_lock_irqsave(&history->lock, flags);
	/* In this order, see cd_history_last_seq(). */
	change = atomic64_inc_return(&last_change);
	failure->seq = atomic64_inc_return(&last_seq);
	history->nr_failures++;
	history->nr_late += failure->diag.late;
	history->nr_verdicts[failure->diag.verdict]++;
	record = find_story(history, failure);
	if (record)
		add_step(history, record, failure, change);
	else
		overwritten = add_record(history, failure, change);
	raw_spin_unlock_irqrestore(&history->lock, flags);
	cd_stack_names_put(overwritten);
	return record;
}

/* The current task has had pages; was it for these that it stepped down? */
static void end_story(struct cd_history *history, struct cd_failure *record,
		      unsigned long nr_pages, u64 boot_ns)
{
	const struct cd_request request = { .nr_pages = nr_pages };
	u64 pause_ns = since(record->last_boot_ns, boot_ns);

	if (cd_story_goes_on(&record->story, &request, pause_ns)) {
		record->story.nr_pages_had = nr_pages;
		record->to_say = true;
		mark_changed(history, record,
			     atomic64_inc_return(&last_change));
	} else if (pause_ns <= CD_STORY_PAUSE_NS) {
		return;
	}
	WRITE_ONCE(history->stepping, 0);
}

/**
 * cd_history_had() - the task that steps down has had what it asked
 * @history: the history, of which cd_history_is_stepping() is true
 * @nr_pages: what it asked
 * @boot_ns: when it asked, by the kernel log's clock
 *
 * Context: any but NMI.
 */
void cd_history_had(struct cd_history *history, unsigned long nr_pages,
		    u64 boot_ns)
{
	unsigned long flags;
	u64 i;

	raw_spin_lock_irqsave(&history->lock, flags);
	for (i = 1; i <= CD_NR_GROWING && i <= history->nr_records; i++) {
		struct cd_failure *record =
			slot(history, history->nr_records - i);

		if (record->pid != current->pid || record->story.nr < 2)
			continue;
		end_story(history, record, nr_pages, boot_ns);
		break;
	}
	raw_spin_unlock_irqrestore(&history->lock, flags);
}

/* What it was given may be less than it first wanted. */
static void end_rescued(struct cd_history *history, struct cd_failure *record)
{
	struct cd_story *story = &record->story;

	story->nr_pages_had = story->last.nr_pages;
	if (story->nr > 1)
		record->to_say = true;
	if (history->stepping == record->pid)
		WRITE_ONCE(history->stepping, 0);
}

/**
 * cd_history_call_ended() - it is known what became of a failure's caller
 * @history: the history
 * @seq: the failure's number
 * @call: the call that it was part of
 *
 * Context: any but NMI.
 */
void cd_history_call_ended(struct cd_history *history, u64 seq,
			   const struct cd_dma_call *call)
{
	unsigned long flags;
	u64 i;

	raw_spin_lock_irqsave(&history->lock, flags);
	history->nr_rescued += call->rescued;
	history->nr_fatal += !call->rescued;
	for (i = 1; i <= CD_HISTORY_LEN && i <= history->nr_records; i++) {
		struct cd_failure *record =
			slot(history, history->nr_records - i);

		if (record->last_seq != seq)
			continue;
		record->dma = *call;
		if (call->rescued)
			end_rescued(history, record);
		mark_changed(history, record,
			     atomic64_inc_return(&last_change));
		break;
	}
	raw_spin_unlock_irqrestore(&history->lock, flags);
}

/**
 * cd_history_last_seq() - the number of the newest failure, of any area
 *
 * Context: any. A failure that is numbered so, or lower, is appended, or about
 * to be, with its history locked; and its change is numbered as what
 * cd_history_last_change() says after this, or lower.
 */
u64 cd_history_last_seq(void)
{
	return atomic64_read_acquire(&last_seq);
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

static u64 read_under_lock(struct cd_history *history, const u64 *figure)
{
	unsigned long flags;
	u64 value;

	raw_spin_lock_irqsave(&history->lock, flags);
	value = *figure;
	raw_spin_unlock_irqrestore(&history->lock, flags);
	return value;
}

/**
 * cd_history_late() - failures that were looked at late
 * @history: the history
 *
 * Context: any but NMI.
 */
u64 cd_history_late(struct cd_history *history)
{
	return read_under_lock(history, &history->nr_late);
}

/**
 * cd_history_rescued() - failures whose callers were given other memory
 * @history: the history
 *
 * Context: any but NMI.
 */
u64 cd_history_rescued(struct cd_history *history)
{
	return read_under_lock(history, &history->nr_rescued);
}

/**
 * cd_history_fatal() - failures whose callers were given nothing
 * @history: the history
 *
 * Context: any but NMI.
 */
u64 cd_history_fatal(struct cd_history *history)
{
	return read_under_lock(history, &history->nr_fatal);
}

/**
 * cd_history_end() - records so far, also those that have been overwritten
 * @history: the history
 *
 * Context: any but NMI.
 */
u64 cd_history_end(struct cd_history *history)
{
	return read_under_lock(history, &history->nr_records);
}

/**
 * cd_history_last_change() - the number of the last change of a record
 *
 * Context: any. A change that is numbered so, or lower, is made, or about to
 * be, with its history locked.
 */
u64 cd_history_last_change(void)
{
	return atomic64_read(&last_change);
}

/**
 * cd_history_news() - the number of the area's last change, 0 for none
 * @history: the history
 *
 * Context: any but NMI.
 */
u64 cd_history_news(struct cd_history *history)
{
	return read_under_lock(history, &history->last_change);
}

static void copy_out(struct cd_history *history, u64 i,
		     struct cd_failure *failure)
{
	*failure = *slot(history, i);
	if (failure->names)
		cd_stack_names_get(failure->names);
}

/**
 * cd_history_get() - one record
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
		copy_out(history, i, failure);
	raw_spin_unlock_irqrestore(&history->lock, flags);
	return there;
}

/**
 * cd_history_get_newest() - the record of the newest failure
 * @history: the history
 * @failure: result, as of cd_history_get()
 *
 * Context: any but NMI. Return: false when there is none.
 */
bool cd_history_get_newest(struct cd_history *history,
			   struct cd_failure *failure)
{
	unsigned long flags;
	bool there;

	raw_spin_lock_irqsave(&history->lock, flags);
	there = history->nr_records;
	if (there)
		copy_out(history, history->newest, failure);
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

/**
 * cd_history_take_story() - a story that has not been told, from now on told
 * @history: the history
 * @before_ns: only one that ended by then; by the kernel log's clock
 * @failure: result; its names are not for use
 * @more: set when there is one that has not ended, or another
 *
 * Context: any but NMI. Return: true when there is one.
 */
bool cd_history_take_story(struct cd_history *history, u64 before_ns,
			   struct cd_failure *failure, bool *more)
{
	unsigned long flags;
	bool there = false;
	u64 i;

	raw_spin_lock_irqsave(&history->lock, flags);
	for (i = oldest_kept(history); i < history->nr_records; i++) {
		struct cd_failure *record = slot(history, i);

		if (!record->to_say)
			continue;
		if (there || record->last_boot_ns > before_ns) {
			*more = true;
			continue;
		}
		*failure = *record;
		record->to_say = false;
		record->nr_said = record->story.nr;
		there = true;
	}
	raw_spin_unlock_irqrestore(&history->lock, flags);
	return there;
}

/**
 * cd_history_take_unsaid() - failures of stories that nobody will tell
 * @history: the history
 *
 * Context: any but NMI. Return: how many, since the last time.
 */
u64 cd_history_take_unsaid(struct cd_history *history)
{
	unsigned long flags;
	u64 nr;

	raw_spin_lock_irqsave(&history->lock, flags);
	nr = history->nr_unsaid;
	history->nr_unsaid = 0;
	raw_spin_unlock_irqrestore(&history->lock, flags);
	return nr;
}
