/* SPDX-License-Identifier: GPL-2.0-only */
/* The area with an owner for each bit, and the watches that are seen. */
#ifndef WATCH_MODEL_H
#define WATCH_MODEL_H

#include "watch.h"

#ifndef NR_RANDOM
#define NR_RANDOM 1000000UL
#endif
#define NR_GRANTS (NR_RANDOM / 10)
#define MOST_BITS 1000U
#define NR_WATCHES 4U
#define NR_SLOTS 6U
#define MOST_NUMBERS 400U

struct seen_watch {
	struct cd_watch watch;
	bool is_set;
	unsigned int serial;
	/* The model's: news are alternate, and breakers newer than what was. */
	bool is_broken;
	unsigned long nr_broken;
	bool is_known;
	unsigned int known;
	/* What was used when it was seen not to fit, and was not released. */
	unsigned char left[MOST_BITS];
	/* By number: it had pages of the witness, or was seen in the way. */
	bool may_break[MOST_NUMBERS + 1];
};

/*
 * An allocation has a number, from 1 on; a bit has the number of the one that
 * it is part of: NOBODYS of what was there before, and CLAIMED + the slot while
 * its request is under way.
 */
#define NOBODYS 1000000U
#define CLAIMED 2000000U

extern struct seen_watch seen[NR_WATCHES];
extern unsigned int owner[MOST_BITS];
extern unsigned long nr_bits;
extern struct cd_grant granted[MOST_NUMBERS + 1];
extern bool is_looking[MOST_NUMBERS + 1];
extern unsigned int newest;
extern unsigned long long now_ns;
/* By slot: what was used as it copied the bitmap, and was not released. */
extern unsigned char copied[NR_SLOTS][MOST_BITS];

unsigned long pfn_of(unsigned int range, unsigned long bit);
unsigned long bits_for(unsigned long nr_pages);
unsigned long pages_for(unsigned long nr);
bool fits_in(unsigned char *used, const struct cd_request *request);
bool fits(const struct cd_request *request);
unsigned long usable(unsigned int align);
void begin_area(void);
void set_watch(struct seen_watch *one);
struct cd_request random_allocation(void);
void take(unsigned int range, unsigned long bit, unsigned long nr,
	  unsigned int whose);
void give_back(unsigned int whose);
void release(void);
struct cd_grant *grant_pages(const struct cd_request *request,
			     unsigned int range, unsigned long bit);
bool is_hit(const struct cd_watch *watch, const struct cd_grant *grant);
void check_place(const struct cd_run *place, unsigned int range,
		 unsigned long bit, const struct cd_request *request);
bool check_wants_look(const struct cd_watch *watch,
		      const struct cd_grant *grant);
void check_witness(const struct cd_watch *watch);
void check_breaker(const struct cd_watch *watch, const struct cd_grant *must);

#endif
