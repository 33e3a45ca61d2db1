/* SPDX-License-Identifier: GPL-2.0-only */
/* What a page is, and what keeps it where it is. */
#ifndef CD_PAGE_H
#define CD_PAGE_H

#include "portable.h"

/**
 * enum cd_page_kind - what a page is used for
 * @CD_PAGE_FREE: nothing: nobody refers to it
 * @CD_PAGE_ANON: memory of a process, and of no file
 * @CD_PAGE_FILE: page cache of a file
 * @CD_PAGE_SHMEM: page cache of tmpfs, or shared memory
 * @CD_PAGE_HUGETLB: a huge page of hugetlbfs
 * @CD_PAGE_DRIVER: a driver's, which can move it (zsmalloc, a balloon)
 * @CD_PAGE_SLAB: kernel objects
 * @CD_PAGE_KERNEL: allocated by the kernel or a driver, as cma_alloc() does
 * @CD_PAGE_RESERVED: never the page allocator's
 * @CD_PAGE_CHANGING: it changed its use while it was looked at
 * @CD_NR_PAGE_KINDS: how many there are
 */
enum cd_page_kind {
	CD_PAGE_FREE,
	CD_PAGE_ANON,
	CD_PAGE_FILE,
	CD_PAGE_SHMEM,
	CD_PAGE_HUGETLB,
	CD_PAGE_DRIVER,
	CD_PAGE_SLAB,
	CD_PAGE_KERNEL,
	CD_PAGE_RESERVED,
	CD_PAGE_CHANGING,
	CD_NR_PAGE_KINDS
};

/* Room for the name of a process. */
#define CD_COMM_MAX 16

/**
 * struct cd_page - a page as it was at one moment, read without a reference
 * @pfn: the page
 * @kind: what it is used for
 * @order: it is one of 2^order pages that only move together
 * @nr_refs: references to all of these
 * @nr_maps: page table entries that map them
 * @has_expected: @nr_expected holds
 * @nr_expected: references that its kind and its users explain
 * @has_inode: @major, @minor and @inode hold
 * @is_device: @major and @minor hold: page cache of that block device itself
 * @has_buffers: its buffers may be in use, which its references do not tell
 * @major: device of the file system
 * @minor: likewise
 * @inode: number of the inode
 * @dirty: its contents are to be written
 * @writeback: they are being written
 * @locked: somebody works on it
 * @mlocked: held in memory by mlock()
 * @unevictable: not to be reclaimed
 * @swap_cache: it has a place in swap, too
 * @pinned: maybe pinned for DMA or direct I/O, by FOLL_PIN
 * @pid: of the only process that maps it, 0 when that is not known
 * @comm: of that process
 */
struct cd_page {
	unsigned long pfn;
	enum cd_page_kind kind;
	unsigned int order;
	int nr_refs;
	int nr_maps;
	int nr_expected;
	unsigned int major;
	unsigned int minor;
	unsigned long long inode;
	bool has_expected;
	bool has_inode;
	bool is_device;
	bool has_buffers;
	bool dirty;
	bool writeback;
	bool locked;
	bool mlocked;
	bool unevictable;
	bool swap_cache;
	bool pinned;
	int pid;
	char comm[CD_COMM_MAX];
};

int cd_page_nr_extra(const struct cd_page *page);
bool cd_page_can_move(const struct cd_page *page);
void cd_say_page(const struct cd_page *page, char *buf, size_t size);

#endif
