// SPDX-License-Identifier: GPL-2.0-only
/* A sentence that grows in a buffer, and is cut where the buffer ends. */
#include "text.h"

/**
 * cd_text_begin() - an empty sentence
 * @text: the sentence
 * @buf: where it is to grow
 * @size: of @buf, at least 1
 */
void cd_text_begin(struct cd_text *text, char *buf, size_t size)
{
	*text = (struct cd_text){ .buf = buf, .size = size };
	buf[0] = '\0';
}

/**
 * cd_add() - go on with a sentence
 * @text: the sentence
 * @format: as printf()'s
 */
void cd_add(struct cd_text *text, const char *format, ...)
{
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(text->buf + text->len, text->size - text->len, format,
			args);
	va_end(args);
	if (len > 0)
		text->len += (size_t)len;
	if (text->len >= text->size)
		text->len = text->size - 1;
}

/**
 * cd_plural() - the ending of a noun
 * @n: how many
 */
const char *cd_plural(unsigned long n)
{
	return n == 1 ? "" : "s";
}
