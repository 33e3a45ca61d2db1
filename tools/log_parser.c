// SPDX-License-Identifier: GPL-2.0-only
/* Finds every CMA failure in a log, line by line, in constant memory. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log_parser.h"
#include "outcome_lines.h"

#define LIST "number of available pages"

/* Lines after a failure in which its list may begin, and its outcome follow. */
#define LIST_WITHIN 40
#define OUTCOME_WITHIN 200

static struct log_failure *pending(struct log_parser *parser, unsigned int i)
{
	return &parser->pending[(parser->first + i) % NR_PENDING];
}

static void hand_on(struct log_parser *parser)
{
	struct log_failure *failure = pending(parser, 0);

	if (failure->list.by_range)
		failure->side = SIDE_NEW;
	else if (failure->list.in_header ||
		 (failure->list.has_header && failure->list.nr_runs))
		failure->side = SIDE_OLD;
	parser->found(parser->context, failure);
	parser->nr_found++;
	parser->first = (parser->first + 1) % NR_PENDING;
	parser->nr_pending--;
	if (parser->reading == failure)
		parser->reading = NULL;
}

/* What is too long ago gets nothing any more. */
static void hand_on_old(struct log_parser *parser)
{
	while (parser->nr_pending &&
	       parser->nr_lines - pending(parser, 0)->line > OUTCOME_WITHIN)
		hand_on(parser);
}

static struct log_failure *add_pending(struct log_parser *parser)
{
	struct log_failure *failure;
	struct free_list list;

	if (parser->nr_pending == NR_PENDING)
		hand_on(parser);
	failure = pending(parser, parser->nr_pending++);
	list = failure->list;
	*failure = (struct log_failure){ .line = parser->nr_lines };
	failure->list.runs = list.runs;
	failure->list.nr_room = list.nr_room;
	return failure;
}

/* May a list that begins here be this failure's? */
static bool wants_list(const struct log_parser *parser,
		       const struct log_failure *failure,
		       const struct log_line *line)
{
	return failure->has_request && failure->list.state == LIST_NONE &&
	       !strcmp(failure->tag, line->tag) &&
	       parser->nr_lines - failure->line <= LIST_WITHIN;
}

/* The newest failure of those that want a list; -1 when there is none. */
static int newest_wanting(struct log_parser *parser,
			  const struct log_line *line)
{
	unsigned int i = parser->nr_pending;

	while (i--)
		if (wants_list(parser, pending(parser, i), line))
			return (int)i;
	return -1;
}

static void swap_lists(struct log_failure *a, struct log_failure *b)
{
	struct free_list list = a->list;
	unsigned long line = a->list_line;

	a->list = b->list;
	a->list_line = b->list_line;
	b->list = list;
	b->list_line = line;
	a->is_mixed = true;
	b->is_mixed = true;
}

/*
 * Tasks that fail at a time take turns at the area's lock to print their lists:
 * these come in the order of the failures. As many lists as there were failures
 * belong to all of them, fewer to the last.
 */
static struct log_failure *find_owner(struct log_parser *parser,
				      const struct log_line *line)
{
	int i = newest_wanting(parser, line);
	struct log_failure *owner;

	if (i < 0)
		return NULL;
	owner = pending(parser, (unsigned int)i);
	if (line->tag[0])
		return owner;
	for (; i + 1 < (int)parser->nr_pending; i++) {
		struct log_failure *next = pending(parser,
						   (unsigned int)i + 1);

		if (next->tag[0] || !next->has_request)
			break;
		swap_lists(owner, next);
		owner = next;
	}
	return owner;
}

/* Is an older failure without a list, which this one may be of? */
static bool is_doubtful(struct log_parser *parser, const struct log_line *line)
{
	return !line->tag[0] && newest_wanting(parser, line) >= 0;
}

/* A list whose failure the log does not have is a failure by itself. */
static struct log_failure *begin_list(struct log_parser *parser,
				      const struct log_line *line)
{
	struct log_failure *failure = find_owner(parser, line);

	if (!failure) {
		failure = add_pending(parser);
		memcpy(failure->tag, line->tag, LOG_TAG_MAX);
		failure->side = parser->lines.side;
	}
	list_begin(&failure->list);
	failure->is_mixed |= is_doubtful(parser, line);
	return failure;
}

static const char *read_list(struct log_parser *parser,
			     struct log_failure *failure, const char *text)
{
	parser->reading = failure;
	failure->list_line = parser->nr_lines;
	return list_read(&failure->list, text);
}

/* What a terminal has wrapped has no prefix, and follows at once. */
static bool is_by_same(const struct log_parser *parser,
		       const struct log_failure *failure,
		       const struct log_line *line)
{
	return !strcmp(failure->tag, line->tag) ||
	       (line->text == line->whole &&
		failure->list_line + 1 == parser->nr_lines);
}

/* The list that a line goes on with: that of the last line first. */
static struct log_failure *find_open(struct log_parser *parser,
				     const struct log_line *line)
{
	struct log_failure *last = NULL;
	unsigned int i;

	for (i = 0; i < parser->nr_pending; i++) {
		struct log_failure *failure = pending(parser, i);

		if (list_is_open(&failure->list) &&
		    is_by_same(parser, failure, line) &&
		    parser->nr_lines - failure->list_line <= LIST_WITHIN &&
		    (!last || failure->list_line > last->list_line))
			last = failure;
	}
	return last;
}

/* "range 0: +168@51544+..." */
static const char *is_range(const char *text, unsigned int *range)
{
	char *end;

	if (!strncmp(text, "cma: ", 5))
		text += 5;
	if (strncmp(text, "range ", 6))
		return NULL;
	*range = (unsigned int)strtoul(text + 6, &end, 10);
	return end > text + 6 && *end == ':' ? end + 1 : NULL;
}

static bool take_range(struct log_parser *parser, const struct log_line *line)
{
	struct log_failure *failure;
	unsigned int range;
	const char *runs = is_range(line->text, &range);

	if (!runs)
		return false;
	failure = find_open(parser, line);
	/* Else some driver's own "range". */
	if (!failure && strncmp(line->text, "cma: ", 5))
		return false;
	if (!failure || (!range && failure->list.nr_ranges))
		failure = begin_list(parser, line);
	failure->list.by_range = true;
	list_begin_range(&failure->list, range);
	read_list(parser, failure, runs);
	return true;
}

static bool take_list(struct log_parser *parser, const struct log_line *line)
{
	const char *at = strstr(line->whole, LIST);
	struct log_failure *failure;

	if (at) {
		failure = begin_list(parser, line);
		failure->list.has_header = true;
		at += strlen(LIST);
		read_list(parser, failure, *at == ':' ? at + 1 : at);
		failure->list.in_header = failure->list.state != LIST_ITEM ||
					  failure->list.is_short;
		return true;
	}
	if (take_range(parser, line))
		return true;
	failure = find_open(parser, line);
	if (!failure && !strncmp(line->text, "=> ", 3) &&
	    strstr(line->text, " free of ")) {
		failure = begin_list(parser, line);
		read_list(parser, failure, line->text);
		return true;
	}
	at = failure ? list_find(&failure->list, line->whole, line->text) :
		       NULL;
	if (at)
		read_list(parser, failure, at);
	return at;
}

static bool take_failure(struct log_parser *parser, const struct log_line *line)
{
	struct request_lines *lines = &parser->lines;
	bool is_errno;

	if (lines->wants_errno && parser->nr_pending) {
		is_errno = request_errno(lines, line,
					 pending(parser,
						 parser->nr_pending - 1));
		if (is_errno)
			return true;
	}
	if (!request_has_failed(line))
		return false;
	request_failed(lines, line, add_pending(parser));
	return true;
}

/* The newest failure that the line is on; all such lines say "alloc". */
static void take_outcome(struct log_parser *parser, const struct log_line *line)
{
	unsigned int i = parser->nr_pending;

	if (!i || !strstr(line->text, "alloc"))
		return;
	while (i--) {
		struct log_failure *failure = pending(parser, i);
		enum log_outcome outcome;

		if (failure->outcome != OUTCOME_UNKNOWN)
			continue;
		outcome = outcome_of(line, failure, parser->page_shift);
		if (outcome == OUTCOME_UNKNOWN)
			continue;
		failure->outcome = outcome;
		snprintf(failure->outcome_text, OUTCOME_MAX, "%s",
			 line->text);
		return;
	}
}

/**
 * log_parser_line() - a line, or as much of it as there is room for
 * @parser: a log
 * @text: the line, and room for one byte more; changed
 * @len: its length, without newline
 */
void log_parser_line(struct log_parser *parser, char *text, size_t len)
{
	struct log_line line;

	parser->nr_lines++;
	parser->reading = NULL;
	hand_on_old(parser);
	log_line_take_apart(text, len, &line);
	if (take_failure(parser, &line) || take_list(parser, &line))
		return;
	parser->nr_busy += request_hint(&parser->lines, &line);
	take_outcome(parser, &line);
}

/**
 * log_parser_rest_of_line() - more of the same line
 * @parser: a log
 * @text: what follows, and room for one byte more; changed
 * @len: its length, without newline
 */
void log_parser_rest_of_line(struct log_parser *parser, char *text, size_t len)
{
	if (!parser->reading)
		return;
	text[len] = '\0';
	if (*list_read(&parser->reading->list, text))
		parser->reading = NULL;
}

/**
 * log_parser_end() - the log ends: hand on what is left
 * @parser: a log
 */
void log_parser_end(struct log_parser *parser)
{
	while (parser->nr_pending)
		hand_on(parser);
	parser->lines = (struct request_lines){ 0 };
	parser->nr_lines = 0;
}

/**
 * log_parser_free() - give back the memory of lists
 * @parser: a log that has ended
 */
void log_parser_free(struct log_parser *parser)
{
	unsigned int i;

	for (i = 0; i < NR_PENDING; i++) {
		free(parser->pending[i].list.runs);
		parser->pending[i].list = (struct free_list){ 0 };
	}
}
