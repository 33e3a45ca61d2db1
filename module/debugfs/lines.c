// SPDX-License-Identifier: GPL-2.0-only
/* Lines of text as every file has them, at most 80 columns wide. */
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/seq_file.h>
#include <linux/string.h>
#include <linux/time.h>
#include <linux/time64.h>

#include "core/sentences.h"
#include "debugfs/lines.h"
#include "kernel/cma_area.h"
#include "stack_names.h"

/* Up to column 79. */
#define TEXT_WIDTH (79 - 2 - CD_LABEL_WIDTH)

/**
 * cd_show_label() - begin a line
 * @file: where to
 * @label: at most 9 characters
 */
void cd_show_label(struct seq_file *file, const char *label)
{
	seq_printf(file, "  %-*s", CD_LABEL_WIDTH, label);
}

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

		cd_show_label(file, label);
		seq_printf(file, "%.*s\n", len, sentence);
		sentence = skip_spaces(sentence + len);
		label = "";
	} while (*sentence);
}

/**
 * cd_show_place() - where a run is, and in which range when there are several
 * @file: where to; the line goes on
 * @cma: the area
 * @run: of it
 */
void cd_show_place(struct seq_file *file, const struct cd_cma *cma,
		   const struct cd_run *run)
{
	seq_printf(file, " at %lu", run->start_page);
	if (cma->nr_ranges > 1)
		seq_printf(file, " of range %u", run->range);
}

/**
 * cd_show_stack() - who called, a line each
 * @file: where to
 * @names: the stack
 */
void cd_show_stack(struct seq_file *file, const struct cd_stack_names *names)
{
	const char *line, *end, *label = "stack";

	for (line = names->lines; *line; line = *end ? end + 1 : end) {
		end = strchrnul(line, '\n');
		cd_show_label(file, label);
		seq_printf(file, "%.*s\n", (int)(end - line), line);
		label = "";
	}
}

static void say_time(u64 time_ns, char *buf, size_t size)
{
	struct tm tm;

	time64_to_tm(div_u64(time_ns, NSEC_PER_SEC), 0, &tm);
	scnprintf(buf, size, "%ld-%02d-%02d %02d:%02d:%02d", tm.tm_year + 1900,
		  tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

/**
 * cd_show_time() - a moment, as "2026-11-22 22:05:17"
 * @file: where to; the line goes on
 * @time_ns: wall clock, ns since 1970, shown in UTC
 */
void cd_show_time(struct seq_file *file, u64 time_ns)
{
	char text[CD_DATE_MAX];

	say_time(time_ns, text, sizeof(text));
	seq_puts(file, text);
}

/** cd_now() - both clocks */
struct cd_now cd_now(void)
{
	return (struct cd_now){
		.real_ns = ktime_get_real_ns(),
		.boot_ns = ktime_get_boottime_ns(),
	};
}

static u64 age_ns(const struct cd_now *now, u64 boot_ns)
{
	return now->boot_ns > boot_ns ? now->boot_ns - boot_ns : 0;
}

/**
 * cd_age_s() - how long ago a moment was, in seconds
 * @now: from cd_now()
 * @boot_ns: the moment
 */
u64 cd_age_s(const struct cd_now *now, u64 boot_ns)
{
	return div_u64(age_ns(now, boot_ns), NSEC_PER_SEC);
}

/**
 * cd_real_ns() - when a moment was, wall clock, ns since 1970
 * @now: from cd_now()
 * @boot_ns: the moment
 */
u64 cd_real_ns(const struct cd_now *now, u64 boot_ns)
{
	return now->real_ns - age_ns(now, boot_ns);
}

/**
 * cd_say_date() - a moment, as cd_show_time() shows it
 * @now: from cd_now()
 * @boot_ns: the moment
 * @buf: result
 * @size: of @buf; CD_DATE_MAX is enough
 */
void cd_say_date(const struct cd_now *now, u64 boot_ns, char *buf, size_t size)
{
	say_time(cd_real_ns(now, boot_ns), buf, size);
}

/**
 * cd_show_date() - a moment, as cd_show_time() shows it
 * @file: where to; the line goes on
 * @now: from cd_now()
 * @boot_ns: the moment
 */
void cd_show_date(struct seq_file *file, const struct cd_now *now, u64 boot_ns)
{
	cd_show_time(file, cd_real_ns(now, boot_ns));
}

/**
 * cd_show_diagnosis() - evidence, help, the cheapest way out, whose pages those
 *			 are, and the figures
 * @file: where to
 * @diag: a finished diagnosis
 */
void cd_show_diagnosis(struct seq_file *file, const struct cd_diagnosis *diag)
{
	char sentence[CD_SENTENCE_MAX];

	cd_say_evidence(diag, sentence, sizeof(sentence));
	cd_show_wrapped(file, "why", sentence);
	cd_say_help(diag, sentence, sizeof(sentence));
	cd_show_wrapped(file, "help", sentence);
	cd_say_cheapest(diag, sentence, sizeof(sentence));
	if (*sentence)
		cd_show_wrapped(file, "cheapest", sentence);
	cd_say_whose(diag, sentence, sizeof(sentence));
	if (*sentence)
		cd_show_wrapped(file, "whose", sentence);
	cd_show_label(file, "figures");
	if (diag->has_bitmap)
		seq_printf(file, "total %lu, free %lu, runs %lu, largest %lu, aligned %lu\n",
			   diag->nr_pages, diag->nr_free, diag->nr_runs,
			   diag->largest.nr_pages, diag->usable.nr_pages);
	else
		seq_puts(file, "none: the bitmap was not seen\n");
}
