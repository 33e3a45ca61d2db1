/* SPDX-License-Identifier: GPL-2.0-only */
/* Requests of an area that are watched: do they still fit, and who broke it? */
#ifndef CD_WATCHES_H
#define CD_WATCHES_H

#include <linux/compiler.h>
#include <linux/spinlock.h>
#include <linux/types.h>

#include "core/watch.h"
#include "kernel/source.h"
#include "stack_names.h"

#define CD_MAX_WATCHES 4U

struct cd_area;
struct cd_inflight;

/**
 * struct cd_watched - a watch, by ktime_get_boottime_ns(); what is told of it
 * @watch: the watch
 * @names: the stack of its breaker; NULL until it is named
 * @nr_named: which of its breaks that is, from 1
 * @nr_said: breaks that the kernel log has told
 * @said_fits_ns: and the last time that it fitted again, likewise
 */
struct cd_watched {
	struct cd_watch watch;
	struct cd_stack_names *names;
	unsigned long nr_named;
	unsigned long nr_said;
	unsigned long long said_fits_ns;
};

/**
 * struct cd_watches - of an area
 * @lock: guards all of it; raw, since allocations end with preemption off
 * @nr: how many are set; also read without the lock
 * @nr_clears: how often all were removed
 * @nr_grants: allocations that had pages while any was set
 * @nr_looking: of these, those that look, and have not judged
 * @set: those that are set, as they were, one after the other
 */
struct cd_watches {
	raw_spinlock_t lock;
	unsigned int nr;
	unsigned int nr_clears;
	u64 nr_grants;
	unsigned int nr_looking;
	struct cd_watched set[CD_MAX_WATCHES];
};

void cd_watches_init(struct cd_watches *watches);
void cd_watches_stop(void);
int cd_watches_add(struct cd_area *area, const struct cd_request *request,
		   const char **complaint);
void cd_watches_clear(struct cd_watches *watches);
void cd_watches_granted(struct cd_area *area, unsigned long pfn,
			const struct cd_request *request,
			struct cd_inflight *own,
			const struct cd_context *context);
void cd_watches_refused(struct cd_area *area, struct cd_inflight *own,
			const struct cd_context *context);
void cd_watches_look(struct cd_area *area);
void cd_watches_settle(struct cd_area *area);
unsigned int cd_watched_unsaid(const struct cd_watched *watched);
unsigned int cd_watches_copy(struct cd_watches *watches,
			     struct cd_watched *copies);
void cd_watches_put(struct cd_watched *copies, unsigned int nr);
void cd_watches_name_stacks(struct cd_watches *watches);
bool cd_watches_has_unsaid(struct cd_watches *watches, unsigned int i);
bool cd_watches_take_unsaid(struct cd_watches *watches, unsigned int i,
			    struct cd_watch *watch, unsigned int *news);

/**
 * cd_watches_are_set() - is any?
 * @watches: of an area
 *
 * Context: any. As cheap as can be: every request that ends asks.
 */
static inline bool cd_watches_are_set(const struct cd_watches *watches)
{
	return READ_ONCE(watches->nr);
}

#endif
