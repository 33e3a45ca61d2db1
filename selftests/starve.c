// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every allocation of memory that a system call makes fails in turn, by the
 * kernel's fault injection: the first alone, then the second alone, until the
 * call has made them all. See Documentation/fault-injection of the kernel.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "guest_files.h"
#include "starve.h"

#define FAIL_NTH "/proc/thread-self/fail-nth"

static int fail_nth_fd;

static void set_fail_nth(unsigned long n)
{
	char text[32];
	int len = snprintf(text, sizeof(text), "%lu", n);

	if (pwrite(fail_nth_fd, text, len, 0) != len)
		fail("cannot write " FAIL_NTH ": %s", strerror(errno));
}

/* What is left of the count: 0 when an allocation has failed. */
static unsigned long allocations_left(void)
{
	char text[32];
	ssize_t len = pread(fail_nth_fd, text, sizeof(text) - 1, 0);

	if (len <= 0)
		fail("cannot read " FAIL_NTH ": %s", strerror(errno));
	text[len] = '\0';
	return strtoul(text, NULL, 10);
}

/* Calls to starve: each returns 0 or an errno. */
static int load_module(const char *path)
{
	int fd = open(path, O_RDONLY), err;

	if (fd < 0)
		return errno;
	err = syscall(SYS_finit_module, fd, "", 0) ? errno : 0;
	close(fd);
	return err;
}

static int open_and_read(const char *path)
{
	char text[256];
	int fd = open(path, O_RDONLY), err = 0;

	if (fd < 0)
		return errno;
	if (read(fd, text, sizeof(text)) <= 0)
		err = errno;
	close(fd);
	return err;
}

static int open_and_ask(const char *path)
{
	char text[256];
	int fd = open(path, O_RDWR), err = 0;

	if (fd < 0)
		return errno;
	if (write(fd, "456 8", 5) != 5 || read(fd, text, sizeof(text)) <= 0)
		err = errno;
	close(fd);
	return err;
}

static const char too_much[] = "hold linux,cma 1000000 0";
static int shape_fd;

/* To its end, then a failure, then what is new. */
static int open_and_follow(const char *path)
{
	char text[4096];
	int fd = open(path, O_RDONLY), err = 0;
	ssize_t got;

	if (fd < 0)
		return errno;
	while ((got = read(fd, text, sizeof(text))) > 0)
		;
	/* Refused, at times for want of memory before it is even made. */
	if (!got && write(shape_fd, too_much, sizeof(too_much) - 1) < 0)
		got = read(fd, text, sizeof(text));
	if (got <= 0)
		err = got ? errno : ENOMEM;
	close(fd);
	return err;
}

/* The load was refused, or is whole enough to be undone: nothing is left. */
static void undo_load(unsigned long n)
{
	if (syscall(SYS_delete_module, "cma_diag", 0) && errno != ENOENT)
		fail("allocation %lu: cannot unload: %s", n, strerror(errno));
	if (!access(DIAG_DIR, F_OK))
		fail("allocation %lu: files are left", n);
}

static void undo_nothing(unsigned long n)
{
	(void)n;
}

/* Makes the call with its nth allocation failing; false when it has fewer. */
static bool call_starved(int (*call)(const char *path), const char *path,
			 unsigned long n)
{
	bool has_nth;
	int err;

	set_fail_nth(n);
	err = call(path);
	has_nth = !allocations_left();
	set_fail_nth(0);
	if (err && err != ENOMEM)
		fail("allocation %lu: %s: %s", n, path, strerror(err));
	if (err && !has_nth)
		fail("%s: %s, though no allocation failed", path,
		     strerror(err));
	return has_nth;
}

static void starve_call(int (*call)(const char *path), const char *path,
			void (*undo)(unsigned long n))
{
	unsigned long n = 1;

	while (call_starved(call, path, n))
		undo(n++);
	undo(n);
	printf("# %s: %lu allocations failed in turn\n", path, n - 1);
	if (n == 1)
		fail("%s: no allocation was seen", path);
}

static const struct {
	const char *name;
	int (*call)(const char *path);
	void (*undo)(unsigned long n);
} calls[] = {
	{ "load", load_module, undo_load },
	{ "read", open_and_read, undo_nothing },
	{ "ask", open_and_ask, undo_nothing },
	{ "follow", open_and_follow, undo_nothing },
};

/* cma_test starve load FILE.ko | cma_test starve read|ask|follow FILE... */
int starve(int argc, char **argv)
{
	size_t i;

	shape_fd = open(SHAPE_FILE, O_RDWR);
	fail_nth_fd = open(FAIL_NTH, O_RDWR);
	if (fail_nth_fd < 0)
		fail("cannot open " FAIL_NTH ": %s", strerror(errno));
	for (i = 0; i < sizeof(calls) / sizeof(*calls); i++)
		if (argc >= 2 && !strcmp(argv[0], calls[i].name))
			break;
	if (i == sizeof(calls) / sizeof(*calls))
		return 2;
	while (*++argv)
		starve_call(calls[i].call, *argv, calls[i].undo);
	return 0;
}
