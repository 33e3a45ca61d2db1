// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a diagnosis says in words: the evidence, which a reader can check by
 * hand against the figures, and what would have helped, computed from them.
 */
#include "sentences.h"

struct text {
	char *buf;
	size_t size;
	size_t len;
};

typedef void (*sentence_fn)(struct text *text, const struct cd_diagnosis *diag);

static CD_PRINTF(2, 3) void add(struct text *text, const char *format, ...)
{
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(text->buf + text->len, text->size - text->len, format,
			args);
	va_end(args);
	if (len > 0)
		text->len += (size_t)len;
	if (text->len >= text->size)
		text->len = text->size - 1;
}

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

static const char *plural(unsigned long n)
{
	return n == 1 ? "" : "s";
}

/* "12 pages", with the human unit where it tells the reader something. */
static void add_pages(struct text *text, const struct cd_diagnosis *diag,
		      unsigned long nr_pages)
{
	char human[32];

	cd_say_pages(nr_pages, diag->page_shift, human, sizeof(human));
	add(text, "%lu page%s (%s)", nr_pages, plural(nr_pages), human);
}

/*
 * Where a page is: counted from the start of its range, as the kernel's own
 * list of free runs does (there in bits), so that the two can be compared.
 */
static void add_place(struct text *text, const struct cd_diagnosis *diag,
		      const struct cd_run *run)
{
	add(text, "%lu", run->start_page);
	if (diag->nr_ranges > 1)
		add(text, " of range %u", run->range);
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

static void say_too_big(struct text *text, const struct cd_diagnosis *diag)
{
	if (diag->nr_ranges > 1)
		add(text,
		    "%lu pages are asked, the largest of the area's %u ranges has %lu, and no allocation spans two",
		    diag->request.nr_pages, diag->nr_ranges,
		    diag->nr_pages_range);
	else
		add(text, "%lu pages are asked, the whole area has %lu",
		    diag->request.nr_pages, diag->nr_pages);
}

static void say_exhausted(struct text *text, const struct cd_diagnosis *diag)
{
	add(text, "%lu of %lu pages are free, %lu < %lu",
	    diag->nr_free, diag->nr_pages, diag->nr_free, taken_pages(diag));
}

static void say_fragmented(struct text *text, const struct cd_diagnosis *diag)
{
	add(text,
	    "%lu pages are free in %lu run%s, but the largest run is %lu page%s at ",
	    diag->nr_free, diag->nr_runs, plural(diag->nr_runs),
	    diag->largest.nr_pages, plural(diag->largest.nr_pages));
	add_place(text, diag, &diag->largest);
	add(text, ": %lu < %lu", diag->largest.nr_pages, taken_pages(diag));
}

static void say_misaligned(struct text *text, const struct cd_diagnosis *diag)
{
	const struct cd_run *aligned = &diag->largest_aligned;

	add(text, "largest free run is %lu pages at ", diag->largest.nr_pages);
	add_place(text, diag, &diag->largest);
	if (!aligned->nr_pages) {
		add(text, ", but no page of it is aligned to %lu",
		    align_pages(diag));
	} else {
		add(text, ", but aligned to %lu it starts at %lu",
		    align_pages(diag), aligned->start_page);
		/* Else the reader's own arithmetic would not come out. */
		if (aligned->start_page & (align_pages(diag) - 1))
			add(text, " (pfn 0x%lx)", aligned->start_pfn);
		add(text, " and leaves %lu < %lu", aligned->nr_pages,
		    taken_pages(diag));
	}
	if (diag->usable.nr_pages > aligned->nr_pages) {
		add(text, "; the most that any run leaves is %lu at ",
		    diag->usable.nr_pages);
		add_place(text, diag, &diag->usable);
	}
}

static void add_tries(struct text *text, const struct cd_attempt *attempt)
{
	if (attempt->nr_busy_known && attempt->nr_busy)
		add(text, "%lu place%s given up as busy", attempt->nr_busy,
		    attempt->nr_busy == 1 ? " was" : "s were");
	else
		add(text, "a place was tried");
	if (attempt->has_last_pfn)
		add(text, ", the last at pfn 0x%lx", attempt->last_pfn);
}

static void say_busy(struct text *text, const struct cd_diagnosis *diag)
{
	add(text,
	    "the request fitted, but every place held a page that could not be moved: ");
	add_tries(text, &diag->attempt);
}

static void say_low_memory(struct text *text, const struct cd_diagnosis *diag)
{
	add(text,
	    "the request fitted, but there was no free memory elsewhere to move its pages to: ");
	add_tries(text, &diag->attempt);
}

static void say_interrupted(struct text *text, const struct cd_diagnosis *diag)
{
	add(text, "a fatal signal ended the allocation: ");
	add_tries(text, &diag->attempt);
}

static void add_where_it_fits(struct text *text,
			      const struct cd_diagnosis *diag)
{
	add(text, "%lu pages at ", diag->usable.nr_pages);
	add_place(text, diag, &diag->usable);
}

static void say_raced(struct text *text, const struct cd_diagnosis *diag)
{
	add(text,
	    "the allocator found no place, yet a moment later the request fits: ");
	add_where_it_fits(text, diag);
	add(text, ", so somebody freed meanwhile");
}

static void say_fits(struct text *text, const struct cd_diagnosis *diag)
{
	add(text, "the request fits: ");
	add_where_it_fits(text, diag);
}

static void say_unknown(struct text *text, const struct cd_diagnosis *diag)
{
	if (diag->attempt.candidates == CD_CANDIDATES_TRIED) {
		add(text,
		    "the request fitted and a place was tried, but this kernel does not tell how that ended: a busy page, low memory or a signal");
	} else if (!diag->has_bitmap) {
		add(text,
		    "the bitmap could not be seen at the moment of the failure");
	} else {
		add(text, "the request fits now, ");
		add_where_it_fits(text, diag);
		add(text, ", and what the allocator tried was not seen");
	}
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
		[CD_BUSY] = say_busy,
		[CD_LOW_MEMORY] = say_low_memory,
		[CD_INTERRUPTED] = say_interrupted,
		[CD_RACED] = say_raced,
		[CD_FITS] = say_fits,
	};
	struct text text = { .buf = buf, .size = size };

	buf[0] = '\0';
	say[diag->verdict](&text, diag);
}

static void add_most_that_fits(struct text *text,
			       const struct cd_diagnosis *diag)
{
	if (diag->usable.nr_pages)
		add(text, "at align %u at most %lu page%s fit%s now",
		    diag->request.align, diag->usable.nr_pages,
		    plural(diag->usable.nr_pages),
		    diag->usable.nr_pages == 1 ? "s" : "");
	else
		add(text, "at align %u nothing fits now", diag->request.align);
}

static void help_too_big(struct text *text, const struct cd_diagnosis *diag)
{
	add(text, "ask for at most ");
	add_pages(text, diag, diag->nr_pages_range);
	add(text, ", or give the area at least ");
	add_pages(text, diag, taken_pages(diag));
	if (diag->nr_ranges > 1)
		add(text, " in one range");
}

static void help_exhausted(struct text *text, const struct cd_diagnosis *diag)
{
	add(text, "free or add at least ");
	add_pages(text, diag, taken_pages(diag) - diag->nr_free);
	add(text, "; ");
	add_most_that_fits(text, diag);
}

static void help_fragmented(struct text *text, const struct cd_diagnosis *diag)
{
	unsigned long lacking = taken_pages(diag) - diag->largest.nr_pages;

	add(text,
	    "%lu more page%s free next to the largest run would do at align 0; ",
	    lacking, plural(lacking));
	add_most_that_fits(text, diag);
	add(text, "; keep small long-lived buffers out of this area, or add ");
	add_pages(text, diag, taken_pages(diag));
	add(text, " to it");
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

static void help_misaligned(struct text *text, const struct cd_diagnosis *diag)
{
	add(text, "%lu pages fit at align %d", diag->request.nr_pages,
	    diag->fits_up_to);
	if (diag->fits_up_to > 0)
		add(text, " (%lu pages) or lower", 1UL << diag->fits_up_to);
	add(text, "; ");
	add_most_that_fits(text, diag);
	if (align_is_the_cap(diag))
		add(text,
		    "; %u is the cap that CONFIG_CMA_ALIGNMENT sets for DMA callers: %d would let this through",
		    diag->align_cap, diag->fits_up_to);
}

static void help_busy(struct text *text, const struct cd_diagnosis *diag)
{
	add(text, "find who holds pages of the area");
	if (diag->attempt.has_last_pfn)
		add(text, " from pfn 0x%lx on", diag->attempt.last_pfn);
	add(text,
	    " (boot with page_owner=on where the kernel has it): pinned user memory, or a file under write-back");
}

static void help_low_memory(struct text *text, const struct cd_diagnosis *diag)
{
	add(text,
	    "leave more memory outside CMA (a smaller area), add swap, or free memory before asking for ");
	add_pages(text, diag, taken_pages(diag));
}

static void help_interrupted(struct text *text,
			     const struct cd_diagnosis *diag)
{
	add(text, "the caller was killed");
	if (diag->has_bitmap)
		add(text, "; the request %s now",
		    diag->fits ? "fits" : "does not fit");
}

static void help_raced(struct text *text, const struct cd_diagnosis *diag)
{
	(void)diag;
	add(text,
	    "try again; if it recurs, several users compete for the area and it is too small for all of them");
}

static void help_fits(struct text *text, const struct cd_diagnosis *diag)
{
	add_most_that_fits(text, diag);
}

static void help_unknown(struct text *text, const struct cd_diagnosis *diag)
{
	if (diag->attempt.candidates == CD_CANDIDATES_TRIED)
		add(text,
		    "see the errno in the kernel's own line (\"alloc failed, req-size\"): -16 busy, -12 low memory, -4 a signal");
	else
		add(text, "let it fail again with the module loaded");
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
		[CD_BUSY] = help_busy,
		[CD_LOW_MEMORY] = help_low_memory,
		[CD_INTERRUPTED] = help_interrupted,
		[CD_RACED] = help_raced,
		[CD_FITS] = help_fits,
	};
	struct text text = { .buf = buf, .size = size };

	buf[0] = '\0';
	help[diag->verdict](&text, diag);
}
