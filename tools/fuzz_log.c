// SPDX-License-Identifier: GPL-2.0-only
/* libFuzzer's way into the parser, the judge and all words. */
#include <stdlib.h>
#include <string.h>

#include "log_parser.h"
#include "show.h"
#include "story.h"

int LLVMFuzzerTestOneInput(const unsigned char *input, size_t size);

static struct list_bitmap map;
static struct story_teller teller;
static struct explain_options options = {
	.align = -1, .order_per_bit = -1, .page_shift = 12,
	.align_cap = DEFAULT_ALIGN_CAP,
};

static void found(void *context, const struct log_failure *failure)
{
	struct explanation why;

	explain(failure, &options, &map, &why);
	show_json(context, &why);
	story_add(&teller, &why);
}

/* Each line by itself, so that a read past its end is seen. */
static void read_line(struct log_parser *parser, const unsigned char *line,
		      size_t len, bool is_rest)
{
	char *text = malloc(len + 1);

	if (!text)
		abort();
	memcpy(text, line, len);
	if (is_rest)
		log_parser_rest_of_line(parser, text, len);
	else
		log_parser_line(parser, text, len);
	free(text);
}

/* A line goes on behind a byte of 1, as behind the end of a buffer. */
int LLVMFuzzerTestOneInput(const unsigned char *input, size_t size)
{
	static FILE *out;
	struct log_parser parser = { .page_shift = 12, .found = found };
	size_t start = 0, end;
	bool is_rest = false;

	if (!out)
		out = fopen("/dev/null", "w");
	if (!out)
		abort();
	parser.context = out;
	teller.out = out;
	for (end = 0; end <= size; end++) {
		if (end < size && input[end] != '\n' && input[end] != 1)
			continue;
		read_line(&parser, input + start, end - start, is_rest);
		is_rest = end < size && input[end] == 1;
		start = end + 1;
	}
	log_parser_end(&parser);
	story_end(&teller);
	log_parser_free(&parser);
	return 0;
}
