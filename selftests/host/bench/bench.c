// SPDX-License-Identifier: GPL-2.0-only
/*
 * bench [--json FILE] LOG...	a table: how long cd_count_figures() takes; in
 *				FILE a JSON object for each row
 * bench --list			the kinds of maps
 * bench --once KIND		counts the figures of one map, for callgrind
 * bench --diagnose KIND	... all that a failure of a page more than the
 *				largest run has costs, likewise
 *
 * Each figure is the best of several: what else runs can only add to it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "maps.h"
#include "plain_walk.h"
#include "verdict.h"

/* 960 MiB, as the default area of boards with much memory. */
#define AREA_BITS 245760UL

static const unsigned long sizes[] = { 8192, AREA_BITS, 4194304 };

/* Each for so long, and so often. */
#define MIN_NS 20000000ULL
#define MIN_TIMES 15

static struct cd_figures figures;
static struct plain_figures plain;
static unsigned long copy[4194304 / CD_BITS_PER_LONG + 1];
static FILE *json;

static void run_memcpy(const struct cd_bitmap *bm)
{
	memcpy(copy, bm->ranges[0].bitmap,
	       bm->ranges[0].nr_bits / CD_BITS_PER_LONG * sizeof(long));
	/* It is not left out because nobody reads the copy. */
	__asm__ volatile("" : : "r"(copy) : "memory");
}

static void run_plain(const struct cd_bitmap *bm)
{
	plain_walk(&bm->ranges[0], &plain);
}

static void run_core(const struct cd_bitmap *bm)
{
	cd_count_figures(bm, &figures);
}

static unsigned long long now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

static double best_ns(void (*run)(const struct cd_bitmap *bm),
		      const struct cd_bitmap *bm)
{
	unsigned long long sum = 0, best = ~0ULL;
	unsigned int times = 0;

	while (sum < MIN_NS || times < MIN_TIMES) {
		unsigned long long start = now_ns(), took;

		run(bm);
		took = now_ns() - start;
		if (took < best)
			best = took;
		sum += took;
		times++;
	}
	return (double)best;
}

static void measure(const char *name, const struct cd_bitmap *bm)
{
	unsigned long nr_bits = bm->ranges[0].nr_bits;
	double memcpy_ns, plain_ns, core_ns;

	memcpy_ns = best_ns(run_memcpy, bm);
	plain_ns = best_ns(run_plain, bm);
	core_ns = best_ns(run_core, bm);
	if (plain.nr_runs != figures.nr_runs ||
	    plain.usable[8] != figures.usable[8].nr_pages) {
		fprintf(stderr, "bench: %s: the figures differ\n", name);
		exit(1);
	}
	printf("%-29.29s %8lu %8lu %8.0f %10.0f %9.0f", name, nr_bits,
	       plain.nr_runs, memcpy_ns, plain_ns, core_ns);
	printf(" %6.2f %7.1f %8.4f %8.1f\n", plain_ns / core_ns,
	       core_ns / memcpy_ns, core_ns / (double)nr_bits,
	       plain.nr_runs ? core_ns / (double)plain.nr_runs : 0);
	if (!json)
		return;
	fprintf(json, "{\"map\":\"%s\",\"bits\":%lu,\"runs\":%lu,", name,
		nr_bits, plain.nr_runs);
	fprintf(json, "\"memcpy_ns\":%.0f,\"plain_ns\":%.0f,", memcpy_ns,
		plain_ns);
	fprintf(json, "\"core_ns\":%.0f}\n", core_ns);
}

static void measure_kind(const struct map_kind *kind, unsigned long nr_bits)
{
	struct cd_bitmap bm;

	map_make(kind, nr_bits, &bm);
	measure(kind->name, &bm);
	free((void *)bm.ranges[0].bitmap);
}

static int print_table(char **logs)
{
	unsigned int i, size;
	int err;

	printf("%-29s %8s %8s %8s %10s %9s %6s %7s %8s %8s\n", "map", "bits",
	       "runs", "memcpy", "plain", "core", "plain", "core to", "ns a",
	       "ns a");
	printf("%-29s %8s %8s %8s %10s %9s %6s %7s %8s %8s\n", "", "", "", "ns",
	       "ns", "ns", "/core", "memcpy", "bit", "run");
	for (; *logs; logs++) {
		err = maps_of_log(*logs, measure);
		if (err) {
			fprintf(stderr, "bench: %s: %s\n", *logs,
				strerror(-err));
			return 1;
		}
	}
	for (size = 0; size < sizeof(sizes) / sizeof(*sizes); size++)
		for (i = 0; i < nr_map_kinds; i++)
			measure_kind(&map_kinds[i], sizes[size]);
	return 0;
}

/* At any page, which is the most places. */
static void diagnose(const struct cd_bitmap *bm)
{
	struct cd_diagnosis diag = { .page_shift = 12, .align_cap = 8 };

	cd_count_figures(bm, &figures);
	diag.request.nr_pages = figures.largest.nr_pages + 1;
	cd_diagnose(&diag, bm, &figures);
}

static int run_once(const char *name, bool whole)
{
	struct cd_bitmap bm;
	unsigned int i;

	for (i = 0; i < nr_map_kinds; i++) {
		if (strcmp(map_kinds[i].name, name))
			continue;
		map_make(&map_kinds[i], AREA_BITS, &bm);
		if (whole) {
			diagnose(&bm);
			return 0;
		}
		run_plain(&bm);
		run_core(&bm);
		return 0;
	}
	fprintf(stderr, "bench: there is no map '%s'\n", name);
	return 1;
}

static int list_kinds(void)
{
	unsigned int i;

	for (i = 0; i < nr_map_kinds; i++)
		puts(map_kinds[i].name);
	return 0;
}

int main(int argc, char **argv)
{
	int err;

	if (argc == 2 && !strcmp(argv[1], "--list"))
		return list_kinds();
	if (argc == 3 && !strcmp(argv[1], "--once"))
		return run_once(argv[2], false);
	if (argc == 3 && !strcmp(argv[1], "--diagnose"))
		return run_once(argv[2], true);
	argv++;
	if (argc > 2 && !strcmp(argv[0], "--json")) {
		json = fopen(argv[1], "w");
		if (!json) {
			perror(argv[1]);
			return 1;
		}
		argv += 2;
	}
	err = print_table(argv);
	if (json && fclose(json)) {
		perror("bench");
		return 1;
	}
	return err;
}
