// SPDX-License-Identifier: GPL-2.0-only
/*
 * Marks: how full an area has been, how little of it was left in one piece, and
 * how large it should have been for what was asked of it.
 */
#include "bit_runs.h"
#include "marks.h"
#include "set_bits.h"
#include "watch.h"

#define NO_END (~0UL)

static unsigned long words_for(unsigned long nr_bits)
{
	return (nr_bits + CD_BITS_PER_LONG - 1) / CD_BITS_PER_LONG;
}

/**
 * cd_marks_words() - room that the marks of an area take beside themselves
 * @places: places of the area; the bits do not matter
 *
 * Return: in longs.
 */
size_t cd_marks_words(const struct cd_bitmap *places)
{
	size_t nr = 0;
	unsigned int i;

	for (i = 0; i < places->nr_ranges; i++)
		nr += words_for(places->ranges[i].nr_bits);
	return nr;
}

/**
 * cd_marks_init() - marks that can begin
 * @marks: result
 * @words: cd_marks_words() of them, all zero; for as long as there are marks
 */
void cd_marks_init(struct cd_marks *marks, unsigned long *words)
{
	*marks = (struct cd_marks){ .maybe = words };
}

/**
 * cd_marks_begin() - nothing is known yet
 * @marks: the marks
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
	*marks = (struct cd_marks){
		.order = order,
		.begun_ns = now_ns,
		.nr_granted = marks->nr_granted,
		.maybe = marks->maybe,
	};
}

static bool is_hit(const struct cd_run *witness, unsigned long pfn,
		   unsigned long nr_pages)
{
	return pfn < witness->start_pfn + witness->nr_pages &&
	       witness->start_pfn < pfn + nr_pages;
}

/* Sets bits, at least one; returns how many were not set. */
static unsigned long set_bits(unsigned long *words, unsigned long bit,
			      unsigned long end)
{
	unsigned long i = bit / CD_BITS_PER_LONG, nr = 0;
	unsigned long last = (end - 1) / CD_BITS_PER_LONG;
	unsigned long mask = ~0UL << bit % CD_BITS_PER_LONG, added;

	for (; i <= last; i++, mask = ~0UL) {
		if (i == last)
			mask &= ~0UL >> (CD_BITS_PER_LONG - 1 -
					 (end - 1) % CD_BITS_PER_LONG);
		added = mask & ~words[i];
		if (!added)
			continue;
		words[i] |= added;
		nr += ~added ? cd_nr_set(added) : CD_BITS_PER_LONG;
	}
	return nr;
}

/* Returns false for what is not of one range of the area: another's request. */
static bool take(struct cd_marks *marks, const struct cd_bitmap *places,
		 unsigned long pfn, unsigned long nr_bits)
{
	unsigned long *words = marks->maybe, before = 0, bit, end;
	unsigned int i;

	for (i = 0; i < places->nr_ranges; i++) {
		const struct cd_range *range = &places->ranges[i];

		bit = (pfn - range->base_pfn) >> places->order_per_bit;
		if (pfn >= range->base_pfn && bit < range->nr_bits)
			break;
		words += words_for(range->nr_bits);
		before += range->nr_bits;
	}
	if (i == places->nr_ranges || !nr_bits ||
	    nr_bits > places->ranges[i].nr_bits - bit)
		return false;
	marks->nr_maybe += set_bits(words, bit, bit + nr_bits);
	end = (before + bit + nr_bits) << places->order_per_bit;
	if (end > marks->end)
		marks->end = end;
	return true;
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
	if (!take(marks, places, pfn, cd_pages_to_bits(places, nr_pages)))
		return false;
	marks->nr_granted++;
	/* Whoever is given pages before the next is found looks, too. */
	if (is_hit(&marks->witness, pfn, nr_pages))
		marks->witness.nr_pages = 0;
	return !marks->known ||
	       marks->nr_maybe << places->order_per_bit >
		       marks->peak.nr_pages ||
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

/*
 * Bits that may be used; without others only if none was had since. What is
 * behind the end of a range does not matter.
 */
static void take_in(struct cd_marks *marks, const struct cd_bitmap *bm,
		    bool is_newest)
{
	unsigned long *words = marks->maybe, nr = 0;
	unsigned int i, j;

	for (i = 0; i < bm->nr_ranges; i++) {
		struct cd_range range = bm->ranges[i];

		for (j = 0; j < words_for(range.nr_bits); j++)
			words[j] = range.bitmap[j] | (is_newest ? 0 : words[j]);
		range.bitmap = words;
		nr += cd_count_used(&range, 0, range.nr_bits);
		words += j;
	}
	marks->nr_maybe = nr;
}

/**
 * cd_marks_judge() - what a look means for the marks
 * @marks: the marks
 * @look: at a bitmap; begun with these marks, and they have not begun anew
 * @bm: that bitmap
 * @asker: who looked since they were given pages; with no pid, who just looked
 *
 * Others may have been given pages, or may have judged, since the look began.
 */
void cd_marks_judge(struct cd_marks *marks, const struct cd_marks_look *look,
		    const struct cd_bitmap *bm, const struct cd_asker *asker)
{
	bool is_newest = look->nr_granted == marks->nr_granted;
	const struct cd_asker nobody = { .time_ns = asker->time_ns };

	/* It was so before. */
	if (!marks->known)
		asker = &nobody;
	if (!marks->known || look->nr_used > marks->peak.nr_pages)
		set_mark(&marks->peak, look->nr_used, asker);
	if (!marks->known || look->largest < marks->lowest.nr_pages)
		set_mark(&marks->lowest, look->largest, asker);
	if (look->end > marks->end)
		marks->end = look->end;
	marks->known = true;
	take_in(marks, bm, is_newest);
	/* What others have been given since may be of the place. */
	if (is_newest)
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

/* Has the task asked for the same, in vain? */
static bool is_repeated(const struct cd_lack *lack,
			const struct cd_request *request, int pid)
{
	const struct cd_unmet *unmet = lack->unmet;
	unsigned int i;

	for (i = 0; i < lack->nr_unmet; i++, unmet++)
		if (unmet->pid == pid && unmet->align == request->align &&
		    unmet->nr_pages == request->nr_pages)
			return true;
	return false;
}

/* Has the task asked for more, in vain? What it asked may not be kept. */
static bool has_asked_more(const struct cd_lack *lack,
			   unsigned long nr_pages, int pid)
{
	unsigned int i;

	for (i = 0; i < lack->nr_unmet; i++)
		if (lack->unmet[i].pid == pid &&
		    lack->unmet[i].nr_pages > nr_pages)
			return true;
	return i == CD_MAX_UNMET;
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
 * @pid: who asked
 * @is_step: it asked for less than it had just asked for in vain; what that was
 *           is known, unless the marks have begun since
 */
void cd_marks_failed(struct cd_marks *marks, const struct cd_diagnosis *diag,
		     int pid, bool is_step)
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
	if (is_step && has_asked_more(lack, request->nr_pages, pid)) {
		lack->nr_steps++;
		return;
	}
	if (request->align > lack->max_align)
		lack->max_align = request->align;
	lack->all_pages = put_behind(lack->all_pages, request->align, nr_pages);
	if (is_repeated(lack, request, pid)) {
		lack->nr_repeated++;
	} else if (lack->nr_unmet == CD_MAX_UNMET) {
		lack->nr_untold++;
	} else {
		lack->unmet[lack->nr_unmet++] = (struct cd_unmet){
			.nr_pages = request->nr_pages,
			.align = request->align,
			.pid = pid,
		};
		lack->once_pages = put_behind(lack->once_pages, request->align,
					      nr_pages);
	}
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
		if (sizes->enough > nr_pages)
			sizes->enough = nr_pages;
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
