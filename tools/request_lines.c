// SPDX-License-Identifier: GPL-2.0-only
/*
 * The lines in which the kernel tells of a request to CMA: cma_alloc() of
 * mm/cma.c, 4.9 to 7.3, and alloc_contig_range() of mm/page_alloc.c.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "request_lines.h"

#define FAILED "alloc failed, req-size: "

static void copy_name(char *to, const char *from, size_t len)
{
	if (len >= AREA_NAME_MAX)
		len = AREA_NAME_MAX - 1;
	memcpy(to, from, len);
	to[len] = '\0';
}

/* "count 456, align 8)", and "name: linux,cma, " before it from 5.12 on. */
static void note_start(struct request_lines *lines, const struct log_line *line,
		       const char *at)
{
	const char *count = strstr(at, "count "), *name = strstr(at, "name: ");
	struct request_start *start;
	char *end;

	if (!count || !strstr(count, ", align "))
		return;
	lines->newest = (lines->newest + 1) % NR_STARTS;
	start = &lines->starts[lines->newest];
	*start = (struct request_start){ 0 };
	start->nr_pages = strtoul(count + strlen("count "), &end, 10);
	start->align = (unsigned int)strtoul(strstr(count, ", align ") +
					     strlen(", align "), &end, 10);
	memcpy(start->tag, line->tag, LOG_TAG_MAX);
	if (name && name < count) {
		name += strlen("name: ");
		copy_name(start->area, name, strcspn(name, ",\n)"));
		/* "linux,cma, count": the name has a comma itself. */
		if (count - name > 2)
			copy_name(start->area, name,
				  (size_t)(count - name) - 2);
	}
}

/* "alloc_contig_range: [2f100, 2f20a) PFNs busy", in hexadecimal. */
static void note_busy_pfns(struct busy_lines *busy, const char *end)
{
	const char *open = end;
	char *rest;

	while (*open != '[')
		open--;
	busy->nr++;
	busy->first_pfn = strtoul(open + 1, &rest, 16);
	busy->has_pfns = *rest == ',';
	if (!busy->has_pfns)
		return;
	busy->end_pfn = strtoul(rest + 1, &rest, 16);
	busy->has_pfns = *rest == ')' && busy->end_pfn > busy->first_pfn;
}

/* "Linux version 6.12.57", "Not tainted 6.12.57-0-arm64 #1": the first. */
static void note_version(struct request_lines *lines, const char *text)
{
	unsigned long major, minor;
	char *end;

	major = strtoul(text + strcspn(text, "0123456789"), &end, 10);
	if (*end != '.' || major < 3 || major > 99)
		return;
	minor = strtoul(end + 1, &end, 10);
	lines->side = major > 6 || (major == 6 && minor >= 15) ? SIDE_NEW :
								 SIDE_OLD;
}

/* What "cma_alloc" at @at is a part of: "__cma_alloc_frozen" is 7.0. */
static enum log_side function_side(const char *whole, const char *at,
				   const char **end)
{
	bool is_inner = at - whole >= 2 && at[-1] == '_' && at[-2] == '_';

	*end = at + strlen("cma_alloc");
	if (!strncmp(*end, "_frozen", 7)) {
		*end += 7;
		return SIDE_NEW;
	}
	return is_inner ? SIDE_UNKNOWN : SIDE_OLD;
}

/* Up to 7.2 the name of an area may end in a newline: "cma0". */
static void note_name(struct request_lines *lines, const char *whole,
		      const char *at)
{
	const char *end;
	size_t len;

	lines->name_side = function_side(whole, at, &end);
	if (strncmp(end, ": ", 2))
		return;
	len = strlen(end + 2);
	if (len && len < AREA_NAME_MAX && !strpbrk(end + 2, " :"))
		copy_name(lines->name, end + 2, len);
}

/**
 * request_hint() - keep what a line tells of failures to come
 * @lines: what is kept
 * @line: any line
 *
 * Return: true when it tells of a place that was busy.
 */
bool request_hint(struct request_lines *lines, const struct log_line *line)
{
	const char *at = strstr(line->whole, "cma_alloc");
	unsigned long nr_busy = lines->busy.nr;

	if (at && !strncmp(at, "cma_alloc(", 10)) {
		if (strstr(at, "is busy, retrying")) {
			lines->busy.nr++;
			lines->busy.has_pfns = false;
		} else {
			note_start(lines, line, at);
		}
	} else if (at && !strstr(at, FAILED)) {
		note_name(lines, line->whole, at);
	}
	at = strstr(line->whole, ") PFNs busy");
	if (at && memchr(line->whole, '[', (size_t)(at - line->whole)))
		note_busy_pfns(&lines->busy, at);
	if (lines->side == SIDE_UNKNOWN) {
		at = strstr(line->whole, "Linux version ");
		if (!at)
			at = strstr(line->whole, "ainted ");
		if (at)
			note_version(lines, at);
	}
	return lines->busy.nr > nr_busy;
}

/* The newest start of as many pages by the same task, if tasks are told. */
static void use_start(struct request_lines *lines, struct log_failure *failure)
{
	unsigned int i;

	for (i = 0; i < NR_STARTS; i++) {
		struct request_start *start =
			&lines->starts[(lines->newest + NR_STARTS - i) %
				       NR_STARTS];

		if (start->nr_pages != failure->nr_pages ||
		    strcmp(start->tag, failure->tag))
			continue;
		failure->has_align = true;
		failure->align = start->align;
		if (!failure->area[0])
			memcpy(failure->area, start->area, AREA_NAME_MAX);
		start->nr_pages = 0;
		return;
	}
}

/* A line on other pages than were asked is on another request. */
static void use_busy(struct request_lines *lines, struct log_failure *failure)
{
	const struct busy_lines *busy = &lines->busy;

	if (!busy->has_pfns ||
	    busy->end_pfn - busy->first_pfn >= failure->nr_pages)
		failure->busy = *busy;
	lines->busy = (struct busy_lines){ 0 };
}

static void use_name(struct request_lines *lines, const char *whole,
		     const char *failed, struct log_failure *failure)
{
	const char *at, *next, *end;

	at = strstr(whole, "cma_alloc");
	if (!at || at > failed) {
		memcpy(failure->area, lines->name, AREA_NAME_MAX);
		if (lines->name[0])
			failure->side = lines->name_side;
		return;
	}
	/* Not that of an oops in the same line. */
	while ((next = strstr(at + 1, "cma_alloc")) && next < failed)
		at = next;
	failure->side = function_side(whole, at, &end);
	if (!strncmp(end, ": ", 2) && failed - end > 4)
		copy_name(failure->area, end + 2, (size_t)(failed - end) - 4);
}

static bool read_errno(const char *text, struct log_failure *failure)
{
	char *end;
	long error = strtol(text, &end, 10);

	if (end == text || error >= 0 || error < -4095)
		return false;
	failure->has_error = true;
	failure->error = (int)error;
	return true;
}

/** request_has_failed() - does a line say that a request failed? */
bool request_has_failed(const struct log_line *line)
{
	return strstr(line->whole, FAILED);
}

/**
 * request_failed() - what a line tells of a request that failed
 * @lines: what lines before have told; used up
 * @line: the line
 * @failure: result; all else of it is 0
 */
void request_failed(struct request_lines *lines, const struct log_line *line,
		    struct log_failure *failure)
{
	const char *failed = strstr(line->whole, FAILED);
	const char *ret;
	char *end;

	failure->nr_pages = strtoul(failed + strlen(FAILED), &end, 10);
	failure->has_request = end > failed + strlen(FAILED) &&
			       failure->nr_pages &&
			       !(failure->nr_pages >> 32);
	memcpy(failure->tag, line->tag, LOG_TAG_MAX);
	use_name(lines, line->whole, failed, failure);
	lines->name[0] = '\0';
	if (failure->side == SIDE_UNKNOWN)
		failure->side = lines->side;
	ret = strstr(end, "ret: ");
	lines->wants_errno = !ret || !read_errno(ret + 5, failure);
	if (failure->has_request) {
		use_start(lines, failure);
		use_busy(lines, failure);
	}
}

/**
 * request_errno() - the errno that a mail has wrapped to the next line
 * @lines: what lines before have told
 * @line: the line after that of the failure
 * @failure: of that line
 *
 * Return: true when the line was that.
 */
bool request_errno(struct request_lines *lines, const struct log_line *line,
		   struct log_failure *failure)
{
	const char *text = line->text;

	if (!lines->wants_errno)
		return false;
	lines->wants_errno = false;
	if (!strncmp(text, "pages, ", 7))
		text += 7;
	if (!strncmp(text, "ret: ", 5))
		text += 5;
	return read_errno(text, failure);
}
