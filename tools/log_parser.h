/* SPDX-License-Identifier: GPL-2.0-only */
/* Finds every CMA failure in a log, line by line, in constant memory. */
#ifndef LOG_PARSER_H
#define LOG_PARSER_H

#include "log_failure.h"
#include "request_lines.h"

/* Failures under way at a time: what follows a failure may belong to it. */
#define NR_PENDING 8

/**
 * struct log_parser - a log under way
 * @page_shift: size of a page
 * @found: called for each failure, in the order of the log
 * @context: of @found
 * @nr_lines: lines so far
 * @nr_found: failures so far
 * @nr_busy: lines on busy places so far
 * @lines: what lines have told of requests
 * @first: of the failures that are not handed on yet, the oldest
 * @nr_pending: how many there are
 * @pending: these, in a ring
 * @reading: of these, the one whose list the last line was of, or NULL
 */
struct log_parser {
	unsigned int page_shift;
	void (*found)(void *context, const struct log_failure *failure);
	void *context;
	unsigned long nr_lines;
	unsigned long nr_found;
	unsigned long nr_busy;
	struct request_lines lines;
	unsigned int first;
	unsigned int nr_pending;
	struct log_failure pending[NR_PENDING];
	struct log_failure *reading;
};

void log_parser_line(struct log_parser *parser, char *text, size_t len);
void log_parser_rest_of_line(struct log_parser *parser, char *text, size_t len);
void log_parser_end(struct log_parser *parser);
void log_parser_free(struct log_parser *parser);

#endif
