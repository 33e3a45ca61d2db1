// SPDX-License-Identifier: GPL-2.0-only
/* What every part of cma_test needs: the guest's files, chance, and failing. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guest_files.h"

/* Says in one line what is not as it must be, and ends the program. */
_Noreturn void fail(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	printf("# ");
	vprintf(format, args);
	putchar('\n');
	va_end(args);
	exit(1);
}

static uint64_t random_state;

/* Round 1 is that of every run; those that follow have numbers of their own. */
static void begin_random(void)
{
	const char *round = getenv("ROUND");

	random_state = 0x2545f4914f6cdd1cULL +
		       (round ? strtoul(round, NULL, 10) : 1);
}

/* The same numbers in every run, below @n. */
unsigned long below(unsigned long n)
{
	if (!random_state)
		begin_random();
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return random_state * 0x9e3779b97f4a7c15ULL % n;
}

static int write_command(int fd, const char *command)
{
	ssize_t len = strlen(command);

	return write(fd, command, len) == len ? 0 : errno;
}

static int write_in_child(int fd, const char *command)
{
	pid_t child = fork();
	int status;

	if (!child)
		_exit(write_command(fd, command));
	if (child < 0 || waitpid(child, &status, 0) != child ||
	    !WIFEXITED(status))
		fail("no task for '%s'", command);
	return WEXITSTATUS(status);
}

static int give_command(const char *path,
			int (*give)(int fd, const char *command),
			unsigned long *pfn, const char *format, va_list args)
{
	char command[128], answer[32];
	ssize_t len;
	int fd, err;

	vsnprintf(command, sizeof(command), format, args);
	fd = open(path, O_RDWR);
	if (fd < 0)
		fail("cannot open %s: %s", path, strerror(errno));
	err = give(fd, command);
	if (!err && pfn) {
		len = read(fd, answer, sizeof(answer) - 1);
		answer[len > 0 ? len : 0] = '\0';
		*pfn = strtoul(answer, NULL, 0);
	}
	close(fd);
	return err;
}

/* Gives cma_shape a command; 0 or the errno that write() failed with. */
int shape(unsigned long *pfn, const char *format, ...)
{
	va_list args;
	int err;

	va_start(args, format);
	err = give_command(SHAPE_FILE, write_command, pfn, format, args);
	va_end(args);
	return err;
}

/* By a task of its own: several are no caller's story. */
int shape_apart(unsigned long *pfn, const char *format, ...)
{
	va_list args;
	int err;

	va_start(args, format);
	err = give_command(SHAPE_FILE, write_in_child, pfn, format, args);
	va_end(args);
	return err;
}

/* Gives cma_dma a command; likewise. */
int dma(unsigned long *pfn, const char *format, ...)
{
	va_list args;
	int err;

	va_start(args, format);
	err = give_command(DMA_FILE, write_command, pfn, format, args);
	va_end(args);
	return err;
}

/* The whole of a file, for free(). */
char *read_file(const char *path)
{
	size_t size = 1 << 20, len = 0;
	char *text = malloc(size);
	int fd = open(path, O_RDONLY);
	ssize_t got;

	if (!text || fd < 0)
		fail("cannot read %s: %s", path, strerror(errno));
	while ((got = read(fd, text + len, size - len - 1)) > 0)
		len += got;
	close(fd);
	text[len] = '\0';
	return text;
}

/* Of the text of a file stats. */
unsigned long stat_of(const char *stats, const char *key)
{
	char line[64];
	const char *at;

	snprintf(line, sizeof(line), "\n%s ", key);
	at = strstr(stats, line);
	if (!at)
		fail("no '%s' in stats", key);
	return strtoul(at + strlen(line), NULL, 10);
}

/* Which page keeps a place from being taken is seen on this kernel. */
bool sees_pages(void)
{
	char *summary = read_file(DIAG_DIR "/summary");
	bool seen = !strstr(summary, "which page was busy");

	free(summary);
	return seen;
}
