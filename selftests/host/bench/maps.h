/* SPDX-License-Identifier: GPL-2.0-only */
/* Bitmaps to measure with. */
#ifndef BENCH_MAPS_H
#define BENCH_MAPS_H

#include "free_runs.h"

/**
 * struct map_kind - a way to fill an area
 * @name: what is said of it
 * @fill: fills so many bits, which are all 0
 * @value: what kinds of one @fill differ in
 */
struct map_kind {
	const char *name;
	void (*fill)(unsigned long *words, unsigned long nr_bits,
		     unsigned long value);
	unsigned long value;
};

extern const struct map_kind map_kinds[];
extern const unsigned int nr_map_kinds;

void map_make(const struct map_kind *kind, unsigned long nr_bits,
	      struct cd_bitmap *bm);
int maps_of_log(const char *path, void (*use)(const char *name,
					      const struct cd_bitmap *bm));

#endif
