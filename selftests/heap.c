// SPDX-License-Identifier: GPL-2.0-only
/*
 * A client of a dma-heap, as media frameworks are: it has many buffers of one
 * size, gives some back, asks for others, and leaks. What is read of a request
 * that fails must be what the oracle makes of the kernel's own list.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/dma-heap.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "expected.h"
#include "guest_files.h"
#include "heap.h"
#include "kernel_list.h"
#include "last_failure.h"
#include "page_map.h"
#include "predict.h"
#include "shapes.h"

#define MAX_BUFFERS 20000
/* CONFIG_CMA_ALIGNMENT */
#define ALIGN_CAP 8
/* A frame of 1920x1080, NV12; and buffers that leave nothing. */
#define FRAME_BYTES 3110400UL
/* The same as a question. */
#define FRAME "3110400B"
#define MIB (256 * PAGE)

static int heap_fd;
static unsigned char used[SHAPES_MAX_BITS];

struct buffer {
	unsigned long pfn;
	int fd;
};

static struct buffer buffers[MAX_BUFFERS];
static unsigned int nr_buffers;
static bool has_given_back;

static unsigned long pages_of(unsigned long bytes)
{
	return (bytes + PAGE - 1) / PAGE;
}

/* What the heap asks cma_alloc() for. */
static unsigned int align_of(unsigned long bytes)
{
	unsigned int order = 0;

	while (order < ALIGN_CAP && 1UL << order < pages_of(bytes))
		order++;
	return order;
}

/* One buffer; an errno when there is none. */
static int ask_heap(unsigned long bytes, int *fd)
{
	struct dma_heap_allocation_data data = {
		.len = bytes,
		.fd_flags = O_RDWR | O_CLOEXEC,
	};

	if (ioctl(heap_fd, DMA_HEAP_IOCTL_ALLOC, &data))
		return errno;
	*fd = data.fd;
	return 0;
}

/* The area lends its pages: what is in use for a moment is no evidence. */
static bool is_transient(void)
{
	char *block = last_failure(area_name);
	bool transient = failure_is_transient(block);

	free(block);
	return transient;
}

/* Is it had? Then it is to be closed. Else it has failed for good. */
static bool have(unsigned long bytes, int *fd)
{
	unsigned int tries;
	int err;

	for (tries = 0; tries < 50; tries++) {
		forget_kernel_log();
		err = ask_heap(bytes, fd);
		if (!err)
			return true;
		if (err != ENOMEM)
			fail("the heap says: %s", strerror(err));
		if (!is_transient())
			return false;
		usleep(10000);
	}
	fail("%lu bytes were never had", bytes);
}

/* One range: its bits come behind a header of 136 bytes. */
#define HEADER 136
static unsigned char bits[HEADER + SHAPES_MAX_BITS / 8 + 8];
static unsigned char bits_before[sizeof(bits)];

static void read_bits(void)
{
	char path[192];
	size_t len = 0;
	ssize_t got;
	int fd;

	memcpy(bits_before, bits, sizeof(bits));
	snprintf(path, sizeof(path), DIAG_DIR "/%s/bitmap", area_name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	while ((got = read(fd, bits + len, sizeof(bits) - len)) > 0)
		len += got;
	close(fd);
	if (len < HEADER + area.ranges[0].nr_bits / 8)
		fail("%s is too short", path);
}

static bool was_taken(unsigned long page)
{
	unsigned long byte = HEADER + page / 8;

	return (bits[byte] & ~bits_before[byte]) >> page % 8 & 1;
}

/*
 * Where the buffer lies that was had just now: what the bitmap has more since
 * the last look. That it is so shows when the kernel lists what is free.
 */
static unsigned long pfn_of_last(unsigned long nr_pages)
{
	unsigned long i, page = 0, byte = HEADER;

	read_bits();
	while (byte < sizeof(bits) && !(bits[byte] & ~bits_before[byte]))
		byte++;
	page = (byte - HEADER) * 8;
	while (page < area.ranges[0].nr_bits && !was_taken(page))
		page++;
	for (i = 0; i < nr_pages; i++)
		if (page + i >= area.ranges[0].nr_bits || !was_taken(page + i))
			fail("the bitmap has no new %lu pages", nr_pages);
	return area.ranges[0].base_pfn + page;
}

/* Until the area has no more of that size. */
static void fill(unsigned long bytes)
{
	int fd;

	read_bits();
	while (have(bytes, &fd)) {
		if (nr_buffers == MAX_BUFFERS)
			fail("more than %u buffers", MAX_BUFFERS);
		buffers[nr_buffers++] = (struct buffer){
			pfn_of_last(pages_of(bytes)), fd
		};
	}
}

static void give_back(struct buffer *buffer)
{
	close(buffer->fd);
	buffer->pfn = 0;
	has_given_back = true;
}

static void give_all_back(void)
{
	while (nr_buffers)
		if (buffers[--nr_buffers].pfn)
			give_back(&buffers[nr_buffers]);
}

/* Every page of the buffers that we have is used, says the kernel. */
static void check_buffers_listed(unsigned long bytes)
{
	const struct oracle_range *range = &area.ranges[0];
	unsigned long i, page;

	for (i = 0; i < nr_buffers; i++) {
		if (!buffers[i].pfn)
			continue;
		page = buffers[i].pfn - range->base_pfn;
		if (page + pages_of(bytes) > range->nr_bits ||
		    memchr(range->used + page, 0, pages_of(bytes)))
			fail("the kernel lists pages of the buffer at 0x%lx",
			     buffers[i].pfn);
	}
}

/* "caller" and "stack" of the newest failure: this task, through the heap. */
static void check_caller(void)
{
	char *block = last_failure(area_name), caller[64];

	snprintf(caller, sizeof(caller), "cma_test[%d]", getpid());
	check_text(block, "caller", caller);
	if (!strstr(block, "dma_heap_ioctl+"))
		fail("no dma_heap_ioctl: %s", block);
	free(block);
}

static unsigned long number_of(const char *block, const char *label)
{
	char text[EXPECTED_MAX];

	block_text(block, label, text, sizeof(text));
	return strtoul(text, NULL, 10);
}

/*
 * More than a queue has, and all still there: that looks like a leak. Of the
 * first of them the ledger may not have known that others had been released.
 */
static void check_suspicion(const char *block, unsigned long nr_blocks)
{
	const char *line = strstr(block, "\n  suspect ");
	unsigned long nr = 0;
	bool ok;

	if (line)
		sscanf(line, "\n  suspect a leak: of its last %lu allocations ",
		       &nr);
	if (has_given_back || nr_blocks <= 32)
		ok = !line;
	else
		ok = nr > 32 && nr <= nr_blocks;
	if (!ok)
		fail("%lu buffers are there, and %s were given back: %.600s",
		     nr_blocks, has_given_back ? "some" : "none", block);
}

/* All that is used and known is this program's, as buffers of the heap. */
static void check_holder(unsigned long nr_used, unsigned long bytes)
{
	unsigned long nr_pages, nr_blocks, nr_unknown = 0;
	char path[128], text[EXPECTED_MAX];
	const char *block;
	char *holders;

	snprintf(path, sizeof(path), DIAG_DIR "/%s/holders", area_name);
	holders = read_file(path);
	if (strstr(holders, "\n  not known "))
		nr_unknown = number_of(holders, "not known");
	block = strstr(holders, "\n\ncma_test\n");
	if (!block)
		fail("it is not said who holds the buffers: %s", holders);
	block_text(block, "holds", text, sizeof(text));
	if (sscanf(text, "%lu pages%*[^)]) in %lu blocks", &nr_pages,
		   &nr_blocks) != 2 ||
	    nr_pages != nr_blocks * pages_of(bytes) ||
	    nr_pages + nr_unknown != nr_used)
		fail("%lu pages are used, %lu not known: %s", nr_used,
		     nr_unknown, text);
	check_suspicion(block, nr_blocks);
	block_text(block, "stack", text, sizeof(text));
	if (!strstr(text, "dma_heap_ioctl+"))
		fail("no dma_heap_ioctl: %s", text);
	free(holders);
}

/* The kernel lists free runs with a failure from 6.11 on. */
static bool kernel_lists(void)
{
	struct utsname names;
	unsigned int major, minor;

	if (uname(&names) ||
	    sscanf(names.release, "%u.%u", &major, &minor) != 2)
		fail("no kernel release");
	return major > 6 || (major == 6 && minor >= 11);
}

/* By the kernel's own list; where there is none by the bitmap. */
static void read_used(void)
{
	struct oracle_range *range = &area.ranges[0];
	unsigned long i;

	if (kernel_lists()) {
		if (!read_kernel_list(range))
			fail("the kernel lists nothing:\n%s",
			     last_failure(area_name));
		return;
	}
	read_bits();
	for (i = 0; i < range->nr_bits; i++)
		range->used[i] = bits[HEADER + i / 8] >> i % 8 & 1;
}

/* One more is asked in vain; buffers of @of bytes are there. */
static void must_fail_as(const char *verdict, unsigned long bytes,
			 unsigned long of)
{
	struct oracle_answer answer;
	int fd;

	if (have(bytes, &fd))
		fail("%lu bytes were had", bytes);
	read_used();
	check_buffers_listed(of);
	oracle_count(&area, &answer);
	check_failure(&answer, verdict, pages_of(bytes), align_of(bytes));
	check_caller();
	check_holder(answer.total - answer.free, of);
	printf("# %u buffers of %lu pages, then %lu: %s\n", nr_buffers,
	       pages_of(of), pages_of(bytes), verdict);
	printf("# %lu of %lu pages are free in %lu runs, the largest has %lu\n",
	       answer.free, answer.total, answer.nr_runs, answer.largest);
}

static void until_exhausted(void)
{
	fill(MIB);
	must_fail_as("exhausted", FRAME_BYTES, MIB);
}

/*
 * Every buffer leaves what its alignment does; see the README on remainders. No
 * run has more than 255 pages in front of 299 that are aligned.
 */
static void by_remainders(void)
{
	const unsigned long bytes = 300 * PAGE;
	char text[EXPECTED_MAX], *block;

	fill(bytes);
	must_fail_as("fragmented", 2 * bytes, bytes);
	block = last_failure(area_name);
	block_text(block, "why", text, sizeof(text));
	if (!strstr(text, "what alignment to 256 leaves behind a buffer"))
		fail("remainders are not told of: %s", text);
	free(block);
}

static void by_holes(void)
{
	unsigned int i;

	fill(MIB);
	for (i = 0; i < nr_buffers; i++)
		if ((buffers[i].pfn / 256) % 2)
			give_back(&buffers[i]);
	must_fail_as("fragmented", 2 * MIB, MIB);
}

/* 512 pages in one run that begins between two multiples of 256. */
static void by_alignment(void)
{
	const unsigned long bytes = 16 * PAGE;
	unsigned long start, i;

	fill(bytes);
	start = (area.ranges[0].base_pfn / 1024 + 1) * 1024 + 128;
	for (i = 0; i < nr_buffers; i++)
		if (buffers[i].pfn - start < 512)
			give_back(&buffers[i]);
	must_fail_as("misaligned", 456 * PAGE, bytes);
}

/* Of which the kernel lists nothing, up to 6.14. */
static void by_size(void)
{
	unsigned long nr_pages = area.ranges[0].nr_bits + 1;
	char must[EXPECTED_MAX], *block;
	int fd;

	if (have(nr_pages * PAGE, &fd))
		fail("more than the area was had");
	block = last_failure(area_name);
	if (!failure_is(block, "too-big"))
		fail("is not too-big: %s", block);
	snprintf(must, sizeof(must),
		 "%lu pages are asked, the whole area has %lu", nr_pages,
		 nr_pages - 1);
	check_text(block, "why", must);
	check_caller();
	free(block);
}

static void write_watch(const char *text)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), DIAG_DIR "/%s/watch", area_name);
	fd = open(path, O_WRONLY);
	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		fail("%s is not written to %s: %s", text, path,
		     strerror(errno));
	close(fd);
}

/* The one watch that is set: how its state begins, and who broke it, if any. */
static void check_watch(const char *state, const char *breaker)
{
	char path[128], line[EXPECTED_MAX], *text;

	snprintf(path, sizeof(path), DIAG_DIR "/%s/watch", area_name);
	text = read_file(path);
	block_text(text, "state", line, sizeof(line));
	if (strncmp(line, state, strlen(state)))
		fail("the state must be '%s': %s", state, text);
	if (breaker) {
		block_text(text, "by", line, sizeof(line));
		if (strncmp(line, breaker, strlen(breaker)) ||
		    !strstr(text, "dma_heap_ioctl+"))
			fail("'%s' must have broken it: %s", breaker, text);
	}
	free(text);
}

/* Another process fills the area, and has forgotten that it did. */
static void by_leak(void)
{
	int fd, ready[2];
	pid_t leaking;
	char breaker[64], done;

	if (pipe(ready))
		fail("no pipe");
	write_watch("clear");
	write_watch(FRAME);
	check_watch("fits, ", NULL);
	leaking = fork();
	if (leaking < 0)
		fail("no fork: %s", strerror(errno));
	if (!leaking) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		fill(MIB);
		if (write(ready[1], "", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	close(ready[1]);
	if (read(ready[0], &done, 1) != 1)
		fail("the area was not filled");
	snprintf(breaker, sizeof(breaker), "cma_test[%d]: 256 pages (1 MiB) ",
		 leaking);
	check_watch("does not fit since ", breaker);
	must_fail_as("exhausted", FRAME_BYTES, MIB);
	kill(leaking, SIGKILL);
	waitpid(leaking, NULL, 0);
	if (!have(FRAME_BYTES, &fd))
		fail("it fails when the other is gone:\n%s",
		     last_failure(area_name));
	close(fd);
	check_watch("fits, ", breaker);
}

static const struct {
	const char *name;
	void (*run)(void);
} cases[] = {
	{ "exhausted", until_exhausted },
	{ "remainders", by_remainders },
	{ "holes", by_holes },
	{ "misaligned", by_alignment },
	{ "too-big", by_size },
	{ "leak", by_leak },
};

static void begin(char **argv)
{
	struct rlimit files = { MAX_BUFFERS + 64, MAX_BUFFERS + 64 };
	struct oracle_range *range = &area.ranges[0];

	area_name = argv[2];
	area.nr_ranges = 1;
	range->used = used;
	if (sscanf(argv[3], "%li:%lu", (long *)&range->base_pfn,
		   &range->nr_bits) != 2 || range->nr_bits > SHAPES_MAX_BITS)
		fail("not a range: %s", argv[3]);
	heap_fd = open(argv[1], O_RDWR | O_CLOEXEC);
	if (heap_fd < 0)
		fail("%s: %s", argv[1], strerror(errno));
	if (setrlimit(RLIMIT_NOFILE, &files))
		fail("no more than a few files: %s", strerror(errno));
}

/* heap CASE HEAP AREA PFN:PAGES */
int heap(int argc, char **argv)
{
	size_t i;

	if (argc != 4)
		return 2;
	begin(argv);
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		if (strcmp(argv[0], cases[i].name))
			continue;
		cases[i].run();
		give_all_back();
		return 0;
	}
	return 2;
}
