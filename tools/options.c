// SPDX-License-Identifier: GPL-2.0-only
/* What the command line says. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"
#include "version.h"

enum {
	OPTION_ALIGN = 256,
	OPTION_BASE_PFN,
	OPTION_BITMAP,
	OPTION_CMA_ALIGNMENT,
	OPTION_HELP,
	OPTION_JSON,
	OPTION_MAP,
	OPTION_ORDER_PER_BIT,
	OPTION_PAGE_SIZE,
	OPTION_PROBE,
	OPTION_VERSION,
};

static const struct option names[] = {
	{ "align", required_argument, NULL, OPTION_ALIGN },
	{ "base-pfn", required_argument, NULL, OPTION_BASE_PFN },
	{ "bitmap", required_argument, NULL, OPTION_BITMAP },
	{ "cma-alignment", required_argument, NULL, OPTION_CMA_ALIGNMENT },
	{ "help", no_argument, NULL, OPTION_HELP },
	{ "json", no_argument, NULL, OPTION_JSON },
	{ "map", required_argument, NULL, OPTION_MAP },
	{ "order-per-bit", required_argument, NULL, OPTION_ORDER_PER_BIT },
	{ "page-size", required_argument, NULL, OPTION_PAGE_SIZE },
	{ "probe", required_argument, NULL, OPTION_PROBE },
	{ "version", no_argument, NULL, OPTION_VERSION },
	{ NULL, 0, NULL, 0 },
};

static const char usage[] =
"Usage: cma-explain [OPTION...] [FILE...]\n"
"Says why CMA allocations failed, from a kernel log, which is the standard input\n"
"when no FILE is given.\n"
"\n"
"What the log does not tell:\n"
"  --align ORDER           requests ask for this alignment (2^ORDER pages)\n"
"  --base-pfn PFN[,PFN...] the area, or each of its ranges, begins here\n"
"  --order-per-bit ORDER   a bit of the area's bitmap stands for 2^ORDER pages\n"
"  --cma-alignment ORDER   CONFIG_CMA_ALIGNMENT of that kernel (8)\n"
"  --page-size BYTES       4096, 16384 or 65536 (4096)\n"
"\n"
"  --bitmap FILE           read a saved <area>/bitmap, no log\n"
"  --probe COUNT[,ALIGN]   ... would so many pages fit, or 3110400B, or 8M?\n"
"  --json                  an object for each failure, on a line\n"
"  --map FILE              draw the area as SVG, of the last failure with a list;\n"
"                          - draws it in characters\n"
"  --help                  this\n"
"  --version               the version\n"
"\n"
"Exit status: 0 failures were found, 1 none was, 2 something is wrong with the\n"
"command line or a file. See cma-explain(1).\n";

/* Decimal or 0x; up to @max, and followed by @end. */
static bool read_number(const char **text, unsigned long max, char end,
			unsigned long *number)
{
	char *rest;

	if (**text < '0' || **text > '9')
		return false;
	errno = 0;
	*number = strtoul(*text, &rest, 0);
	if (errno || *number > max || (*rest && *rest != end))
		return false;
	*text = rest;
	return true;
}

static bool complain(const char *what, const char *is)
{
	fprintf(stderr, "cma-explain: %s, not \"%s\"\n", what, is);
	return false;
}

static bool read_order(const char *name, const char *text, unsigned long max,
		       unsigned long *order)
{
	const char *rest = text;
	char what[80];

	if (read_number(&rest, max, '\0', order))
		return true;
	snprintf(what, sizeof(what), "%s is an order, 0 to %lu", name, max);
	return complain(what, text);
}

static bool read_bases(const char *text, struct explain_options *explain)
{
	const char *rest = text;
	unsigned int i = 0;

	explain->has_base = true;
	while (i < CD_MAX_RANGES &&
	       read_number(&rest, ~0UL >> 1, ',', &explain->base_pfns[i])) {
		if (!*rest)
			return true;
		rest++;
		i++;
	}
	return complain("--base-pfn is a pfn for each range, 8 at most", text);
}

static bool read_page_size(const char *text, unsigned int *shift)
{
	const char *rest = text;
	unsigned long size;

	if (!read_number(&rest, 65536, '\0', &size) ||
	    (size != 4096 && size != 16384 && size != 65536))
		return complain("--page-size is 4096, 16384 or 65536", text);
	*shift = (unsigned int)__builtin_ctzl(size);
	return true;
}

static bool take(int option, const char *text, struct options *options)
{
	struct explain_options *explain = &options->explain;
	unsigned long order;

	switch (option) {
	case OPTION_ALIGN:
		if (!read_order("--align", text, 63, &order))
			return false;
		explain->align = (int)order;
		return true;
	case OPTION_ORDER_PER_BIT:
		if (!read_order("--order-per-bit", text, 22, &order))
			return false;
		explain->order_per_bit = (int)order;
		return true;
	case OPTION_CMA_ALIGNMENT:
		if (!read_order("--cma-alignment", text, 12, &order))
			return false;
		explain->align_cap = (unsigned int)order;
		return true;
	case OPTION_BASE_PFN:
		return read_bases(text, explain);
	case OPTION_PAGE_SIZE:
		return read_page_size(text, &explain->page_shift);
	case OPTION_JSON:
		options->json = true;
		return true;
	case OPTION_BITMAP:
		options->bitmap = text;
		return true;
	case OPTION_PROBE:
		options->probe = text;
		return true;
	case OPTION_MAP:
		options->map = text;
		return true;
	case OPTION_HELP:
		fputs(usage, stdout);
		exit(0);
	case OPTION_VERSION:
		puts("cma-explain " CD_VERSION);
		exit(0);
	default:
		fputs("Try \"cma-explain --help\".\n", stderr);
		return false;
	}
}

static bool belong_together(const struct options *options)
{
	const char *wrong = NULL;

	if (!options->bitmap != !options->probe)
		wrong = "--bitmap and --probe go together";
	else if (options->bitmap && *options->files)
		wrong = "there is either a bitmap or a log to be read";
	else if (options->map && options->json && !strcmp(options->map, "-"))
		wrong = "--json and --map - both print";
	if (wrong)
		fprintf(stderr, "cma-explain: %s\n", wrong);
	return !wrong;
}

/**
 * options_read() - what the command line says
 * @argc: as main() has it
 * @argv: likewise
 * @options: result
 *
 * Return: false when it is wrong, which was said.
 */
bool options_read(int argc, char **argv, struct options *options)
{
	int option;

	*options = (struct options){
		.explain = {
			.align = -1,
			.order_per_bit = -1,
			.align_cap = DEFAULT_ALIGN_CAP,
			.page_shift = 12,
		},
	};
	while ((option = getopt_long(argc, argv, "", names, NULL)) != -1)
		if (!take(option, optarg, options))
			return false;
	options->files = argv + optind;
	return belong_together(options);
}
