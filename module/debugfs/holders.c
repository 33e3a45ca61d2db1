// SPDX-License-Identifier: GPL-2.0-only
/*
 * <area>/holders: who has the area's pages, what freeing them would give, and
 * every block by its place.
 */
#include <linux/delay.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/sched/clock.h>
#include <linux/sort.h>
#include <linux/time64.h>

#include "areas.h"
#include "core/sentences.h"
#include "core/text.h"
#include "debugfs/files.h"
#include "debugfs/lines.h"
#include "debugfs/view.h"
#include "inflight.h"
#include "kernel/cma_config.h"
#include "kernel/source.h"
#include "name_stacks.h"
#include "snapshot.h"

/* Requests that others have under way end in a moment, mostly. */
#define NR_LOOKS 20
#define LOOK_EVERY_MS 10

/*
 * A queue of V4L2 had at most so many buffers (VIDEO_MAX_FRAME, 5.10 to 6.7),
 * and pipelines that are set up allocate them without a release.
 */
#define MOST_OF_A_QUEUE 32U

/* Devices of one caller that are named; the rest is counted. */
#define MOST_DEVICES 4U

/*
 * One that holds something.
 * @i: its number in the ledger, or CD_NO_HOLDER
 * @without: the largest run at the DMA alignment, were its blocks free
 * @names: its stack
 */
struct shown_holder {
	unsigned int i;
	struct cd_holding holding;
	struct cd_run without;
	struct cd_stack_names *names;
};

/*
 * @snapshot: NULL where nothing can be known; and then all that follows
 * @claims: of requests that were under way even so
 * @at_rest: there were none, nor did any end meanwhile
 */
struct holders_view {
	struct cd_area *area;
	struct cd_snapshot *snapshot;
	struct cd_ledger *ledger;
	struct cd_claims claims;
	bool at_rest;
	u64 now_ns;
	struct cd_holding *holdings;
	unsigned int nr_shown;
	struct shown_holder *shown;
};

static bool is_known(const struct cd_area *area)
{
	return area->holders.ledger && cd_source_abilities()->requests;
}

static void free_holders_view(const void *private)
{
	const struct holders_view *view = private;
	unsigned int i;

	for (i = 0; i < view->nr_shown; i++)
		cd_stack_names_put(view->shown[i].names);
	kvfree(view->shown);
	kvfree(view->holdings);
	kvfree(view->ledger);
	kvfree(view->snapshot);
	kvfree(view);
}

/*
 * The bitmap comes first, and the ledger last: what a request has claimed in
 * the bitmap is in the ledger if that has ended with it in between. Until then
 * the ledger has whoever had these pages before.
 */
static int look(struct holders_view *view)
{
	struct cd_area *area = view->area;
	u64 nr_ended = cd_requests_nr_ended(area->requests);

	kvfree(view->ledger);
	cd_snapshot_again(view->snapshot, area->cma);
	cd_inflight_count_others(area->cma, &view->claims);
	view->ledger = cd_holders_copy(&area->holders);
	view->now_ns = local_clock();
	view->at_rest = !view->claims.nr_requests &&
			cd_requests_nr_ended(area->requests) == nr_ended;
	return view->ledger ? 0 : -ENOMEM;
}

static int look_at_rest(struct holders_view *view)
{
	int i, err;

	for (i = 0; i < NR_LOOKS; i++) {
		if (i)
			msleep(LOOK_EVERY_MS);
		err = look(view);
		if (err || view->at_rest)
			return err;
	}
	return 0;
}

/* Who holds most comes first. */
static int compare_holders(const void *a, const void *b)
{
	const struct shown_holder *left = a, *right = b;

	if (left->holding.nr_bits == right->holding.nr_bits)
		return 0;
	return left->holding.nr_bits < right->holding.nr_bits ? 1 : -1;
}

/* @words is as large as the bitmap, to work in. */
static int add_holder(struct holders_view *view, unsigned int slot,
		      unsigned long *words)
{
	struct shown_holder *shown = &view->shown[view->nr_shown];
	const struct cd_holder *holder = cd_ledger_holder(view->ledger, slot);

	shown->i = holder ? slot : CD_NO_HOLDER;
	shown->holding = view->holdings[slot];
	shown->without = cd_run_without(view->ledger, &view->snapshot->bm,
					shown->i, cd_cma_align_cap(), words);
	if (holder)
		shown->names = cd_holders_get_names(&view->area->holders, slot,
						    holder);
	view->nr_shown++;
	return holder && !shown->names ? -ENOMEM : 0;
}

static int add_holders(struct holders_view *view)
{
	size_t nr_words = cd_cma_bitmap_words(view->area->cma);
	unsigned long *words = kvcalloc(nr_words, sizeof(*words), GFP_KERNEL);
	unsigned int i;
	int err = words ? 0 : -ENOMEM;

	/* The last are the blocks of nobody. */
	for (i = 0; !err && i <= view->ledger->max_holders; i++) {
		cond_resched();
		if (view->holdings[i].nr_bits)
			err = add_holder(view, i, words);
	}
	kvfree(words);
	sort(view->shown, view->nr_shown, sizeof(*view->shown),
	     compare_holders, NULL);
	return err;
}

static int gather_known(struct holders_view *view)
{
	unsigned int nr;
	int err;

	cd_name_stacks();
	view->snapshot = cd_snapshot_alloc(view->area->cma);
	if (!view->snapshot)
		return -ENOMEM;
	err = look_at_rest(view);
	if (err)
		return err;
	nr = view->ledger->max_holders + 2;
	view->holdings = kvcalloc(nr, sizeof(*view->holdings), GFP_KERNEL);
	view->shown = kvcalloc(nr, sizeof(*view->shown), GFP_KERNEL);
	if (!view->holdings || !view->shown)
		return -ENOMEM;
	cd_count_figures(&view->snapshot->bm, &view->snapshot->figures);
	cd_count_holdings(view->ledger, &view->snapshot->bm, view->holdings);
	return add_holders(view);
}

static void *gather_holders(struct cd_area *area)
{
	struct holders_view *view = kvzalloc(sizeof(*view), GFP_KERNEL);

	if (!view)
		return NULL;
	view->area = area;
	if (is_known(area) && gather_known(view)) {
		free_holders_view(view);
		return NULL;
	}
	return view;
}

static unsigned long pages(const struct holders_view *view,
			   unsigned long nr_bits)
{
	return nr_bits << view->area->cma->order_per_bit;
}

static u64 seconds_ago(const struct holders_view *view, u64 time_ns)
{
	return view->now_ns > time_ns ?
	       div_u64(view->now_ns - time_ns, NSEC_PER_SEC) : 0;
}

static void add_count(struct cd_text *text, unsigned long nr, const char *what)
{
	cd_add(text, "%lu %s%s", nr, what, cd_plural(nr));
}

static void add_size(struct cd_text *text, unsigned long nr_pages)
{
	char size[32];

	cd_say_pages(nr_pages, PAGE_SHIFT, size, sizeof(size));
	add_count(text, nr_pages, "page");
	cd_add(text, " (%s)", size);
}

static void show_known(struct seq_file *file, const struct holders_view *view)
{
	unsigned long nr_pages = 0, nr_blocks = 0;
	char sentence[CD_SENTENCE_MAX];
	struct cd_text text;
	unsigned int i;

	for (i = 0; i < view->nr_shown; i++) {
		nr_pages += pages(view, view->shown[i].holding.nr_bits);
		nr_blocks += view->shown[i].holding.nr_blocks;
	}
	cd_text_begin(&text, sentence, sizeof(sentence));
	add_size(&text, nr_pages);
	cd_add(&text, " in ");
	add_count(&text, nr_blocks, "block");
	cd_show_wrapped(file, "known", sentence);
}

static const struct cd_holding *not_known(const struct holders_view *view)
{
	return &view->holdings[view->ledger->max_holders + 1];
}

static void show_not_known(struct seq_file *file,
			   const struct holders_view *view)
{
	const struct cd_ledger *ledger = view->ledger;
	const struct cd_holding *rest = not_known(view);
	char sentence[CD_SENTENCE_MAX];
	struct cd_text text;

	if (!rest->nr_bits)
		return;
	cd_text_begin(&text, sentence, sizeof(sentence));
	add_size(&text, pages(view, rest->nr_bits));
	cd_add(&text, " in ");
	add_count(&text, rest->nr_blocks, "run");
	cd_add(&text, ": allocated before the module was loaded");
	if (ledger->nr_lost)
		cd_add(&text,
		       ", or there was no room for them, %llu times (room for %u: ledger=%u would have more)",
		       ledger->nr_lost, ledger->max_blocks,
		       min(4 * ledger->max_blocks, CD_MAX_BLOCKS));
	cd_show_wrapped(file, "not known", sentence);
}

#define IS_NOT_SURE \
	" is not known, or said to be of whoever had it before"

/* What may be another's than is said. */
static void show_doubts(struct seq_file *file, const struct holders_view *view)
{
	unsigned long nr_unseen = cd_inflight_untracked();
	char sentence[CD_SENTENCE_MAX];
	struct cd_text text;

	if (view->claims.nr_requests) {
		cd_text_begin(&text, sentence, sizeof(sentence));
		add_count(&text, view->claims.nr_requests, "request");
		cd_add(&text, " under way: what they claimed, up to ");
		add_count(&text, view->claims.nr_pages, "page");
		cd_add(&text, IS_NOT_SURE);
		cd_show_wrapped(file, "note", sentence);
	}
	if (nr_unseen) {
		cd_text_begin(&text, sentence, sizeof(sentence));
		add_count(&text, nr_unseen, "allocation");
		cd_add(&text,
		       " whose start found no free slot: what they have");
		cd_add(&text, IS_NOT_SURE);
		cd_show_wrapped(file, "note", sentence);
	}
}

static void add_blocks(struct cd_text *text, const struct holders_view *view,
		       const struct cd_holding *holding)
{
	add_size(text, pages(view, holding->nr_bits));
	cd_add(text, " in ");
	add_count(text, holding->nr_blocks, "block");
	if (holding->nr_blocks == 1)
		cd_add(text, ", %llu s old",
		       seconds_ago(view, holding->oldest_ns));
	else
		cd_add(text, ", %llu to %llu s old",
		       seconds_ago(view, holding->newest_ns),
		       seconds_ago(view, holding->oldest_ns));
}

/*
 * Who releases nothing. What others have claimed meanwhile may have been its
 * own; and so may what was not seen to be allocated.
 */
static void show_suspect(struct seq_file *file,
			 const struct holders_view *view,
			 const struct cd_holder *holder,
			 const struct cd_holding *holding)
{
	unsigned int nr = cd_nr_grown(holder, holding);
	char sentence[CD_SENTENCE_MAX];
	struct cd_text text;

	if (nr <= MOST_OF_A_QUEUE || !view->at_rest)
		return;
	cd_text_begin(&text, sentence, sizeof(sentence));
	cd_add(&text, "a leak: of its last %u allocations%s", nr,
	       view->ledger->nr_lost || cd_inflight_untracked() ?
	       " that are known" : "");
	cd_add(&text, " none was released, ");
	add_size(&text, pages(view, holder->grown_bits));
	cd_add(&text, " in %llu s", seconds_ago(view, holder->grown_ns));
	cd_show_wrapped(file, "suspect", sentence);
}

/* For which devices its blocks are. */
static void show_devices(struct seq_file *file, const struct holders_view *view,
			 const struct cd_holding *holding)
{
	unsigned int i, nr = 0, nr_rest = 0;
	char sentence[CD_SENTENCE_MAX];
	struct cd_text text;

	cd_text_begin(&text, sentence, sizeof(sentence));
	for (i = 1; i < CD_MAX_DEVICES; i++) {
		if (!(holding->devices & BIT(i)))
			continue;
		if (nr++ < MOST_DEVICES)
			cd_add(&text, "%s%s", nr > 1 ? ", " : "",
			       cd_ledger_device(view->ledger, i));
		else
			nr_rest++;
	}
	if (!nr)
		return;
	if (nr_rest)
		cd_add(&text, ", %u more", nr_rest);
	if (holding->devices & BIT(0))
		cd_add(&text, ", and not known");
	cd_show_wrapped(file, "device", sentence);
}

static void show_holder(struct seq_file *file, const struct holders_view *view,
			const struct shown_holder *shown)
{
	const struct cd_holder *holder = cd_ledger_holder(view->ledger,
							  shown->i);
	unsigned int order = cd_cma_align_cap();
	unsigned long now = view->snapshot->figures.usable[order].nr_pages;
	char sentence[CD_SENTENCE_MAX];
	struct cd_text text;

	seq_printf(file, "\n%s\n", holder ? holder->caller.comm :
		   "(more callers than there was room for)");
	cd_text_begin(&text, sentence, sizeof(sentence));
	add_blocks(&text, view, &shown->holding);
	cd_show_wrapped(file, "holds", sentence);
	show_devices(file, view, &shown->holding);
	if (holder)
		show_suspect(file, view, holder, &shown->holding);
	cd_text_begin(&text, sentence, sizeof(sentence));
	cd_add(&text, "the largest run at align %u would be ", order);
	add_count(&text, shown->without.nr_pages, "page");
	cd_add(&text, " instead of %lu", now);
	cd_show_wrapped(file, "if freed", sentence);
	if (holder)
		cd_show_stack(file, shown->names);
}

static void show_whose(struct seq_file *file, const struct holders_view *view,
		       const struct cd_block *block)
{
	const struct cd_holder *holder = block ?
		cd_ledger_holder(view->ledger, block->holder) : NULL;

	if (!block)
		seq_printf(file, "%5s %8s  %s", "-", "-", "not known");
	else
		seq_printf(file, "%5u %8llu  %s[%d]", block->align,
			   seconds_ago(view, block->time_ns),
			   holder ? holder->caller.comm : "?", block->pid);
}

/* For what, in the same line where that has 80 columns at most. */
static void show_purpose(struct seq_file *file, const struct holders_view *view,
			 const struct cd_block *block, size_t width)
{
	char purpose[96];
	int len = 0;

	if (block && block->device)
		len = scnprintf(purpose, sizeof(purpose), "for %s",
				cd_ledger_device(view->ledger, block->device));
	else if (block && block->inode)
		len = scnprintf(purpose, sizeof(purpose), "dma-buf inode %lu",
				block->inode);
	if (!len)
		return;
	if (width + 2 + len <= 80)
		seq_printf(file, ", %s", purpose);
	else
		seq_printf(file, ",\n%25s%s", "", purpose);
}

static void show_blocks(struct seq_file *file, const struct holders_view *view)
{
	const struct cd_bitmap *bm = &view->snapshot->bm;
	const struct cd_holding *rest = not_known(view);
	struct cd_held held = { 0 };
	struct cd_run run;
	size_t begin;

	if (!view->nr_shown && !rest->nr_bits)
		return;
	seq_printf(file, "\n%8s %5s %8s  %s\n", "pages", "align", "seconds",
		   "whose, and where");
	while (cd_next_held(view->ledger, bm, &held)) {
		cond_resched();
		run = cd_run_of_bits(bm, held.start, held.end);
		begin = file->count;
		seq_printf(file, "%8lu ", run.nr_pages);
		show_whose(file, view, held.block);
		cd_show_place(file, view->area->cma, &run);
		show_purpose(file, view, held.block, file->count - begin);
		seq_putc(file, '\n');
	}
}

static void show_why_none(struct seq_file *file,
			  const struct holders_view *view)
{
	seq_printf(file, "%s: who holds its pages is not known\n",
		   view->area->dir_name);
	if (view->area->holders.ledger)
		cd_show_wrapped(file, "why", CD_TELLS_OF_FAILURES_ALONE);
	else
		cd_show_wrapped(file, "why",
				"the module was loaded with ledger=0");
}

static int show_holders(struct seq_file *file, void *unused)
{
	const struct holders_view *view = file->private;
	const struct cd_figures *figures;
	unsigned int i;

	if (!view->snapshot) {
		show_why_none(file, view);
		return 0;
	}
	figures = &view->snapshot->figures;
	seq_printf(file, "%s: who holds %lu of %lu pages\n",
		   view->area->dir_name, figures->nr_pages - figures->nr_free,
		   figures->nr_pages);
	show_known(file, view);
	show_not_known(file, view);
	show_doubts(file, view);
	for (i = 0; i < view->nr_shown; i++)
		show_holder(file, view, &view->shown[i]);
	show_blocks(file, view);
	return 0;
}

CD_DEFINE_VIEW_FILE(holders, free_holders_view);
