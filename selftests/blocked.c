// SPDX-License-Identifier: GPL-2.0-only
/*
 * A page of the area that cannot be moved: of a process or of a file, held in
 * one of the ways in which real ones are. The whole area is asked for, so that
 * there is one place, and only that page in the way.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/kernel-page-flags.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "blocked.h"
#include "expected.h"
#include "guest_files.h"
#include "held_disk.h"
#include "last_failure.h"
#include "page_map.h"

/* Memory that is taken until a page of it lies in the area. */
#define NR_TAKEN 12288UL

static const char *pool;
static unsigned long pool_pfn, pool_pages;
/* The page in the way: where we map it, and what is to be said of it. */
static char *page;
static unsigned long page_pfn, page_offset;
static char expected[256];

/*
 * Keeps one page of the mapping that lies in the area, and drops the others;
 * false if none lies there.
 */
static bool find_one(char *start, unsigned long nr_pages)
{
	static uint64_t pfns[NR_TAKEN];
	unsigned long i;

	page_pfns(start, nr_pages, pfns);
	for (i = 0; i < nr_pages; i++)
		if (pfns[i] - pool_pfn < pool_pages)
			break;
	munmap(start, i * PAGE);
	if (i == nr_pages)
		return false;
	page = start + i * PAGE;
	page_pfn = pfns[i];
	page_offset = i * PAGE;
	munmap(page + PAGE, (nr_pages - i - 1) * PAGE);
	return true;
}

static void keep_one(char *start)
{
	if (!find_one(start, NR_TAKEN))
		fail("no page of %lu lies in %s", NR_TAKEN, pool);
}

static void take_anon(void)
{
	char *start = mmap(NULL, NR_TAKEN * PAGE, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (start == MAP_FAILED)
		fail("no memory: %s", strerror(errno));
	madvise(start, NR_TAKEN * PAGE, MADV_NOHUGEPAGE);
	memset(start, 1, NR_TAKEN * PAGE);
	keep_one(start);
	snprintf(expected, sizeof(expected),
		 "pfn 0x%lx: anonymous memory of cma_test[%d]", page_pfn,
		 getpid());
}

/* A file whose page lies in the area; what it is on decides what it is. */
static int take_file(const char *path, const char *kind)
{
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	char zeros[PAGE] = "not zero";
	struct stat status;
	unsigned long i;
	char *start;

	for (i = 0; i < NR_TAKEN; i++)
		if (write(fd, zeros, PAGE) != PAGE)
			fail("%s: %s", path, strerror(errno));
	start = mmap(NULL, NR_TAKEN * PAGE, PROT_READ, MAP_SHARED, fd, 0);
	if (start == MAP_FAILED || fstat(fd, &status))
		fail("%s: %s", path, strerror(errno));
	touch_pages(start, NR_TAKEN);
	keep_one(start);
	snprintf(expected, sizeof(expected),
		 "pfn 0x%lx: %s of inode %lu on %u:%u", page_pfn, kind,
		 (unsigned long)status.st_ino, major(status.st_dev),
		 minor(status.st_dev));
	return fd;
}

/* Maps @nr_pages of the disk, all in memory; true if one is kept. */
static bool find_on_disk(int fd, off_t offset, unsigned long nr_pages)
{
	char *start = mmap(NULL, nr_pages * PAGE, PROT_READ, MAP_SHARED, fd,
			   offset);

	if (start == MAP_FAILED)
		fail(HELD_DISK ": %s", strerror(errno));
	touch_pages(start, nr_pages);
	if (find_one(start, nr_pages))
		return true;
	posix_fadvise(fd, offset, nr_pages * PAGE, POSIX_FADV_DONTNEED);
	return false;
}

/*
 * What a file system keeps of its device: inodes, bitmaps, folders. They are
 * anywhere on it, and what is only read of it never lies in an area.
 */
static void take_device(void)
{
	int fd = open(HELD_DISK, O_RDONLY);
	off_t size = lseek(fd, 0, SEEK_END), offset = 0;
	unsigned long nr_pages;
	struct stat status;

	if (fd < 0 || size <= 0 || fstat(fd, &status))
		fail(HELD_DISK ": %s", strerror(errno));
	do {
		if (offset >= size)
			fail("no page of " HELD_DISK " lies in %s", pool);
		nr_pages = (size - offset) / PAGE;
		if (nr_pages > NR_TAKEN)
			nr_pages = NR_TAKEN;
		offset += nr_pages * PAGE;
	} while (!find_on_disk(fd, offset - nr_pages * PAGE, nr_pages));
	close(fd);
	snprintf(expected, sizeof(expected),
		 "pfn 0x%lx: page cache of the block device %u:%u", page_pfn,
		 major(status.st_rdev), minor(status.st_rdev));
}

static void expect_more(const char *text)
{
	strcat(expected, text);
}

#define ONE_MORE \
	", 1 reference more than its users explain: pinned by somebody"
#define GUP ", maybe pinned for DMA or direct I/O (GUP)"

static int ask_for_all(void)
{
	unsigned long pfn;
	int err = shape(&pfn, "hold %s %lu 0", pool, pool_pages);

	if (!err)
		shape(NULL, "free %s 0x%lx %lu", pool, pfn, pool_pages);
	return err;
}

/* With page_owner=on, the command in the help finds who allocated the page. */
static void check_owner(void)
{
	static char found[4096];
	char help[512], *command;
	FILE *pipe_end;
	size_t len;

	if (access("/sys/kernel/debug/page_owner", F_OK))
		return;
	block_text(last_failure(pool), "help", help, sizeof(help));
	command = strstr(help, "grep ");
	pipe_end = popen(command ? command : "echo no command", "r");
	len = fread(found, 1, sizeof(found) - 1, pipe_end);
	found[len] = '\0';
	pclose(pipe_end);
	if (strncmp(found, "Page allocated via order ", 25) ||
	    !strstr(found, "\nPFN "))
		fail("'%s' finds: %s", help, found);
	printf("# %.*s\n", (int)strcspn(found, "\n"), found);
}

static void check_blocked(void)
{
	char *block, text[512], evidence[512];
	size_t len;

	block = last_failure(pool);
	if (!failure_is(block, "busy"))
		fail("is not busy:\n%s", block);
	block_text(block, "why", text, sizeof(text));
	snprintf(evidence, sizeof(evidence),
		 "1 place was given up as busy, the last at pfn 0x%lx",
		 pool_pfn);
	if (sees_pages()) {
		check_text(block, "page", expected);
		len = strlen(evidence);
		snprintf(evidence + len, sizeof(evidence) - len,
			 "; pfn 0x%lx stopped 1 of them", page_pfn);
	} else if (strstr(block, "\n  page ")) {
		fail("a page is named:\n%s", block);
	}
	if (!strstr(text, evidence))
		fail("the evidence is '%s'", text);
	printf("# %s\n", sees_pages() ? expected : evidence);
}

/* In vain while the page is held; and only the page was in the way. */
static void ask_in_vain(void)
{
	if (!ask_for_all())
		fail("the request succeeded, though pfn 0x%lx is held",
		     page_pfn);
	check_blocked();
}

static void ask_with_success(void)
{
	int tries;

	/* What another CPU's list of LRU pages holds, it holds for a moment. */
	for (tries = 0; tries < 3; tries++)
		if (!ask_for_all())
			return;
	fail("the request fails, though nothing is held:\n%s",
	     last_failure(pool));
}

static void hold_page(void)
{
	if (shape(NULL, "get %s 0x%lx 1", pool, page_pfn))
		fail("no reference to 0x%lx", page_pfn);
}

static void let_page_go(void)
{
	shape(NULL, "put %s 0x%lx 1", pool, page_pfn);
}

/* Pages are isolated for others than CMA, too, and that is not ours to tell. */
static void isolate_for_others(void)
{
	unsigned long number = failure_number(last_failure(pool));

	if (!shape(NULL, "pin %s 0x%lx 1", pool, page_pfn))
		fail("pfn 0x%lx is held, and yet was had", page_pfn);
	if (failure_number(last_failure(pool)) != number)
		fail("what failed was no request: %s", last_failure(pool));
}

/* A reference of a driver's. */
static void by_reference(void)
{
	take_anon();
	hold_page();
	expect_more(ONE_MORE);
	ask_in_vain();
	check_owner();
	isolate_for_others();
	let_page_go();
	ask_with_success();
}

/* A locked page can be moved; a locked page that a driver holds cannot. */
static void by_mlock(void)
{
	take_anon();
	if (mlock(page, PAGE))
		fail("mlock: %s", strerror(errno));
	ask_with_success();
	munmap(page, PAGE);

	take_anon();
	if (mlock(page, PAGE))
		fail("mlock: %s", strerror(errno));
	hold_page();
	expect_more(", mlocked" ONE_MORE);
	ask_in_vain();
	let_page_go();
	ask_with_success();
}

/* Memory that lies in a pipe. */
static void by_vmsplice(void)
{
	struct iovec iov;
	int pipe_fds[2];

	take_anon();
	iov = (struct iovec){ page, PAGE };
	if (pipe(pipe_fds) || vmsplice(pipe_fds[1], &iov, 1, 0) != PAGE)
		fail("vmsplice: %s", strerror(errno));
	expect_more(ONE_MORE);
	ask_in_vain();
	close(pipe_fds[0]);
	close(pipe_fds[1]);
	ask_with_success();
}

/* A task of its own, which does one thing and ends. */
static pid_t in_a_task(int (*run)(void))
{
	pid_t pid = fork();

	if (!pid)
		_exit(run() ? 1 : 0);
	return pid;
}

static int wait_for(pid_t pid)
{
	int status;

	waitpid(pid, &status, 0);
	return status;
}

/* Direct I/O marks what it holds (FOLL_PIN) since 6.3. */
static bool direct_io_marks(void)
{
	struct utsname kernel;
	int major_nr, minor_nr;

	if (uname(&kernel) ||
	    sscanf(kernel.release, "%d.%d", &major_nr, &minor_nr) != 2)
		fail("which kernel is this?");
	return major_nr > 6 || (major_nr == 6 && minor_nr >= 3);
}

static void *read_direct(void *unused)
{
	int fd = open(HELD_DISK, O_RDONLY | O_DIRECT);

	(void)unused;
	if (fd < 0 || read(fd, page, PAGE) != PAGE)
		fail("direct read: %s", strerror(errno));
	close(fd);
	return NULL;
}

/* Memory that a disk is to write into, by and by. */
static void by_direct_io(void)
{
	pthread_t reader;

	take_anon();
	/* A direct read begins by writing what is dirty of the disk. */
	sync();
	held_disk_hold();
	if (pthread_create(&reader, NULL, read_direct, NULL))
		fail("no thread");
	sleep(1);
	expect_more(direct_io_marks() ? GUP : ONE_MORE);
	ask_in_vain();
	held_disk_let_go();
	pthread_join(reader, NULL);
	ask_with_success();
}

/* So that it has its place on the disk, and only that page is dirty. */
static void write_only_page(int fd)
{
	if (fsync(fd) || pwrite(fd, "again", 5, page_offset) != 5)
		fail("cannot write the file: %s", strerror(errno));
}

static void by_dirty_file(void)
{
	int fd = take_file("/mnt/dirty", "page cache");

	write_only_page(fd);
	hold_page();
	expect_more(", dirty" ONE_MORE);
	ask_in_vain();
	let_page_go();
	ask_with_success();
	close(fd);
	unlink("/mnt/dirty");
}

/*
 * A block each, and one for the inode: more than the guest's other area has
 * pages. On 7.3 ext4 keeps folders in memory that is not movable, but inodes in
 * movable memory still.
 */
static void make_folders(void)
{
	char path[64];
	int i;

	for (i = 0; i < 3000; i++) {
		snprintf(path, sizeof(path), "/mnt/%d", i);
		if (mkdir(path, 0700))
			fail("%s: %s", path, strerror(errno));
	}
	sync();
}

static void by_device(void)
{
	make_folders();
	take_device();
	hold_page();
	expect_more(ONE_MORE);
	ask_in_vain();
	let_page_go();
	ask_with_success();
}

static void by_shared_memory(void)
{
	int fd = take_file("/tmp/shared", "shared memory (tmpfs)");

	hold_page();
	expect_more(ONE_MORE);
	ask_in_vain();
	let_page_go();
	ask_with_success();
	close(fd);
	unlink("/tmp/shared");
}

/* The kernel's own word on it. */
static bool is_written_back(void)
{
	uint64_t flags;

	page_flags(page_pfn, 1, &flags);
	return flags & 1 << KPF_WRITEBACK;
}

/* Another has claimed all pages, and does not have them yet. */
static void ask_meanwhile(void)
{
	char *block, text[512], must[128];

	if (!shape(NULL, "hold %s 100 0", pool))
		fail("100 pages are had of those that another has claimed");
	block = last_failure(pool);
	if (!failure_is(block, "exhausted"))
		fail("is not exhausted:\n%s", block);
	snprintf(must, sizeof(must),
		 "0 of %lu pages are free, 0 < 100; up to %lu used pages are claimed by 1 request under way",
		 pool_pages, pool_pages);
	check_text(block, "why", must);
	block_text(block, "help", text, sizeof(text));
	printf("# %s\n", text);
	if (strncmp(text, "try again: ", 11))
		fail("the help is: %s", text);
}

/* Who ends the write-back, on another CPU, may still have a reference. */
static void check_moment(void)
{
	char *block = last_failure(pool), page_text[512], start[32];

	if (!sees_pages()) {
		if (!failure_is(block, "busy"))
			fail("is not busy:\n%s", block);
		return;
	}
	snprintf(start, sizeof(start), "pfn 0x%lx: ", page_pfn);
	block_text(block, "page", page_text, sizeof(page_text));
	if (!failure_is(block, "busy") ||
	    strncmp(page_text, start, strlen(start)))
		fail("the request failed, and not for our page:\n%s", block);
	printf("# as the write-back ended: %s\n", page_text);
}

/*
 * While a page is written back, the request waits. It fails only if somebody
 * holds the page afterwards; @held: so it is here.
 */
static void by_writeback(bool held)
{
	int fd = take_file("/mnt/written", "page cache");
	pid_t asker;
	int failed;

	write_only_page(fd);
	if (held)
		hold_page();
	expect_more(ONE_MORE);
	held_disk_hold();
	/* Who waits for it, as fsync() does, has a reference meanwhile. */
	if (sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE) ||
	    !is_written_back())
		fail("pfn 0x%lx is not written back", page_pfn);
	asker = in_a_task(ask_for_all);
	sleep(2);
	if (waitpid(asker, NULL, WNOHANG))
		fail("the request did not wait for the write-back");
	ask_meanwhile();
	held_disk_let_go();
	failed = wait_for(asker);
	if (held && !failed)
		fail("the request succeeded, though pfn 0x%lx is held",
		     page_pfn);
	if (failed)
		check_moment();
	if (held) {
		ask_in_vain();
		let_page_go();
	}
	ask_with_success();
	close(fd);
	unlink("/mnt/written");
}

static void by_writeback_alone(void)
{
	by_writeback(false);
}

static void by_writeback_and_reference(void)
{
	by_writeback(true);
}

static const struct {
	const char *name;
	void (*run)(void);
} ways[] = {
	{ "reference", by_reference },
	{ "mlock", by_mlock },
	{ "vmsplice", by_vmsplice },
	{ "direct-io", by_direct_io },
	{ "dirty-file", by_dirty_file },
	{ "device", by_device },
	{ "shared-memory", by_shared_memory },
	{ "writeback-alone", by_writeback_alone },
	{ "writeback-and-reference", by_writeback_and_reference },
};

/* blocked WAY AREA PFN:PAGES */
int blocked(int argc, char **argv)
{
	size_t i;

	if (argc != 3 || sscanf(argv[2], "%li:%li", (long *)&pool_pfn,
				(long *)&pool_pages) != 2)
		return 2;
	pool = argv[1];
	for (i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
		if (strcmp(ways[i].name, argv[0]))
			continue;
		ways[i].run();
		return 0;
	}
	return 2;
}
