// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is asked of an area, how long it takes, and how it ends.
 *
 * Each CPU counts for itself: a request costs a dozen additions to memory that
 * no other CPU writes, takes no lock and allocates nothing. A reader copies one
 * CPU after the other, and again if that CPU counted meanwhile, so that a
 * request is either in all of the figures or in none.
 */
#include <linux/bitops.h>
#include <linux/cpumask.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/percpu.h>
#include <linux/preempt.h>
#include <linux/seqlock.h>
#include <linux/string.h>

#include "requests.h"

/*
 * @seq: odd while this CPU counts; written with preemption off, in a task
 * @totals: of this CPU
 */
struct cd_requests {
	seqcount_t seq;
	struct cd_request_totals totals;
};

/**
 * cd_requests_alloc() - counters for one area, all 0
 *
 * Context: process, may sleep. Return: for cd_requests_free(); or NULL.
 */
struct cd_requests __percpu *cd_requests_alloc(void)
{
	struct cd_requests __percpu *requests;
	int cpu;

	requests = alloc_percpu(struct cd_requests);
	if (!requests)
		return NULL;
	for_each_possible_cpu(cpu)
		seqcount_init(&per_cpu_ptr(requests, cpu)->seq);
	return requests;
}

/** cd_requests_free() - free counters; NULL is none */
void cd_requests_free(struct cd_requests __percpu *requests)
{
	free_percpu(requests);
}

/** cd_requests_bytes() - memory that the counters of an area take */
size_t cd_requests_bytes(void)
{
	return num_possible_cpus() * sizeof(struct cd_requests);
}

static unsigned int power_of(u64 number)
{
	return min_t(unsigned int, fls64(number), CD_NR_POWERS - 1);
}

static void add(struct cd_request_counts *counts, const struct cd_ended *ended)
{
	counts->nr++;
	counts->nr_pages += ended->request.nr_pages;
	counts->pages[power_of(ended->request.nr_pages)]++;
	if (ended->request.align_assumed)
		counts->align_unknown++;
	else
		counts->align[min(ended->request.align, CD_NR_ALIGNS - 1)]++;
	if (ended->latency_known) {
		u64 us = div_u64(ended->latency_ns, NSEC_PER_USEC);

		counts->latency_ns += ended->latency_ns;
		counts->latency_us[power_of(us)]++;
	} else {
		counts->latency_unknown++;
	}
	if (ended->nr_busy_known) {
		counts->nr_busy += ended->nr_busy;
		counts->busy[power_of(ended->nr_busy)]++;
	} else {
		counts->busy_unknown++;
	}
}

/* Puts it in its place; what was the least slow of them falls out. */
static void keep_slow(struct cd_slow *slowest, const struct cd_slow *slow)
{
	unsigned int i = CD_NR_SLOWEST;

	while (i && slowest[i - 1].latency_ns < slow->latency_ns)
		i--;
	if (i == CD_NR_SLOWEST)
		return;
	memmove(&slowest[i + 1], &slowest[i],
		(CD_NR_SLOWEST - 1 - i) * sizeof(*slowest));
	slowest[i] = *slow;
}

static bool is_slow(const struct cd_slow *slowest,
		    const struct cd_ended *ended)
{
	return ended->latency_known &&
	       ended->latency_ns > slowest[CD_NR_SLOWEST - 1].latency_ns;
}

/* Rare; apart, so that the others do not pay for its stack. */
static noinline void keep_ended(struct cd_slow *slowest,
				const struct cd_ended *ended)
{
	struct cd_slow slow = {
		.latency_ns = ended->latency_ns,
		.time_ns = ktime_get_real_ns(),
		.request = ended->request,
		.failed = ended->failed,
		.pid = current->pid,
	};

	memcpy(slow.comm, current->comm, TASK_COMM_LEN);
	slow.comm[TASK_COMM_LEN - 1] = '\0';
	keep_slow(slowest, &slow);
}

/**
 * cd_requests_count() - a request of the current task has ended
 * @requests: of its area
 * @ended: the request
 *
 * Context: task, preemption on or off, never nested in itself.
 */
void cd_requests_count(struct cd_requests __percpu *requests,
		       const struct cd_ended *ended)
{
	struct cd_requests *here = get_cpu_ptr(requests);

	write_seqcount_begin(&here->seq);
	add(&here->totals.ended[ended->failed], ended);
	if (is_slow(here->totals.slowest, ended))
		keep_ended(here->totals.slowest, ended);
	write_seqcount_end(&here->seq);
	put_cpu_ptr(requests);
}

static void copy_of_cpu(const struct cd_requests *there,
			struct cd_request_totals *copy)
{
	unsigned int seq;

	do {
		seq = read_seqcount_begin(&there->seq);
		*copy = there->totals;
	} while (read_seqcount_retry(&there->seq, seq));
}

/**
 * cd_requests_nr_ended() - how many requests have ended so far
 * @requests: of an area
 *
 * One that has is counted before it is no longer under way. What is read before
 * and after this is read before and after it.
 *
 * Context: task.
 */
u64 cd_requests_nr_ended(struct cd_requests __percpu *requests)
{
	u64 nr = 0, here;
	int cpu;

	/* What was read before is not newer. */
	smp_rmb();
	for_each_possible_cpu(cpu) {
		const struct cd_requests *there = per_cpu_ptr(requests, cpu);
		unsigned int seq;

		do {
			seq = read_seqcount_begin(&there->seq);
			here = there->totals.ended[0].nr +
			       there->totals.ended[1].nr;
		} while (read_seqcount_retry(&there->seq, seq));
		nr += here;
	}
	/* What is read after is not older. */
	smp_rmb();
	return nr;
}

static void add_counts(struct cd_request_counts *sum,
		       const struct cd_request_counts *counts)
{
	/* All of them are u64, and all are added up. */
	const u64 *from = (const u64 *)counts;
	u64 *to = (u64 *)sum;
	size_t i;

	for (i = 0; i < sizeof(*sum) / sizeof(u64); i++)
		to[i] += from[i];
}

/**
 * cd_requests_sum() - all requests that ended so far
 * @requests: of an area
 * @totals: two of them; the first is the result, the second is worked in
 *
 * Context: task; preemption is on.
 */
void cd_requests_sum(struct cd_requests __percpu *requests,
		     struct cd_request_totals *totals)
{
	struct cd_request_totals *sum = &totals[0], *copy = &totals[1];
	unsigned int i;
	int cpu;

	memset(sum, 0, sizeof(*sum));
	for_each_possible_cpu(cpu) {
		copy_of_cpu(per_cpu_ptr(requests, cpu), copy);
		add_counts(&sum->ended[0], &copy->ended[0]);
		add_counts(&sum->ended[1], &copy->ended[1]);
		for (i = 0; i < CD_NR_SLOWEST; i++)
			keep_slow(sum->slowest, &copy->slowest[i]);
	}
}
