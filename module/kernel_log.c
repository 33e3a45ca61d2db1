// SPDX-License-Identifier: GPL-2.0-only
/*
 * One line in the kernel log per failure or story, and for a watch that broke,
 * or fits again; rate-limited.
 *
 * A line takes 10 ms on a serial console, so that it is not printed where the
 * failure is found, with preemption off, but from a worker (see news.c).
 */
#include <linux/jiffies.h>
#include <linux/minmax.h>
#include <linux/ratelimit.h>
#include <linux/sched/clock.h>

#include "log.h"
#include "areas.h"
#include "core/sentences.h"
#include "kernel_log.h"

#define INTERVAL (5 * HZ)

static DEFINE_RATELIMIT_STATE(limit, INTERVAL, 10);
static DEFINE_RATELIMIT_STATE(watch_limit, INTERVAL, 10);

/* Records of each area already dealt with. */
static u64 nr_logged[CD_MAX_AREAS];

/* Those passed over since that was last said, and when the last one was. */
static u64 nr_passed_over;
static unsigned long last_passed_over;

static void say_passed_over(void)
{
	if (nr_passed_over)
		pr_warn("%llu more failures, see the file failures\n",
			nr_passed_over);
	nr_passed_over = 0;
}

static void pass_over(u64 nr)
{
	if (!nr)
		return;
	nr_passed_over += nr;
	last_passed_over = jiffies;
}

static void log_failure(const struct cd_area *area,
			const struct cd_failure *failure)
{
	const struct cd_diagnosis *diag = &failure->diag;
	char evidence[CD_SENTENCE_MAX];

	cd_say_evidence(diag, evidence, sizeof(evidence));
	say_passed_over();
	pr_warn("%s: %lu pages at align %u%s: %s: %s\n", area->cma->name,
		diag->request.nr_pages, diag->request.align,
		diag->request.align_assumed ? ", assumed" : "",
		cd_verdict_word(diag->verdict), evidence);
}

static void log_area(unsigned int i)
{
	struct cd_area *area = cd_areas_get(i);
	u64 end = cd_history_end(&area->history);
	struct cd_failure failure;

	for (; nr_logged[i] < end; nr_logged[i]++) {
		if (__ratelimit(&limit) &&
		    cd_history_get(&area->history, nr_logged[i], &failure)) {
			cd_history_put(&failure);
			log_failure(area, &failure);
		} else {
			pass_over(1);
		}
	}
}

static noinline void log_story(const struct cd_area *area,
			       const struct cd_failure *failure)
{
	char sentence[CD_SENTENCE_MAX];

	cd_say_story(&failure->story, &failure->diag.request, sentence,
		     sizeof(sentence));
	say_passed_over();
	pr_warn("%s: %s\n", area->cma->name, sentence);
}

/* Those that ended by @before_ns. Returns true when there are others. */
static bool log_stories(struct cd_area *area, u64 before_ns)
{
	struct cd_failure failure;
	bool more = false;

	while (cd_history_take_story(&area->history, before_ns, &failure,
				     &more)) {
		more = false;
		if (__ratelimit(&limit))
			log_story(area, &failure);
		else
			pass_over(failure.story.nr - failure.nr_said);
	}
	pass_over(cd_history_take_unsaid(&area->history));
	return more;
}

static noinline void log_watch(const struct cd_area *area,
			       const struct cd_watch *watch, unsigned int news)
{
	const struct cd_bitmap *places = &area->holders.places;
	char sentence[CD_SENTENCE_MAX];

	if (news & CD_WATCH_BREAKS) {
		cd_say_broken(watch, places, sentence, sizeof(sentence));
		pr_warn("%s: %s\n", area->cma->name, sentence);
	}
	if (news & CD_WATCH_FITS_AGAIN) {
		cd_say_fits_again(watch, places, sentence, sizeof(sentence));
		pr_info("%s: %s\n", area->cma->name, sentence);
	}
}

/* Up to two lines for each watch. Returns true when there are others. */
static bool log_watches(struct cd_area *area)
{
	struct cd_watch watch;
	unsigned int i, news;

	if (!cd_watches_are_set(&area->watches))
		return false;
	for (i = 0; i < CD_MAX_WATCHES; i++) {
		if (!cd_watches_has_unsaid(&area->watches, i))
			continue;
		if (!__ratelimit(&watch_limit))
			return true;
		if (cd_watches_take_unsaid(&area->watches, i, &watch, &news))
			log_watch(area, &watch, news);
	}
	return false;
}

/**
 * cd_kernel_log_init() - before the first failure
 *
 * What is passed over is counted and said here, not by the rate limit.
 */
void cd_kernel_log_init(void)
{
	ratelimit_set_flags(&limit, RATELIMIT_MSG_ON_RELEASE);
	ratelimit_set_flags(&watch_limit, RATELIMIT_MSG_ON_RELEASE);
}

/**
 * cd_kernel_log_news() - print the failures that are not printed yet, and what
 *			  there is to tell of watches
 *
 * Of a story the first failure, and when a second has gone by without another,
 * the story. When failures were passed over, and no more were for
 * cd_kernel_log_interval(), says how many. Of a watch how it is at last.
 *
 * Context: process, may sleep; one at a time.
 *
 * Return: true when that is still to be said: call again, after
 * cd_kernel_log_interval().
 */
bool cd_kernel_log_news(void)
{
	u64 now_ns = local_clock();
	u64 before_ns = now_ns - min_t(u64, now_ns, CD_STORY_PAUSE_NS);
	bool more = false;
	unsigned int i;

	for (i = 0; i < cd_areas_count(); i++) {
		log_area(i);
		more |= log_stories(cd_areas_get(i), before_ns);
		more |= log_watches(cd_areas_get(i));
	}
	if (time_after_eq(jiffies, last_passed_over + INTERVAL))
		say_passed_over();
	return nr_passed_over || more;
}

/** cd_kernel_log_interval() - after a time, in jiffies, the log may go on */
unsigned long cd_kernel_log_interval(void)
{
	return INTERVAL;
}

/* Now that no more comes, all of it. */
static void log_last_of_watches(struct cd_area *area)
{
	struct cd_watch watch;
	unsigned int i, news;

	for (i = 0; i < CD_MAX_WATCHES; i++)
		if (cd_watches_take_unsaid(&area->watches, i, &watch, &news))
			log_watch(area, &watch, news);
}

/**
 * cd_kernel_log_exit() - say what was not printed
 *
 * Context: process, may sleep. No failure is recorded any more.
 */
void cd_kernel_log_exit(void)
{
	unsigned int i;

	for (i = 0; i < cd_areas_count(); i++) {
		log_stories(cd_areas_get(i), U64_MAX);
		log_last_of_watches(cd_areas_get(i));
	}
	if (nr_passed_over)
		pr_warn("%llu more failures were not logged\n", nr_passed_over);
}
