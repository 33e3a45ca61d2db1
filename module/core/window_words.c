// SPDX-License-Identifier: GPL-2.0-only
/* The cheapest way out, in words: what to free, and where it would fit then. */
#include "attempt_words.h"
#include "sentences.h"

/* "200 at 59392 and 112 at 60100", or the first of them and how many more. */
static void list_runs(struct cd_text *text, const struct cd_window *window)
{
	unsigned long i, nr_more = 0;

	if (window->nr_runs > CD_NR_USED_RUNS)
		nr_more = window->nr_runs - CD_NR_USED_RUNS;
	for (i = 0; i < window->nr_runs - nr_more; i++) {
		if (i)
			cd_add(text, i + 1 < window->nr_runs ? ", " : " and ");
		cd_add(text, "%lu at %lu", window->used[i].nr_pages,
		       window->used[i].start_page);
	}
	if (nr_more)
		cd_add(text, " and %lu more", nr_more);
}

/* A page whose number is not aligned, but its pfn: see say_misaligned(). */
static bool needs_pfn(const struct cd_diagnosis *diag)
{
	unsigned int align = diag->request.align;

	return align < CD_BITS_PER_LONG &&
	       diag->cheapest.place.start_page & ((1UL << align) - 1);
}

/**
 * cd_say_cheapest() - the fewest pages that would have to be freed
 * @diag: a finished diagnosis
 * @buf: result; empty when there is no such way out
 * @size: of @buf; CD_SENTENCE_MAX is enough
 */
void cd_say_cheapest(const struct cd_diagnosis *diag, char *buf, size_t size)
{
	const struct cd_window *window = &diag->cheapest;
	struct cd_text text;

	cd_text_begin(&text, buf, size);
	if (!window->place.nr_pages || !window->nr_used)
		return;
	if (diag->nr_ranges > 1)
		cd_add(&text, "in range %u, ", window->place.range);
	cd_add(&text, "freeing ");
	cd_add_pages(&text, diag, window->nr_used);
	if (window->nr_runs == 1) {
		cd_add(&text, " at %lu", window->used[0].start_page);
	} else {
		cd_add(&text, " in %lu runs, ", window->nr_runs);
		list_runs(&text, window);
		cd_add(&text, ",");
	}
	cd_add(&text, " would make it fit at %lu", window->place.start_page);
	if (needs_pfn(diag))
		cd_add(&text, " (pfn 0x%lx)", window->place.start_pfn);
}

static bool is_same_task(const struct cd_whose *whose, unsigned int a,
			 unsigned int b)
{
	return whose->blocks[a].pid == whose->blocks[b].pid &&
	       !strcmp(whose->blocks[a].comm, whose->blocks[b].comm);
}

/* "weston[421]: 300 pages at 724 and 300 at 1024; vpu[77]: 12 pages at 1536" */
static void add_whose(struct cd_text *text, const struct cd_whose *whose)
{
	unsigned int i, nr = whose->nr_blocks;

	if (nr > CD_NR_WHOSE)
		nr = CD_NR_WHOSE;
	for (i = 0; i < nr; i++) {
		const struct cd_run *run = &whose->blocks[i].run;

		if (i && is_same_task(whose, i - 1, i)) {
			cd_add(text, ", %lu at %lu", run->nr_pages,
			       run->start_page);
			continue;
		}
		cd_add(text, "%s%s[%d]: %lu page%s at %lu", i ? "; " : "",
		       whose->blocks[i].comm, whose->blocks[i].pid,
		       run->nr_pages, cd_plural(run->nr_pages),
		       run->start_page);
	}
	if (whose->nr_blocks > nr)
		cd_add(text, "; %u more", whose->nr_blocks - nr);
}

/**
 * cd_say_whose() - who has what the cheapest way out frees
 * @diag: a finished diagnosis
 * @buf: result; empty when nothing is known of that
 * @size: of @buf; CD_SENTENCE_MAX is enough
 */
void cd_say_whose(const struct cd_diagnosis *diag, char *buf, size_t size)
{
	const struct cd_whose *whose = &diag->whose;
	struct cd_text text;

	cd_text_begin(&text, buf, size);
	if (!whose->seen || !whose->nr_blocks)
		return;
	if (whose->doubtful)
		cd_add(&text, "perhaps ");
	add_whose(&text, whose);
	if (whose->nr_unknown)
		cd_add(&text, "; %lu page%s not known", whose->nr_unknown,
		       cd_plural(whose->nr_unknown));
}
