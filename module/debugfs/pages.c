// SPDX-License-Identifier: GPL-2.0-only
/*
 * <area>/pages: what the pages hold that no driver has, and what would have to
 * be moved for a request.
 *
 * Every page is looked at, one by one, when the file is read: on demand, never
 * in the way of an allocation.
 */
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/seq_file.h>

#include "areas.h"
#include "core/census.h"
#include "core/place.h"
#include "core/sentences.h"
#include "debugfs/files.h"
#include "debugfs/lines.h"
#include "debugfs/question.h"
#include "debugfs/view.h"
#include "kernel/page.h"
#include "snapshot.h"

/*
 * An open file.
 * @asked: @question is there
 * @counted: all that follows is there
 * @fits: the request has a place, and the census, too
 */
struct pages {
	/* Threads that read or write at the same time take turns. */
	struct mutex lock;
	const struct cd_area *area;
	bool asked;
	struct cd_request question;
	bool counted;
	bool fits;
	unsigned long place_pfn;
	unsigned long nr_pages;
	unsigned long nr_lent;
	unsigned int nr_files;
	struct cd_file_pages files[CD_TOP_FILES];
	struct cd_census census;
};

/*
 * A driver may have taken the page since the bitmap was copied: then it is no
 * page that is in the way, and the bitmap says so by now.
 */
static bool is_taken_by_now(const struct cd_page *page,
			    struct cd_snapshot *again,
			    const struct cd_cma *area)
{
	if (cd_page_use(page) != CD_USE_UNMOVABLE)
		return false;
	cd_snapshot_again(again, area);
	return !cd_is_free(&again->bm, page->pfn);
}

static bool is_in_place(const struct pages *pages, unsigned long pfn)
{
	return pages->fits && pfn >= pages->place_pfn &&
	       pfn - pages->place_pfn < pages->question.nr_pages;
}

static int count_range(struct pages *pages, const struct cd_bitmap *bm,
		       unsigned int i, struct cd_snapshot *again)
{
	unsigned long base_pfn = bm->ranges[i].base_pfn;
	unsigned long end_pfn = base_pfn + (bm->ranges[i].nr_bits
					    << bm->order_per_bit);
	unsigned long pfn;

	for (pfn = base_pfn; pfn < end_pfn; pfn++) {
		struct cd_page page;

		cond_resched();
		if (fatal_signal_pending(current))
			return -EINTR;
		if (!cd_is_free(bm, pfn))
			continue;
		cd_page_read(pfn, &page);
		if (is_taken_by_now(&page, again, pages->area->cma))
			continue;
		pages->nr_lent++;
		cd_census_add(&pages->census, &page, is_in_place(pages, pfn));
	}
	return 0;
}

static int count_all(struct pages *pages, const struct cd_snapshot *snapshot,
		     struct cd_snapshot *again)
{
	unsigned int i;
	int err;

	pages->fits = pages->asked &&
		      cd_first_place(&snapshot->bm, &pages->question,
				     &pages->place_pfn);
	memset(&pages->census, 0, sizeof(pages->census));
	pages->census.has_place = pages->fits;
	pages->nr_pages = snapshot->figures.nr_pages;
	pages->nr_lent = 0;
	for (i = 0; i < snapshot->bm.nr_ranges; i++) {
		err = count_range(pages, &snapshot->bm, i, again);
		if (err)
			return err;
	}
	pages->nr_files = cd_census_top(&pages->census, pages->files);
	pages->counted = true;
	return 0;
}

static int count(struct pages *pages)
{
	struct cd_snapshot *snapshot = cd_snapshot_alloc(pages->area->cma);
	struct cd_snapshot *again = cd_snapshot_alloc(pages->area->cma);
	int err = -ENOMEM;

	if (snapshot && again)
		err = count_all(pages, snapshot, again);
	kvfree(again);
	kvfree(snapshot);
	return err;
}

static void show_cell(struct seq_file *file, unsigned long nr_pages,
		      unsigned long whole)
{
	char share[CD_SHARE_MAX];

	cd_say_share(nr_pages, whole, share, sizeof(share));
	seq_printf(file, " %9lu %6s", nr_pages, share);
}

static void show_row(struct seq_file *file, const struct pages *pages,
		     const char *word, unsigned long nr_pages,
		     unsigned long place_pages)
{
	seq_printf(file, "%-28s", word);
	show_cell(file, nr_pages, pages->nr_lent);
	if (pages->fits)
		show_cell(file, place_pages,
			  pages->question.nr_pages);
	seq_putc(file, '\n');
}

static void show_table(struct seq_file *file, const struct pages *pages)
{
	static const char * const words[CD_NR_USES] = {
		[CD_USE_NONE] = "nobody (free)",
		[CD_USE_FILE] = "page cache",
		[CD_USE_ANON] = "anonymous memory",
		[CD_USE_SHMEM] = "shared memory (tmpfs)",
		[CD_USE_OTHER] = "other, or changing",
		[CD_USE_HELD] = "held: cannot be moved now",
		[CD_USE_UNMOVABLE] = "unmovable",
	};
	const struct cd_census *census = &pages->census;
	unsigned long place_pages = 0;
	unsigned int use;

	seq_printf(file, "%-28s %9s %6s", "lent to", "pages", "share");
	if (pages->fits)
		seq_printf(file, " %9s %6s", "place", "share");
	seq_putc(file, '\n');
	for (use = 0; use < CD_NR_USES; use++) {
		show_row(file, pages, words[use], census->nr_pages[use],
			 census->place_pages[use]);
		place_pages += census->place_pages[use];
	}
	show_row(file, pages, "all", pages->nr_lent, place_pages);
}

static void show_question(struct seq_file *file, const struct pages *pages)
{
	const unsigned long *nr_pages = pages->census.place_pages;
	char sentence[CD_SENTENCE_MAX] = "there is none; probe says why";

	cd_show_label(file, "request");
	cd_question_show(file, &pages->question);
	seq_putc(file, '\n');
	if (pages->fits)
		snprintf(sentence, sizeof(sentence),
			 "the first tried is at pfn 0x%lx; %lu of its pages are in use",
			 pages->place_pfn,
			 pages->question.nr_pages -
			 nr_pages[CD_USE_NONE]);
	cd_show_wrapped(file, "place", sentence);
}

static void show_blockers(struct seq_file *file, const struct pages *pages)
{
	const struct cd_census *census = &pages->census;
	char sentence[CD_SENTENCE_MAX];
	unsigned long i;

	seq_printf(file, "cannot be moved now, in the %s: %lu",
		   census->has_place ? "place" : "area", census->nr_blockers);
	if (census->nr_blockers > CD_TOP_BLOCKERS)
		seq_printf(file, ", the first %d are", CD_TOP_BLOCKERS);
	seq_putc(file, '\n');
	for (i = 0; i < min(census->nr_blockers, 0UL + CD_TOP_BLOCKERS); i++) {
		cd_say_page(&census->blockers[i], sentence, sizeof(sentence));
		cd_show_wrapped(file, "", sentence);
	}
}

/* The least that is sure, where the counters did not go round. */
static void show_files(struct seq_file *file, const struct pages *pages)
{
	unsigned int i;

	if (!pages->nr_files)
		return;
	seq_printf(file, "%-28s %9s\n", "files with most pages", "pages");
	for (i = 0; i < pages->nr_files; i++) {
		const struct cd_file_pages *counted = &pages->files[i];
		char name[64];

		if (counted->is_device)
			snprintf(name, sizeof(name), "block device %u:%u",
				 counted->major, counted->minor);
		else
			snprintf(name, sizeof(name), "inode %llu on %u:%u",
				 counted->inode, counted->major,
				 counted->minor);
		seq_printf(file, "%-28s %9lu%s\n", name,
			   counted->nr_pages - counted->nr_doubtful,
			   counted->nr_doubtful ? " or more" : "");
	}
}

static int show_pages(struct seq_file *file, void *unused)
{
	struct pages *pages = file->private;
	int err = 0;

	mutex_lock(&pages->lock);
	if (!pages->counted)
		err = count(pages);
	if (!err) {
		seq_printf(file, "%s: the bitmap calls %lu of %lu pages free\n",
			   pages->area->dir_name, pages->nr_lent,
			   pages->nr_pages);
		seq_puts(file, "what they hold, read while it changes: near, not exact\n");
		if (pages->asked)
			show_question(file, pages);
		show_table(file, pages);
		show_blockers(file, pages);
		show_files(file, pages);
	}
	mutex_unlock(&pages->lock);
	return err;
}

/* The pages are counted anew for each question. */
static ssize_t write_pages(struct file *file, const char __user *buf,
			   size_t size, loff_t *pos)
{
	struct seq_file *seq = file->private_data;
	struct pages *pages = seq->private;
	struct cd_request question;
	int err = cd_question_read(pages->area, "pages", buf, size, &question);

	if (err)
		return err;
	mutex_lock(&pages->lock);
	pages->question = question;
	pages->asked = true;
	pages->counted = false;
	mutex_unlock(&pages->lock);
	/* The answer is read from its beginning. */
	*pos = 0;
	return size;
}

static int open_pages(struct inode *inode, struct file *file)
{
	struct pages *pages = kvzalloc(sizeof(*pages), GFP_KERNEL);

	if (!pages)
		return -ENOMEM;
	mutex_init(&pages->lock);
	pages->area = inode->i_private;
	return cd_view_open(file, pages, show_pages, kvfree);
}

static int close_pages(struct inode *inode, struct file *file)
{
	return cd_view_release(inode, file, kvfree);
}

const struct file_operations cd_pages_fops = {
	.owner = THIS_MODULE,
	.open = open_pages,
	.read = seq_read,
	.write = write_pages,
	.llseek = seq_lseek,
	.release = close_pages,
};
