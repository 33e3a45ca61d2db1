// SPDX-License-Identifier: GPL-2.0-only
/* libFuzzer's way into the reader of bitmaps, questions to them, and maps. */
#include <stdlib.h>

#include "map.h"
#include "probe.h"

int LLVMFuzzerTestOneInput(const unsigned char *input, size_t size);

static void use(FILE *out, const struct saved_bitmap *saved)
{
	static const char * const questions[] = { "1", "456,8", "3110400B,0" };
	static struct probe probe;
	unsigned int i;

	for (i = 0; i < 3; i++) {
		if (probe_ask(&probe, saved, questions[i], DEFAULT_ALIGN_CAP))
			abort();
		probe_show(out, &probe);
		show_json(out, &probe.why);
	}
	map_svg(out, &saved->bm, &probe.why);
	map_terminal(out, true, &saved->bm, &probe.why);
}

int LLVMFuzzerTestOneInput(const unsigned char *input, size_t size)
{
	static FILE *out;
	struct saved_bitmap saved;

	if (!out)
		out = fopen("/dev/null", "w");
	if (!out)
		abort();
	if (!bitmap_read(input, size, &saved))
		use(out, &saved);
	bitmap_free(&saved);
	return 0;
}
