/* SPDX-License-Identifier: GPL-2.0-only */
/* A line of a log without what loggers put in front of the kernel's words. */
#ifndef LOG_LINE_H
#define LOG_LINE_H

#include <stdbool.h>
#include <stddef.h>

#define LOG_TAG_MAX 48

/**
 * struct log_line - a line, taken apart
 * @whole: all of it
 * @text: what is left of it behind the prefixes
 * @tag: who printed it, such as "2:   Binder:714_1:  744" or "  T123"; empty
 *       when the log does not tell
 */
struct log_line {
	char *whole;
	const char *text;
	char tag[LOG_TAG_MAX];
};

void log_line_take_apart(char *whole, size_t len, struct log_line *line);

#endif
