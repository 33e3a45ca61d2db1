// SPDX-License-Identifier: GPL-2.0-only
/* What a page is, and what keeps it where it is. */
#include "page.h"
#include "text.h"

/**
 * cd_page_nr_extra() - references that nobody known explains
 * @page: the page
 *
 * Return: how many; 0 when there are none, or when it is not known.
 */
int cd_page_nr_extra(const struct cd_page *page)
{
	if (!page->has_expected || page->nr_refs <= page->nr_expected)
		return 0;
	return page->nr_refs - page->nr_expected;
}

/**
 * cd_page_can_move() - is there no reason known why it could not be moved?
 * @page: the page
 */
bool cd_page_can_move(const struct cd_page *page)
{
	switch (page->kind) {
	case CD_PAGE_SLAB:
	case CD_PAGE_KERNEL:
	case CD_PAGE_RESERVED:
		return false;
	default:
		return !page->pinned && !cd_page_nr_extra(page);
	}
}

static void add_inode(struct cd_text *text, const struct cd_page *page)
{
	if (page->is_device)
		cd_add(text, " of the block device %u:%u", page->major,
		       page->minor);
	else if (page->has_inode)
		cd_add(text, " of inode %llu on %u:%u", page->inode,
		       page->major, page->minor);
	else
		cd_add(text, " of a file that is gone, or was cut short");
}

static void add_kind(struct cd_text *text, const struct cd_page *page)
{
	static const char * const words[CD_NR_PAGE_KINDS] = {
		[CD_PAGE_FREE] = "free by now",
		[CD_PAGE_ANON] = "anonymous memory",
		[CD_PAGE_FILE] = "page cache",
		[CD_PAGE_SHMEM] = "shared memory (tmpfs)",
		[CD_PAGE_HUGETLB] = "a huge page of hugetlbfs",
		[CD_PAGE_DRIVER] = "a driver's movable page",
		[CD_PAGE_SLAB] = "kernel memory (slab)",
		[CD_PAGE_KERNEL] = "memory of the kernel or of a driver",
		[CD_PAGE_RESERVED] = "reserved, never the page allocator's",
		[CD_PAGE_CHANGING] = "changing while it was looked at",
	};

	cd_add(text, "%s", words[page->kind]);
	if (page->kind == CD_PAGE_FILE || page->kind == CD_PAGE_SHMEM)
		add_inode(text, page);
	if (page->pid)
		cd_add(text, " of %s[%d]", page->comm, page->pid);
	if (page->order)
		cd_add(text, ", one of %lu pages that move together",
		       1UL << page->order);
}

static void add_states(struct cd_text *text, const struct cd_page *page)
{
	if (page->dirty && page->kind == CD_PAGE_FILE)
		cd_add(text, ", dirty");
	if (page->writeback)
		cd_add(text, ", under write-back");
	if (page->locked)
		cd_add(text, ", locked");
	if (page->swap_cache)
		cd_add(text, ", in the swap cache");
	if (page->mlocked)
		cd_add(text, ", mlocked");
	else if (page->unevictable)
		cd_add(text, ", unevictable");
}

static void add_holders(struct cd_text *text, const struct cd_page *page)
{
	int nr_extra = cd_page_nr_extra(page);

	if (page->pinned)
		cd_add(text, ", maybe pinned for DMA or direct I/O (GUP)");
	else if (nr_extra)
		cd_add(text,
		       ", %d reference%s more than its users explain: pinned by somebody",
		       nr_extra, cd_plural(nr_extra));
	else if (page->has_buffers)
		cd_add(text,
		       ", its buffers maybe in use by a file system");
	else if (page->has_expected)
		cd_add(text, ", held by nobody but its users");
}

/**
 * cd_say_page() - a page in one sentence
 * @page: the page
 * @buf: result
 * @size: of @buf; CD_SENTENCE_MAX is enough
 */
void cd_say_page(const struct cd_page *page, char *buf, size_t size)
{
	struct cd_text text;

	cd_text_begin(&text, buf, size);
	cd_add(&text, "pfn 0x%lx: ", page->pfn);
	add_kind(&text, page);
	add_states(&text, page);
	add_holders(&text, page);
}
