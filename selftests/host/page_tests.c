// SPDX-License-Identifier: GPL-2.0-only
/* Places, what stops a request there, and what is said of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "census.h"
#include "page_tests.h"
#include "place.h"
#include "random_area.h"
#include "said.h"
#include "sentences.h"

#define NR_AREAS 20000UL
#define NR_STREAMS 20000UL
#define MAX_THINGS 600UL
#define NR_GROUPED 2048UL

static void check_free(void)
{
	unsigned int r;

	for (r = 0; r < area.nr_ranges; r++) {
		const struct oracle_range *range = &area.ranges[r];
		unsigned long bit, pfn;

		if (!range->nr_bits)
			continue;
		bit = below(range->nr_bits);
		pfn = range->base_pfn + (bit << area.order_per_bit);
		assert_int_equal(cd_is_free(&bm, pfn), !range->used[bit]);
	}
	if (area.nr_ranges == 1)
		assert_false(cd_is_free(&bm, area.ranges[0].base_pfn - 1));
	assert_false(cd_is_free(&bm, ~0UL));
}

static void check_places(const struct cd_request *request)
{
	unsigned int range = 0;
	unsigned long bit = 0, pfn;
	bool found = cd_first_place(&bm, request, &pfn);

	while (oracle_place(&area, request->nr_pages, request->align, &range,
			    &bit)) {
		assert_true(found);
		assert_int_equal(pfn, area.ranges[range].base_pfn +
				      (bit << area.order_per_bit));
		found = cd_next_place(&bm, request, &pfn);
		bit++;
	}
	assert_false(found);
}

/* Random ranges may overlap, which those of an area never do. */
static void part_ranges(void)
{
	unsigned int r;

	for (r = 0; r < area.nr_ranges; r++) {
		area.ranges[r].base_pfn += (r + 1UL) << 25;
		bm.ranges[r].base_pfn = area.ranges[r].base_pfn;
	}
}

void test_places(void **state)
{
	struct oracle_answer answer;
	unsigned long i;

	(void)state;
	for (i = 0; i < NR_AREAS; i++) {
		struct cd_request request;

		make_area(1 + below(1 + below(300)));
		part_ranges();
		oracle_count(&area, &answer);
		request.nr_pages = random_request(&answer);
		request.align = below(12);
		check_places(&request);
		check_free();
	}
}

/* What really came up: every place of a request, and what stopped it. */
static struct {
	unsigned long nr_places;
	unsigned long nr_untold;
	unsigned long first;
	unsigned long last;
	unsigned long times[MAX_THINGS];
} truth;

static void stop_at(struct cd_tries *tries, unsigned long pfn)
{
	struct cd_page *page = cd_tries_blocked(tries, pfn);

	if (page) {
		assert_int_equal(page->pfn, pfn);
		page->nr_refs = pfn + 1;
	}
	if (!truth.nr_places++)
		truth.first = pfn;
	truth.last = pfn;
	truth.times[pfn]++;
}

/* Few pages or many, and some far more often than others. */
static unsigned long which(unsigned long nr_things)
{
	return below(1 + below(1 + below(nr_things)));
}

static unsigned long most_times(void)
{
	unsigned long i, most = 0;

	for (i = 0; i < MAX_THINGS; i++)
		if (truth.times[i] > most)
			most = truth.times[i];
	return most;
}

static void check_worst(const struct cd_blocker *worst)
{
	unsigned long times = truth.times[worst->page.pfn];

	assert_int_equal(worst->page.nr_refs, worst->page.pfn + 1);
	assert_in_range(times, worst->nr_places - worst->nr_doubtful,
			worst->nr_places);
	/* Nothing that came up more often than that can have been missed. */
	assert_true(most_times() <= worst->nr_places);
	assert_true(worst->nr_doubtful * CD_MAX_BLOCKERS <= truth.nr_places);
}

void test_tries(void **state)
{
	unsigned long i, n;

	(void)state;
	for (i = 0; i < NR_STREAMS; i++) {
		unsigned long nr_things = 1 + below(MAX_THINGS);
		unsigned long nr_tries = below(300);
		struct cd_blocking blocking = { .seen = true };
		struct cd_tries tries = { 0 };

		/* What an earlier request left. */
		memset(tries.counters, 0xa5, sizeof(tries.counters));
		memset(&truth, 0, sizeof(truth));
		for (n = 0; n < nr_tries; n++) {
			if (below(8))
				stop_at(&tries, which(nr_things));
			else
				truth.nr_untold++;
			cd_tries_busy(&tries, 1000 + n);
		}
		cd_tries_sum_up(&tries, &blocking);
		assert_int_equal(tries.nr_busy, nr_tries);
		assert_int_equal(blocking.nr_places, truth.nr_places);
		assert_int_equal(blocking.nr_untold, truth.nr_untold);
		if (nr_tries) {
			assert_int_equal(tries.first_busy_pfn, 1000);
			assert_int_equal(tries.last_busy_pfn, 999 + nr_tries);
		}
		if (!truth.nr_places)
			continue;
		assert_int_equal(blocking.first_pfn, truth.first);
		assert_int_equal(blocking.last_pfn, truth.last);
		check_worst(&blocking.worst);
	}
}

/* A page cache page, of the given file. */
static struct cd_page file_page(unsigned long pfn, unsigned long inode)
{
	return (struct cd_page){
		.pfn = pfn, .kind = CD_PAGE_FILE, .nr_refs = 2,
		.nr_expected = 2, .has_expected = true, .has_inode = true,
		.major = 179, .minor = 1048575, .inode = inode,
	};
}

/* A page of a block device itself, as file systems keep their metadata. */
static struct cd_page device_page(unsigned long pfn, unsigned int major)
{
	return (struct cd_page){
		.pfn = pfn, .kind = CD_PAGE_FILE, .nr_refs = 2,
		.nr_expected = 2, .has_expected = true, .is_device = true,
		.has_buffers = true, .major = major, .minor = 1048575,
	};
}

/* The file system's and the device's own pages are counted apart. */
static void check_device(void)
{
	static struct cd_census census;
	struct cd_file_pages files[CD_TOP_FILES];
	struct cd_page pages[] = { file_page(0, 0), device_page(0, 179) };
	unsigned long pfn;

	memset(&census, 0, sizeof(census));
	for (pfn = 0; pfn < 30; pfn++) {
		pages[pfn % 3 == 0].pfn = pfn;
		cd_census_add(&census, &pages[pfn % 3 == 0], false);
	}
	assert_int_equal(census.nr_pages[CD_USE_FILE], 30);
	assert_int_equal(cd_census_top(&census, files), 2);
	assert_false(files[0].is_device);
	assert_int_equal(files[0].nr_pages, 20);
	assert_true(files[1].is_device);
	assert_int_equal(files[1].nr_pages, 10);
	assert_int_equal(files[1].major, 179);
	assert_int_equal(files[1].minor, 1048575);
}

static void check_top(struct cd_census *census)
{
	struct cd_file_pages files[CD_TOP_FILES];
	unsigned int i, nr = cd_census_top(census, files);
	unsigned long most = most_times(), times;

	assert_true(nr <= CD_TOP_FILES);
	for (i = 0; i < nr; i++) {
		assert_int_equal(files[i].major, 179);
		assert_int_equal(files[i].minor, 1048575);
		times = truth.times[files[i].inode];
		assert_in_range(times, files[i].nr_pages -
				       files[i].nr_doubtful,
				files[i].nr_pages);
		if (i)
			assert_true(files[i].nr_pages <=
				    files[i - 1].nr_pages);
	}
	if (nr)
		assert_true(most <= files[0].nr_pages);
	else
		assert_int_equal(most, 0);
}

/* Groups of 2^order pages that move together, or do not, now and then. */
static void check_blockers(void)
{
	static struct cd_census census;
	unsigned long place = below(NR_GROUPED), place_end = place + below(500);
	unsigned long pfn = 0, nr_groups = 0, nr_held = 0, i;

	memset(&census, 0, sizeof(census));
	census.has_place = below(2);
	while (pfn < NR_GROUPED) {
		unsigned int order = pfn % 64 ? 0 : below(7);
		bool held = !below(10), seen = false;

		for (i = 0; i < 1UL << order; i++, pfn++) {
			struct cd_page page = file_page(pfn, 1);
			bool in_place = pfn >= place && pfn < place_end;

			page.order = order;
			page.nr_refs += held;
			cd_census_add(&census, &page, in_place);
			nr_held += held;
			seen |= in_place || !census.has_place;
		}
		nr_groups += held && seen;
	}
	assert_int_equal(census.nr_blockers, nr_groups);
	assert_int_equal(census.nr_pages[CD_USE_HELD], nr_held);
	assert_int_equal(census.nr_pages[CD_USE_FILE],
			 NR_GROUPED - nr_held);
	for (i = 1; i < nr_groups && i < CD_TOP_BLOCKERS; i++)
		assert_true(census.blockers[i].pfn >
			    census.blockers[i - 1].pfn);
}

void test_census(void **state)
{
	static struct cd_census census;
	unsigned long i, pfn;

	(void)state;
	check_device();
	for (i = 0; i < NR_STREAMS / 100; i++) {
		unsigned long nr_things = 1 + below(MAX_THINGS);
		unsigned long nr_pages = below(20000);

		memset(&census, 0, sizeof(census));
		memset(&truth, 0, sizeof(truth));
		for (pfn = 0; pfn < nr_pages; pfn++) {
			unsigned long inode = which(nr_things);
			struct cd_page page = file_page(pfn, inode);

			truth.times[inode]++;
			cd_census_add(&census, &page, pfn % 2);
		}
		assert_int_equal(census.nr_pages[CD_USE_FILE], nr_pages);
		assert_int_equal(census.place_pages[CD_USE_FILE],
				 nr_pages / 2);
		check_top(&census);
		check_blockers();
	}
}

static void check_said(const struct cd_page *page, const char *text)
{
	char sentence[CD_SENTENCE_MAX];

	cd_say_page(page, sentence, sizeof(sentence));
	assert_string_equal(sentence, text);
}

void test_pages_said(void **state)
{
	struct cd_page page = file_page(0x60c00, 1234);
	struct cd_page anon = {
		.pfn = 0x60c01, .kind = CD_PAGE_ANON, .nr_refs = 1030,
		.nr_maps = 1, .nr_expected = 1, .has_expected = true,
		.pinned = true, .pid = 71, .comm = "cma_test",
	};
	const struct cd_page slab = { .pfn = 1, .kind = CD_PAGE_SLAB };

	(void)state;
	page.minor = 2;
	check_said(&page,
		   "pfn 0x60c00: page cache of inode 1234 on 179:2, held by nobody but its users");
	page.dirty = true;
	page.nr_refs = 3;
	check_said(&page,
		   "pfn 0x60c00: page cache of inode 1234 on 179:2, dirty, 1 reference more than its users explain: pinned by somebody");
	page.has_inode = false;
	page.nr_refs = 5;
	page.writeback = true;
	page.locked = true;
	check_said(&page,
		   "pfn 0x60c00: page cache of a file that is gone, or was cut short, dirty, under write-back, locked, 3 references more than its users explain: pinned by somebody");
	page = device_page(0x60c00, 254);
	check_said(&page,
		   "pfn 0x60c00: page cache of the block device 254:1048575, its buffers maybe in use by a file system");
	page.nr_refs++;
	check_said(&page,
		   "pfn 0x60c00: page cache of the block device 254:1048575, 1 reference more than its users explain: pinned by somebody");
	check_said(&anon,
		   "pfn 0x60c01: anonymous memory of cma_test[71], maybe pinned for DMA or direct I/O (GUP)");
	anon.order = 9;
	anon.mlocked = true;
	anon.unevictable = true;
	anon.swap_cache = true;
	anon.pid = 0;
	check_said(&anon,
		   "pfn 0x60c01: anonymous memory, one of 512 pages that move together, in the swap cache, mlocked, maybe pinned for DMA or direct I/O (GUP)");
	check_said(&slab, "pfn 0x1: kernel memory (slab)");
}

/* What can be moved, and what cannot: every kind, held and not. */
void test_page_use(void **state)
{
	static const struct {
		enum cd_page_kind kind;
		enum cd_use use, held;
	} uses[] = {
		{ CD_PAGE_FREE, CD_USE_NONE, CD_USE_NONE },
		{ CD_PAGE_ANON, CD_USE_ANON, CD_USE_HELD },
		{ CD_PAGE_FILE, CD_USE_FILE, CD_USE_HELD },
		{ CD_PAGE_SHMEM, CD_USE_SHMEM, CD_USE_HELD },
		{ CD_PAGE_HUGETLB, CD_USE_OTHER, CD_USE_OTHER },
		{ CD_PAGE_DRIVER, CD_USE_OTHER, CD_USE_OTHER },
		{ CD_PAGE_SLAB, CD_USE_UNMOVABLE, CD_USE_UNMOVABLE },
		{ CD_PAGE_KERNEL, CD_USE_UNMOVABLE, CD_USE_UNMOVABLE },
		{ CD_PAGE_RESERVED, CD_USE_UNMOVABLE, CD_USE_UNMOVABLE },
		{ CD_PAGE_CHANGING, CD_USE_OTHER, CD_USE_OTHER },
	};
	size_t i;

	(void)state;
	assert_int_equal(sizeof(uses) / sizeof(*uses), CD_NR_PAGE_KINDS);
	for (i = 0; i < CD_NR_PAGE_KINDS; i++) {
		struct cd_page page = { .kind = uses[i].kind, .nr_refs = 4 };

		assert_int_equal(uses[i].kind, i);
		assert_int_equal(cd_page_use(&page), uses[i].use);
		/* Only for these is it known what to expect. */
		page.has_expected = uses[i].held == CD_USE_HELD;
		page.nr_expected = 4;
		assert_int_equal(cd_page_use(&page), uses[i].use);
		page.nr_expected = 3;
		assert_int_equal(cd_page_use(&page), uses[i].held);
		page.nr_expected = 4;
		page.pinned = page.has_expected;
		assert_int_equal(cd_page_use(&page), uses[i].held);
	}
}

#define FITTED "the request fitted, but no place could be emptied: "

void test_busy_said(void **state)
{
	struct cd_diagnosis diag = {
		.verdict = CD_BUSY, .page_shift = 12,
		.attempt.candidates = CD_CANDIDATES_TRIED,
	};
	struct cd_attempt *attempt = &diag.attempt;
	struct cd_page *page = &attempt->blocking.worst.page;

	(void)state;
	check_evidence(&diag, FITTED "a place was tried");
	check_help(&diag,
		   "find who holds pages of the area (boot with page_owner=on where the kernel has it): pinned user memory, or a file under write-back");
	attempt->nr_busy = 1;
	attempt->nr_busy_known = true;
	check_evidence(&diag, FITTED "1 place was given up as busy");
	attempt->nr_busy = 3;
	attempt->has_last_pfn = true;
	attempt->last_pfn = 0x60c00;
	check_evidence(&diag,
		       FITTED
		       "3 places were given up as busy, the last at pfn 0x60c00");
	check_help(&diag,
		   "find who holds pages of the area from pfn 0x60c00 on (boot with page_owner=on where the kernel has it): pinned user memory, or a file under write-back");
	diag.request = (struct cd_request){ .nr_pages = 456, .align = 8 };
	diag.has_pages_file = true;
	check_help(&diag,
		   "find who holds pages of the area from pfn 0x60c00 on: what cannot be moved now is listed by (echo 456 8 >&0; cat) <>pages");

	/* Nothing is known to block: others were isolating. */
	attempt->blocking.seen = true;
	attempt->blocking.nr_untold = 3;
	check_evidence(&diag,
		       FITTED
		       "3 places were given up as busy, the last at pfn 0x60c00; of 3 the kernel told no page, as when somebody else isolates pages there");
	check_help(&diag,
		   "try again: two that isolate pages in one place at a time stop each other");

	attempt->blocking.nr_untold = 0;
	attempt->blocking.nr_places = 3;
	attempt->blocking.worst.nr_places = 2;
	*page = file_page(0x60c10, 12);
	page->nr_refs++;
	check_evidence(&diag,
		       FITTED
		       "3 places were given up as busy, the last at pfn 0x60c00; pfn 0x60c10 stopped 2 of them");
	check_help(&diag,
		   "find the file (find MOUNTPOINT -xdev -inum 12, device 179:1048575) and who uses it for direct I/O, splice or a driver's buffers");
	page->dirty = true;
	attempt->blocking.worst.nr_doubtful = 1;
	diag.has_page_owner = true;
	check_evidence(&diag,
		       FITTED
		       "3 places were given up as busy, the last at pfn 0x60c00; pfn 0x60c10 stopped at least 1 of them");
	check_help(&diag,
		   "find the file (find MOUNTPOINT -xdev -inum 12, device 179:1048575) and who uses it for direct I/O, splice or a driver's buffers; sync before asking; who allocated it: grep -B1 -A20 -E 'PFN (0x60c10|396304) ' /sys/kernel/debug/page_owner");
	diag.has_page_owner = false;
	page->nr_refs--;
	check_help(&diag,
		   "sync, and try again: nothing was seen to hold pfn 0x60c10 for longer");
	page->dirty = false;
	check_help(&diag,
		   "try again: nothing was seen to hold pfn 0x60c10 for longer");
	*page = (struct cd_page){ .pfn = 0x60c10, .kind = CD_PAGE_CHANGING };
	check_help(&diag,
		   "try again: nothing was seen to hold pfn 0x60c10 for longer");
	page->kind = CD_PAGE_HUGETLB;
	check_help(&diag,
		   "see who uses huge pages: to move one, another must be free (HugePages_Free in /proc/meminfo)");
	page->kind = CD_PAGE_DRIVER;
	check_help(&diag,
		   "try again: its driver (zram, zswap, a balloon) could not move pfn 0x60c10 at that moment");
	*page = device_page(0x60c10, 254);
	check_help(&diag,
		   "the file system on 254:1048575, or who reads that device, keeps the page: its metadata may lie there; sync, or unmount it, before asking");
	*page = file_page(0x60c10, 12);
	page->nr_refs++;
	page->kind = CD_PAGE_ANON;
	check_help(&diag,
		   "find the process: direct I/O, vmsplice, io_uring or a driver's user buffers hold its memory; end that before asking");
	page->pid = 71;
	memcpy(page->comm, "camera", sizeof("camera"));
	check_help(&diag,
		   "see what camera[71] does: direct I/O, vmsplice, io_uring or a driver's user buffers hold its memory; end that before asking");
	page->kind = CD_PAGE_KERNEL;
	page->has_expected = false;
	check_help(&diag,
		   "find the driver that keeps pfn 0x60c10; such pages do not belong in the area");
}

#define NOWHERE "the request fitted, but there was no free memory elsewhere to move its pages to: "

void test_low_memory_said(void **state)
{
	struct cd_diagnosis diag = {
		.verdict = CD_LOW_MEMORY, .page_shift = 12,
		.request = { .nr_pages = 1024, .align = 0 },
		.attempt.candidates = CD_CANDIDATES_TRIED,
	};
	struct cd_memory *memory = &diag.memory;

	(void)state;
	check_evidence(&diag, NOWHERE "a place was tried");
	check_help(&diag,
		   "add swap, or free memory before asking for 1024 pages (4 MiB)");
	memory->seen = true;
	memory->nr_spare = 212;
	memory->nr_ram = 120000;
	check_evidence(&diag,
		       NOWHERE
		       "a place was tried; 212 free above the min watermark outside CMA");
	memory->place_seen = true;
	memory->place_pfn = 0x4e000;
	memory->nr_looked = 1024;
	memory->nr_to_move = 380;
	memory->all_seen = true;
	memory->nr_cma_elsewhere = 8;
	check_evidence(&diag,
		       NOWHERE
		       "needed to move 380 of the 1024 pages from pfn 0x4e000 on; 212 free above the min watermark outside CMA, 8 in CMA elsewhere");
	check_help(&diag,
		   "160 pages (640 KiB) more must be free elsewhere: add swap (none free), or free memory before asking");
	memory->nr_swap_free = 256;
	memory->nr_spare = 372;
	check_help(&diag,
		   "enough is free by now, for pages one by one: add swap (256 pages (1 MiB) free), or free memory before asking");

	/* Locked memory cannot be swapped out, or it was too slow. */
	memory->nr_swap_free = 379;
	check_help(&diag,
		   "enough is free by now, for pages one by one: add swap (379 pages (1.5 MiB) free), or free memory before asking");
	memory->nr_swap_free = 380;
	check_help(&diag,
		   "enough is free by now, for pages one by one: swap (380 pages (1.5 MiB) free) was not used (too slow, or memory is locked): ask again, or free memory before asking");
	memory->nr_spare = 212;
	check_help(&diag,
		   "160 pages (640 KiB) more must be free elsewhere: swap (380 pages (1.5 MiB) free) was not used (too slow, or memory is locked): ask again, or free memory before asking");
	memory->nr_swap_free = 256;
	memory->nr_spare = 372;

	/* Of a large place, the pages before were not looked at. */
	memory->all_seen = false;
	memory->nr_looked = 512;
	check_evidence(&diag,
		       NOWHERE
		       "needed to move at least 380 of the 1024 pages from pfn 0x4e000 on; 372 free above the min watermark outside CMA");
	check_help(&diag,
		   "at least 8 pages (32 KiB) more must be free elsewhere: add swap (256 pages (1 MiB) free), or free memory before asking");
	memory->nr_spare = 380;
	check_help(&diag,
		   "add swap (256 pages (1 MiB) free), or free memory before asking");
}

void test_interrupted_said(void **state)
{
	struct cd_diagnosis diag = {
		.verdict = CD_INTERRUPTED, .page_shift = 12,
		.attempt = {
			.candidates = CD_CANDIDATES_TRIED, .nr_busy = 12,
			.nr_busy_known = true, .has_last_pfn = true,
			.last_pfn = 0x4e000,
		},
	};

	(void)state;
	check_evidence(&diag,
		       "a fatal signal ended the allocation: 12 places were given up as busy, the last at pfn 0x4e000");
	check_help(&diag, "the caller was killed");
	diag.has_bitmap = true;
	check_help(&diag,
		   "the caller was killed; the request does not fit now");
	diag.fits = true;
	check_help(&diag, "the caller was killed; the request fits now");
}
