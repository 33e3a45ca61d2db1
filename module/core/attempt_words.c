// SPDX-License-Identifier: GPL-2.0-only
/* What is said of a request that fitted, was tried, and yet failed. */
#include "attempt_words.h"

static void add_tries(struct cd_text *text, const struct cd_attempt *attempt)
{
	if (attempt->nr_busy_known && attempt->nr_busy)
		cd_add(text, "%lu place%s given up as busy", attempt->nr_busy,
		       attempt->nr_busy == 1 ? " was" : "s were");
	else
		cd_add(text, "a place was tried");
	if (attempt->has_last_pfn)
		cd_add(text, ", the last at pfn 0x%lx", attempt->last_pfn);
}

static void add_blocking(struct cd_text *text,
			 const struct cd_blocking *blocking)
{
	const struct cd_blocker *worst = &blocking->worst;

	if (!blocking->seen)
		return;
	if (blocking->nr_places)
		cd_add(text, "; pfn 0x%lx stopped %s%lu of them",
		       worst->page.pfn,
		       worst->nr_doubtful ? "at least " : "",
		       worst->nr_places - worst->nr_doubtful);
	if (blocking->nr_untold)
		cd_add(text,
		       "; of %lu the kernel told no page, as when somebody else isolates pages there",
		       blocking->nr_untold);
}

/**
 * cd_say_busy() - the evidence of CD_BUSY
 * @text: the sentence
 * @diag: a finished diagnosis
 */
void cd_say_busy(struct cd_text *text, const struct cd_diagnosis *diag)
{
	cd_add(text,
	       "the request fitted, but no place could be emptied: ");
	add_tries(text, &diag->attempt);
	add_blocking(text, &diag->attempt.blocking);
}

/**
 * cd_say_low_memory() - the evidence of CD_LOW_MEMORY
 * @text: the sentence
 * @diag: a finished diagnosis
 */
void cd_say_low_memory(struct cd_text *text, const struct cd_diagnosis *diag)
{
	const struct cd_memory *memory = &diag->memory;

	cd_add(text,
	       "the request fitted, but there was no free memory elsewhere to move its pages to: ");
	if (memory->place_seen)
		cd_add(text,
		       "needed to move %s%lu of the %lu pages from pfn 0x%lx on",
		       memory->all_seen ? "" : "at least ",
		       memory->nr_to_move, diag->request.nr_pages,
		       memory->place_pfn);
	else
		add_tries(text, &diag->attempt);
	if (memory->seen)
		cd_add(text,
		       "; %lu free above the min watermark outside CMA",
		       memory->nr_spare);
	if (memory->place_seen && memory->all_seen)
		cd_add(text, ", %lu in CMA elsewhere",
		       memory->nr_cma_elsewhere);
}

/**
 * cd_say_interrupted() - the evidence of CD_INTERRUPTED
 * @text: the sentence
 * @diag: a finished diagnosis
 */
void cd_say_interrupted(struct cd_text *text, const struct cd_diagnosis *diag)
{
	cd_add(text, "a fatal signal ended the allocation: ");
	add_tries(text, &diag->attempt);
}

/* Nothing is known that holds the page, or would for long. */
static bool may_have_been_for_a_moment(const struct cd_page *page)
{
	return page->kind == CD_PAGE_FREE || page->kind == CD_PAGE_CHANGING ||
	       (page->has_expected && !page->has_buffers &&
		cd_page_can_move(page));
}

static bool is_to_be_written(const struct cd_page *page)
{
	return page->kind == CD_PAGE_FILE && !page->is_device &&
	       (page->dirty || page->writeback);
}

static void help_file(struct cd_text *text, const struct cd_page *page)
{
	if (page->is_device)
		cd_add(text,
		       "the file system on %u:%u, or who reads that device, keeps the page: its metadata may lie there; sync, or unmount it, before asking",
		       page->major, page->minor);
	else if (page->has_inode)
		cd_add(text,
		       "find the file (find MOUNTPOINT -xdev -inum %llu, device %u:%u) and who uses it for direct I/O, splice or a driver's buffers",
		       page->inode, page->major, page->minor);
	else
		cd_add(text,
		       "find who still uses pages of a file that is gone: direct I/O, splice or a driver's buffers");
	if (is_to_be_written(page))
		cd_add(text, "; sync before asking");
}

static void help_anon(struct cd_text *text, const struct cd_page *page)
{
	if (page->pid)
		cd_add(text, "see what %s[%d] does", page->comm, page->pid);
	else
		cd_add(text, "find the process");
	cd_add(text,
	       ": direct I/O, vmsplice, io_uring or a driver's user buffers hold its memory; end that before asking");
}

static void help_page(struct cd_text *text, const struct cd_page *page)
{
	if (may_have_been_for_a_moment(page))
		cd_add(text,
		       "%stry again: nothing was seen to hold pfn 0x%lx for longer",
		       is_to_be_written(page) ? "sync, and " : "", page->pfn);
	else if (page->kind == CD_PAGE_FILE || page->kind == CD_PAGE_SHMEM)
		help_file(text, page);
	else if (page->kind == CD_PAGE_ANON)
		help_anon(text, page);
	else if (page->kind == CD_PAGE_HUGETLB)
		cd_add(text,
		       "see who uses huge pages: to move one, another must be free (HugePages_Free in /proc/meminfo)");
	else if (page->kind == CD_PAGE_DRIVER)
		cd_add(text,
		       "try again: its driver (zram, zswap, a balloon) could not move pfn 0x%lx at that moment",
		       page->pfn);
	else
		cd_add(text,
		       "find the driver that keeps pfn 0x%lx; such pages do not belong in the area",
		       page->pfn);
}

/*
 * The kernel lists the first of pages that belong together, and has its pfn in
 * decimal up to 6.1, in hexadecimal on 6.12 (mm/page_owner.c).
 */
static void add_page_owner(struct cd_text *text,
			   const struct cd_diagnosis *diag,
			   const struct cd_page *page)
{
	unsigned long pfn = page->pfn >> page->order << page->order;

	if (diag->has_page_owner)
		cd_add(text,
		       "; who allocated it: grep -B1 -A20 -E 'PFN (0x%lx|%lu) ' /sys/kernel/debug/page_owner",
		       pfn, pfn);
}

static void add_where_to_look(struct cd_text *text,
			      const struct cd_diagnosis *diag)
{
	const struct cd_request *request = &diag->request;

	if (diag->has_pages_file)
		cd_add(text,
		       ": what cannot be moved now is listed by (echo %lu %u >&0; cat) <>pages",
		       request->nr_pages, request->align);
	else
		cd_add(text,
		       " (boot with page_owner=on where the kernel has it): pinned user memory, or a file under write-back");
}

/**
 * cd_help_busy() - what would have helped against CD_BUSY
 * @text: the sentence
 * @diag: a finished diagnosis
 */
void cd_help_busy(struct cd_text *text, const struct cd_diagnosis *diag)
{
	const struct cd_attempt *attempt = &diag->attempt;
	const struct cd_page *page = &attempt->blocking.worst.page;

	if (attempt->blocking.seen && !attempt->blocking.nr_places) {
		cd_add(text,
		       "try again: two that isolate pages in one place at a time stop each other");
	} else if (attempt->blocking.seen) {
		help_page(text, page);
		add_page_owner(text, diag, page);
	} else {
		cd_add(text, "find who holds pages of the area");
		if (attempt->has_last_pfn)
			cd_add(text, " from pfn 0x%lx on", attempt->last_pfn);
		add_where_to_look(text, diag);
	}
}

/* What was free in swap, and would have been enough, was not had either. */
static void add_remedy(struct cd_text *text, const struct cd_diagnosis *diag)
{
	const struct cd_memory *memory = &diag->memory;
	bool had_enough = memory->all_seen && memory->nr_to_move &&
			  memory->nr_swap_free >= memory->nr_to_move;

	cd_add(text, had_enough ? "swap (" : "add swap (");
	if (memory->nr_swap_free)
		cd_add_pages(text, diag, memory->nr_swap_free);
	else
		cd_add(text, "none");
	cd_add(text, " free)");
	if (had_enough)
		cd_add(text,
		       " was not used (too slow, or memory is locked): ask again");
	cd_add(text, ", or free memory before asking");
}

/* Pages that move together need as many in one piece. */
static void add_shortage(struct cd_text *text, const struct cd_diagnosis *diag)
{
	const struct cd_memory *memory = &diag->memory;
	unsigned long nr_free = memory->nr_spare;

	if (memory->all_seen)
		nr_free += memory->nr_cma_elsewhere;
	if (memory->nr_to_move > nr_free) {
		cd_add(text, "%s", memory->all_seen ? "" : "at least ");
		cd_add_pages(text, diag, memory->nr_to_move - nr_free);
		cd_add(text, " more must be free elsewhere: ");
	} else if (memory->all_seen) {
		cd_add(text, "enough is free by now, for pages one by one: ");
	}
}

/**
 * cd_help_low_memory() - what would have helped against CD_LOW_MEMORY
 * @text: the sentence
 * @diag: a finished diagnosis
 */
void cd_help_low_memory(struct cd_text *text, const struct cd_diagnosis *diag)
{
	const struct cd_memory *memory = &diag->memory;

	if (!memory->seen || !memory->place_seen) {
		cd_add(text, "add swap, or free memory before asking for ");
		cd_add_pages(text, diag, diag->request.nr_pages);
		return;
	}
	add_shortage(text, diag);
	add_remedy(text, diag);
}

/**
 * cd_help_interrupted() - what there is to say of CD_INTERRUPTED
 * @text: the sentence
 * @diag: a finished diagnosis
 */
void cd_help_interrupted(struct cd_text *text,
			 const struct cd_diagnosis *diag)
{
	cd_add(text, "the caller was killed");
	if (diag->has_bitmap)
		cd_add(text, "; the request %s now",
		       diag->fits ? "fits" : "does not fit");
}
