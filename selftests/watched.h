/* SPDX-License-Identifier: GPL-2.0-only */
/* A watch as it must be shown, and its block of <area>/watch against that. */
#ifndef WATCHED_H
#define WATCHED_H

#include <stdbool.h>
#include <time.h>

/* Not before the one, nor after the other. */
struct moment {
	time_t from;
	time_t to;
};

struct taken {
	char comm[16];
	int pid;
	unsigned long nr_pages;
	unsigned int align;
	unsigned long pfn;
};

/* A watch as it must be shown. */
struct watched {
	unsigned long nr_pages;
	unsigned int align;
	/* It was set without an alignment. */
	bool assumed;
	struct moment set;
	bool fits;
	struct moment fits_since;
	unsigned long nr_broken;
	struct moment broken;
	struct taken by;
	unsigned long left;
};

/* By state: it fits, it never did, it broke. */
extern unsigned long nr_shown[3];

unsigned long usable(unsigned int align);
void check_watch(const struct watched *watch, const char *block,
		 struct moment read);

#endif
