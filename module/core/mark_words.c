// SPDX-License-Identifier: GPL-2.0-only
/* Marks, in words: what failed, and how large the area should have been. */
#include "mark_words.h"
#include "sentences.h"
#include "text.h"

static void add_size(struct cd_text *text, unsigned long nr_pages,
		     unsigned int page_shift)
{
	char human[32];

	if (nr_pages == ~0UL) {
		cd_add(text, "more pages than can be counted");
		return;
	}
	cd_say_pages(nr_pages, page_shift, human, sizeof(human));
	cd_add(text, "%lu page%s (%s)", nr_pages, cd_plural(nr_pages), human);
}

/* Each of these that there are, after a comma. */
static void add_some(struct cd_text *text, const char **sign, unsigned long nr,
		     const char *what)
{
	if (!nr)
		return;
	cd_add(text, "%s%lu %s", *sign, nr, what);
	*sign = ", ";
}

/**
 * cd_say_lack() - what failed for want of room
 * @lack: that
 * @buf: result
 * @size: of @buf; CD_SENTENCE_MAX is enough, for each of these
 */
void cd_say_lack(const struct cd_lack *lack, char *buf, size_t size)
{
	const char *sign = ": ";
	struct cd_text text;

	cd_text_begin(&text, buf, size);
	if (lack->nr)
		cd_add(&text, "%lu request%s for want of room", lack->nr,
		       cd_plural(lack->nr));
	else
		cd_add(&text, "nothing for want of room");
	if (lack->nr_unmet != lack->nr) {
		add_some(&text, &sign, lack->nr_unmet, "distinct");
		add_some(&text, &sign, lack->nr_repeated, "repeated");
		add_some(&text, &sign, lack->nr_untold, "not told apart");
		add_some(&text, &sign, lack->nr_steps,
			 lack->nr_steps == 1 ? "step down" : "steps down");
	}
	if (lack->nr_elsewhy)
		cd_add(&text, "; %lu for other reasons",
		       lack->nr_elsewhy);
}

/**
 * cd_say_enough() - how large the area should be
 * @sizes: from cd_marks_sizes()
 * @nr_pages: its size
 * @page_shift: size of a page
 * @buf: result
 * @size: of @buf
 */
void cd_say_enough(const struct cd_sizes *sizes, unsigned long nr_pages,
		   unsigned int page_shift, char *buf, size_t size)
{
	struct cd_text text;

	cd_text_begin(&text, buf, size);
	if (!sizes->enough) {
		cd_add(&text, "none of it was used");
		return;
	}
	if (!sizes->apart && sizes->enough >= nr_pages) {
		cd_add(&text, "all of it was needed: ");
		add_size(&text, nr_pages, page_shift);
		return;
	}
	add_size(&text, sizes->enough, page_shift);
	if (!sizes->apart) {
		cd_add(&text,
		       " would have done: what is behind them was not used");
		return;
	}
	cd_add(&text, " would do for all that was asked");
	if (sizes->enough_all == sizes->enough)
		return;
	cd_add(&text, "; ");
	add_size(&text, sizes->enough_all, page_shift);
	cd_add(&text, ", if each repeat was for another buffer");
}

/**
 * cd_say_apart() - how large an area for what failed alone would be
 * @sizes: from cd_marks_sizes(); something failed
 * @page_shift: size of a page
 * @buf: result
 * @size: of @buf
 */
void cd_say_apart(const struct cd_sizes *sizes, unsigned int page_shift,
		  char *buf, size_t size)
{
	struct cd_text text;

	cd_text_begin(&text, buf, size);
	cd_add(&text, "or ");
	add_size(&text, sizes->apart, page_shift);
	cd_add(&text, " for what failed alone, and this area as it is");
	if (sizes->apart_all == sizes->apart)
		return;
	cd_add(&text, "; ");
	add_size(&text, sizes->apart_all, page_shift);
	cd_add(&text, ", if each repeat was for another buffer");
}

/**
 * cd_say_cap() - what a lower cap of alignment would have helped
 * @marks: the marks; @order is the cap
 * @buf: result
 * @size: of @buf
 *
 * Return: false when none would have: there is nothing to say.
 */
bool cd_say_cap(const struct cd_marks *marks, char *buf, size_t size)
{
	unsigned long nr;
	int cap = cd_marks_best_cap(marks, &nr);
	struct cd_text text;

	if (cap < 0)
		return false;
	cd_text_begin(&text, buf, size);
	cd_add(&text,
	       "or CONFIG_CMA_ALIGNMENT %d instead of %u: %lu of %lu would have had room",
	       cap, marks->order, nr, marks->lack.nr);
	return true;
}
