/* SPDX-License-Identifier: GPL-2.0-only */
/* The line of the kernel's log that says that an allocation failed. */
#ifndef CD_FAILED_LINE_H
#define CD_FAILED_LINE_H

#include "portable.h"

/* What such a line has, and nearly no other: whoever looks for them fast. */
#define CD_ALLOC_FAILED "alloc failed, req-size: "

/* What the list of free runs begins with, which follows from 6.11 on. */
#define CD_FREE_LIST "number of available pages: "

/* CMA_MAX_NAME of include/linux/cma.h, 5.10 to 7.3 */
#define CD_LINE_NAME_MAX 64

/**
 * struct cd_failed_line - a failure, as the kernel's log has it
 * @has_time: the log has times; else @time_ns is 0
 * @time_ns: when it was logged, by the log's clock
 * @has_name: the area is named; up to 5.11 it is not
 * @name: of the area, without the newline that one without a name of its own
 *        has up to 7.2
 * @nr_pages: pages asked
 * @error: the negative errno
 */
struct cd_failed_line {
	bool has_time;
	unsigned long long time_ns;
	bool has_name;
	char name[CD_LINE_NAME_MAX];
	unsigned long nr_pages;
	int error;
};

bool cd_read_failed_line(const char *text, struct cd_failed_line *line);

#endif
