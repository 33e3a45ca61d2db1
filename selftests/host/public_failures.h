/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * CMA failures that people reported in public, as data: the free runs that the
 * kernel listed, and what cma_diag must say of them.
 */
#ifndef PUBLIC_FAILURES_H
#define PUBLIC_FAILURES_H

#include <errno.h>

struct public_run {
	unsigned long nr_pages;
	unsigned long at;
};

struct public_failure {
	const char *source;
	unsigned long total;
	struct public_run runs[16];
	unsigned long nr_pages;
	unsigned int align;
	int error;
	const char *verdict;
	unsigned long free;
	unsigned long nr_runs;
	unsigned long largest;
	unsigned long largest_aligned;
};

static const struct public_failure public_failures[] = {
	{
		.source =
			"phone, Jaewon Kim, linux-mm, 2017-02-01 (commit dbe43d4d2837)",
		.total = 2048,
		.runs = {
			{ 4, 572 }, { 7, 585 }, { 7, 601 }, { 8, 632 },
			{ 38, 730 }, { 166, 1114 }, { 127, 1921 },
		},
		.nr_pages = 256, .align = 8, .error = -ENOMEM,
		.verdict = "fragmented", .free = 357, .nr_runs = 7,
		.largest = 166, .largest_aligned = 0,
	}, {
		.source = "i.MX8MQ Nitrogen8M, vivid, linux-media, 2019-07",
		.total = 8192,
		.runs = { { 72, 184 }, { 3886, 4306 } },
		.nr_pages = 4050, .align = 8, .error = -ENOMEM,
		.verdict = "exhausted", .free = 3958, .nr_runs = 2,
		.largest = 3886, .largest_aligned = 3840,
	}, {
		.source =
			"Intel, 1 GiB area, Alexey Skidanov, linux-mm, 2018-02-05",
		.total = 262144,
		.runs = {
			{ 6, 8314 }, { 9, 8343 }, { 9, 8375 },
			{ 253648, 8496 },
		},
		.nr_pages = 200000, .align = 8, .error = -EBUSY,
		.verdict = "busy", .free = 253672, .nr_runs = 4,
		.largest = 253648, .largest_aligned = 253440,
	}, {
		.source = "NXP, 2022: the runs that the printed list shows",
		.total = 286720,
		.runs = {
			{ 1, 10415 }, { 2, 10422 }, { 168, 51544 },
			{ 255, 58369 }, { 511, 58881 }, { 255, 59649 },
			{ 255, 94721 }, { 255, 99841 }, { 255, 100353 },
			{ 255, 133377 }, { 255, 138241 }, { 255, 138753 },
		},
		.nr_pages = 456, .align = 8, .error = -ENOMEM,
		.verdict = "misaligned", .free = 2722, .nr_runs = 12,
		.largest = 511, .largest_aligned = 256,
	},
};

#endif
