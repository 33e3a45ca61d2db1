// SPDX-License-Identifier: GPL-2.0-only
/* An explanation for people: the module's block, at most 80 columns wide. */
#include <stdarg.h>
#include <string.h>

#include "show.h"
#include "text.h"

/* Columns: 2 of indent, a label of 9 at most, a blank, the text. */
#define LABEL_WIDTH 10
/* Up to column 79. */
#define TEXT_WIDTH (79 - 2 - LABEL_WIDTH)

/**
 * show_label() - begin a line
 * @out: where to
 * @label: at most 9 characters
 */
void show_label(FILE *out, const char *label)
{
	fprintf(out, "  %-*s", LABEL_WIDTH, label);
}

/* How much of @text goes on a line: up to the last blank that still fits. */
static size_t line_length(const char *text)
{
	size_t len = strlen(text);

	if (len <= TEXT_WIDTH)
		return len;
	for (len = TEXT_WIDTH; len > 0; len--)
		if (text[len] == ' ')
			return len;
	return TEXT_WIDTH;
}

/* What a terminal might obey is not printed. */
static void put_text(FILE *out, const char *text, size_t len)
{
	for (; len; len--, text++)
		putc((unsigned char)*text < 0x20 || *text == 0x7f ? '?' : *text,
		     out);
}

/**
 * show_wrapped() - a label and a sentence, wrapped at blanks
 * @out: where to
 * @label: at most 9 characters, at the start of the first line
 * @sentence: without newline
 */
void show_wrapped(FILE *out, const char *label, const char *sentence)
{
	do {
		size_t len = line_length(sentence);

		show_label(out, label);
		put_text(out, sentence, len);
		putc('\n', out);
		sentence += len;
		sentence += strspn(sentence, " ");
		label = "";
	} while (*sentence);
}

static void show_area(FILE *out, const struct explanation *why)
{
	const char *area = why->failure->area;

	if (area[0])
		put_text(out, area, strlen(area));
	else
		fputs("(area not told)", out);
	fprintf(out, ": %s\n", cd_verdict_word(why->diag.verdict));
}

static void show_heading(FILE *out, const struct explanation *why,
			 unsigned long nr, const char *file)
{
	fprintf(out, "#%lu ", nr);
	show_area(out, why);
	show_label(out, "line");
	fprintf(out, "%lu", why->failure->line);
	if (file) {
		fputs(" of ", out);
		put_text(out, file, strlen(file));
	}
	putc('\n', out);
}

static void show_request(FILE *out, const struct explanation *why)
{
	const struct cd_diagnosis *diag = &why->diag;
	char size[32];

	show_label(out, "request");
	if (!why->failure->has_request) {
		fputs("not in the log\n", out);
		return;
	}
	cd_say_pages(diag->request.nr_pages, diag->page_shift, size,
		     sizeof(size));
	fprintf(out, "%lu pages (%s) at align %u", diag->request.nr_pages, size,
		diag->request.align);
	if (diag->request.align && diag->request.align < CD_BITS_PER_LONG)
		fprintf(out, " (%lu pages)", 1UL << diag->request.align);
	fputs(diag->request.align_assumed ? ", assumed\n" : "\n", out);
}

static void add_figure(struct cd_text *text, const char *name, bool is_known,
		       unsigned long value)
{
	if (is_known)
		cd_add(text, "%s %lu", name, value);
	else
		cd_add(text, "%s unknown", name);
}

static void show_figures(FILE *out, const struct explanation *why)
{
	const struct cd_diagnosis *diag = &why->diag;
	struct cd_text text;
	char line[256];

	if (!why->has_totals && !why->has_list) {
		show_wrapped(out, "figures", "none: the log has no list");
		return;
	}
	cd_text_begin(&text, line, sizeof(line));
	add_figure(&text, "total", why->has_totals, diag->nr_pages);
	add_figure(&text, ", free", why->has_totals, diag->nr_free);
	add_figure(&text, ", runs", why->is_complete, diag->nr_runs);
	add_figure(&text, ", largest", why->has_largest,
		   diag->largest.nr_pages);
	add_figure(&text, ", aligned", why->has_usable, diag->usable.nr_pages);
	show_wrapped(out, "figures", line);
}

static void show_kernel(FILE *out, const struct explanation *why)
{
	static const char * const sides[] = {
		[SIDE_UNKNOWN] = "of a version that the log does not tell",
		[SIDE_OLD] = "of Linux 6.14 or older",
		[SIDE_NEW] = "of Linux 6.15 or newer",
	};
	const struct log_failure *failure = why->failure;

	show_label(out, "kernel");
	if (failure->has_error)
		fprintf(out, "errno %d, %s\n", failure->error,
			sides[failure->side]);
	else
		fprintf(out, "errno unknown, %s\n", sides[failure->side]);
}

static void show_assumed(FILE *out, const struct explanation *why)
{
	const struct cd_diagnosis *diag = &why->diag;
	struct cd_text text;
	char line[512];

	cd_text_begin(&text, line, sizeof(line));
	if (diag->request.align_assumed && why->failure->has_request)
		cd_add(&text,
		       "align %u is what a DMA caller asks for with so many pages (--align says otherwise)",
		       diag->request.align);
	if (why->base_assumed)
		cd_add(&text,
		       "%sthe area begins at a multiple of %lu pages (--base-pfn says otherwise)",
		       text.len ? "; " : "", 1UL << (diag->request.align & 63));
	if (why->order_inferred)
		cd_add(&text,
		       "%sa bit stands for %lu pages: with fewer, the list does not come out (--order-per-bit says otherwise)",
		       text.len ? "; " : "", 1UL << diag->order_per_bit);
	if (text.len)
		show_wrapped(out, "assumed", line);
}

/* What is said in words: the verdict's evidence, and what would help. */
static void show_words(FILE *out, const struct explanation *why)
{
	show_wrapped(out, "why", why->evidence);
	show_wrapped(out, "help", why->help);
	if (why->cheapest[0])
		show_wrapped(out, "cheapest", why->cheapest);
}

static void show_story(FILE *out, const struct story *story)
{
	struct cd_text text;
	unsigned long i;
	char line[1024];

	if (story->nr_steps < 2)
		return;
	cd_text_begin(&text, line, sizeof(line));
	cd_add(&text,
	       "%lu requests for less and less, up to line %lu, as a caller makes that tries again:",
	       story->nr_steps, story->last_line);
	for (i = 0; i < story->nr_steps && i < STORY_MAX; i++)
		cd_add(&text, "%s %lu pages %s", i ? "," : "",
		       story->steps[i].nr_pages,
		       cd_verdict_word(story->steps[i].verdict));
	if (story->nr_steps > STORY_MAX)
		cd_add(&text, " ... %lu pages %s", story->last.nr_pages,
		       cd_verdict_word(story->last.verdict));
	show_wrapped(out, "story", line);
}

/**
 * show_diagnosis() - the part that a failure and a question have in common
 * @out: where to
 * @why: the answer to a question
 */
void show_diagnosis(FILE *out, const struct explanation *why)
{
	show_area(out, why);
	show_request(out, why);
	show_words(out, why);
	show_figures(out, why);
}

/**
 * show_text() - an explanation for people, closed by an empty line
 * @out: where to
 * @why: the explanation
 * @nr: its number
 * @file: the log it is from, NULL when there is only one
 * @story: what it is the first of
 */
void show_text(FILE *out, const struct explanation *why, unsigned long nr,
	       const char *file, const struct story *story)
{
	show_heading(out, why, nr, file);
	show_request(out, why);
	show_story(out, story);
	show_words(out, why);
	show_figures(out, why);
	show_kernel(out, why);
	show_assumed(out, why);
	if (why->failure->outcome != OUTCOME_UNKNOWN)
		show_wrapped(out, "caller", why->failure->outcome_text);
	putc('\n', out);
}
