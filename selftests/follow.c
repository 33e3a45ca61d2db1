// SPDX-License-Identifier: GPL-2.0-only
/*
 * A reader that keeps a file of failures open and polls it: across thousands
 * of failures it must see each once, or be told how many it missed.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "follow.h"
#include "guest_files.h"

/* What a reader has seen. */
struct reader {
	int fd;
	unsigned long last_seq;
	unsigned long nr_seen;
	unsigned long nr_lost;
};

static char text[1 << 20];

/* Reads on until an end of file; false when there was nothing. */
static bool read_on(struct reader *reader)
{
	size_t len = 0;
	ssize_t got;

	while ((got = read(reader->fd, text + len, sizeof(text) - 1 - len)) > 0)
		len += got;
	if (got < 0)
		fail("cannot read on: %s", strerror(errno));
	text[len] = '\0';
	return len;
}

/* Failures must come in their order, and none twice. */
static void count(struct reader *reader)
{
	const char *line = text;

	while (*line) {
		unsigned long number = strtoul(line + (*line == '#'), NULL, 10);

		if (*line == '#') {
			if (number <= reader->last_seq)
				fail("#%lu after #%lu", number,
				     reader->last_seq);
			reader->last_seq = number;
			reader->nr_seen++;
		} else if (strstr(line, " failures were overwritten") ==
			   line + strspn(line, "0123456789")) {
			reader->nr_lost += number;
		}
		line += strcspn(line, "\n");
		line += *line == '\n';
	}
}

static bool readable(const struct reader *reader, int timeout_ms)
{
	struct pollfd pollfd = { .fd = reader->fd, .events = POLLIN };

	return poll(&pollfd, 1, timeout_ms) > 0 && pollfd.revents & POLLIN;
}

static pid_t maker;
static int maker_status;

static void wait_for_maker(void)
{
	if (maker)
		waitpid(maker, &maker_status, 0);
	maker = 0;
}

/*
 * Follows until all are accounted for; a slow reader reads its second piece
 * when all have been made, and most of them overwritten.
 */
static void follow_all(struct reader *reader, unsigned long nr_failures,
		       bool slow)
{
	while (reader->nr_seen + reader->nr_lost < nr_failures) {
		if (!readable(reader, 20000))
			fail("no news: %lu seen, %lu lost", reader->nr_seen,
			     reader->nr_lost);
		if (!read_on(reader))
			fail("poll() had news, read() has none");
		count(reader);
		if (slow)
			wait_for_maker();
	}
	if (reader->nr_seen + reader->nr_lost > nr_failures)
		fail("%lu seen, %lu lost, of %lu", reader->nr_seen,
		     reader->nr_lost, nr_failures);
	if (readable(reader, 100) || read_on(reader))
		fail("there is more: %s", text);
}

static void start_failures(const char *area, unsigned long nr,
			   unsigned int pause_us)
{
	maker = fork();
	if (maker)
		return;
	while (nr--) {
		if (!shape(NULL, "hold %s 1000000 0", area))
			fail("1000000 pages were had");
		usleep(pause_us);
	}
	exit(0);
}

/* cma_test follow FILE AREA FAILURES PAUSE_US fast|slow */
int follow(int argc, char **argv)
{
	struct reader reader = { 0 };
	unsigned long nr_failures;

	if (argc != 5)
		return 2;
	nr_failures = atol(argv[2]);
	reader.fd = open(argv[0], O_RDONLY);
	if (reader.fd < 0 || !readable(&reader, 0) || !read_on(&reader))
		fail("%s has nothing at first", argv[0]);
	count(&reader);
	reader.nr_seen = 0;
	if (readable(&reader, 100) || read_on(&reader))
		fail("there is news before there is any: %s", text);

	start_failures(argv[1], nr_failures, atoi(argv[3]));
	follow_all(&reader, nr_failures, !strcmp(argv[4], "slow"));
	printf("# %lu failures: %lu seen, %lu counted as overwritten\n",
	       nr_failures, reader.nr_seen, reader.nr_lost);
	wait_for_maker();
	return maker_status ? 1 : 0;
}
