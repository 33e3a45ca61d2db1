// SPDX-License-Identifier: GPL-2.0-only
/* The newest failure of an area, as users read it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "guest_files.h"
#include "last_failure.h"

/* Its block, from the area's summary, for free(). */
char *last_failure(const char *area)
{
	char path[128], *text, *block, *copy;

	snprintf(path, sizeof(path), DIAG_DIR "/%s/summary", area);
	text = read_file(path);
	block = strstr(text, "\nlast failure: #");
	copy = strdup(block ? strchr(block, '#') : "no failure\n");
	free(text);
	return copy;
}

/*
 * Failures are numbered from 1 on; 0 when there is none. Of a story it is the
 * last one's, if nobody else's failure came between.
 */
unsigned long failure_number(const char *block)
{
	const char *story = strstr(block, "\n  story     ");

	if (block[0] != '#')
		return 0;
	return strtoul(block + 1, NULL, 10) +
	       (story ? strtoul(story + 13, NULL, 10) - 1 : 0);
}

/* The last word of the first line. */
const char *failure_verdict(const char *block)
{
	static char word[32];
	size_t len = strcspn(block, "\n"), start = len;

	while (start && block[start - 1] != ' ')
		start--;
	snprintf(word, sizeof(word), "%.*s", (int)(len - start),
		 block + start);
	return word;
}

bool failure_is(const char *block, const char *verdict)
{
	return !strcmp(failure_verdict(block), verdict);
}

/* Is it one that the bitmap cannot foresee? Then it is tried again. */
bool failure_is_transient(const char *block)
{
	static const char * const words_of_chance[] = {
		"busy", "low-memory", "unknown", "raced",
	};
	size_t i;

	for (i = 0; i < 4; i++)
		if (failure_is(block, words_of_chance[i]))
			return true;
	return false;
}
