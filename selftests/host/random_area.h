/* SPDX-License-Identifier: GPL-2.0-only */
/* Random areas, the same in every run: as bytes for the oracle, as bits. */
#ifndef RANDOM_AREA_H
#define RANDOM_AREA_H

#include "free_runs.h"
#include "oracle.h"

#define MAX_BITS 300000UL

extern struct oracle_area area;
extern struct cd_bitmap bm;
extern unsigned char bytes[MAX_BITS + 8];

unsigned long below(unsigned long n);
void set_bits(unsigned char *used, unsigned long nr, bool value);
void fill_period(unsigned char *used, unsigned long nr, unsigned long period,
		 unsigned long nr_used, unsigned long phase);
void pack_words(void);
void make_area(unsigned long nr_bits);
unsigned long random_request(const struct oracle_answer *answer);

#endif
