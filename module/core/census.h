/* SPDX-License-Identifier: GPL-2.0-only */
/* What the pages of an area hold that no driver has. */
#ifndef CD_CENSUS_H
#define CD_CENSUS_H

#include "frequent.h"
#include "page.h"

/**
 * enum cd_use - what a page that the bitmap calls free is lent to
 * @CD_USE_NONE: nothing: the page allocator has it
 * @CD_USE_FILE: page cache
 * @CD_USE_ANON: anonymous memory
 * @CD_USE_SHMEM: shared memory, tmpfs
 * @CD_USE_OTHER: something else that can be moved: hugetlbfs, a driver's;
 *		  or changing while it was looked at
 * @CD_USE_HELD: one of these that somebody holds, so that it cannot move now
 * @CD_USE_UNMOVABLE: memory of the kernel or of a driver
 * @CD_NR_USES: how many there are
 */
enum cd_use {
	CD_USE_NONE,
	CD_USE_FILE,
	CD_USE_ANON,
	CD_USE_SHMEM,
	CD_USE_OTHER,
	CD_USE_HELD,
	CD_USE_UNMOVABLE,
	CD_NR_USES
};

/* Files counted apart, and those of them that are shown. */
#define CD_MAX_FILES 256
#define CD_TOP_FILES 10
/* Pages that block, kept whole. */
#define CD_TOP_BLOCKERS 10

/**
 * struct cd_file_pages - pages of a file, or of a block device
 * @is_device: of the device itself
 * @major: device of its file system
 * @minor: likewise
 * @inode: its number there
 * @nr_pages: pages; may be too many by up to @nr_doubtful
 * @nr_doubtful: 0 when they were counted exactly
 */
struct cd_file_pages {
	bool is_device;
	unsigned int major;
	unsigned int minor;
	unsigned long long inode;
	unsigned long nr_pages;
	unsigned long nr_doubtful;
};

/**
 * struct cd_census - what pages hold
 * @has_place: a place is looked at, too, and @blockers are those in it
 * @nr_pages: pages by use
 * @place_pages: likewise, in the place
 * @nr_blockers: pages that cannot move; those that move together are one
 * @blocker_end: the page after the last of them
 * @blockers: the first of them
 * @files: pages by file: inode number, and device
 */
struct cd_census {
	bool has_place;
	unsigned long nr_pages[CD_NR_USES];
	unsigned long place_pages[CD_NR_USES];
	unsigned long nr_blockers;
	unsigned long blocker_end;
	struct cd_page blockers[CD_TOP_BLOCKERS];
	struct cd_counter files[CD_MAX_FILES];
};

enum cd_use cd_page_use(const struct cd_page *page);
void cd_census_add(struct cd_census *census, const struct cd_page *page,
		   bool in_place);
unsigned int cd_census_top(struct cd_census *census,
			   struct cd_file_pages *files);

#endif
