// SPDX-License-Identifier: GPL-2.0-only
/* A file, cut into lines; a line may be longer than memory. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "log_reader.h"

#define BUFFER_SIZE (128 * 1024)

/* One byte more, for the NUL that the parser puts behind a line. */
static char buffer[BUFFER_SIZE + 1];

/**
 * struct cut - where reading is
 * @parser: who gets the lines
 * @in_line: some of the line was handed on before
 */
struct cut {
	struct log_parser *parser;
	bool in_line;
};

static void hand_on(struct cut *cut, char *text, size_t len, bool is_end)
{
	if (cut->in_line)
		log_parser_rest_of_line(cut->parser, text, len);
	else
		log_parser_line(cut->parser, text, len);
	cut->in_line = !is_end;
}

/* Hands on all lines that end in the buffer. Return: bytes that are left. */
static size_t cut_lines(struct cut *cut, size_t len)
{
	char *start = buffer, *end = buffer + len, *newline;

	while ((newline = memchr(start, '\n', (size_t)(end - start)))) {
		hand_on(cut, start, (size_t)(newline - start), true);
		start = newline + 1;
	}
	memmove(buffer, start, (size_t)(end - start));
	return (size_t)(end - start);
}

/**
 * log_read() - read a log to its end
 * @fd: the file
 * @parser: who gets its lines
 *
 * Return: 0 or a negative errno.
 */
int log_read(int fd, struct log_parser *parser)
{
	struct cut cut = { parser, false };
	size_t len = 0;
	ssize_t nr;

	while ((nr = read(fd, buffer + len, BUFFER_SIZE - len))) {
		if (nr < 0 && errno == EINTR)
			continue;
		if (nr < 0)
			return -errno;
		len = cut_lines(&cut, len + (size_t)nr);
		if (len == BUFFER_SIZE) {
			hand_on(&cut, buffer, len, false);
			len = 0;
		}
	}
	if (len)
		hand_on(&cut, buffer, len, true);
	log_parser_end(parser);
	return 0;
}
