// SPDX-License-Identifier: GPL-2.0-only
/* What the pages of an area hold that no driver has. */
#include "census.h"

/**
 * cd_page_use() - what a page is lent to, and whether it can be had back
 * @page: of those that the bitmap calls free
 */
enum cd_use cd_page_use(const struct cd_page *page)
{
	switch (page->kind) {
	case CD_PAGE_SLAB:
	case CD_PAGE_KERNEL:
	case CD_PAGE_RESERVED:
		return CD_USE_UNMOVABLE;
	default:
		break;
	}
	if (!cd_page_can_move(page))
		return CD_USE_HELD;
	switch (page->kind) {
	case CD_PAGE_FREE:
		return CD_USE_NONE;
	case CD_PAGE_FILE:
		return CD_USE_FILE;
	case CD_PAGE_ANON:
		return CD_USE_ANON;
	case CD_PAGE_SHMEM:
		return CD_USE_SHMEM;
	default:
		return CD_USE_OTHER;
	}
}

/* The highest bit of a device's key: pages of the device itself. */
#define IS_DEVICE 0x8000000000000000ULL

/* A device number has 12 bits and 20. */
static unsigned long long device_key(const struct cd_page *page)
{
	return (unsigned long long)page->major << 32 | page->minor;
}

static void add_file(struct cd_census *census, const struct cd_page *page)
{
	if (page->is_device)
		cd_count_up(census->files, CD_MAX_FILES, 0,
			    device_key(page) | IS_DEVICE);
	else if (page->has_inode)
		cd_count_up(census->files, CD_MAX_FILES, page->inode,
			    device_key(page));
}

/* Pages come in ascending order, and so those that move together in a row. */
static void add_blocker(struct cd_census *census, const struct cd_page *page)
{
	if (page->pfn < census->blocker_end)
		return;
	census->blocker_end = ((page->pfn >> page->order) + 1) << page->order;
	if (census->nr_blockers < CD_TOP_BLOCKERS)
		census->blockers[census->nr_blockers] = *page;
	census->nr_blockers++;
}

/**
 * cd_census_add() - count a page
 * @census: all 0 to begin with, but for @has_place
 * @page: the page; its pfn is higher than those of all before it
 * @in_place: it belongs to the place
 *
 * Context: any. Takes no lock, allocates nothing.
 */
void cd_census_add(struct cd_census *census, const struct cd_page *page,
		   bool in_place)
{
	enum cd_use use = cd_page_use(page);

	census->nr_pages[use]++;
	if (in_place)
		census->place_pages[use]++;
	add_file(census, page);
	if ((use == CD_USE_HELD || use == CD_USE_UNMOVABLE) &&
	    (in_place || !census->has_place))
		add_blocker(census, page);
}

/**
 * cd_census_top() - the files with most pages
 * @census: a finished census; its counters of files are used up
 * @files: result, the largest first; room for CD_TOP_FILES
 *
 * Return: how many there are.
 */
unsigned int cd_census_top(struct cd_census *census,
			   struct cd_file_pages *files)
{
	unsigned int nr;

	for (nr = 0; nr < CD_TOP_FILES; nr++) {
		unsigned int i = cd_most_frequent(census->files, CD_MAX_FILES);
		struct cd_counter *max = &census->files[i];

		if (!max->count)
			break;
		files[nr] = (struct cd_file_pages){
			.is_device = max->key[1] & IS_DEVICE,
			.major = (max->key[1] & ~IS_DEVICE) >> 32,
			.minor = max->key[1] & 0xffffffff,
			.inode = max->key[0],
			.nr_pages = max->count,
			.nr_doubtful = max->nr_doubtful,
		};
		max->count = 0;
	}
	return nr;
}
