// SPDX-License-Identifier: GPL-2.0-only
/*
 * A line of a log without what loggers put in front of the kernel's words:
 * "<6>", "[   12.3] ", "[2:   Binder:714_1:  744] ", "kern  :err   : ", the
 * headers of syslog and of the journal, "> " of mails.
 */
#include <ctype.h>
#include <string.h>

#include "log_line.h"

/* A header of syslog is not longer, in front of "kernel: ". */
#define HEADER_MAX 160
#define ESCAPE 0x1b

static void trim(char *text, size_t len)
{
	while (len && isspace((unsigned char)text[len - 1]))
		len--;
	text[len] = '\0';
}

/* Colours are taken out, and what a C string cannot hold is a blank. */
static void clean(char *text, size_t len)
{
	size_t from, to = 0;

	if (!memchr(text, ESCAPE, len) && !memchr(text, '\0', len)) {
		trim(text, len);
		return;
	}
	for (from = 0; from < len; from++) {
		if (text[from] == ESCAPE && from + 1 < len &&
		    text[from + 1] == '[') {
			from += 2;
			while (from < len &&
			       !isalpha((unsigned char)text[from]))
				from++;
			continue;
		}
		text[to++] = text[from] ? text[from] : ' ';
	}
	trim(text, to);
}

static const char *skip_blanks(const char *text)
{
	return text + strspn(text, " \t");
}

/* "kernel: ", "kernel[0]: ", after the date and the name of a host. */
static const char *skip_header(const char *text)
{
	const char *kernel = strstr(text, "kernel");
	const char *end;

	if (!kernel || kernel - text > HEADER_MAX ||
	    (kernel > text && !isspace((unsigned char)kernel[-1])))
		return text;
	end = kernel + strlen("kernel");
	if (*end == '[')
		end += strcspn(end, "]:");
	if (*end == ']')
		end++;
	return *end == ':' ? skip_blanks(end + 1) : text;
}

/* "12.345678", "12:34:56", "Mon Nov 22 22:05:17 2026": when, not who. */
static bool is_time(const char *text, size_t len)
{
	size_t i, nr_colons = 0;

	if (strspn(text, " 0123456789.+-,") >= len)
		return true;
	for (i = 1; i + 1 < len; i++)
		nr_colons += text[i] == ':' &&
			     isdigit((unsigned char)text[i - 1]) &&
			     isdigit((unsigned char)text[i + 1]);
	return nr_colons >= 2;
}

/* "[...]" in front of the text. */
static const char *skip_brackets(const char *text, struct log_line *line)
{
	size_t len = strcspn(text, "]");

	if (text[len] != ']' || len > HEADER_MAX)
		return text;
	if (len - 1 < LOG_TAG_MAX && !is_time(text + 1, len - 1)) {
		memcpy(line->tag, text + 1, len - 1);
		line->tag[len - 1] = '\0';
	}
	return text + len + 1;
}

/* "<6>" */
static const char *skip_level(const char *text)
{
	size_t len = 1 + strspn(text + 1, "0123456789");

	return len > 1 && text[len] == '>' ? text + len + 1 : text + 1;
}

/* "2026-11-22T22:05:17+0000", "22:05:17.123": no list has such a word. */
static const char *skip_date(const char *text)
{
	size_t len = strcspn(text, " \t");
	size_t nr_marks = 0, i;

	for (i = 0; i < len; i++)
		nr_marks += text[i] == ':' || text[i] == '-';
	return nr_marks >= 2 ? text + len : text;
}

/* "kern  :err   : ", as dmesg -x has it. */
static const char *skip_facility(const char *text)
{
	const char *at = skip_blanks(text + strlen("kern"));

	if (*at != ':')
		return text;
	at += 1 + strspn(at + 1, " abcdefghijklmnopqrstuvwxyz");
	return *at == ':' ? at + 1 : text;
}

static const char *skip_one(const char *text, struct log_line *line)
{
	if (*text == '<' || *text == '>')
		return skip_level(text);
	if (*text == '|')
		return text + 1;
	if (*text == '[')
		return skip_brackets(text, line);
	if (isdigit((unsigned char)*text))
		return skip_date(text);
	if (!strncmp(text, "kern", 4) && strncmp(text, "kernel", 6))
		return skip_facility(text);
	return text;
}

/**
 * log_line_take_apart() - find the kernel's words in a line
 * @whole: the line, of @len bytes and one more; changed, and kept by @line
 * @len: its length, without newline
 * @line: result
 */
void log_line_take_apart(char *whole, size_t len, struct log_line *line)
{
	const char *before;

	line->whole = whole;
	line->tag[0] = '\0';
	clean(whole, len);
	line->text = skip_header(skip_blanks(whole));
	do {
		before = line->text;
		line->text = skip_blanks(skip_one(before, line));
	} while (line->text != before);
}
