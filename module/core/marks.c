// SPDX-License-Identifier: GPL-2.0-only
/*
 * Marks: how full an area has been, how little of it was left in one piece, and
 * how large it should have been for what was asked of it.
 */
#include "bit_runs.h"
#include "marks.h"
#include "watch.h"

#define NO_END (~0UL)

/**
 * cd_marks_begin() - nothing is known yet
 * @marks: result
 * @order: the alignment whose largest run is marked
 * @now_ns: when
 *
 * Who calls this then looks.
 *
 * Context: any, as all of them here.
 */
void cd_marks_begin(struct cd_marks *marks, unsigned int order,
		    unsigned long long now_ns)
{
	*marks = (struct cd_marks){ .order = order, .begun_ns = now_ns };
}

static bool is_hit(const struct cd_run *witness, unsigned long pfn,
		   unsigned long nr_pages)
{
	return pfn < witness->start_pfn + witness->nr_pages &&
	       witness->start_pfn < pfn + nr_pages;
}

/* The most pages that can be used. */
static unsigned long long nr_used_at_most(const struct cd_marks *marks)
{
	return marks->nr_used + (marks->pages_granted - marks->used_at);
}

/**
 * cd_marks_granted() - pages were had
 * @marks: of their area
 * @places: places of the area; the bits do not matter
 * @pfn: the first of them
 * @nr_pages: how many
 *
 * Return: true when they may have set a mark: who calls this then looks.
 */
bool cd_marks_granted(struct cd_marks *marks, const struct cd_bitmap *places,
		      unsigned long pfn, unsigned long nr_pages)
{
	unsigned long end, nr_bits = cd_pages_to_bits(places, nr_pages);
	unsigned int bit;

	/* Another's request. */
	if (!cd_bit_of_pfn(places, pfn, &bit))
		return false;
	nr_pages = nr_bits << places->order_per_bit;
	end = (bit + nr_bits) << places->order_per_bit;
	if (end > marks->end)
		marks->end = end;
	marks->nr_granted++;
	marks->pages_granted += nr_pages;
	/* Whoever is given pages before the next is found looks, too. */
	if (is_hit(&marks->witness, pfn, nr_pages))
		marks->witness.nr_pages = 0;
	return !marks->known || nr_used_at_most(marks) > marks->peak.nr_pages ||
	       (marks->lowest.nr_pages && !marks->witness.nr_pages);
}

/**
 * cd_marks_begin_look() - before the bitmap is copied
 * @marks: for which
 * @look: result, for cd_marks_look()
 */
void cd_marks_begin_look(const struct cd_marks *marks,
			 struct cd_marks_look *look)
{
	*look = (struct cd_marks_look){
		.nr_granted = marks->nr_granted,
		.pages_granted = marks->pages_granted,
		.lowest = marks->known ? marks->lowest.nr_pages : NO_END,
	};
}

static unsigned long count_used(const struct cd_bitmap *bm)
{
	unsigned long nr = 0;
	unsigned int i;

	for (i = 0; i < bm->nr_ranges; i++)
		nr += cd_count_used(&bm->ranges[i], 0, bm->ranges[i].nr_bits);
	return nr << bm->order_per_bit;
}

/**
 * cd_marks_look() - what a bitmap tells of the marks
 * @bm: the bitmap, of one moment
 * @order: of the marks
 * @look: begun; the rest of it is filled in
 *
 * Time grows with the words of the bitmap and with its free runs.
 */
void cd_marks_look(const struct cd_bitmap *bm, unsigned int order,
		   struct cd_marks_look *look)
{
	struct cd_request request = {
		.nr_pages = look->lowest,
		.align = order,
	};
	struct cd_look found;

	look->nr_used = count_used(bm);
	look->end = cd_used_end(bm);
	if (!request.nr_pages)
		return;
	cd_watch_look(&request, bm, NULL, &found);
	look->largest = found.place.nr_pages ? request.nr_pages :
					       found.largest;
	if (found.largest && !found.place.nr_pages) {
		request.nr_pages = found.largest;
		cd_watch_look(&request, bm, NULL, &found);
	}
	look->place = found.place;
}

static void set_mark(struct cd_mark *mark, unsigned long nr_pages,
		     const struct cd_asker *asker)
{
	mark->nr_pages = nr_pages;
	mark->time_ns = asker->time_ns;
	mark->pid = asker->pid;
	memcpy(mark->comm, asker->comm, sizeof(mark->comm));
}

/**
 * cd_marks_judge() - what a look means for the marks
 * @marks: the marks
 * @look: at a bitmap; begun with these marks, and they have not begun anew
 * @asker: who looked since they were given pages; with no pid, who just looked
 *
 * Others may have been given pages, or may have judged, since the look began.
 */
void cd_marks_judge(struct cd_marks *marks, const struct cd_marks_look *look,
		    const struct cd_asker *asker)
{
	if (!marks->known || look->nr_used > marks->peak.nr_pages)
		set_mark(&marks->peak, look->nr_used, asker);
	if (!marks->known || look->largest < marks->lowest.nr_pages)
		set_mark(&marks->lowest, look->largest, asker);
	if (look->end > marks->end)
		marks->end = look->end;
	marks->known = true;
	/* It takes in what had been had as it began, and maybe more. */
	marks->nr_used = look->nr_used;
	marks->used_at = look->pages_granted;
	/* What others have been given since may be of the place. */
	if (look->nr_granted == marks->nr_granted)
		marks->witness = look->place;
}

static bool is_lack_of_room(enum cd_verdict verdict)
{
	switch (verdict) {
	case CD_TOO_BIG:
	case CD_EXHAUSTED:
	case CD_FRAGMENTED:
	case CD_MISALIGNED:
	case CD_RACED:
		return true;
	default:
		return false;
	}
}

/* @pages rounded up to a multiple of 2^order, and so many more. */
static unsigned long put_behind(unsigned long pages, unsigned int order,
				unsigned long nr_pages)
{
	unsigned long mask, end;

	if (order >= CD_BITS_PER_LONG)
		return NO_END;
	mask = (1UL << order) - 1;
	if (__builtin_add_overflow(pages, mask, &end) ||
	    __builtin_add_overflow(end & ~mask, nr_pages, &end))
		return NO_END;
	return end;
}

static bool is_same_asker(const struct cd_unmet *unmet,
			  const struct cd_asker *asker)
{
	return unmet->pid == asker->pid &&
	       !memcmp(unmet->comm, asker->comm, sizeof(unmet->comm));
}

/* Returns whether the task has asked for the same before, in vain. */
static bool note_unmet(struct cd_lack *lack, const struct cd_request *request,
		       const struct cd_asker *asker)
{
	struct cd_unmet *unmet = lack->unmet;
	unsigned int i;

	for (i = 0; i < lack->nr_unmet; i++, unmet++)
		if (unmet->nr_pages == request->nr_pages &&
		    unmet->align == request->align &&
		    is_same_asker(unmet, asker))
			return true;
	if (i < CD_MAX_UNMET) {
		unmet->nr_pages = request->nr_pages;
		unmet->align = request->align;
		unmet->pid = asker->pid;
		memcpy(unmet->comm, asker->comm, sizeof(unmet->comm));
		lack->nr_unmet++;
	}
	return false;
}

/* Has the task asked for anything, in vain? When not all are kept, it may. */
static bool has_asked(const struct cd_lack *lack, const struct cd_asker *asker)
{
	unsigned int i;

	if (lack->nr_unmet == CD_MAX_UNMET)
		return true;
	for (i = 0; i < lack->nr_unmet; i++)
		if (is_same_asker(&lack->unmet[i], asker))
			return true;
	return false;
}

/* Would a lower cap have made it fit? */
static void note_cap(struct cd_lack *lack, const struct cd_diagnosis *diag)
{
	if (diag->fits_up_to >= 0 && diag->request.align <= diag->align_cap &&
	    diag->fits_up_to < (int)diag->request.align)
		lack->fits_up_to[diag->fits_up_to]++;
}

/**
 * cd_marks_failed() - a request failed
 * @marks: of its area
 * @diag: its diagnosis
 * @asker: who asked
 * @is_step: it asked for less than it had just asked for in vain; what that was
 *           is known, unless the marks have begun since
 */
void cd_marks_failed(struct cd_marks *marks, const struct cd_diagnosis *diag,
		     const struct cd_asker *asker, bool is_step)
{
	const struct cd_request *request = &diag->request;
	struct cd_lack *lack = &marks->lack;
	/* Up to a whole bit. */
	unsigned long nr_pages = put_behind(request->nr_pages,
					    diag->order_per_bit, 0);

	if (!is_lack_of_room(diag->verdict)) {
		lack->nr_elsewhy++;
		return;
	}
	lack->nr++;
	note_cap(lack, diag);
	if (is_step && has_asked(lack, asker)) {
		lack->nr_steps++;
		return;
	}
	if (request->align > lack->max_align)
		lack->max_align = request->align;
	lack->all_pages = put_behind(lack->all_pages, request->align, nr_pages);
	if (note_unmet(lack, request, asker))
		lack->nr_repeated++;
	else
		lack->once_pages = put_behind(lack->once_pages, request->align,
					      nr_pages);
}

static unsigned long sum(unsigned long a, unsigned long b)
{
	unsigned long both;

	return __builtin_add_overflow(a, b, &both) ? NO_END : both;
}

static unsigned long round_up_to(unsigned long nr_pages, unsigned long step)
{
	unsigned long rest = nr_pages % step;

	return rest && nr_pages != NO_END ? sum(nr_pages, step - rest) :
					    nr_pages;
}

/**
 * cd_marks_sizes() - how large the area had to be
 * @marks: its marks; @known
 * @nr_pages: its size
 * @step: sizes, and where an area begins, are multiples of so many pages; a
 *        power of two
 * @sizes: result
 *
 * The allocator takes the first place that is large enough, so that it does not
 * notice when what lies behind all that was ever used is missing.
 *
 * When something failed, the area grows by all of that, as if it was kept: when
 * it would have been released, nobody knows. What others had behind the first
 * of it then lies elsewhere, and may begin at other distances from what is
 * aligned.
 */
void cd_marks_sizes(const struct cd_marks *marks, unsigned long nr_pages,
		    unsigned long step, struct cd_sizes *sizes)
{
	const struct cd_lack *lack = &marks->lack;
	unsigned int order = lack->max_align > marks->order ? lack->max_align :
							      marks->order;
	unsigned long pad = NO_END, before;

	*sizes = (struct cd_sizes){ 0 };
	if (!lack->once_pages) {
		sizes->enough = round_up_to(marks->end, step);
		sizes->enough_all = sizes->enough;
		return;
	}
	if (order < CD_BITS_PER_LONG)
		pad = 1UL << order;
	before = sum(nr_pages, pad);
	sizes->enough = round_up_to(sum(before, lack->once_pages), step);
	sizes->enough_all = round_up_to(sum(before, lack->all_pages), step);
	/* It may begin where nothing is aligned to more than a step. */
	pad = pad > step ? pad - step : 0;
	sizes->apart = round_up_to(sum(pad, lack->once_pages), step);
	sizes->apart_all = round_up_to(sum(pad, lack->all_pages), step);
}

/**
 * cd_marks_best_cap() - the highest cap of alignment that helps most
 * @marks: the marks
 * @nr: result: failures that would have had room with it, at their moment
 *
 * Return: its order, CD_LOW_CAP or more; -1 when none helps.
 */
int cd_marks_best_cap(const struct cd_marks *marks, unsigned long *nr)
{
	int order, best = -1;

	*nr = 0;
	for (order = CD_MAX_ORDER; order >= CD_LOW_CAP; order--) {
		if (!marks->lack.fits_up_to[order])
			continue;
		*nr += marks->lack.fits_up_to[order];
		best = order;
	}
	return best;
}
