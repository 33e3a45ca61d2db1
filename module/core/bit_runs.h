/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Runs of equal bits in an area's bitmap, in bits: what the rest of the core
 * counts by. Nothing outside module/core includes this.
 */
#ifndef CD_BIT_RUNS_H
#define CD_BIT_RUNS_H

#include "free_runs.h"

/**
 * struct cd_bit_run - a run of equal bits, of one range
 * @start: first bit
 * @end: the bit after the last
 * @range: which range; { 0 } is where a walk begins
 */
struct cd_bit_run {
	unsigned long start;
	unsigned long end;
	unsigned int range;
};

unsigned long cd_next_bit(const struct cd_range *range, unsigned long bit,
			  bool set);
unsigned long cd_count_used(const struct cd_range *range, unsigned long bit,
			    unsigned long end);
bool cd_next_run(const struct cd_bitmap *bm, bool set, struct cd_bit_run *run);
unsigned long cd_aligned_bit(const struct cd_bitmap *bm,
			     const struct cd_bit_run *run, unsigned int order);
unsigned long cd_bits_apart(const struct cd_bitmap *bm, unsigned int order);
struct cd_run cd_in_pages(const struct cd_bitmap *bm,
			  const struct cd_bit_run *run, unsigned long start);

#endif
