// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tasks that keep memory short, but not too short: a balloon leaves little, and
 * two tasks want more than that, of files and of their own.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "balloon.h"
#include "guest_files.h"
#include "press.h"

#define KEEP_KIB (64UL << 10)
#define FILE_SIZE (96UL << 20)
#define PIECE (1UL << 20)
#define NR_OWN 16

static pid_t balloon, reader, toucher;

/* Reads and writes a file that is larger than what memory is left. */
static void read_and_write(const char *path)
{
	static char piece[PIECE];
	int fd = open(path, O_RDWR | O_CREAT, 0600);

	if (fd < 0 || ftruncate(fd, FILE_SIZE))
		fail("%s: %s", path, strerror(errno));
	for (;;) {
		off_t at = below(FILE_SIZE / PIECE) * PIECE;
		ssize_t done = below(3) ? pread(fd, piece, PIECE, at) :
					  pwrite(fd, piece, PIECE, at);

		if (done != (ssize_t)PIECE)
			fail("%s: %s", path, strerror(errno));
		usleep(5000);
	}
}

/* Takes memory, and gives it back, in turn. */
static void touch_memory(void)
{
	static char *own[NR_OWN];

	for (;;) {
		unsigned long i = below(NR_OWN);

		if (own[i])
			munmap(own[i], PIECE);
		own[i] = mmap(NULL, PIECE, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (own[i] == MAP_FAILED)
			fail("no memory: %s", strerror(errno));
		memset(own[i], i, PIECE);
		usleep(5000);
	}
}

static pid_t begin(const char *path)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (path)
		read_and_write(path);
	touch_memory();
	exit(1);
}

static void end(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, WNOHANG))
		fail("a task that kept memory short has ended");
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
}

/* @file lies on a disk. */
void press_begin(const char *file)
{
	balloon = balloon_fill(KEEP_KIB, BALLOON_SWAPPABLE);
	reader = begin(file);
	toucher = begin(NULL);
}

void press_end(void)
{
	end(toucher);
	end(reader);
	balloon_drop(balloon);
}
