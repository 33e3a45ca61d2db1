// SPDX-License-Identifier: GPL-2.0-only
/*
 * Looks at any page, without a reference to it.
 *
 * A page may change its use while it is looked at: so its struct page, and all
 * of the folio that it belongs to, is copied first, and only the copy is
 * interpreted. What the copy points to may be gone by then. Under RCU it stays
 * if the page points there still: a page leaves its file before the inode is
 * freed, and inodes, super blocks, the slabs of anon_vmas and tasks are freed
 * by RCU.
 */
#include <linux/ctype.h>
#include <linux/debugfs.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/hugetlb.h>
#include <linux/kdev_t.h>
#include <linux/mm.h>
#include <linux/page-flags.h>
#include <linux/rbtree.h>
#include <linux/rcupdate.h>
#include <linux/rmap.h>
#include <linux/rwsem.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "kernel/page.h"

/* Struct pages that describe a folio: its first four, or all of a smaller. */
#define NR_COPIED 4U

/*
 * The low bits of page->mapping: PAGE_MAPPING_ANON, _MOVABLE and _FLAGS up to
 * 6.16, FOLIO_MAPPING_ANON, _ANON_KSM and _FLAGS since
 * (include/linux/page-flags.h).
 */
#define MAPPING_IS_ANON 1UL
#define MAPPING_IS_DRIVER 2UL
#define MAPPING_FLAGS 3UL

/**
 * struct copy - the head of a page, and of what it belongs to
 * @head: the original
 * @pages: the copy
 * @folio: likewise
 * @flags: page->flags, in all versions the first word (7.x: memdesc_flags_t)
 * @mapping: page->mapping, the same in all of a folio's kinds
 * @order: of the folio
 */
struct copy {
	const struct page *head;
	union {
		struct page pages[NR_COPIED];
#ifdef CD_HAS_FOLIO
		struct folio folio;
#endif
	};
	unsigned long flags;
	unsigned long mapping;
	unsigned int order;
};

static bool has_flag(const struct copy *copy, enum pageflags flag)
{
	return copy->flags & BIT(flag);
}

static bool copy_struct(struct copy *copy, unsigned int i)
{
	return !copy_from_kernel_nofault(&copy->pages[i], copy->head + i,
					 sizeof(struct page));
}

/*
 * The order is in the second page. Should that be another's by now, it is any
 * number: a folio is as large as the largest huge page at most, and aligned to
 * its size, and its second page knows the first.
 */
static bool copy_tail(unsigned long pfn, struct copy *copy)
{
	unsigned long head_pfn = page_to_pfn(copy->head);
	unsigned int order;

	if (!copy_struct(copy, 1))
		return false;
	order = compound_order(&copy->pages[0]);
	if (!order || order > PUD_SHIFT - PAGE_SHIFT ||
	    !IS_ALIGNED(head_pfn, 1UL << order) ||
	    pfn - head_pfn >= 1UL << order)
		return false;
	copy->order = order;
	if (order > 1 && !(copy_struct(copy, 2) && copy_struct(copy, 3)))
		return false;
	return compound_head((struct page *)copy->head + 1) == copy->head;
}

/* The struct page of a valid pfn is there; its neighbours need not be. */
static bool copy_head(unsigned long pfn, struct copy *copy)
{
	struct page *page = pfn_to_page(pfn);

	memset(copy, 0, sizeof(*copy));
	copy->head = compound_head(page);
	if (!copy_struct(copy, 0) || PageTail(&copy->pages[0]))
		return false;
	memcpy(&copy->flags, &copy->pages[0], sizeof(copy->flags));
	copy->mapping = (unsigned long)copy->pages[0].mapping;
	return has_flag(copy, PG_head) ? copy_tail(pfn, copy) :
					 copy->head == page;
}

#if defined(CD_HAS_LARGE_MAPCOUNT) /* 6.10 on: a folio counts its maps */

static int count_maps(const struct copy *copy)
{
	return folio_mapcount(&copy->folio);
}

#else

/* Maps of a whole compound page, and what they add to those of its pages. */
static int count_whole_maps(const struct copy *copy, int *each)
{
#ifdef CD_HAS_DOUBLE_MAP
	struct page *head = (struct page *)&copy->pages[0];
	int nr_maps = compound_mapcount(head);

	/*
	 * Of a file's, each page counts them, too; of an anonymous one that
	 * has both, each page counts one (total_mapcount() of 5.10,
	 * folio_mapcount() of 6.1).
	 */
	*each = PageAnon(head) ? PageDoubleMap(head) : nr_maps;
	return nr_maps;
#else
	*each = 0;
	return folio_entire_mapcount(&copy->folio);
#endif
}

static int count_maps(const struct copy *copy)
{
	int nr_maps, each;
	unsigned int i;

	if (!copy->order)
		return atomic_read(&copy->pages[0]._mapcount) + 1;
	nr_maps = count_whole_maps(copy, &each);
	for (i = 0; i < 1U << copy->order; i++)
		nr_maps += atomic_read(&copy->head[i]._mapcount) + 1 - each;
	return nr_maps;
}

#endif

#ifdef CD_HAS_FOLIO

static bool is_pinned(struct copy *copy)
{
	return folio_maybe_dma_pinned(&copy->folio);
}

#else

static bool is_pinned(struct copy *copy)
{
	return page_maybe_dma_pinned(&copy->pages[0]);
}

#endif

/* Up to 6.16 the mapping tells, since then the page. */
static bool is_drivers(const struct copy *copy)
{
#ifdef CD_HAS_PAGE_MOVABLE_OPS
	return page_has_movable_ops(&copy->pages[0]);
#else
	return (copy->mapping & MAPPING_FLAGS) == MAPPING_IS_DRIVER;
#endif
}

static enum cd_page_kind kind_of(struct copy *copy)
{
	struct page *page = &copy->pages[0];

	if (has_flag(copy, PG_reserved))
		return CD_PAGE_RESERVED;
	if (PageSlab(page))
		return CD_PAGE_SLAB;
	if (is_drivers(copy))
		return CD_PAGE_DRIVER;
	if (PageHuge(page))
		return CD_PAGE_HUGETLB;
	if (PageBuddy(page) || !page_ref_count(page))
		return CD_PAGE_FREE;
	if (page_has_type(page))
		return CD_PAGE_KERNEL;
	if (copy->mapping & MAPPING_IS_ANON)
		return CD_PAGE_ANON;
	if (copy->mapping)
		return has_flag(copy, PG_swapbacked) ? CD_PAGE_SHMEM :
						       CD_PAGE_FILE;
	if (!has_flag(copy, PG_lru))
		return CD_PAGE_KERNEL;
	/* Cut from its file, but still in use; or on its way to swap. */
	return has_flag(copy, PG_swapbacked) ? CD_PAGE_SHMEM : CD_PAGE_FILE;
}

/*
 * The page cache and the swap cache have one reference to each page, every map
 * one, and what a file system keeps with its pages (PG_private) one:
 * folio_expected_ref_count(), and expected_page_refs() before it. Reclaim and
 * a CPU's list of pages not yet on the LRU have one, too, while PG_lru is off.
 */
static void expect_refs(const struct copy *copy, struct cd_page *page)
{
	int nr_pages = 1 << copy->order;

	switch (page->kind) {
	case CD_PAGE_ANON:
		page->nr_expected = page->nr_maps +
				    (page->swap_cache ? nr_pages : 0);
		break;
	case CD_PAGE_FILE:
	case CD_PAGE_SHMEM:
		page->nr_expected = page->nr_maps +
				    (copy->mapping || page->swap_cache ?
				     nr_pages : 0) +
				    has_flag(copy, PG_private);
		break;
	default:
		return;
	}
	if (!has_flag(copy, PG_lru))
		page->nr_expected++;
	page->has_expected = true;
}

/* Should a file system not keep to that, there is still no fault. */
#define PEEK(dst, src) \
	(!copy_from_kernel_nofault(&(dst), &(src), sizeof(dst)))

static bool still_points_there(const struct copy *copy)
{
	return (unsigned long)READ_ONCE(copy->head->mapping) == copy->mapping;
}

/* The inode of a block device itself is of a file system that nobody sees. */
static void interpret_inode(const struct inode *inode, struct cd_page *page)
{
	typeof(((struct inode *)NULL)->i_ino) number;
	const struct super_block *sb;
	umode_t mode;
	dev_t dev;

	if (!PEEK(mode, inode->i_mode))
		return;
	if (S_ISBLK(mode))
		page->is_device = PEEK(dev, inode->i_rdev);
	else
		page->has_inode = PEEK(number, inode->i_ino) &&
				  PEEK(sb, inode->i_sb) && sb &&
				  PEEK(dev, sb->s_dev);
	if (page->has_inode)
		page->inode = number;
	if (page->has_inode || page->is_device) {
		page->major = MAJOR(dev);
		page->minor = MINOR(dev);
	}
}

static void read_inode(const struct copy *copy, struct cd_page *page)
{
	const struct address_space *mapping = (void *)copy->mapping;
	const struct inode *inode;

	if (!mapping)
		return;
	rcu_read_lock();
	if (still_points_there(copy) && PEEK(inode, mapping->host) && inode)
		interpret_inode(inode, page);
	rcu_read_unlock();
	/* A block device's are buffers, and each has a count of its own. */
	page->has_buffers = page->is_device && has_flag(copy, PG_private);
}

#ifdef CONFIG_MEMCG /* without it an mm does not know its process */

/* Memory areas looked at, of all that may map an anonymous page. */
#define MAX_VMAS 8U

/*
 * The one mm that an anonymous page can be mapped by, or NULL. The tree has
 * the memory areas of all processes that share its anon_vma, by fork(). While
 * it is locked they and their mm stay.
 */
static const struct mm_struct *only_mm(struct anon_vma *anon_vma)
{
	const struct mm_struct *only = NULL;
	const struct rb_node *node;
	unsigned int nr_seen = 0;

	for (node = rb_first_cached(&anon_vma->rb_root); node;
	     node = rb_next(node)) {
		const struct mm_struct *mm =
			rb_entry(node, struct anon_vma_chain, rb)->vma->vm_mm;

		if (nr_seen++ == MAX_VMAS || (only && mm != only))
			return NULL;
		only = mm;
	}
	return only;
}

static bool is_name(const char *comm)
{
	unsigned int i;

	for (i = 0; i < CD_COMM_MAX && comm[i]; i++)
		if (!isprint(comm[i]))
			return false;
	return i && i < CD_COMM_MAX;
}

static bool still_mapped(const struct copy *copy)
{
	struct copy now;

	return copy_head(page_to_pfn(copy->head), &now) &&
	       now.mapping == copy->mapping && count_maps(&now) > 0 &&
	       still_points_there(copy);
}

static void read_task(const struct mm_struct *mm, struct cd_page *page)
{
	const struct task_struct *task = mm ? rcu_dereference(mm->owner) : NULL;
	char comm[CD_COMM_MAX] = "";

	static_assert(TASK_COMM_LEN <= CD_COMM_MAX);
	if (task &&
	    !copy_from_kernel_nofault(comm, task->comm, TASK_COMM_LEN) &&
	    is_name(comm)) {
		page->pid = task->pid;
		memcpy(page->comm, comm, sizeof(comm));
	}
}

/*
 * As folio_lock_anon_vma_read() has it (mm/rmap.c): under RCU the memory of an
 * anon_vma is one's for good; it is this page's if the page is mapped even when
 * it is locked.
 */
static void read_owner(const struct copy *copy, struct cd_page *page)
{
	struct anon_vma *anon_vma = (void *)(copy->mapping & ~MAPPING_FLAGS);
	struct rw_semaphore *lock;

	rcu_read_lock();
	if (still_mapped(copy)) {
		lock = &READ_ONCE(anon_vma->root)->rwsem;
		if (down_read_trylock(lock)) {
			if (still_mapped(copy))
				read_task(only_mm(anon_vma), page);
			up_read(lock);
		}
	}
	rcu_read_unlock();
}

#else

static void read_owner(const struct copy *copy, struct cd_page *page)
{
}

#endif

/* KSM's pages are anonymous, but their mapping is no anon_vma. */
static bool has_anon_vma(const struct copy *copy)
{
	return (copy->mapping & MAPPING_FLAGS) == MAPPING_IS_ANON;
}

static void interpret(struct copy *copy, struct cd_page *page)
{
	page->kind = kind_of(copy);
	page->order = copy->order;
	page->nr_refs = page_ref_count(&copy->pages[0]);
	switch (page->kind) {
	case CD_PAGE_ANON:
	case CD_PAGE_FILE:
	case CD_PAGE_SHMEM:
		break;
	default:
		return;
	}
	page->nr_maps = count_maps(copy);
	page->dirty = has_flag(copy, PG_dirty);
	page->writeback = has_flag(copy, PG_writeback);
	page->locked = has_flag(copy, PG_locked);
	page->mlocked = has_flag(copy, PG_mlocked);
	page->unevictable = has_flag(copy, PG_unevictable);
	/* A page of tmpfs is in one or the other; PG_swapcache has two uses. */
	page->swap_cache = has_flag(copy, PG_swapcache) &&
			   has_flag(copy, PG_swapbacked);
	page->pinned = is_pinned(copy);
	expect_refs(copy, page);
}

/**
 * cd_page_read() - look at a page
 * @pfn: of an area, so that it has a struct page
 * @page: result
 *
 * Racy: the page may be another's a moment later.
 *
 * Context: any but NMI. Waits for no lock, takes no reference, never faults.
 */
void cd_page_read(unsigned long pfn, struct cd_page *page)
{
	struct copy copy;

	*page = (struct cd_page){ .pfn = pfn, .kind = CD_PAGE_CHANGING };
	/* It changed under our eyes: once more. */
	if (!copy_head(pfn, &copy) && !copy_head(pfn, &copy))
		return;
	interpret(&copy, page);
	if (page->kind == CD_PAGE_FILE || page->kind == CD_PAGE_SHMEM)
		read_inode(&copy, page);
	else if (page->kind == CD_PAGE_ANON && has_anon_vma(&copy))
		read_owner(&copy, page);
}

/**
 * cd_page_is_free() - is there nothing to be moved?
 * @pfn: of an area
 *
 * Racy, and cheaper than cd_page_read().
 *
 * Context: any.
 */
bool cd_page_is_free(unsigned long pfn)
{
	struct page *page = pfn_to_page(pfn);

	return compound_head(page) == page && !page_ref_count(page) &&
	       (PageBuddy(page) || !page_has_type(page));
}

/**
 * cd_page_owner_is_on() - does the kernel keep who allocated each page?
 *
 * The file is there when it does (mm/page_owner.c, 5.10 to 7.3).
 *
 * Context: process, may sleep.
 */
bool cd_page_owner_is_on(void)
{
	struct dentry *file;

	if (!debugfs_initialized())
		return false;
	file = debugfs_lookup("page_owner", NULL);
	if (IS_ERR_OR_NULL(file))
		return false;
	dput(file);
	return true;
}
