// SPDX-License-Identifier: GPL-2.0-only
/* A watch: does a request still fit, and if not, whose allocation broke it? */
#include "bit_runs.h"
#include "watch.h"

static const struct cd_grant nobodys;

/**
 * cd_watch_set() - begin to watch
 * @watch: result; it is open until cd_watch_judge()
 * @request: what would be asked; pages, not 0
 * @now_ns: when
 *
 * Context: any, as all of them here.
 */
void cd_watch_set(struct cd_watch *watch, const struct cd_request *request,
		  unsigned long long now_ns)
{
	*watch = (struct cd_watch){ .request = *request, .set_ns = now_ns };
}

static bool is_hit(const struct cd_watch *watch, unsigned long pfn,
		   unsigned long nr_pages)
{
	const struct cd_run *witness = &watch->witness;

	return pfn < witness->start_pfn + witness->nr_pages &&
	       witness->start_pfn < pfn + nr_pages;
}

/**
 * cd_watch_wants_look() - could an allocation change what is known?
 * @watch: the watch
 * @pfn: the first page that was had
 * @nr_pages: how many
 */
bool cd_watch_wants_look(const struct cd_watch *watch, unsigned long pfn,
			 unsigned long nr_pages)
{
	return watch->state != CD_WATCH_FITS || is_hit(watch, pfn, nr_pages);
}

/**
 * cd_watch_hit() - pages were had: open the watch if they are of its witness
 * @watch: the watch
 * @grant: the allocation
 *
 * Whoever calls this then looks, and calls cd_watch_judge(). All call it in the
 * order of their numbers, and until then their requests are under way.
 */
void cd_watch_hit(struct cd_watch *watch, const struct cd_grant *grant)
{
	watch->newest = grant->number;
	if (watch->suspect.request.nr_pages ||
	    !is_hit(watch, grant->pfn, grant->request.nr_pages))
		return;
	watch->state = CD_WATCH_OPEN;
	watch->suspect = *grant;
}

/**
 * cd_watch_acquit() - an allocation did not break it, or that was not seen
 * @watch: the watch
 * @grant: the allocation
 */
void cd_watch_acquit(struct cd_watch *watch, const struct cd_grant *grant)
{
	if (watch->suspect.number == grant->number)
		watch->suspect = nobodys;
}

/* The bits of an allocation; an empty run when it is not of this area. */
static struct cd_bit_run bits_of(const struct cd_bitmap *bm,
				 const struct cd_grant *grant)
{
	struct cd_bit_run run = { 0 };
	unsigned long bit;
	unsigned int i;

	for (i = 0; grant && i < bm->nr_ranges; i++) {
		const struct cd_range *range = &bm->ranges[i];

		bit = (grant->pfn - range->base_pfn) >> bm->order_per_bit;
		if (grant->pfn < range->base_pfn || bit >= range->nr_bits)
			continue;
		run.range = i;
		run.start = bit;
		run.end = bit + cd_pages_to_bits(bm, grant->request.nr_pages);
	}
	return run;
}

/**
 * cd_grant_place() - where an allocation is
 * @bm: places of the area; the bits do not matter
 * @grant: the allocation
 *
 * Return: its pages, rounded up to bits; nr_pages 0 when they are not of it.
 */
struct cd_run cd_grant_place(const struct cd_bitmap *bm,
			     const struct cd_grant *grant)
{
	struct cd_bit_run run = bits_of(bm, grant);

	return cd_in_pages(bm, &run, run.start);
}

/**
 * cd_watch_look() - what a bitmap tells of a request
 * @request: pages, not 0, and alignment
 * @bm: the bitmap
 * @grant: an allocation that is in it; NULL for none
 * @look: result
 *
 * The allocator takes the first place that is large enough. So the last one of
 * all is had last, and is what is found here. Time grows with the words of the
 * bitmap and with its free runs.
 */
void cd_watch_look(const struct cd_request *request,
		   const struct cd_bitmap *bm, const struct cd_grant *grant,
		   struct cd_look *look)
{
	unsigned long nr_bits = cd_pages_to_bits(bm, request->nr_pages);
	unsigned long apart = cd_bits_apart(bm, request->align), largest = 0;
	struct cd_bit_run without = bits_of(bm, grant), run = { 0 }, place;

	*look = (struct cd_look){ 0 };
	while (cd_next_run(bm, false, &run)) {
		place = run;
		place.start = cd_aligned_bit(bm, &run, request->align);
		if (place.end - place.start > largest)
			largest = place.end - place.start;
		if (place.end - place.start >= nr_bits) {
			place.start += (place.end - place.start - nr_bits) /
				       apart * apart;
			place.end = place.start + nr_bits;
			look->place = cd_in_pages(bm, &place, place.start);
		}
		if (run.range != without.range)
			continue;
		/* What is free beside it, were it free. */
		if (run.end == without.start)
			without.start = run.start;
		else if (run.start == without.end)
			without.end = run.end;
	}
	look->largest = largest << bm->order_per_bit;
	without.start = cd_aligned_bit(bm, &without, request->align);
	look->fitted = look->place.nr_pages ||
		       without.end - without.start >= nr_bits;
}

static void judge_fitting(struct cd_watch *watch, const struct cd_run *place)
{
	watch->state = CD_WATCH_FITS;
	watch->witness = *place;
	watch->suspect = nobodys;
	watch->judged = true;
	watch->known = watch->newest;
}

/* It was not seen to fit, as it was set: then nobody broke it. */
static bool judge_broken(struct cd_watch *watch, unsigned long largest,
			 unsigned long long now_ns)
{
	bool breaks = watch->judged || watch->suspect.request.nr_pages;

	watch->state = CD_WATCH_BROKEN;
	watch->witness = (struct cd_run){ 0 };
	watch->nr_broken += breaks;
	watch->breaker = watch->suspect;
	watch->suspect = nobodys;
	watch->broken_ns = watch->breaker.request.nr_pages ?
			   watch->breaker.time_ns : now_ns;
	watch->largest = largest;
	watch->judged = true;
	watch->known = watch->newest;
	return breaks;
}

/**
 * cd_watch_judge() - what a look means for a watch
 * @watch: the watch
 * @look: at a bitmap
 * @grant: the allocation that the look was for; NULL for none
 * @is_newest: since cd_watch_hit() was called for it, nobody else was given
 *             pages. If somebody was, they look themselves
 * @at_rest: no other request was under way when the bitmap was copied, and no
 *           other allocation is still to be judged
 * @now_ns: when that was
 *
 * Return: CD_WATCH_FITS_AGAIN, CD_WATCH_BREAKS: what there is to tell, in this
 * order.
 */
unsigned int cd_watch_judge(struct cd_watch *watch, const struct cd_look *look,
			    const struct cd_grant *grant, bool is_newest,
			    bool at_rest, unsigned long long now_ns)
{
	bool fits = look->place.nr_pages, was_broken, fitted;
	unsigned int news = 0;

	if (grant && fits)
		cd_watch_acquit(watch, grant);
	/* What others have been given since may be of the place. */
	if (!is_newest && (fits || watch->state == CD_WATCH_FITS))
		return 0;
	/* An allocation may look after others have seen what it did. */
	fitted = grant && grant->number > watch->known && look->fitted;
	was_broken = watch->state == CD_WATCH_BROKEN;
	if (was_broken && (fits || fitted)) {
		news |= CD_WATCH_FITS_AGAIN;
		watch->fits_ns = now_ns;
		watch->state = CD_WATCH_OPEN;
	}
	if (fits) {
		judge_fitting(watch, &look->place);
		return news;
	}
	/* Nobody was seen to take the witness. */
	if (watch->state == CD_WATCH_FITS)
		watch->state = CD_WATCH_OPEN;
	if (fitted && grant->number > watch->suspect.number)
		watch->suspect = *grant;
	if (watch->state == CD_WATCH_OPEN && is_newest && at_rest &&
	    judge_broken(watch, look->largest, now_ns))
		news |= CD_WATCH_BREAKS;
	return news;
}
