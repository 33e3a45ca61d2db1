/* SPDX-License-Identifier: GPL-2.0-only */
/* What a failed allocation's pfn and errno mean on this kernel. */
#ifndef CD_CMA_OUTCOME_H
#define CD_CMA_OUTCOME_H

#include <linux/types.h>

#include "core/verdict.h"

/**
 * struct cd_outcome - a failed allocation, as the kernel's events showed it
 * @start_seen: its start was seen too, so that all its busy retries were
 * @tries: what was seen of the places it tried
 * @was_tried: alloc_contig_range() was seen to try a place
 * @tried_pfn: the last one
 * @tried_error: what it returned, 0 when that was not seen
 * @pfn: as the finish event gives it
 * @error: as the finish event gives it, 0 where the kernel gives none
 */
struct cd_outcome {
	bool start_seen;
	const struct cd_tries *tries;
	bool was_tried;
	unsigned long tried_pfn;
	int tried_error;
	unsigned long pfn;
	int error;
};

struct cd_attempt cd_read_outcome(const struct cd_outcome *outcome);
struct cd_attempt cd_read_logged(int error);
bool cd_outcome_tells_last(void);
int cd_outcome_errno(const struct cd_outcome *outcome);

#endif
