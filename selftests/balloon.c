// SPDX-License-Identifier: GPL-2.0-only
/*
 * A process that takes the guest's memory, and keeps it in use.
 *
 * Whoever starts it must not be killed for want of memory; the balloon may be,
 * and then the test says so.
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

#define PIECE (1UL << 20)
#define MAX_PIECES 8192U

static char *pieces[MAX_PIECES];
static unsigned int nr_pieces;

/* What the balloon says through this is one byte: done. */
static int done[2];

/* A line of /proc/meminfo. */
unsigned long meminfo_kib(const char *key)
{
	char *text = read_file("/proc/meminfo"), *line = strstr(text, key);
	unsigned long kib;

	if (!line || sscanf(line + strlen(key), ": %lu", &kib) != 1)
		fail("no %s in meminfo", key);
	free(text);
	return kib;
}

static void protect_from_oom(const char *score)
{
	int fd = open("/proc/self/oom_score_adj", O_WRONLY);

	if (fd < 0 || write(fd, score, strlen(score)) < 0)
		fail("oom_score_adj: %s", strerror(errno));
	close(fd);
}

/* Each page differs, so that none is merged. */
static char *fill_piece(enum balloon_kind kind)
{
	char *piece = mmap(NULL, PIECE, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	unsigned long i;

	if (piece == MAP_FAILED)
		fail("no memory: %s", strerror(errno));
	madvise(piece, PIECE, MADV_NOHUGEPAGE);
	for (i = 0; i < PIECE; i += sizeof(long))
		*(unsigned long *)(piece + i) = (unsigned long)piece ^
						i * 2654435761UL;
	if (kind == BALLOON_LOCKED && mlock(piece, PIECE))
		fail("mlock: %s", strerror(errno));
	return piece;
}

/* Takes memory until little is free. */
static void fill(unsigned long keep_kib, enum balloon_kind kind)
{
	while (meminfo_kib("MemFree") > keep_kib) {
		if (nr_pieces == MAX_PIECES)
			fail("more memory than the balloon can take");
		pieces[nr_pieces++] = fill_piece(kind);
	}
}

/* As many are free then, and nothing else is written. */
static void take_and_give_back(unsigned long kib)
{
	size_t len = kib * 1024;
	char *memory = mmap(NULL, len, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (memory == MAP_FAILED || munmap(memory, len))
		fail("no memory: %s", strerror(errno));
}

/*
 * What has been written stays in memory until somebody wants that: then it need
 * only be dropped.
 */
static void swap_out(unsigned long kib)
{
	unsigned long nr = kib * 1024 / PIECE, i;

	if (nr > nr_pieces)
		fail("the balloon is too small");
	for (i = 0; i < nr; i++)
		if (madvise(pieces[i], PIECE, MADV_PAGEOUT))
			fail("MADV_PAGEOUT: %s", strerror(errno));
	take_and_give_back(meminfo_kib("MemFree") + kib / 2);
}

static void say_done(void)
{
	if (write(done[1], "", 1) != 1)
		_exit(1);
}

static void wait_until_done(const char *what)
{
	char byte;

	if (read(done[0], &byte, 1) != 1)
		fail("the balloon burst %s", what);
}

static void be_balloon(unsigned long keep_kib, enum balloon_kind kind)
{
	union sigval kib;
	siginfo_t info;
	sigset_t asked;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	protect_from_oom("1000");
	close(done[0]);
	sigemptyset(&asked);
	sigaddset(&asked, SIGUSR1);
	sigprocmask(SIG_BLOCK, &asked, NULL);
	fill(keep_kib, kind);
	for (;;) {
		say_done();
		while (sigwaitinfo(&asked, &info) < 0)
			;
		kib = info.si_value;
		swap_out((unsigned long)kib.sival_ptr);
	}
}

/* Returns when no more than @keep_kib are free; for balloon_drop(). */
pid_t balloon_fill(unsigned long keep_kib, enum balloon_kind kind)
{
	pid_t pid;

	protect_from_oom("-1000");
	if (pipe(done))
		fail("no pipe");
	pid = fork();
	if (!pid)
		be_balloon(keep_kib, kind);
	close(done[1]);
	wait_until_done("before it was full");
	return pid;
}

/* As much of it, of which half is free then; its owner still has all. */
void balloon_swap_out(pid_t pid, unsigned long kib)
{
	const union sigval value = { .sival_ptr = (void *)kib };

	if (sigqueue(pid, SIGUSR1, value))
		fail("the balloon is not there: %s", strerror(errno));
	wait_until_done("before it was swapped out");
}

/* Gives the memory back. */
void balloon_drop(pid_t pid)
{
	int status;

	close(done[0]);
	if (waitpid(pid, &status, WNOHANG))
		fail("the balloon burst");
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
}
