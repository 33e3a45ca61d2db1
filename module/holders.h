/* SPDX-License-Identifier: GPL-2.0-only */
/* Who has which pages of an area: its ledger, and names of the stacks in it. */
#ifndef CD_HOLDERS_H
#define CD_HOLDERS_H

#include <linux/atomic.h>
#include <linux/spinlock.h>
#include <linux/types.h>

#include "core/ledger.h"
#include "core/verdict.h"
#include "kernel/cma_area.h"
#include "kernel/source.h"
#include "stack_names.h"

/**
 * struct cd_holders - of an area
 * @cma: the area
 * @places: where its bits are; without the bitmap itself
 * @lock: guards @ledger and when it was swept; raw, since allocations end with
 *        preemption off
 * @ledger: NULL when none is kept
 * @swept_at: how many had been added when it was last swept
 * @made_room_at: likewise, since there was no room
 * @longest_sweep_ns: the longest time that took, with interrupts off
 * @named: by holder: names of its stack, and which holder's they are
 */
struct cd_holders {
	const struct cd_cma *cma;
	struct cd_bitmap places;
	raw_spinlock_t lock;
	struct cd_ledger *ledger;
	u64 swept_at;
	u64 made_room_at;
	atomic64_t longest_sweep_ns;
	struct cd_named_holder *named;
};

int cd_holders_init(struct cd_holders *holders, const struct cd_cma *cma,
		    unsigned int max_blocks);
void cd_holders_exit(struct cd_holders *holders);
size_t cd_holders_bytes(const struct cd_holders *holders);
void cd_holders_add(struct cd_holders *holders, unsigned long pfn,
		    const struct cd_request *request,
		    const struct cd_context *context);
void cd_holders_name_device(struct cd_holders *holders, unsigned long pfn,
			    unsigned long nr_pages, const char *device);
u64 cd_holders_last_of_task(struct cd_holders *holders, struct cd_block *block,
			    struct cd_caller *caller);
void cd_holders_name_inode(struct cd_holders *holders,
			   const struct cd_block *block, unsigned long inode);
void cd_holders_find_whose(struct cd_holders *holders,
			   const struct cd_bitmap *bm, u64 at_ns,
			   struct cd_diagnosis *diag);
struct cd_ledger *cd_holders_copy(struct cd_holders *holders);
void cd_holders_name_stacks(struct cd_holders *holders);
struct cd_stack_names *cd_holders_get_names(struct cd_holders *holders,
					    unsigned int i,
					    const struct cd_holder *holder);

#endif
