// SPDX-License-Identifier: GPL-2.0-only
/* Says why CMA allocations failed, from a kernel log that somebody pasted. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "log_reader.h"
#include "options.h"
#include "story.h"

#define EXIT_FOUND 0
#define EXIT_NONE 1
#define EXIT_WRONG 2

static struct options options;
static struct log_parser parser;
static struct story_teller teller;
static struct list_bitmap map;

static void found(void *context, const struct log_failure *failure)
{
	struct explanation why;

	(void)context;
	explain(failure, &options.explain, &map, &why);
	if (options.json)
		show_json(stdout, &why);
	else
		story_add(&teller, &why);
}

static bool read_log(const char *name)
{
	int fd = strcmp(name, "-") ? open(name, O_RDONLY) : STDIN_FILENO;
	int err = fd < 0 ? -errno : log_read(fd, &parser);

	story_end(&teller);
	if (err)
		fprintf(stderr, "cma-explain: cannot read %s: %s\n", name,
			strerror(-err));
	if (fd > STDIN_FILENO)
		close(fd);
	return !err;
}

static bool read_logs(void)
{
	bool is_read = true;
	char **file;

	if (!*options.files)
		return read_log("-");
	for (file = options.files; *file; file++) {
		if (options.files[1])
			teller.file = *file;
		is_read &= read_log(*file);
	}
	return is_read;
}

/* Places that were busy are no failure: the next may have done. */
static int say_none(void)
{
	fputs("cma-explain: there is no failed CMA allocation in this log",
	      stderr);
	if (parser.nr_busy)
		fprintf(stderr,
			"; of busy places there are %lu lines, but up to Linux 4.10 no line says that an allocation failed",
			parser.nr_busy);
	fputs("\n", stderr);
	return EXIT_NONE;
}

int main(int argc, char **argv)
{
	bool is_read;

	if (!options_read(argc, argv, &options))
		return EXIT_WRONG;
	parser.page_shift = options.explain.page_shift;
	parser.found = found;
	teller.out = stdout;
	is_read = read_logs();
	log_parser_free(&parser);
	list_bitmap_free(&map);
	if (fflush(stdout) || ferror(stdout)) {
		fprintf(stderr, "cma-explain: cannot write: %s\n",
			strerror(errno));
		return EXIT_WRONG;
	}
	if (!is_read)
		return EXIT_WRONG;
	return parser.nr_found ? EXIT_FOUND : say_none();
}
