/* SPDX-License-Identifier: GPL-2.0-only */
/* A sentence that grows in a buffer, and is cut where the buffer ends. */
#ifndef CD_TEXT_H
#define CD_TEXT_H

#include "portable.h"

/**
 * struct cd_text - a sentence under way
 * @buf: where it grows; always ends in a NUL
 * @size: of @buf
 * @len: so far
 */
struct cd_text {
	char *buf;
	size_t size;
	size_t len;
};

void cd_text_begin(struct cd_text *text, char *buf, size_t size);
CD_PRINTF(2, 3) void cd_add(struct cd_text *text, const char *format, ...);
const char *cd_plural(unsigned long n);

#endif
