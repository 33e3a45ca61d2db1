// SPDX-License-Identifier: GPL-2.0-only
/*
 * The tests that a shell cannot do: thousands of shapes and requests of a real
 * area, reads of every kind, failures from many tasks at once.
 *
 *	cma_test predict SHAPES REQUESTS AREA ORDER_PER_BIT PFN:PAGES...
 *	cma_test agree SOURCES STATES AREA ORDER_PER_BIT PFN:PAGES
 *	cma_test evidence SHAPES AREA ORDER_PER_BIT PFN:PAGES...
 *	cma_test buffers AREA ORDER_PER_BIT PFN:PAGES...
 *	cma_test tally REQUESTS AREA ORDER_PER_BIT PFN:PAGES...
 *	cma_test ask QUESTIONS AREA ORDER_PER_BIT PFN:PAGES...
 *	cma_test ask_garbage AREA FILE
 *	cma_test follow FILE AREA FAILURES PAUSE_US fast|slow
 *	cma_test starve load FILE.ko
 *	cma_test starve read|ask|follow FILE...
 *	cma_test held_disk DISK
 *	cma_test blocked WAY AREA PFN:PAGES
 *	cma_test shortage noswap|locked|swapped AREA PFN:PAGES
 *	cma_test lent FILE TMPFS_FILE AREA PFN:PAGES
 *	cma_test accuse REQUESTS FILE AREA ORDER_PER_BIT PFN:PAGES...
 *	cma_test race SECONDS AREA PFN:PAGES
 *	cma_test heap CASE HEAP AREA PFN:PAGES
 *	cma_test holders all|some LEDGER REQUESTS AREA ORDER_PER_BIT PFN:...
 *	cma_test watch STEPS AREA ORDER_PER_BIT PFN:PAGES...
 *	cma_test marks STEPS AREA ORDER_PER_BIT PFN:PAGES...
 *	cma_test inodes TASKS STEPS HEAP AREA PFN:PAGES COMMAND
 *	cma_test devices TASKS STEPS AREA PFN:PAGES AREA PFN:PAGES
 *	cma_test read FILE...
 *	cma_test fail AREA TASKS COUNT ALIGN SECONDS PAUSE_US
 *	cma_test churn AREA TASKS SECONDS
 *
 * Exit status 0 when all is as it must be; else one line says what is not.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "accuse.h"
#include "agree.h"
#include "ask.h"
#include "blocked.h"
#include "buffers.h"
#include "devices.h"
#include "evidence.h"
#include "follow.h"
#include "guest_files.h"
#include "heap.h"
#include "held_disk.h"
#include "holders.h"
#include "inodes.h"
#include "lent.h"
#include "marking.h"
#include "predict.h"
#include "race.h"
#include "shortage.h"
#include "starve.h"
#include "tally.h"
#include "watching.h"

/* A binary file. */
static bool is_bitmap(const char *path)
{
	return strstr(path, "/bitmap");
}

/* Is this text a whole one? Of ASCII lines, at most 80 wide, the last ended. */
static void check_whole(const char *path, const char *text)
{
	size_t len = strlen(text), column = 0, i;

	if (!len || text[len - 1] != '\n')
		fail("%s does not end in a newline", path);
	for (i = 0; i < len; i++) {
		column = text[i] == '\n' ? 0 : column + 1;
		if (column > 80)
			fail("%s has a line longer than 80", path);
		if (text[i] != '\n' && !isprint((unsigned char)text[i]))
			fail("%s has a byte 0x%02x", path,
			     (unsigned char)text[i]);
	}
}

/* One open file, read in three ways, must give one and the same text. */
static void read_in_all_ways(const char *path)
{
	size_t size = 1 << 20, len = 0, i;
	char *text = malloc(size), *piece = malloc(size);
	int fd = open(path, O_RDONLY);
	ssize_t got;

	if (!text || !piece || fd < 0)
		fail("cannot read %s: %s", path, strerror(errno));
	while ((got = read(fd, text + len, 1)) == 1)
		len++;
	text[len] = '\0';
	if (!is_bitmap(path))
		check_whole(path, text);

	if (lseek(fd, 0, SEEK_SET))
		fail("%s: no seek to the start", path);
	for (i = 0; (got = read(fd, piece + i, size - i)) > 0; i += got)
		;
	if (i != len || memcmp(text, piece, len))
		fail("%s: differs when read in large pieces", path);

	for (i = 0; i < 50; i++) {
		size_t at = below(len), want = 1 + below(300);

		if (lseek(fd, at, SEEK_SET) != (off_t)at)
			fail("%s: no seek to %zu", path, at);
		got = read(fd, piece, want);
		if (got <= 0 || memcmp(text + at, piece, got))
			fail("%s: differs at %zu", path, at);
	}
	if (lseek(fd, len + 1000, SEEK_SET) >= 0 && read(fd, piece, 10) > 0)
		fail("%s: has bytes past its end", path);
	close(fd);
	free(text);
	free(piece);
}

static int read_files(int argc, char **argv)
{
	int i;

	for (i = 0; i < argc; i++)
		read_in_all_ways(argv[i]);
	return argc ? 0 : 2;
}

/* Tasks that let the same request fail until the time is up. */
static int fail_in_tasks(int argc, char **argv)
{
	time_t end;
	int i, status, failed = 0;

	if (argc != 6)
		return 2;
	end = time(NULL) + atoi(argv[4]);
	for (i = 0; i < atoi(argv[1]); i++) {
		if (fork())
			continue;
		while (time(NULL) < end) {
			if (!shape(NULL, "hold %s %s %s", argv[0], argv[2],
				   argv[3]))
				fail("%s pages were had", argv[2]);
			usleep(atoi(argv[5]));
		}
		exit(0);
	}
	while (wait(&status) > 0)
		failed |= status;
	return failed ? 1 : 0;
}

/* So often each task asks at least; the area is full by then. */
#define MIN_CHURN 25

/* Holds and frees pages until the time is up; returns how many were refused. */
static unsigned long churn_until(const char *area_name, time_t end)
{
	unsigned long nr_failed = 0, pfn[8] = { 0 }, nr_pages[8] = { 0 };
	unsigned long nr_asked = 0, i = 0;

	for (; nr_asked < MIN_CHURN || time(NULL) < end; i = (i + 1) % 8) {
		nr_asked++;
		if (pfn[i] && shape(NULL, "free %s 0x%lx %lu", area_name,
				    pfn[i], nr_pages[i]))
			fail("cannot free 0x%lx", pfn[i]);
		pfn[i] = 0;
		nr_pages[i] = 1 + below(1000);
		if (shape(&pfn[i], "hold %s %lu %lu", area_name, nr_pages[i],
			  below(10)))
			nr_failed++;
	}
	for (i = 0; i < 8; i++)
		if (pfn[i])
			shape(NULL, "free %s 0x%lx %lu", area_name, pfn[i],
			      nr_pages[i]);
	return nr_failed;
}

/* Tasks that hold and free pages; prints how many requests were refused. */
static int churn(int argc, char **argv)
{
	unsigned long nr_failed, all = 0;
	int i, j, status, failed = 0, results[2];
	time_t end;

	if (argc != 3 || pipe(results))
		return 2;
	end = time(NULL) + atoi(argv[2]);
	for (i = 0; i < atoi(argv[1]); i++) {
		if (fork())
			continue;
		/* Not all of them the same requests. */
		for (j = 0; j < i * 1000; j++)
			below(2);
		nr_failed = churn_until(argv[0], end);
		if (write(results[1], &nr_failed, sizeof(nr_failed)) < 0)
			exit(1);
		exit(0);
	}
	close(results[1]);
	while (wait(&status) > 0)
		failed |= status;
	while (read(results[0], &nr_failed, sizeof(nr_failed)) > 0)
		all += nr_failed;
	printf("%lu\n", all);
	return failed ? 1 : 0;
}

/* Asks for less and less until it is given some, or down to the least. */
static int step_down(int argc, char **argv)
{
	unsigned long nr_pages, step, least, nr_failed = 0, last = 0, pfn;

	if (argc != 4)
		return 2;
	nr_pages = strtoul(argv[1], NULL, 0);
	step = strtoul(argv[2], NULL, 0);
	least = strtoul(argv[3], NULL, 0);
	while (nr_pages >= least) {
		if (!shape(&pfn, "hold %s %lu 0", argv[0], nr_pages)) {
			printf("failed %lu, the last %lu, had %lu at 0x%lx\n",
			       nr_failed, last, nr_pages, pfn);
			return 0;
		}
		nr_failed++;
		last = nr_pages;
		nr_pages -= step;
	}
	printf("failed %lu, the last %lu\n", nr_failed, last);
	return 0;
}

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
} commands[] = {
	{ "predict", predict },
	{ "agree", agree },
	{ "evidence", evidence },
	{ "buffers", buffers },
	{ "tally", tally },
	{ "ask", ask },
	{ "ask_garbage", ask_garbage },
	{ "follow", follow },
	{ "starve", starve },
	{ "held_disk", held_disk },
	{ "blocked", blocked },
	{ "shortage", shortage },
	{ "lent", lent },
	{ "accuse", accuse },
	{ "race", race },
	{ "heap", heap },
	{ "holders", holders },
	{ "watch", watch },
	{ "marks", marks },
	{ "devices", devices },
	{ "inodes", inodes },
	{ "read", read_files },
	{ "fail", fail_in_tasks },
	{ "churn", churn },
	{ "step_down", step_down },
};

int main(int argc, char **argv)
{
	size_t i;

	for (i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		if (argc >= 2 && !strcmp(argv[1], commands[i].name))
			return commands[i].run(argc - 2, argv + 2);
	fprintf(stderr, "usage: cma_test COMMAND ...\n");
	return 2;
}
