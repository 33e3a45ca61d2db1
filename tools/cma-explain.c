// SPDX-License-Identifier: GPL-2.0-only
/* Says why CMA allocations failed, from a kernel log that somebody pasted. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "log_reader.h"
#include "map.h"
#include "options.h"
#include "probe.h"
#include "story.h"

#define EXIT_FOUND 0
#define EXIT_NONE 1
#define EXIT_WRONG 2

static struct options options;
static struct log_parser parser;
static struct story_teller teller;
static struct list_bitmap map;

/**
 * struct last - the last failure with a list, which is drawn
 * @failure: it
 * @why: it, explained
 * @map: its bitmap; nothing when there is none
 */
static struct last {
	struct log_failure failure;
	struct explanation why;
	struct list_bitmap map;
} last;

/* What is drawn is read into the other's memory next time. */
static void keep(const struct explanation *why)
{
	struct list_bitmap before = last.map;

	last.why = *why;
	last.failure = *why->failure;
	last.why.failure = &last.failure;
	last.map = map;
	map = before;
}

static void found(void *context, const struct log_failure *failure)
{
	struct explanation why;

	(void)context;
	explain(failure, &options.explain, &map, &why);
	if (options.map && why.has_list && failure->has_request)
		keep(&why);
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

static bool draw(const struct cd_bitmap *bm, const struct explanation *why)
{
	FILE *file;

	if (!strcmp(options.map, "-")) {
		map_terminal(stdout, isatty(STDOUT_FILENO), bm, why);
		return true;
	}
	file = fopen(options.map, "w");
	if (file) {
		map_svg(file, bm, why);
		if (!fclose(file))
			return true;
	}
	fprintf(stderr, "cma-explain: cannot write %s: %s\n", options.map,
		strerror(errno));
	return false;
}

static bool draw_last(void)
{
	if (last.map.words)
		return draw(&last.map.bm, &last.why);
	fputs("cma-explain: there is no failure with a list to be drawn\n",
	      stderr);
	return false;
}

static bool answer(void)
{
	const char *name = options.bitmap;
	struct saved_bitmap saved;
	static struct probe probe;
	const char *wrong = bitmap_load(name, &saved);
	bool is_drawn = true;

	if (wrong) {
		fprintf(stderr, "cma-explain: %s: %s\n", name, wrong);
		bitmap_free(&saved);
		return false;
	}
	wrong = probe_ask(&probe, &saved, options.probe,
			  options.explain.align_cap);
	if (wrong) {
		fprintf(stderr, "cma-explain: --probe %s: %s\n",
			options.probe, wrong);
	} else {
		if (options.json)
			show_json(stdout, &probe.why);
		else
			probe_show(stdout, &probe);
		is_drawn = !options.map || draw(&saved.bm, &probe.why);
	}
	bitmap_free(&saved);
	return !wrong && is_drawn;
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
	is_read = options.bitmap ? answer() : read_logs();
	if (options.map && !options.bitmap && parser.nr_found)
		is_read &= draw_last();
	log_parser_free(&parser);
	list_bitmap_free(&map);
	list_bitmap_free(&last.map);
	if (fflush(stdout) || ferror(stdout)) {
		fprintf(stderr, "cma-explain: cannot write: %s\n",
			strerror(errno));
		return EXIT_WRONG;
	}
	if (!is_read)
		return EXIT_WRONG;
	return options.bitmap || parser.nr_found ? EXIT_FOUND : say_none();
}
