/* SPDX-License-Identifier: GPL-2.0-only */
/* Allocations and releases at random, under several names. */
#ifndef HELD_H
#define HELD_H

#include <stdbool.h>

#include "shapes.h"

#define NR_NAMES 6
/* Allocations have lower numbers than what is left behind one. */
#define FIRST_SPLIT 200000UL
/* CONFIG_CMA_ALIGNMENT, which is the DMA callers' alignment */
#define DMA_ALIGN 8

/* Whose a bit is. */
enum { NOBODYS, BEFORE_LOAD, FIRST_NAME, LEAKER = FIRST_NAME + NR_NAMES };

/* By bit, counted on from one range to the next: what must be shown. */
struct held_bit {
	int owner;
	unsigned int align;
	/* Of one allocation. */
	unsigned long serial;
};

extern struct held_bit must[SHAPES_MAX_BITS];
/* Allocations of each since anything it had was released. */
extern unsigned int nr_grown[LEAKER + 1];
extern unsigned long nr_bits, last_serial, nr_split;

void find_bit(unsigned long bit, unsigned int *range, unsigned long *in_range);
unsigned long bit_of(unsigned long pfn);
bool hold_pages(int owner, unsigned long nr_pages, unsigned int align);
void hold_some(void);
void release(unsigned long bit, unsigned long end);
void release_some(void);
void release_holes(void);
void release_all_of(unsigned long serial);
bool is_of_same(unsigned long a, unsigned long b);
void piece_around(unsigned long bit, unsigned long *start, unsigned long *end);
unsigned long used_of(unsigned long serial, unsigned long *first);
void must_fit(unsigned long nr_pages, unsigned int align);

#endif
