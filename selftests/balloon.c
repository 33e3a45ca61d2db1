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

/* Takes memory until little is free; each page differs, so none is merged. */
static void fill(unsigned long keep_kib)
{
	while (meminfo_kib("MemFree") > keep_kib) {
		char *piece = mmap(NULL, PIECE, PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		unsigned long i;

		if (piece == MAP_FAILED)
			fail("no memory: %s", strerror(errno));
		madvise(piece, PIECE, MADV_NOHUGEPAGE);
		for (i = 0; i < PIECE; i += sizeof(long))
			*(unsigned long *)(piece + i) = (unsigned long)piece ^
							i * 2654435761UL;
	}
}

/* Returns when no more than @keep_kib are free; for balloon_drop(). */
pid_t balloon_fill(unsigned long keep_kib)
{
	int ready[2];
	char done;
	pid_t pid;

	protect_from_oom("-1000");
	if (pipe(ready))
		fail("no pipe");
	pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		protect_from_oom("1000");
		fill(keep_kib);
		if (write(ready[1], "", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	close(ready[1]);
	if (read(ready[0], &done, 1) != 1)
		fail("the balloon burst before it was full");
	close(ready[0]);
	return pid;
}

/* Gives the memory back. */
void balloon_drop(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, WNOHANG))
		fail("the balloon burst");
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
}
