// SPDX-License-Identifier: GPL-2.0-only
/* Files that a question is written to, and its answer read from. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "guest_files.h"
#include "question.h"

int open_question(const char *area, const char *file)
{
	char path[192];
	int fd;

	snprintf(path, sizeof(path), DIAG_DIR "/%s/%s", area, file);
	fd = open(path, O_RDWR);
	if (fd < 0)
		fail("cannot open %s: %s", path, strerror(errno));
	return fd;
}

/* What is there to read, from where the file stands. */
void read_answer(int fd, char *text, size_t size)
{
	size_t len = 0;
	ssize_t got;

	while ((got = read(fd, text + len, size - 1 - len)) > 0)
		len += got;
	text[len] = '\0';
}

void ask_question(int fd, const char *question, char *text, size_t size)
{
	if (write(fd, question, strlen(question)) != (ssize_t)strlen(question))
		fail("'%s' is refused: %s", question, strerror(errno));
	read_answer(fd, text, size);
}
