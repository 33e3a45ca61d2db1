/* SPDX-License-Identifier: GPL-2.0-only */
/* What alloc_contig_range() returned, where no event tells. */
#ifndef CD_CONTIG_RESULT_H
#define CD_CONTIG_RESULT_H

#include <linux/types.h>

/**
 * struct cd_contig_observer - who is told of what alloc_contig_range() returns
 * @is_wanted: is the current task's call of any interest?
 * @returned: it ended: the place began at @pfn, @error is a negative errno or 0
 *
 * Both are called in the task that allocates, from a probe's handler: with
 * preemption off, and up to 5.14 with interrupts off.
 */
struct cd_contig_observer {
	bool (*is_wanted)(void);
	void (*returned)(unsigned long pfn, int error);
};

void cd_contig_attach(const struct cd_contig_observer *observer);
void cd_contig_detach(void);
bool cd_contig_is_attached(void);

#endif
