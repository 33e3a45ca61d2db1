/* SPDX-License-Identifier: GPL-2.0-only */
/* What the command line says. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include "explain.h"

/**
 * struct options - what the command line says
 * @explain: what the log does not tell
 * @json: print objects
 * @bitmap: a saved bitmap, NULL when logs are read
 * @probe: the question to it
 * @map: where to draw, NULL when not
 * @files: logs, up to a NULL; none is the standard input
 */
struct options {
	struct explain_options explain;
	bool json;
	const char *bitmap;
	const char *probe;
	const char *map;
	char **files;
};

bool options_read(int argc, char **argv, struct options *options);

#endif
