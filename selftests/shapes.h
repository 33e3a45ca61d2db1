/* SPDX-License-Identifier: GPL-2.0-only */
/* A real area of which we hold every page, shaped at random. */
#ifndef SHAPES_H
#define SHAPES_H

#include <stdbool.h>

#include "oracle.h"

#define SHAPES_MAX_BITS (1UL << 19)

/* The area: its name, and what we know of every bit of it. */
extern const char *area_name;
extern struct oracle_area area;

/* Pages that cma_alloc() and cma_release() have moved, by our commands. */
extern unsigned long nr_pages_held, nr_pages_freed;

unsigned long unit(void);
void shapes_begin(int argc, char **argv);
void shapes_end(void);
void shapes_free_all(void);
int shapes_hold(unsigned long nr_pages, unsigned int align, unsigned long *pfn);
void shapes_give_back(unsigned long pfn, unsigned long nr_pages);
void shapes_free_some(void);
void shapes_free_part(unsigned long max_bits);
void shapes_hold_all(void);

#endif
