// SPDX-License-Identifier: GPL-2.0-only
/*
 * What an area's free pages are lent to: every number of <area>/pages, against
 * the kernel's own flags of every page, in a guest that is at rest.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/kernel-page-flags.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "expected.h"
#include "guest_files.h"
#include "lent.h"
#include "page_map.h"
#include "question.h"

#define MAX_POOL 131072UL
#define MAX_LENT 16384UL

/* Pages that we hold ourselves, from the first on; and a request. */
#define NR_HELD 1000UL
#define NR_ASKED 16384UL
#define ALIGN 8
/* Pins, all but the last in the place of the request. */
#define NR_PINS 3

static const char *pool;
static unsigned long pool_pfn, pool_pages, place_pfn;

/* What we have mapped, and which pages of that are of the area. */
struct lent {
	char *start;
	unsigned long nr_pages;
	unsigned long nr_in_pool;
	unsigned long first_pfn;
	char name[64];
};

static struct lent file_pages, shared_pages, own_pages;

static void map_file(struct lent *lent, const char *path,
		     unsigned long nr_pages)
{
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	char page[PAGE] = "not zero";
	struct stat status;
	unsigned long i;

	for (i = 0; i < nr_pages; i++)
		if (write(fd, page, PAGE) != (ssize_t)PAGE)
			fail("%s: %s", path, strerror(errno));
	lent->nr_pages = nr_pages;
	lent->start = mmap(NULL, nr_pages * PAGE, PROT_READ, MAP_SHARED, fd,
			   0);
	if (fsync(fd) || fstat(fd, &status) || lent->start == MAP_FAILED)
		fail("%s: %s", path, strerror(errno));
	close(fd);
	touch_pages(lent->start, nr_pages);
	snprintf(lent->name, sizeof(lent->name), "inode %lu on %u:%u",
		 (unsigned long)status.st_ino, major(status.st_dev),
		 minor(status.st_dev));
}

static void map_own(struct lent *lent, unsigned long nr_pages)
{
	lent->nr_pages = nr_pages;
	lent->start = mmap(NULL, nr_pages * PAGE, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (lent->start == MAP_FAILED)
		fail("no memory: %s", strerror(errno));
	madvise(lent->start, nr_pages * PAGE, MADV_NOHUGEPAGE);
	memset(lent->start, 1, nr_pages * PAGE);
	snprintf(lent->name, sizeof(lent->name), "cma_test[%d]", getpid());
}

static void find_in_pool(struct lent *lent)
{
	static uint64_t pfns[MAX_LENT];
	unsigned long i;

	page_pfns(lent->start, lent->nr_pages, pfns);
	for (i = 0; i < lent->nr_pages; i++) {
		if (pfns[i] - pool_pfn >= pool_pages)
			continue;
		if (!lent->nr_in_pool++)
			lent->first_pfn = pfns[i];
	}
	if (!lent->nr_in_pool)
		fail("%s: no page of %lu lies in %s", lent->name,
		     lent->nr_pages, pool);
}

/* So that no page is still on the list of a CPU, on its way to an LRU. */
static void settle(void)
{
	int fd = open("/proc/sys/vm/compact_memory", O_WRONLY);

	if (fd < 0 || write(fd, "1", 1) != 1)
		fail("compact_memory: %s", strerror(errno));
	close(fd);
}

/* What pages hold, by the kernel's flags. */
struct uses {
	unsigned long nr_free;
	unsigned long nr_file;
	unsigned long nr_own;
	unsigned long nr_shared;
	unsigned long nr_rest;
};

static void count_page(struct uses *uses, uint64_t flags)
{
	if (flags & 1ULL << KPF_BUDDY)
		uses->nr_free++;
	else if (flags & 1ULL << KPF_ANON)
		uses->nr_own++;
	else if (flags & 1ULL << KPF_SWAPBACKED)
		uses->nr_shared++;
	else if (flags & (1ULL << KPF_UPTODATE | 1ULL << KPF_LRU))
		uses->nr_file++;
	else
		uses->nr_rest++;
}

/* All but what we hold; and the place alone. */
static void count_uses(struct uses *uses)
{
	static uint64_t flags[MAX_POOL];
	unsigned long i;

	memset(uses, 0, 2 * sizeof(*uses));
	page_flags(pool_pfn, pool_pages, flags);
	for (i = NR_HELD; i < pool_pages; i++) {
		count_page(&uses[0], flags[i]);
		if (pool_pfn + i - place_pfn < NR_ASKED)
			count_page(&uses[1], flags[i]);
	}
}

/* Pages that cannot be moved, each with what is to be said of it. */
struct blocker {
	unsigned long pfn;
	char text[256];
};

static struct blocker blockers[2 + NR_PINS];
static unsigned int nr_blockers;

static int lower_first(const void *a, const void *b)
{
	const struct blocker *left = a, *right = b;

	return left->pfn < right->pfn ? -1 : left->pfn > right->pfn;
}

static struct blocker *add_blocker(const char *command, unsigned long pfn)
{
	struct blocker *blocker = &blockers[nr_blockers++];

	if (shape(NULL, "%s %s 0x%lx 1", command, pool, pfn))
		fail("%s 0x%lx: %s", command, pfn, strerror(errno));
	blocker->pfn = pfn;
	return blocker;
}

static void hold_page(const struct lent *lent, const char *of)
{
	struct blocker *blocker = add_blocker("get", lent->first_pfn);

	snprintf(blocker->text, sizeof(blocker->text),
		 "pfn 0x%lx: %s %s, 1 reference more than its users explain: pinned by somebody",
		 blocker->pfn, of, lent->name);
}

/* A free page from here on: it is then the kernel's. */
static void pin_free_page(unsigned long pfn)
{
	struct blocker *blocker;
	uint64_t flags;

	for (;; pfn++) {
		if (pfn >= pool_pfn + pool_pages)
			fail("no free page in %s", pool);
		page_flags(pfn, 1, &flags);
		if (flags & 1ULL << KPF_BUDDY)
			break;
	}
	blocker = add_blocker("pin", pfn);
	snprintf(blocker->text, sizeof(blocker->text),
		 "pfn 0x%lx: memory of the kernel or of a driver", pfn);
}

static void arrange_blockers(void)
{
	unsigned int i;

	hold_page(&file_pages, "page cache of");
	hold_page(&own_pages, "anonymous memory of");
	for (i = 0; i < NR_PINS - 1; i++)
		pin_free_page(place_pfn + i * 1024);
	pin_free_page(place_pfn + NR_ASKED);
	qsort(blockers, nr_blockers, sizeof(*blockers), lower_first);
}

static void let_blockers_go(void)
{
	while (nr_blockers--) {
		const struct blocker *blocker = &blockers[nr_blockers];

		shape(NULL, "%s %s 0x%lx 1",
		      strstr(blocker->text, "driver") ? "unpin" : "put", pool,
		      blocker->pfn);
	}
}

static unsigned int nr_in_place(unsigned long pfn)
{
	return pfn - place_pfn < NR_ASKED;
}

static void check_line(const char *text, const char *line)
{
	const char *at = text;

	while ((at = strstr(at, line))) {
		if ((at == text || at[-1] == '\n') &&
		    at[strlen(line)] == '\n')
			return;
		at++;
	}
	fail("no line '%s' in:\n%s", line, text);
}

/* One cell of the table: pages, and their share. */
static void print_cell(char *line, size_t size, unsigned long nr_pages,
		       unsigned long whole)
{
	unsigned long permille = (nr_pages * 1000 + whole / 2) / whole;
	size_t len = strlen(line);

	snprintf(line + len, size - len, " %9lu %3lu.%lu%%", nr_pages,
		 permille / 10, permille % 10);
}

static void check_row(const char *text, bool asked, const char *word,
		      unsigned long nr_pages, unsigned long nr_of_place)
{
	char line[96];

	snprintf(line, sizeof(line), "%-28s", word);
	print_cell(line, sizeof(line), nr_pages, pool_pages - NR_HELD);
	if (asked)
		print_cell(line, sizeof(line), nr_of_place, NR_ASKED);
	check_line(text, line);
}

static void check_table(const char *text, bool asked, const struct uses *uses)
{
	unsigned int file = nr_in_place(file_pages.first_pfn);
	unsigned int own = nr_in_place(own_pages.first_pfn);
	unsigned int pins = NR_PINS - 1;

	check_row(text, asked, "nobody (free)",
		  uses[0].nr_free + uses[0].nr_rest - NR_PINS,
		  uses[1].nr_free + uses[1].nr_rest - pins);
	check_row(text, asked, "page cache", uses[0].nr_file - 1,
		  uses[1].nr_file - file);
	check_row(text, asked, "anonymous memory", uses[0].nr_own - 1,
		  uses[1].nr_own - own);
	check_row(text, asked, "shared memory (tmpfs)", uses[0].nr_shared,
		  uses[1].nr_shared);
	check_row(text, asked, "other, or changing", 0, 0);
	check_row(text, asked, "held: cannot be moved now", 2, file + own);
	check_row(text, asked, "unmovable", NR_PINS, pins);
	check_row(text, asked, "all", pool_pages - NR_HELD, NR_ASKED);
}

static void check_head(const char *text, bool asked, const struct uses *uses)
{
	char line[160], place[160], said[512];

	snprintf(line, sizeof(line),
		 "%s: the bitmap calls %lu of %lu pages free", pool,
		 pool_pages - NR_HELD, pool_pages);
	check_line(text, line);
	if (!asked)
		return;
	snprintf(place, sizeof(place),
		 "the first tried is at pfn 0x%lx; %lu of its pages are in use",
		 place_pfn, NR_ASKED - uses[1].nr_free - uses[1].nr_rest +
			    NR_PINS - 1);
	block_text(text, "place", said, sizeof(said));
	if (strcmp(said, place))
		fail("place:\n#   is   %s\n#   must %s", said, place);
	check_line(text,
		   "  request   16384 pages (64 MiB) at align 8 (256 pages)");
}

/* Each sentence on lines of its own, wrapped; and no more of them. */
static void check_blockers(const char *text, bool asked)
{
	const char *at = strstr(text, "\ncannot be moved now");
	char must[4096] = "", is[4096] = "", line[96];
	unsigned int i, nr = 0;

	for (i = 0; i < nr_blockers; i++) {
		if (asked && !nr_in_place(blockers[i].pfn))
			continue;
		strcat(strcat(must, " "), blockers[i].text);
		nr++;
	}
	snprintf(line, sizeof(line), "cannot be moved now, in the %s: %u",
		 asked ? "place" : "area", nr);
	check_line(text, line);
	at = strchr(at + 1, '\n') + 1;
	for (; !strncmp(at, "            ", 12); at = strchr(at, '\n') + 1) {
		snprintf(line, sizeof(line), "%.*s", (int)strcspn(at, "\n"),
			 at);
		strcat(is, line + 11);
	}
	if (strcmp(is, must))
		fail("what cannot be moved:\n#   is  %s\n#   must%s", is,
		     must);
}

/* The largest file stands first, and has just its pages of the area. */
static void check_files(const char *text)
{
	const char *top = strstr(text, "\nfiles with most pages");
	char line[96];

	if (!top)
		fail("no files in:\n%s", text);
	top = strchr(top + 1, '\n') + 1;
	snprintf(line, sizeof(line), "%-28s %9lu\n", file_pages.name,
		 file_pages.nr_in_pool);
	if (strncmp(top, line, strlen(line)))
		fail("is not the first: %sbut: %s", line, top);
	snprintf(line, sizeof(line), "%-28s %9lu", shared_pages.name,
		 shared_pages.nr_in_pool);
	check_line(top, line);
}

/* Compared only if the guest was at rest meanwhile. */
static bool check_at_rest(int fd, const char *question)
{
	struct uses before[2], after[2];
	static char text[8192];

	count_uses(before);
	if (question)
		ask_question(fd, question, text, sizeof(text));
	else
		read_answer(fd, text, sizeof(text));
	count_uses(after);
	if (memcmp(before, after, sizeof(before)))
		return false;
	check_head(text, question, before);
	check_table(text, question, before);
	check_blockers(text, question);
	check_files(text);
	return true;
}

static void check(const char *question)
{
	unsigned int tries;

	for (tries = 0; tries < 50; tries++) {
		int fd = open_question(pool, "pages");
		bool at_rest = check_at_rest(fd, question);

		close(fd);
		if (at_rest)
			return;
		usleep(100000);
	}
	fail("the guest is never at rest");
}

/* There is no such place: no column for it, and all that is in the way. */
static void check_no_place(void)
{
	int fd = open_question(pool, "pages");
	static char text[8192];

	ask_question(fd, "71000 0", text, sizeof(text));
	check_line(text, "  place     there is none; probe says why");
	check_line(text, "lent to                          pages  share");
	check_blockers(text, false);
	close(fd);
}

/*
 * Pages near the end of the area. It lends them: a page that somebody uses for
 * longer is left out, and other pages taken.
 */
static unsigned long pin_some(unsigned long nr_pages)
{
	unsigned long pfn = pool_pfn + pool_pages;

	while (pfn - nr_pages > place_pfn + NR_ASKED) {
		pfn -= nr_pages;
		if (!shape(NULL, "pin %s 0x%lx %lu", pool, pfn, nr_pages))
			return pfn;
	}
	fail("cannot pin %lu pages", nr_pages);
}

/* More than are named. */
static void check_many(void)
{
	int fd = open_question(pool, "pages");
	unsigned long pfn = pin_some(20);
	static char text[8192];

	read_answer(fd, text, sizeof(text));
	check_line(text,
		   "cannot be moved now, in the area: 25, the first 10 are");
	shape(NULL, "unpin %s 0x%lx 20", pool, pfn);
	close(fd);
}

/* lent FILE TMPFS_FILE AREA PFN:PAGES */
int lent(int argc, char **argv)
{
	unsigned long pfn;

	if (argc != 4 || sscanf(argv[3], "%li:%li", (long *)&pool_pfn,
				(long *)&pool_pages) != 2)
		return 2;
	pool = argv[2];
	place_pfn = (pool_pfn + NR_HELD + (1 << ALIGN) - 1) >> ALIGN << ALIGN;
	if (shape(&pfn, "hold %s %lu 0", pool, NR_HELD) || pfn != pool_pfn)
		fail("cannot hold pages");
	map_file(&file_pages, argv[0], MAX_LENT);
	map_file(&shared_pages, argv[1], MAX_LENT / 4);
	map_own(&own_pages, MAX_LENT / 2);
	settle();
	find_in_pool(&file_pages);
	find_in_pool(&shared_pages);
	find_in_pool(&own_pages);
	arrange_blockers();
	check("16384 8");
	check(NULL);
	check_no_place();
	check_many();
	printf("# of the area's pages: file %lu, tmpfs %lu, anonymous %lu\n",
	       file_pages.nr_in_pool, shared_pages.nr_in_pool,
	       own_pages.nr_in_pool);
	let_blockers_go();
	shape(NULL, "free %s 0x%lx %lu", pool, pool_pfn, NR_HELD);
	unlink(argv[0]);
	unlink(argv[1]);
	return 0;
}
