/* SPDX-License-Identifier: GPL-2.0-only */
/* What a log tells of one failure, before anything is concluded from it. */
#ifndef LOG_FAILURE_H
#define LOG_FAILURE_H

#include "free_list.h"
#include "log_line.h"

/* CMA_MAX_NAME of include/linux/cma.h, 5.10 to 7.3 */
#define AREA_NAME_MAX 64
#define OUTCOME_MAX 160

/**
 * enum log_side - which kernel printed it: the errno's meaning changed in 6.15
 * @SIDE_UNKNOWN: the log does not tell
 * @SIDE_OLD: up to 6.14: -12 is "no place", too, -16 is "busy"
 * @SIDE_NEW: from 6.15 on: -12 is "no memory", -16 is "no place", too
 */
enum log_side {
	SIDE_UNKNOWN,
	SIDE_OLD,
	SIDE_NEW,
};

/**
 * enum log_outcome - did the caller get by without CMA?
 * @OUTCOME_UNKNOWN: the log does not tell
 * @OUTCOME_FAILED: it did not
 * @OUTCOME_GOT_BY: it did
 */
enum log_outcome {
	OUTCOME_UNKNOWN,
	OUTCOME_FAILED,
	OUTCOME_GOT_BY,
};

/**
 * struct busy_lines - lines that tell of places given up as busy
 * @nr: how many lines
 * @has_pfns: @first_pfn and @end_pfn hold
 * @first_pfn: of the last such line: first page
 * @end_pfn: the page after the last
 */
struct busy_lines {
	unsigned long nr;
	bool has_pfns;
	unsigned long first_pfn;
	unsigned long end_pfn;
};

/**
 * struct log_failure - a failure as a log has it
 * @line: its first line in the file, from 1
 * @area: name of the area, "" when the log does not tell
 * @tag: who printed it, see struct log_line
 * @has_request: @nr_pages holds
 * @nr_pages: pages asked
 * @has_error: @error holds
 * @error: the negative errno that the kernel printed
 * @has_align: @align holds
 * @align: the order asked for
 * @side: which kernel printed it
 * @busy: places given up
 * @is_mixed: another failure was under way; lists are taken in order
 * @outcome: of the caller
 * @outcome_text: the words of the log that tell it
 * @list_line: the line that its list was last read from
 * @list: of free runs
 */
struct log_failure {
	unsigned long line;
	char area[AREA_NAME_MAX];
	char tag[LOG_TAG_MAX];
	bool has_request;
	unsigned long nr_pages;
	bool has_error;
	int error;
	bool has_align;
	unsigned int align;
	enum log_side side;
	struct busy_lines busy;
	bool is_mixed;
	enum log_outcome outcome;
	char outcome_text[OUTCOME_MAX];
	unsigned long list_line;
	struct free_list list;
};

#endif
