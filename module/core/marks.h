/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Marks: how full an area has been, how little of it was left in one piece, and
 * how large it should have been for what was asked of it.
 *
 * Releases need not be seen. What is used grows with allocations alone; so
 * nothing is used but what was used when it was looked at last, and what has
 * been had since, and as long as these are not more than the peak nobody need
 * look again: not for buffers that come and go in the same places. Likewise the
 * largest run is not below the lowest as long as nobody is given pages of one
 * place of that size, the witness.
 *
 * What others have claimed for requests under way is used: the allocator takes
 * it for used, too.
 */
#ifndef CD_MARKS_H
#define CD_MARKS_H

#include "ledger.h"
#include "verdict.h"

/* Requests that failed for want of room and are told apart. */
#define CD_MAX_UNMET 128U

/**
 * struct cd_mark - a figure at its extreme
 * @nr_pages: the figure
 * @time_ns: since when, by a clock of the caller's
 * @pid: whose allocation it was, 0 when that is not known: it was so when the
 *       marks began, or was seen by who did not allocate
 * @comm: its name
 */
struct cd_mark {
	unsigned long nr_pages;
	unsigned long long time_ns;
	int pid;
	char comm[CD_COMM_LEN];
};

/**
 * struct cd_asker - the task that asks, and when
 * @time_ns: when
 * @pid: the task, 0 for none
 * @comm: its name; all of it is compared
 */
struct cd_asker {
	unsigned long long time_ns;
	int pid;
	char comm[CD_COMM_LEN];
};

/**
 * struct cd_unmet - a request that failed for want of room
 * @nr_pages: what was asked
 * @align: likewise
 * @pid: by whom
 */
struct cd_unmet {
	unsigned long nr_pages;
	unsigned int align;
	int pid;
};

/**
 * struct cd_lack - what failed for want of room
 * @nr: failures
 * @nr_steps: of these, steps down of a story, which asked for less than before
 * @nr_repeated: of the others, those that one task had asked before
 * @nr_untold: and those of which that is not known: @unmet is full
 * @nr_elsewhy: failures for other reasons, or for one that is not known
 * @fits_up_to: by order: failures that would have had room at it, and at none
 *              above; only those that a lower cap of alignment concerns
 * @once_pages: an area of its own would need so many for those of @unmet
 * @all_pages: likewise for all that were no step
 * @max_align: the highest order among these
 * @nr_unmet: entries of @unmet
 * @unmet: those that are distinct, the first of them
 */
struct cd_lack {
	unsigned long nr;
	unsigned long nr_steps;
	unsigned long nr_repeated;
	unsigned long nr_untold;
	unsigned long nr_elsewhy;
	unsigned long fits_up_to[CD_NR_ORDERS];
	unsigned long once_pages;
	unsigned long all_pages;
	unsigned int max_align;
	unsigned int nr_unmet;
	struct cd_unmet unmet[CD_MAX_UNMET];
};

/**
 * struct cd_marks - the marks of an area
 * @order: the alignment that @lowest is of
 * @begun_ns: when they began
 * @known: a bitmap has been looked at since; @peak and @lowest hold
 * @peak: the most pages that were used
 * @lowest: the largest run at @order, when it was smallest
 * @end: the page after the last one that was ever used; counted on from one
 *       range to the next
 * @nr_granted: allocations that had pages
 * @maybe: the bits that may be used: all others are not. Range after range,
 *         each from a word on; of who calls cd_marks_init()
 * @nr_maybe: how many these are
 * @witness: a place of @lowest pages that nobody has had since it was seen to
 *           be free; nr_pages 0 when there is none
 * @lack: what failed
 */
struct cd_marks {
	unsigned int order;
	unsigned long long begun_ns;
	bool known;
	struct cd_mark peak;
	struct cd_mark lowest;
	unsigned long end;
	unsigned long long nr_granted;
	unsigned long *maybe;
	unsigned long nr_maybe;
	struct cd_run witness;
	struct cd_lack lack;
};

/**
 * struct cd_marks_look - a look at the area's bitmap
 * @nr_granted: of the marks, before the bitmap was copied
 * @lowest: likewise; pages for which a place is looked for
 * @nr_used: pages that are used
 * @largest: the largest run at the alignment of the marks, or @lowest when that
 *           is less
 * @place: the last place so aligned for @lowest pages, or for @largest of them
 *         when that is less
 * @end: the page after the last one that is used
 */
struct cd_marks_look {
	unsigned long long nr_granted;
	unsigned long lowest;
	unsigned long nr_used;
	unsigned long largest;
	struct cd_run place;
	unsigned long end;
};

/**
 * struct cd_sizes - how large an area had to be, in pages
 *
 * ULONG_MAX where that is more than can be counted.
 *
 * @enough: for all that was asked, what is distinct once; not more than there
 *          is when nothing failed
 * @enough_all: for all that was asked, each as often as it was
 * @apart: for what failed alone, what is distinct once; 0 when nothing did
 * @apart_all: likewise, each as often as it was
 */
struct cd_sizes {
	unsigned long enough;
	unsigned long enough_all;
	unsigned long apart;
	unsigned long apart_all;
};

size_t cd_marks_words(const struct cd_bitmap *places);
void cd_marks_init(struct cd_marks *marks, unsigned long *words);
void cd_marks_begin(struct cd_marks *marks, unsigned int order,
		    unsigned long long now_ns);
bool cd_marks_granted(struct cd_marks *marks, const struct cd_bitmap *places,
		      unsigned long pfn, unsigned long nr_pages);
void cd_marks_begin_look(const struct cd_marks *marks,
			 struct cd_marks_look *look);
void cd_marks_look(const struct cd_bitmap *bm, unsigned int order,
		   struct cd_marks_look *look);
void cd_marks_judge(struct cd_marks *marks, const struct cd_marks_look *look,
		    const struct cd_bitmap *bm, const struct cd_asker *asker);
void cd_marks_failed(struct cd_marks *marks, const struct cd_diagnosis *diag,
		     int pid, bool is_step);
void cd_marks_sizes(const struct cd_marks *marks, unsigned long nr_pages,
		    unsigned long step, struct cd_sizes *sizes);
int cd_marks_best_cap(const struct cd_marks *marks, unsigned long *nr);

#endif
