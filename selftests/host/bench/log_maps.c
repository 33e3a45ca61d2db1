// SPDX-License-Identifier: GPL-2.0-only
/* Bitmaps of failures that people have posted, as cma-explain makes them. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "list_bitmap.h"
#include "log_reader.h"
#include "maps.h"

/* Which failure of which file; one list is often printed again and again. */
struct log {
	const char *name;
	bool is_used;
	void (*use)(const char *name, const struct cd_bitmap *bm);
};

static void found(void *context, const struct log_failure *failure)
{
	static const unsigned long base_pfns[CD_MAX_RANGES];
	static struct list_bitmap map;
	struct log *log = context;

	if (log->is_used || failure->list.nr_ranges != 1 ||
	    !failure->list.has_totals ||
	    !list_bitmap_make(&map, &failure->list, base_pfns, -1))
		return;
	log->is_used = true;
	log->use(log->name, &map.bm);
}

/* The first list of a log. Return: 0 or a negative errno. */
int maps_of_log(const char *path, void (*use)(const char *name,
					      const struct cd_bitmap *bm))
{
	const char *slash = strrchr(path, '/');
	struct log log = { slash ? slash + 1 : path, false, use };
	struct log_parser parser = {
		.page_shift = 12, .found = found, .context = &log,
	};
	int fd = open(path, O_RDONLY), err;

	if (fd < 0)
		return -errno;
	err = log_read(fd, &parser);
	log_parser_free(&parser);
	close(fd);
	return err;
}
