// SPDX-License-Identifier: GPL-2.0-only
/* A watch, in words: that it broke, by whom, and that it fits again. */
#include "sentences.h"
#include "text.h"
#include "watch.h"

static void add_place(struct cd_text *text, const struct cd_bitmap *bm,
		      const struct cd_run *run)
{
	cd_add(text, " at %lu", run->start_page);
	if (bm->nr_ranges > 1)
		cd_add(text, " of range %u", run->range);
}

static void add_pages(struct cd_text *text, unsigned long nr_pages)
{
	cd_add(text, "%lu page%s", nr_pages, cd_plural(nr_pages));
}

static void add_request(struct cd_text *text, const struct cd_request *request)
{
	add_pages(text, request->nr_pages);
	cd_add(text, " at align %u", request->align);
}

/**
 * cd_say_grant() - whose allocation, how much, and where
 * @grant: the allocation
 * @bm: places of its area; the bits do not matter
 * @page_shift: size of a page
 * @buf: result
 * @size: of @buf; CD_SENTENCE_MAX is enough, for each of these
 */
void cd_say_grant(const struct cd_grant *grant, const struct cd_bitmap *bm,
		  unsigned int page_shift, char *buf, size_t size)
{
	struct cd_run run = cd_grant_place(bm, grant);
	struct cd_text text;
	char human[32];

	cd_text_begin(&text, buf, size);
	cd_say_pages(grant->request.nr_pages, page_shift, human, sizeof(human));
	cd_add(&text, "%s[%d]: ", grant->comm, grant->pid);
	add_pages(&text, grant->request.nr_pages);
	cd_add(&text, " (%s) at align %u,", human, grant->request.align);
	add_place(&text, bm, &run);
}

/**
 * cd_say_broken() - a request that is watched does not fit any more
 * @watch: the watch; it has been broken
 * @bm: places of its area
 * @buf: result
 * @size: of @buf
 */
void cd_say_broken(const struct cd_watch *watch, const struct cd_bitmap *bm,
		   char *buf, size_t size)
{
	const struct cd_grant *breaker = &watch->breaker;
	struct cd_run run = cd_grant_place(bm, breaker);
	struct cd_text text;

	cd_text_begin(&text, buf, size);
	add_request(&text, &watch->request);
	cd_add(&text, " no longer fit%s: ",
	       watch->request.nr_pages == 1 ? "s" : "");
	if (breaker->request.nr_pages) {
		cd_add(&text, "%s[%d] was given ", breaker->comm,
		       breaker->pid);
		add_pages(&text, breaker->request.nr_pages);
		add_place(&text, bm, &run);
		cd_add(&text, ", and ");
	}
	cd_add(&text, "the largest run at align %u is ", watch->request.align);
	add_pages(&text, watch->largest);
}

/**
 * cd_say_fits_again() - a request that is watched fits again, or at last
 * @watch: the watch; it fits
 * @bm: places of its area
 * @buf: result
 * @size: of @buf
 */
void cd_say_fits_again(const struct cd_watch *watch, const struct cd_bitmap *bm,
		       char *buf, size_t size)
{
	struct cd_text text;

	cd_text_begin(&text, buf, size);
	add_request(&text, &watch->request);
	cd_add(&text, " fit%s %s,", watch->request.nr_pages == 1 ? "s" : "",
	       watch->nr_broken ? "again" : "now");
	add_place(&text, bm, &watch->witness);
}
