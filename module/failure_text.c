// SPDX-License-Identifier: GPL-2.0-only
/* A failure as a block of text, at most 80 columns wide. */
#include <linux/kallsyms.h>
#include <linux/math64.h>
#include <linux/seq_file.h>
#include <linux/string.h>
#include <linux/time.h>
#include <linux/time64.h>

#include "core/sentences.h"
#include "failure_text.h"
#include "history.h"
#include "kernel/stack.h"

/* Columns: 2 of indent, the label, the text; 79 at most. */
#define LABEL_WIDTH 10
#define TEXT_WIDTH (79 - 2 - LABEL_WIDTH)

/* How much of @text goes on a line: up to the last blank that still fits. */
static int line_length(const char *text)
{
	int len = strlen(text);

	if (len <= TEXT_WIDTH)
		return len;
	for (len = TEXT_WIDTH; len > 0; len--)
		if (text[len] == ' ')
			return len;
	return TEXT_WIDTH;
}

/**
 * cd_show_wrapped() - a label and a sentence, wrapped at blanks
 * @file: where to
 * @label: at most 9 characters, at the start of the first line
 * @sentence: without newline
 */
void cd_show_wrapped(struct seq_file *file, const char *label,
		     const char *sentence)
{
	do {
		int len = line_length(sentence);

		seq_printf(file, "  %-*s%.*s\n", LABEL_WIDTH, label, len,
			   sentence);
		sentence = skip_spaces(sentence + len);
		label = "";
	} while (*sentence);
}

/* Seconds and microseconds of a time in ns. */
static u64 split_seconds(u64 ns, u32 *us)
{
	u32 rest_ns;
	u64 seconds = div_u64_rem(ns, NSEC_PER_SEC, &rest_ns);

	*us = rest_ns / NSEC_PER_USEC;
	return seconds;
}

static void show_heading(struct seq_file *file, const char *area_name,
			 const struct cd_failure *failure)
{
	u32 boot_us, us;
	u64 boot_s = split_seconds(failure->boot_ns, &boot_us);
	struct tm tm;

	time64_to_tm(split_seconds(failure->time_ns, &us), 0, &tm);
	seq_printf(file, "#%llu %s: %s\n", failure->seq, area_name,
		   cd_verdict_word(failure->diag.verdict));
	seq_printf(file, "  %-*s%ld-%02d-%02d %02d:%02d:%02d UTC, [%5llu.%06u] in the kernel log\n",
		   LABEL_WIDTH, "time", tm.tm_year + 1900, tm.tm_mon + 1,
		   tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, boot_s,
		   boot_us);
}

static void show_request(struct seq_file *file,
			 const struct cd_failure *failure)
{
	const struct cd_diagnosis *diag = &failure->diag;
	char size[32];

	cd_say_pages(diag->request.nr_pages, diag->page_shift, size,
		     sizeof(size));
	seq_printf(file, "  %-*s%lu pages (%s) at align %u", LABEL_WIDTH,
		   "request", diag->request.nr_pages, size,
		   diag->request.align);
	if (diag->request.align && diag->request.align < BITS_PER_LONG)
		seq_printf(file, " (%lu pages)", 1UL << diag->request.align);
	seq_printf(file, "\n  %-*s%s[%d]\n", LABEL_WIDTH, "caller",
		   failure->comm, failure->pid);
}

static void show_attempt(struct seq_file *file,
			 const struct cd_failure *failure)
{
	const struct cd_attempt *attempt = &failure->diag.attempt;

	seq_printf(file, "  %-*serrno ", LABEL_WIDTH, "kernel");
	if (failure->kernel_errno)
		seq_printf(file, "%d", failure->kernel_errno);
	else
		seq_puts(file, "unknown");
	seq_puts(file, ", busy retries ");
	if (attempt->nr_busy_known)
		seq_printf(file, "%lu", attempt->nr_busy);
	else
		seq_puts(file, attempt->candidates == CD_CANDIDATES_NONE ?
			 "0" : "unknown");
	if (failure->latency_known)
		seq_printf(file, ", took %llu us",
			   div_u64(failure->latency_ns, NSEC_PER_USEC));
	seq_putc(file, '\n');
}

static void show_figures(struct seq_file *file,
			 const struct cd_failure *failure)
{
	const struct cd_diagnosis *diag = &failure->diag;

	seq_printf(file, "  %-*s", LABEL_WIDTH, "figures");
	if (!diag->has_bitmap) {
		seq_puts(file, "none: the bitmap was not seen\n");
		return;
	}
	seq_printf(file, "total %lu, free %lu, runs %lu, largest %lu, aligned %lu\n",
		   diag->nr_pages, diag->nr_free, diag->nr_runs,
		   diag->largest.nr_pages, diag->usable.nr_pages);
	if (!failure->locked)
		seq_printf(file, "  %-*sunlocked: the bitmap was copied without the area's lock\n",
			   LABEL_WIDTH, "");
}

/* From the allocator on, down to where the system call came in. */
static void show_stack(struct seq_file *file, const struct cd_failure *failure)
{
	char symbol[KSYM_SYMBOL_LEN];
	const char *label = "stack";
	bool in_allocator = false;
	unsigned int i;

	for (i = 0; i < failure->nr_stack; i++) {
		snprintf(symbol, sizeof(symbol), "%pS",
			 (void *)failure->stack[i]);
		in_allocator |= cd_stack_is_allocator(symbol);
		if (!in_allocator || cd_stack_is_entry(symbol))
			continue;
		seq_printf(file, "  %-*s%s\n", LABEL_WIDTH, label, symbol);
		label = "";
	}
}

/**
 * cd_failure_show() - a failure as a block of text, closed by an empty line
 * @file: where to
 * @area_name: the area's directory name
 * @failure: the failure
 *
 * Context: process.
 */
void cd_failure_show(struct seq_file *file, const char *area_name,
		     const struct cd_failure *failure)
{
	char sentence[CD_SENTENCE_MAX];

	show_heading(file, area_name, failure);
	show_request(file, failure);
	cd_say_evidence(&failure->diag, sentence, sizeof(sentence));
	cd_show_wrapped(file, "why", sentence);
	cd_say_help(&failure->diag, sentence, sizeof(sentence));
	cd_show_wrapped(file, "help", sentence);
	show_figures(file, failure);
	show_attempt(file, failure);
	show_stack(file, failure);
	seq_putc(file, '\n');
}
