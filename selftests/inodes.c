// SPDX-License-Identifier: GPL-2.0-only
/*
 * Buffers of a dma-heap, had and given back at random: the inode that the file
 * holders has for each place, against the open file, and what its owner wrote
 * there.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/dma-heap.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guest_files.h"
#include "inodes.h"
#include "page_map.h"

#define MAX_BUFFERS 40U
#define MOST_PAGES 300UL
#define CHECK_EVERY 10UL

struct buffer {
	int fd;
	unsigned long inode;
	bool is_named;
};

static struct buffer buffers[MAX_BUFFERS];
static unsigned int nr_buffers;
static const char *area_dir;
static unsigned long first_pfn;
static int heap_file;
static unsigned long nr_had, nr_named;

/* Its memory says whose it is. */
static void mark(int fd, unsigned long inode)
{
	unsigned long *start = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
				    MAP_SHARED, fd, 0);

	if (start == MAP_FAILED)
		fail("no map of a buffer: %s", strerror(errno));
	*start = inode;
	munmap(start, PAGE);
}

static void have_buffer(void)
{
	struct dma_heap_allocation_data data = {
		.len = (1 + below(MOST_PAGES)) * PAGE,
		.fd_flags = O_RDWR | O_CLOEXEC,
	};
	struct buffer *buffer = &buffers[nr_buffers];
	struct stat status;

	if (ioctl(heap_file, DMA_HEAP_IOCTL_ALLOC, &data)) {
		if (errno != ENOMEM)
			fail("the heap says: %s", strerror(errno));
		return;
	}
	if (fstat(data.fd, &status))
		fail("no inode: %s", strerror(errno));
	buffer->fd = data.fd;
	buffer->inode = status.st_ino;
	mark(data.fd, status.st_ino);
	nr_buffers++;
	nr_had++;
}

static void give_back(unsigned int i)
{
	close(buffers[i].fd);
	buffers[i] = buffers[--nr_buffers];
}

static struct buffer *find_buffer(unsigned long inode)
{
	unsigned int i;

	for (i = 0; i < nr_buffers; i++)
		if (buffers[i].inode == inode)
			return &buffers[i];
	fail("no buffer of ours has the inode %lu", inode);
}

/* What is said of a place, against what is there. */
static void check_place(unsigned long at, unsigned long inode)
{
	struct buffer *buffer = find_buffer(inode);
	unsigned long there;
	int err = shape(&there, "peek %s 0x%lx", area_dir, first_pfn + at);

	if (err)
		fail("cannot read at %lu: %s", at, strerror(err));
	if (there != inode)
		fail("inode %lu at %lu, must be %lu", inode, at, there);
	if (buffer->is_named)
		fail("inode %lu twice", inode);
	buffer->is_named = true;
	nr_named++;
}

/* Of one task alone all are known. */
static void check(bool alone)
{
	char path[128], whose[64], *text;
	unsigned long at, inode;
	const char *line;
	unsigned int i;

	for (i = 0; i < nr_buffers; i++)
		buffers[i].is_named = false;
	snprintf(path, sizeof(path), DIAG_DIR "/%s/holders", area_dir);
	snprintf(whose, sizeof(whose), "  cma_test[%d] at ", getpid());
	text = read_file(path);
	for (line = text; (line = strstr(line, whose)); line++)
		if (sscanf(line + strlen(whose), "%lu, dma-buf inode %lu", &at,
			   &inode) == 2)
			check_place(at, inode);
	for (i = 0; alone && i < nr_buffers; i++)
		if (!buffers[i].is_named)
			fail("no inode %lu in:\n%s", buffers[i].inode, text);
	free(text);
}

static void take_steps(unsigned long nr_steps, bool alone)
{
	unsigned long step;

	for (step = 1; step <= nr_steps; step++) {
		if (nr_buffers < MAX_BUFFERS && (below(3) || !nr_buffers))
			have_buffer();
		else
			give_back(below(nr_buffers));
		if (step % CHECK_EVERY == 0)
			check(alone);
	}
	printf("# %lu had, %lu times named\n", nr_had, nr_named);
	if (!nr_named)
		fail("no inode was ever named");
}

static int take_steps_together(unsigned int nr_tasks, unsigned long nr_steps)
{
	int status, failed = 0;
	unsigned int i, j;
	pid_t child;

	for (i = 0; i < nr_tasks; i++) {
		child = fork();
		if (child < 0)
			fail("no fork: %s", strerror(errno));
		if (child)
			continue;
		for (j = 0; j < i * 1000; j++)
			below(2);
		take_steps(nr_steps, false);
		exit(0);
	}
	while (wait(&status) > 0)
		failed |= status;
	return failed ? 1 : 0;
}

/* The README's command, for inode 1234, names our open file and no other. */
static void check_command(const char *command)
{
	const struct buffer *buffer = &buffers[0];
	const char *number = strstr(command, "1234");
	char ours[256], must[64], is[256] = "";
	FILE *answer;

	snprintf(ours, sizeof(ours), "%.*s%lu%s", (int)(number - command),
		 command, buffer->inode, number + 4);
	snprintf(must, sizeof(must), "/proc/%d/fdinfo/%d\n", getpid(),
		 buffer->fd);
	answer = popen(ours, "r");
	is[fread(is, 1, sizeof(is) - 1, answer)] = '\0';
	pclose(answer);
	if (strcmp(is, must))
		fail("'%s' says '%s', must '%s'", ours, is, must);
}

/* inodes TASKS STEPS HEAP AREA PFN:PAGES COMMAND */
int inodes(int argc, char **argv)
{
	unsigned long nr_steps;

	if (argc != 6 || !strstr(argv[5], "1234"))
		return 2;
	nr_steps = strtoul(argv[1], NULL, 0);
	heap_file = open(argv[2], O_RDWR | O_CLOEXEC);
	if (heap_file < 0)
		fail("%s: %s", argv[2], strerror(errno));
	area_dir = argv[3];
	first_pfn = strtoul(argv[4], NULL, 0);
	if (atoi(argv[0]) > 1)
		return take_steps_together(atoi(argv[0]), nr_steps);
	take_steps(nr_steps, true);
	if (!nr_buffers)
		have_buffer();
	check_command(argv[5]);
	return 0;
}
