// SPDX-License-Identifier: GPL-2.0-only
/* What the kernel itself tells of pages. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "guest_files.h"
#include "page_map.h"

static void read_words(int *fd, const char *path, unsigned long first,
		       unsigned long nr, uint64_t *words)
{
	ssize_t size = nr * sizeof(*words);

	if (*fd <= 0)
		*fd = open(path, O_RDONLY | O_CLOEXEC);
	if (*fd < 0 || pread(*fd, words, size, first * sizeof(*words)) != size)
		fail("cannot read %s: %s", path, strerror(errno));
}

/* What was read last; so that it is read. */
char touched_last;

/* So that each page is there, and mapped. */
void touch_pages(const char *start, unsigned long nr_pages)
{
	unsigned long i;

	for (i = 0; i < nr_pages; i++)
		touched_last ^= start[i * PAGE];
}

/* The pfns of pages that we map; 0 where none is. */
void page_pfns(const void *start, unsigned long nr_pages, uint64_t *pfns)
{
	unsigned long i;
	int fd = 0;

	read_words(&fd, "/proc/self/pagemap", (uintptr_t)start / PAGE,
		   nr_pages, pfns);
	close(fd);
	/* The highest bit says that there is one, the lowest 55 which. */
	for (i = 0; i < nr_pages; i++)
		pfns[i] = pfns[i] >> 63 ? pfns[i] & ((1ULL << 55) - 1) : 0;
}

/*
 * The flags of pages, by linux/kernel-page-flags.h. The file stays open: where
 * memory is short, a second look takes none.
 */
void page_flags(unsigned long pfn, unsigned long nr_pages, uint64_t *flags)
{
	static int fd;

	read_words(&fd, "/proc/kpageflags", pfn, nr_pages, flags);
}
