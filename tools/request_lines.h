/* SPDX-License-Identifier: GPL-2.0-only */
/* The lines in which the kernel tells of a request to CMA. */
#ifndef REQUEST_LINES_H
#define REQUEST_LINES_H

#include "log_failure.h"

#define NR_STARTS 8

/**
 * struct request_start - "cma_alloc(cma ..., count 456, align 8)"
 * @nr_pages: pages; 0 when unused
 * @align: order
 * @area: name, "" when not told
 * @tag: who printed it
 */
struct request_start {
	unsigned long nr_pages;
	unsigned int align;
	char area[AREA_NAME_MAX];
	char tag[LOG_TAG_MAX];
};

/**
 * struct request_lines - what lines before a failure have told
 * @starts: requests that began, the newest at @newest
 * @newest: likewise
 * @busy: places given up, of no failure so far
 * @name: an area's name that ended its line: "cma: cma_alloc: cma0"
 * @name_side: which kernel has printed that
 * @side: which kernel printed the log, where it says
 * @wants_errno: the last failure's line ended before its errno
 */
struct request_lines {
	struct request_start starts[NR_STARTS];
	unsigned int newest;
	struct busy_lines busy;
	char name[AREA_NAME_MAX];
	enum log_side name_side;
	enum log_side side;
	bool wants_errno;
};

bool request_hint(struct request_lines *lines, const struct log_line *line);
bool request_has_failed(const struct log_line *line);
void request_failed(struct request_lines *lines, const struct log_line *line,
		    struct log_failure *failure);
bool request_errno(struct request_lines *lines, const struct log_line *line,
		   struct log_failure *failure);

#endif
