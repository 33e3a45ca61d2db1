// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who has which pages of an area: its ledger, and names of the stacks in it.
 *
 * What a caller is told by is its stack, as addresses; that is all that an
 * allocation costs. They are named when somebody reads them, and before a
 * module goes whose functions they are.
 */
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/sched/clock.h>
#include <linux/string.h>

#include "holders.h"
#include "inflight.h"
#include "kernel/stack.h"
#include "longest.h"
#include "snapshot.h"

#define MAX_HOLDERS 128U
/* Those of our own probe come first. */
#define NR_FRAMES (CD_CALLER_DEPTH + 12)

/* Names of the stack of the holder that has this serial number. */
struct cd_named_holder {
	unsigned int serial;
	struct cd_stack_names *names;
};

/* Under it: @named of all areas. */
static DEFINE_MUTEX(naming);

static void find_places(const struct cd_cma *cma, struct cd_bitmap *places)
{
	unsigned int i;

	places->order_per_bit = cma->order_per_bit;
	places->nr_ranges = cma->nr_ranges;
	for (i = 0; i < cma->nr_ranges; i++) {
		places->ranges[i].base_pfn = cma->base_pfn[i];
		places->ranges[i].nr_bits = cma->range_pages[i] >>
					    cma->order_per_bit;
	}
}

/**
 * cd_holders_init() - begin the ledger of an area
 * @holders: result
 * @cma: the area
 * @max_blocks: room for so many allocations; 0 for no ledger
 *
 * Context: process, may sleep. Return: 0 or -ENOMEM; then, too,
 * cd_holders_exit() is to be called.
 */
int cd_holders_init(struct cd_holders *holders, const struct cd_cma *cma,
		    unsigned int max_blocks)
{
	unsigned int nr_bits = cma->nr_pages >> cma->order_per_bit;
	unsigned int max_holders;

	*holders = (struct cd_holders){ .cma = cma };
	find_places(cma, &holders->places);
	raw_spin_lock_init(&holders->lock);
	max_blocks = min3(max_blocks, nr_bits, CD_MAX_BLOCKS);
	if (!max_blocks)
		return 0;
	max_holders = min(max_blocks, MAX_HOLDERS);
	holders->named = kvcalloc(max_holders, sizeof(*holders->named),
				  GFP_KERNEL);
	holders->ledger = kvzalloc(cd_ledger_bytes(max_blocks, max_holders),
				   GFP_KERNEL);
	if (!holders->named || !holders->ledger)
		return -ENOMEM;
	cd_ledger_init(holders->ledger, max_blocks, max_holders);
	return 0;
}

/**
 * cd_holders_exit() - free a ledger, and all names
 * @holders: from cd_holders_init()
 *
 * Context: process, may sleep. Nothing is added any more, and nobody reads.
 */
void cd_holders_exit(struct cd_holders *holders)
{
	unsigned int i;

	if (holders->ledger && holders->named)
		for (i = 0; i < holders->ledger->max_holders; i++)
			cd_stack_names_put(holders->named[i].names);
	kvfree(holders->named);
	kvfree(holders->ledger);
}

static size_t ledger_bytes(const struct cd_ledger *ledger)
{
	return cd_ledger_bytes(ledger->max_blocks, ledger->max_holders);
}

/** cd_holders_bytes() - memory that the ledger of an area takes */
size_t cd_holders_bytes(const struct cd_holders *holders)
{
	if (!holders->ledger)
		return 0;
	return ledger_bytes(holders->ledger) +
	       holders->ledger->max_holders * sizeof(*holders->named);
}

/* The functions that called the kernel's allocator, and it; not our own. */
static void find_caller(struct cd_caller *caller,
			const struct cd_context *context)
{
	unsigned long frames[NR_FRAMES];
	unsigned int nr = cd_stack_save(frames, NR_FRAMES, context->regs);
	unsigned int first = nr;

	while (first && !within_module(frames[first - 1], THIS_MODULE))
		first--;
	*caller = (struct cd_caller){
		.nr_frames = min(nr - first, CD_CALLER_DEPTH),
	};
	memcpy(caller->frames, frames + first,
	       caller->nr_frames * sizeof(*frames));
	strscpy(caller->comm, current->comm, sizeof(caller->comm));
}

/*
 * Forgets what has been released.
 *
 * The area's lock is not needed: of a block that is in the ledger, what is in
 * use has its bits set, whatever else changes meanwhile.
 */
static bool sweep(struct cd_holders *holders)
{
	struct cd_ledger *ledger = holders->ledger;
	struct cd_snapshot *snapshot;
	u64 start_ns = local_clock();

	lockdep_assert_held(&holders->lock);
	snapshot = cd_snapshot_take(holders->cma, CD_LOCK_NONE);
	if (!snapshot)
		return false;
	holders->swept_at = ledger->nr_added;
	cd_ledger_sweep(ledger, &snapshot->bm);
	cd_snapshot_put(snapshot);
	cd_keep_longest(&holders->longest_sweep_ns, local_clock() - start_ns);
	return true;
}

/*
 * There is no room. Not each time, when all of it is in use: so that an
 * allocation looks at four blocks, on average.
 */
static bool make_room(struct cd_holders *holders)
{
	const struct cd_ledger *ledger = holders->ledger;

	if (ledger->nr_added - holders->made_room_at <=
		    ledger->max_blocks / 4 || !sweep(holders))
		return false;
	holders->made_room_at = ledger->nr_added;
	return true;
}

/*
 * Now and then, so that whoever had what was released is not taken for one that
 * releases nothing, nor for one that released it just now. An allocation looks
 * at 16 blocks and words, on average.
 */
static void sweep_if_due(struct cd_holders *holders)
{
	const struct cd_ledger *ledger = holders->ledger;
	size_t nr = ledger->nr_blocks + cd_cma_bitmap_words(holders->cma);

	if (ledger->nr_added - holders->swept_at >= max_t(u64, nr / 16, 16))
		sweep(holders);
}

/* False for what is not so many pages of the area: of another's request. */
static bool find_bits(const struct cd_holders *holders, unsigned long pfn,
		      unsigned long nr_pages, struct cd_block *block)
{
	const struct cd_cma *cma = holders->cma;
	struct cd_run run;

	if (nr_pages > cma->nr_pages ||
	    !cd_bit_of_pfn(&holders->places, pfn, &block->start))
		return false;
	block->end = block->start +
		     cd_pages_to_bits(&holders->places, nr_pages);
	run = cd_run_of_bits(&holders->places, block->start, block->end);
	return run.start_page + run.nr_pages <= cma->range_pages[run.range];
}

/**
 * cd_holders_add() - the current task has had pages
 * @holders: of the area; it has a ledger
 * @pfn: the first of them
 * @request: how many
 * @context: where that was seen
 *
 * Context: any but NMI, in the task, before it can release them.
 */
void cd_holders_add(struct cd_holders *holders, unsigned long pfn,
		    const struct cd_request *request,
		    const struct cd_context *context)
{
	struct cd_block block = {
		.align = request->align,
		.pid = current->pid,
		.time_ns = local_clock(),
	};
	struct cd_caller caller;
	unsigned long flags;

	if (!find_bits(holders, pfn, request->nr_pages, &block))
		return;
	find_caller(&caller, context);

	raw_spin_lock_irqsave(&holders->lock, flags);
	sweep_if_due(holders);
	if (!cd_ledger_add(holders->ledger, &block, &caller) &&
	    make_room(holders))
		cd_ledger_add(holders->ledger, &block, &caller);
	raw_spin_unlock_irqrestore(&holders->lock, flags);
}

/**
 * cd_holders_name_device() - what the current task has had is for this device
 * @holders: of an area
 * @pfn: the first of the pages
 * @nr_pages: how many
 * @device: its name
 *
 * Nothing is changed when this is not what a request of the task had.
 *
 * Context: any but NMI.
 */
void cd_holders_name_device(struct cd_holders *holders, unsigned long pfn,
			    unsigned long nr_pages, const char *device)
{
	struct cd_block block = { .pid = current->pid };
	unsigned long flags;

	if (!holders->ledger || !find_bits(holders, pfn, nr_pages, &block))
		return;
	raw_spin_lock_irqsave(&holders->lock, flags);
	cd_ledger_name_device(holders->ledger, &block, device);
	raw_spin_unlock_irqrestore(&holders->lock, flags);
}

/**
 * cd_holders_last_of_task() - what the current task has had last of an area
 * @holders: of the area
 * @block: result; it ends at 0 when it is not known
 * @caller: result: its stack then
 *
 * Context: any but NMI. Return: when that was, as of cd_ledger_last_of().
 */
u64 cd_holders_last_of_task(struct cd_holders *holders, struct cd_block *block,
			    struct cd_caller *caller)
{
	const struct cd_holder *holder = NULL;
	const struct cd_block *last;
	unsigned long flags;
	u64 time_ns;

	block->end = 0;
	if (!holders->ledger)
		return 0;
	raw_spin_lock_irqsave(&holders->lock, flags);
	last = cd_ledger_last_of(holders->ledger, current->pid, &time_ns);
	if (last)
		holder = cd_ledger_holder(holders->ledger, last->holder);
	if (holder) {
		*block = *last;
		*caller = holder->caller;
	}
	raw_spin_unlock_irqrestore(&holders->lock, flags);
	return time_ns;
}

/**
 * cd_holders_name_inode() - what the current task has had is now a dma-buf
 * @holders: of the area
 * @block: from cd_holders_last_of_task()
 * @inode: of the dma-buf
 *
 * Context: any but NMI.
 */
void cd_holders_name_inode(struct cd_holders *holders,
			   const struct cd_block *block, unsigned long inode)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&holders->lock, flags);
	cd_ledger_name_inode(holders->ledger, block, inode);
	raw_spin_unlock_irqrestore(&holders->lock, flags);
}

/**
 * cd_holders_find_whose() - who has what the cheapest way out frees
 * @holders: of the area
 * @bm: its bitmap
 * @at_ns: when that was so, by local_clock()
 * @diag: a finished diagnosis; its @whose is filled in
 *
 * Context: any but NMI.
 */
void cd_holders_find_whose(struct cd_holders *holders,
			   const struct cd_bitmap *bm, u64 at_ns,
			   struct cd_diagnosis *diag)
{
	unsigned long flags;

	if (!holders->ledger || !cd_source_abilities()->requests ||
	    !diag->cheapest.place.nr_pages)
		return;
	raw_spin_lock_irqsave(&holders->lock, flags);
	cd_find_whose(holders->ledger, bm, &diag->cheapest.place, at_ns,
		      &diag->whose);
	raw_spin_unlock_irqrestore(&holders->lock, flags);
	diag->whose.doubtful = diag->claims.nr_requests ||
			       cd_inflight_untracked();
}

/**
 * cd_holders_copy() - the ledger as it is now
 * @holders: of an area; it has a ledger
 *
 * Context: process, may sleep. Return: the copy, for kvfree(); or NULL without
 * memory.
 */
struct cd_ledger *cd_holders_copy(struct cd_holders *holders)
{
	size_t bytes = ledger_bytes(holders->ledger);
	struct cd_ledger *copy = kvmalloc(bytes, GFP_KERNEL);
	unsigned long flags;

	if (!copy)
		return NULL;
	raw_spin_lock_irqsave(&holders->lock, flags);
	memcpy(copy, holders->ledger, bytes);
	raw_spin_unlock_irqrestore(&holders->lock, flags);
	return copy;
}

/* The holder in a slot, if it has no names yet. */
static bool copy_unnamed(struct cd_holders *holders, unsigned int i,
			 struct cd_holder *copy)
{
	const struct cd_holder *holder;
	unsigned long flags;
	bool found;

	raw_spin_lock_irqsave(&holders->lock, flags);
	holder = cd_ledger_holder(holders->ledger, i);
	found = holder && holder->serial != holders->named[i].serial;
	if (found)
		*copy = *holder;
	raw_spin_unlock_irqrestore(&holders->lock, flags);
	return found;
}

static struct cd_stack_names *make_names(const struct cd_holder *holder)
{
	return cd_stack_names_make(holder->caller.frames,
				   holder->caller.nr_frames);
}

static void name_stack(struct cd_holders *holders, unsigned int i)
{
	struct cd_named_holder *named = &holders->named[i];
	struct cd_stack_names *names;
	struct cd_holder holder;

	lockdep_assert_held(&naming);
	if (!copy_unnamed(holders, i, &holder))
		return;
	names = make_names(&holder);
	if (!names)
		return;
	cd_stack_names_put(named->names);
	named->names = names;
	named->serial = holder.serial;
}

/**
 * cd_holders_name_stacks() - name the stacks of all holders that there are
 * @holders: of an area
 *
 * Context: process, may sleep. Without memory some are left to the next time.
 */
void cd_holders_name_stacks(struct cd_holders *holders)
{
	unsigned int i;

	if (!holders->ledger)
		return;
	mutex_lock(&naming);
	for (i = 0; i < holders->ledger->max_holders; i++)
		name_stack(holders, i);
	mutex_unlock(&naming);
}

/**
 * cd_holders_get_names() - the names of a holder's stack
 * @holders: of its area
 * @i: its number
 * @holder: as it was copied
 *
 * Context: process, may sleep. Return: for cd_stack_names_put(); or NULL
 * without memory.
 */
struct cd_stack_names *cd_holders_get_names(struct cd_holders *holders,
					    unsigned int i,
					    const struct cd_holder *holder)
{
	const struct cd_named_holder *named = &holders->named[i];
	struct cd_stack_names *names;

	mutex_lock(&naming);
	if (named->serial == holder->serial) {
		names = named->names;
		cd_stack_names_get(names);
	} else {
		names = make_names(holder);
	}
	mutex_unlock(&naming);
	return names;
}
