// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a diagnosis says in words: the evidence, which a reader can check by
 * hand against the figures, and what would have helped, computed from them.
 */
#include "attempt_words.h"
#include "remainder_words.h"
#include "sentences.h"

typedef void (*sentence_fn)(struct cd_text *text,
			    const struct cd_diagnosis *diag);

/**
 * cd_say_pages() - pages in human units, such as "1.8 MiB"
 * @nr_pages: pages
 * @page_shift: size of a page
 * @buf: result
 * @size: of @buf
 */
void cd_say_pages(unsigned long nr_pages, unsigned int page_shift, char *buf,
		  size_t size)
{
	unsigned long long kib = (unsigned long long)nr_pages
				 << (page_shift - 10);
	unsigned long long tenths = (kib * 10 + 512) / 1024;

	if (kib < 1024)
		snprintf(buf, size, "%llu KiB", kib);
	else if (tenths % 10)
		snprintf(buf, size, "%llu.%llu MiB", tenths / 10, tenths % 10);
	else
		snprintf(buf, size, "%llu MiB", tenths / 10);
}

/**
 * cd_say_share() - a part of a whole, such as "33.4%"; "-" of nothing
 * @part: of @whole; at most 2^54
 * @whole: may be 0
 * @buf: result
 * @size: of @buf; CD_SHARE_MAX is enough
 */
void cd_say_share(unsigned long part, unsigned long whole, char *buf,
		  size_t size)
{
	unsigned long permille;

	if (!whole) {
		snprintf(buf, size, "-");
		return;
	}
	permille = (part * 1000 + whole / 2) / whole;
	snprintf(buf, size, "%lu.%lu%%", permille / 10, permille % 10);
}

/**
 * cd_add_pages() - "12 pages (48 KiB)"
 * @text: the sentence
 * @diag: has the size of a page
 * @nr_pages: pages
 */
void cd_add_pages(struct cd_text *text, const struct cd_diagnosis *diag,
		  unsigned long nr_pages)
{
	char human[32];

	cd_say_pages(nr_pages, diag->page_shift, human, sizeof(human));
	cd_add(text, "%lu page%s (%s)", nr_pages, cd_plural(nr_pages), human);
}

/*
 * Where a page is: counted from the start of its range, as the kernel's own
 * list of free runs does (there in bits), so that the two can be compared.
 */
static void add_place(struct cd_text *text, const struct cd_diagnosis *diag,
		      const struct cd_run *run)
{
	cd_add(text, "%lu", run->start_page);
	if (diag->nr_ranges > 1)
		cd_add(text, " of range %u", run->range);
}

static unsigned long align_pages(const struct cd_diagnosis *diag)
{
	return diag->request.align < CD_BITS_PER_LONG ?
	       1UL << diag->request.align : 0;
}

/* Pages that the allocator really takes: whole bits. */
static unsigned long taken_pages(const struct cd_diagnosis *diag)
{
	unsigned long mask = (1UL << diag->order_per_bit) - 1;

	if (diag->request.nr_pages > ~0UL - mask)
		return diag->request.nr_pages;
	return (diag->request.nr_pages + mask) & ~mask;
}

static void say_too_big(struct cd_text *text, const struct cd_diagnosis *diag)
{
	if (diag->nr_ranges > 1)
		cd_add(text,
		       "%lu pages are asked, the largest of the area's %u ranges has %lu, and no allocation spans two",
		       diag->request.nr_pages, diag->nr_ranges,
		       diag->nr_pages_range);
	else
		cd_add(text, "%lu pages are asked, the whole area has %lu",
		       diag->request.nr_pages, diag->nr_pages);
}

static void say_exhausted(struct cd_text *text, const struct cd_diagnosis *diag)
{
	cd_add(text, "%lu of %lu pages are free, %lu < %lu",
	       diag->nr_free, diag->nr_pages, diag->nr_free, taken_pages(diag));
	cd_say_remainders(text, diag);
}

static void say_fragmented(struct cd_text *text,
			   const struct cd_diagnosis *diag)
{
	cd_add(text,
	       "%lu pages are free in %lu run%s, but the largest run is %lu page%s at ",
	       diag->nr_free, diag->nr_runs, cd_plural(diag->nr_runs),
	       diag->largest.nr_pages, cd_plural(diag->largest.nr_pages));
	add_place(text, diag, &diag->largest);
	cd_add(text, ": %lu < %lu", diag->largest.nr_pages, taken_pages(diag));
	cd_say_remainders(text, diag);
}

static void say_misaligned(struct cd_text *text,
			   const struct cd_diagnosis *diag)
{
	const struct cd_run *aligned = &diag->largest_aligned;

	cd_add(text, "largest free run is %lu pages at ",
	       diag->largest.nr_pages);
	add_place(text, diag, &diag->largest);
	if (!aligned->nr_pages) {
		cd_add(text, ", but no page of it is aligned to %lu",
		       align_pages(diag));
	} else {
		cd_add(text, ", but aligned to %lu it starts at %lu",
		       align_pages(diag), aligned->start_page);
		/* Else the reader's own arithmetic would not come out. */
		if (aligned->start_page & (align_pages(diag) - 1))
			cd_add(text, " (pfn 0x%lx)", aligned->start_pfn);
		cd_add(text, " and leaves %lu < %lu", aligned->nr_pages,
		       taken_pages(diag));
	}
	if (diag->usable.nr_pages > aligned->nr_pages) {
		cd_add(text, "; the most that any run leaves is %lu at ",
		       diag->usable.nr_pages);
		add_place(text, diag, &diag->usable);
	}
	cd_say_remainders(text, diag);
}

static void add_where_it_fits(struct cd_text *text,
			      const struct cd_diagnosis *diag)
{
	cd_add(text, "%lu pages at ", diag->usable.nr_pages);
	add_place(text, diag, &diag->usable);
}

static void say_raced(struct cd_text *text, const struct cd_diagnosis *diag)
{
	cd_add(text,
	       "the allocator found no place, yet a moment later the request fits: ");
	add_where_it_fits(text, diag);
	cd_add(text, ": somebody has freed, or given up a claim, meanwhile");
}

static void say_fits(struct cd_text *text, const struct cd_diagnosis *diag)
{
	cd_add(text, "the request fits: ");
	add_where_it_fits(text, diag);
}

static void say_unknown(struct cd_text *text, const struct cd_diagnosis *diag)
{
	if (diag->attempt.candidates == CD_CANDIDATES_TRIED) {
		cd_add(text,
		       "the request fitted and a place was tried, but this kernel does not tell how that ended: a busy page, low memory or a signal");
	} else if (!diag->has_bitmap) {
		cd_add(text,
		       "the bitmap could not be seen at the moment of the failure");
	} else {
		cd_add(text, "the request fits now, ");
		add_where_it_fits(text, diag);
		cd_add(text, ", and what the allocator tried was not seen");
		if (diag->late)
			cd_add(text,
			       "; its errno is that of \"no place\" and of one that was tried, and the bitmap was looked at later");
	}
}

/* Is it for want of free pages that a claim may give back? */
static bool is_claimed(const struct cd_diagnosis *diag)
{
	switch (diag->verdict) {
	case CD_EXHAUSTED:
	case CD_FRAGMENTED:
	case CD_MISALIGNED:
		return diag->claims.nr_requests;
	default:
		return false;
	}
}

/* Some may not have come to their claim yet. */
static void say_claims(struct cd_text *text, const struct cd_diagnosis *diag)
{
	const struct cd_claims *claims = &diag->claims;

	cd_add(text,
	       "; up to %lu used page%s %s claimed by %lu request%s under way",
	       claims->nr_pages, cd_plural(claims->nr_pages),
	       claims->nr_pages == 1 ? "is" : "are", claims->nr_requests,
	       cd_plural(claims->nr_requests));
}

/**
 * cd_say_evidence() - why this verdict, with the figures that prove it
 * @diag: a finished diagnosis
 * @buf: result
 * @size: of @buf; CD_SENTENCE_MAX is enough
 */
void cd_say_evidence(const struct cd_diagnosis *diag, char *buf, size_t size)
{
	static const sentence_fn say[CD_NR_VERDICTS] = {
		[CD_UNKNOWN] = say_unknown,
		[CD_TOO_BIG] = say_too_big,
		[CD_EXHAUSTED] = say_exhausted,
		[CD_FRAGMENTED] = say_fragmented,
		[CD_MISALIGNED] = say_misaligned,
		[CD_BUSY] = cd_say_busy,
		[CD_LOW_MEMORY] = cd_say_low_memory,
		[CD_INTERRUPTED] = cd_say_interrupted,
		[CD_RACED] = say_raced,
		[CD_FITS] = say_fits,
	};
	struct cd_text text;

	cd_text_begin(&text, buf, size);
	say[diag->verdict](&text, diag);
	if (is_claimed(diag))
		say_claims(&text, diag);
}

static void add_most_that_fits(struct cd_text *text,
			       const struct cd_diagnosis *diag)
{
	if (diag->usable.nr_pages)
		cd_add(text, "at align %u at most %lu page%s fit%s now",
		       diag->request.align, diag->usable.nr_pages,
		       cd_plural(diag->usable.nr_pages),
		       diag->usable.nr_pages == 1 ? "s" : "");
	else
		cd_add(text, "at align %u nothing fits now",
		       diag->request.align);
}

static void help_too_big(struct cd_text *text, const struct cd_diagnosis *diag)
{
	cd_add(text, "ask for at most ");
	cd_add_pages(text, diag, diag->nr_pages_range);
	cd_add(text, ", or give the area at least ");
	cd_add_pages(text, diag, taken_pages(diag));
	if (diag->nr_ranges > 1)
		cd_add(text, " in one range");
}

static void help_exhausted(struct cd_text *text,
			   const struct cd_diagnosis *diag)
{
	cd_add(text, "free or add at least ");
	cd_add_pages(text, diag, taken_pages(diag) - diag->nr_free);
	cd_add(text, "; ");
	add_most_that_fits(text, diag);
	cd_help_remainders(text, diag);
}

static void help_fragmented(struct cd_text *text,
			    const struct cd_diagnosis *diag)
{
	unsigned long lacking = taken_pages(diag) - diag->largest.nr_pages;

	cd_add(text,
	       "%lu more page%s free next to the largest run would do at align 0; ",
	       lacking, cd_plural(lacking));
	add_most_that_fits(text, diag);
	if (!diag->remainders.order) {
		cd_add(text,
		       "; keep small long-lived buffers out of this area, or add ");
		cd_add_pages(text, diag, taken_pages(diag));
		cd_add(text, " to it");
		return;
	}
	cd_help_remainders(text, diag);
	cd_add(text, "; or add ");
	cd_add_pages(text, diag, taken_pages(diag));
	cd_add(text, " to the area");
}

/*
 * DMA callers ask for min(get_order(size), CONFIG_CMA_ALIGNMENT):
 * cma_alloc_aligned() in kernel/dma/contiguous.c, 5.10 to 7.3.
 */
static bool align_is_the_cap(const struct cd_diagnosis *diag)
{
	unsigned int align = diag->request.align;

	return align && align == diag->align_cap &&
	       diag->request.nr_pages > 1UL << (align - 1);
}

/*
 * Kconfig takes 2 to 12 (kernel/dma/Kconfig), and took 4 to 12 formerly: what
 * is out of its range is no advice.
 */
#define MIN_CAP 2

static void add_lower_cap(struct cd_text *text,
			  const struct cd_diagnosis *diag)
{
	cd_add(text,
	       "; %u is the cap that CONFIG_CMA_ALIGNMENT sets for DMA callers",
	       diag->align_cap);
	if (diag->fits_up_to < MIN_CAP) {
		cd_add(text,
		       ", and %d the least it can be: ask for fewer pages, or add ",
		       MIN_CAP);
		cd_add_pages(text, diag, taken_pages(diag));
		cd_add(text, " to the area");
		return;
	}
	cd_add(text, ": %d would let this through", diag->fits_up_to);
	if (diag->fits_up_to < CD_LOW_CAP)
		cd_add(text, " (older kernels take %d at least)", CD_LOW_CAP);
}

static void help_misaligned(struct cd_text *text,
			    const struct cd_diagnosis *diag)
{
	unsigned long nr_pages = diag->request.nr_pages;

	cd_add(text, "%lu page%s fit%s at align %d", nr_pages,
	       cd_plural(nr_pages), nr_pages == 1 ? "s" : "",
	       diag->fits_up_to);
	if (diag->fits_up_to > 0)
		cd_add(text, " (%lu pages) or lower", 1UL << diag->fits_up_to);
	cd_add(text, "; ");
	add_most_that_fits(text, diag);
	if (align_is_the_cap(diag))
		add_lower_cap(text, diag);
	cd_help_remainders(text, diag);
}

static void help_raced(struct cd_text *text, const struct cd_diagnosis *diag)
{
	(void)diag;
	cd_add(text,
	       "try again; if it recurs, several users compete for the area and it is too small for all of them");
}

static void help_fits(struct cd_text *text, const struct cd_diagnosis *diag)
{
	add_most_that_fits(text, diag);
}

static void help_unknown(struct cd_text *text, const struct cd_diagnosis *diag)
{
	if (diag->attempt.candidates == CD_CANDIDATES_TRIED)
		cd_add(text,
		       "see the errno in the kernel's own line (\"alloc failed, req-size\"): -16 busy, -12 low memory, -4 a signal");
	else if (diag->late)
		cd_add(text,
		       "if it recurs, let it fail with a source that sees the moment: tracepoints (CONFIG_FTRACE), or on arm64 hardware breakpoints (CONFIG_PERF_EVENTS)");
	else
		cd_add(text, "let it fail again with the module loaded");
}

/**
 * cd_say_help() - what would have helped, with figures
 * @diag: a finished diagnosis
 * @buf: result
 * @size: of @buf; CD_SENTENCE_MAX is enough
 */
void cd_say_help(const struct cd_diagnosis *diag, char *buf, size_t size)
{
	static const sentence_fn help[CD_NR_VERDICTS] = {
		[CD_UNKNOWN] = help_unknown,
		[CD_TOO_BIG] = help_too_big,
		[CD_EXHAUSTED] = help_exhausted,
		[CD_FRAGMENTED] = help_fragmented,
		[CD_MISALIGNED] = help_misaligned,
		[CD_BUSY] = cd_help_busy,
		[CD_LOW_MEMORY] = cd_help_low_memory,
		[CD_INTERRUPTED] = cd_help_interrupted,
		[CD_RACED] = help_raced,
		[CD_FITS] = help_fits,
	};
	struct cd_text text;

	cd_text_begin(&text, buf, size);
	if (is_claimed(diag))
		cd_add(&text,
		       "try again: what is claimed is free again when its request fails; if not, ");
	help[diag->verdict](&text, diag);
}
