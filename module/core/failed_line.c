// SPDX-License-Identifier: GPL-2.0-only
/*
 * The line of the kernel's log that says that an allocation failed, as
 * cma_alloc() of mm/cma.c prints it:
 *
 *	cma: cma_alloc: alloc failed, req-size: 456 pages, ret: -12
 *	cma: cma_alloc: NAME: alloc failed, req-size: ...	from 5.12 on
 *	cma: __cma_alloc: NAME: ...				from 6.12 on
 *	cma: __cma_alloc_frozen: NAME: ...			from 7.0 on
 *
 * Before it the log has the level, the time and, with CONFIG_PRINTK_CALLER, the
 * task: "<3>[    1.234567][  T123] ". Nobody but the kernel can write a line of
 * its facility, 0.
 */
#include "failed_line.h"

#define NS_PER_SECOND 1000000000U

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Moves *@text past @word, if it is there. */
static bool skip(const char **text, const char *word)
{
	size_t len = strlen(word);

	if (strncmp(*text, word, len))
		return false;
	*text += len;
	return true;
}

static bool read_number(const char **text, unsigned long *number)
{
	if (!is_digit(**text))
		return false;
	for (*number = 0; is_digit(**text); (*text)++)
		if (__builtin_mul_overflow(*number, 10UL, number) ||
		    __builtin_add_overflow(*number,
					   (unsigned long)(**text - '0'),
					   number))
			return false;
	return true;
}

/* "    1.234567]", behind its bracket; digits after the point as there are. */
static void read_time(const char *text, struct cd_failed_line *line)
{
	unsigned int part = NS_PER_SECOND, ns;
	unsigned long seconds;

	while (*text == ' ')
		text++;
	if (!read_number(&text, &seconds) || !skip(&text, "."))
		return;
	for (ns = 0; is_digit(*text); text++) {
		part /= 10;
		ns += part * (unsigned int)(*text - '0');
	}
	if (*text != ']')
		return;
	line->has_time = true;
	line->time_ns = (unsigned long long)seconds * NS_PER_SECOND + ns;
}

/* The time, and who printed it. */
static bool skip_brackets(const char **text, struct cd_failed_line *line)
{
	while (**text == '[') {
		if (!line->has_time)
			read_time(*text + 1, line);
		*text = strchr(*text, ']');
		if (!*text)
			return false;
		(*text)++;
	}
	if (**text == ' ')
		(*text)++;
	return true;
}

/* "cma_alloc: ", "__cma_alloc: ", "__cma_alloc_frozen: " */
static bool skip_function(const char **text)
{
	while (**text == '_')
		(*text)++;
	if (!skip(text, "cma_alloc"))
		return false;
	while (**text == '_' || (**text >= 'a' && **text <= 'z'))
		(*text)++;
	return skip(text, ": ");
}

/* Up to the words; a newline in it made it two lines of the log. */
static bool read_name(const char **text, struct cd_failed_line *line)
{
	const char *end = strstr(*text, ": " CD_ALLOC_FAILED);
	size_t len = strcspn(*text, "\n");

	if (!end)
		return false;
	if ((size_t)(end - *text) < len)
		len = (size_t)(end - *text);
	if (len >= CD_LINE_NAME_MAX)
		return false;
	memcpy(line->name, *text, len);
	line->name[len] = '\0';
	line->has_name = true;
	*text = end + strlen(": ");
	return true;
}

/**
 * cd_read_failed_line() - is it such a line, and what does it say?
 * @text: a record of the kernel's log, with its level
 * @line: result
 *
 * Context: any.
 */
bool cd_read_failed_line(const char *text, struct cd_failed_line *line)
{
	unsigned long error;

	*line = (struct cd_failed_line){ 0 };
	if (!skip(&text, "<3>") || !skip_brackets(&text, line) ||
	    !skip(&text, "cma: ") || !skip_function(&text))
		return false;
	if (!skip(&text, CD_ALLOC_FAILED) &&
	    (!read_name(&text, line) || !skip(&text, CD_ALLOC_FAILED)))
		return false;
	if (!read_number(&text, &line->nr_pages) ||
	    !skip(&text, " pages, ret: -") || !read_number(&text, &error) ||
	    !error || error > 4095)
		return false;
	line->error = -(int)error;
	return line->nr_pages;
}
