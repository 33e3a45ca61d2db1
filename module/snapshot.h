/* SPDX-License-Identifier: GPL-2.0-only */
/* Copies of an area's bitmap, and room to analyse them in. */
#ifndef CD_SNAPSHOT_H
#define CD_SNAPSHOT_H

#include <linux/bitops.h>
#include <linux/types.h>

#include "core/verdict.h"
#include "kernel/cma_area.h"

/**
 * struct cd_snapshot - an area's bitmap at one moment
 * @taken: bit 0: in use; only for those of the pool
 * @locked: the copy was made under the area's lock
 * @bm: the copy, pointing into @words
 * @figures: room for what it amounts to
 * @claims: what others had claimed, as far as who took it asked
 * @memory: how short memory was, likewise
 * @words: the copied bits
 */
struct cd_snapshot {
	unsigned long taken;
	bool locked;
	struct cd_bitmap bm;
	struct cd_figures figures;
	struct cd_claims claims;
	struct cd_memory memory;
	unsigned long words[];
};

int cd_snapshots_init(void);
void cd_snapshots_exit(void);
size_t cd_snapshots_bytes(void);
struct cd_snapshot *cd_snapshot_take(const struct cd_cma *area,
				     enum cd_lock_mode mode);
struct cd_snapshot *cd_snapshot_keep(const struct cd_cma *area,
				     enum cd_lock_mode mode);
struct cd_snapshot *cd_snapshot_alloc(const struct cd_cma *area);
void cd_snapshot_again(struct cd_snapshot *snapshot,
		       const struct cd_cma *area);

/**
 * cd_snapshot_put() - give a snapshot back to the pool
 * @snapshot: from cd_snapshot_take() or cd_snapshot_keep(); NULL is none
 */
static inline void cd_snapshot_put(struct cd_snapshot *snapshot)
{
	if (snapshot)
		clear_bit_unlock(0, &snapshot->taken);
}

#endif
