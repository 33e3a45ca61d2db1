/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel's CMA areas, read through a layout proven on every one of them. */
#ifndef CD_CMA_AREA_H
#define CD_CMA_AREA_H

#include <linux/types.h>

#include "core/free_runs.h"

struct cma;

/* CMA_MAX_NAME of include/linux/cma.h, 5.10 to 7.3 */
#define CD_NAME_MAX 64
/* CONFIG_CMA_AREAS is 7 to 20 by default; more are left out, and said so. */
#define CD_MAX_AREAS 64

/**
 * struct cd_cma - one area
 * @cma: the kernel's own; never freed once it is active
 * @kernel_name: cma->name itself, the pointer that tracepoints pass
 * @name: the name, cleaned for people and for use as a directory
 * @nr_pages: size, in pages
 * @order_per_bit: a bit of the bitmap stands for 2^order_per_bit pages
 * @nr_ranges: ranges of pfns, 1 up to 6.14
 * @base_pfn: of each range
 * @range_pages: size of each range, in pages
 */
struct cd_cma {
	struct cma *cma;
	const char *kernel_name;
	char name[CD_NAME_MAX];
	unsigned long nr_pages;
	unsigned int order_per_bit;
	unsigned int nr_ranges;
	unsigned long base_pfn[CD_MAX_RANGES];
	unsigned long range_pages[CD_MAX_RANGES];
};

/**
 * enum cd_lock_mode - how far a copy of the bitmap may go for its lock
 * @CD_LOCK_WAIT: wait for it; the caller may sleep
 * @CD_LOCK_TRY: the caller may not sleep; without the lock rather than wait
 * @CD_LOCK_HELD: the current task has it
 * @CD_LOCK_NONE: without the lock
 */
enum cd_lock_mode { CD_LOCK_WAIT, CD_LOCK_TRY, CD_LOCK_HELD, CD_LOCK_NONE };

int cd_cma_init(const char *break_layout);
unsigned int cd_cma_nr_areas(void);
unsigned int cd_cma_nr_inactive(void);
const struct cd_cma *cd_cma_area(unsigned int i);
const struct cd_cma *cd_cma_by_kernel_name(const char *kernel_name);
const struct cd_cma *cd_cma_by_name(const char *name);
const struct cd_cma *cd_cma_by_pfn(unsigned long pfn);
const struct cd_cma *cd_cma_by_cma(const struct cma *cma);
const char *cd_cma_layout_source(void);
bool cd_cma_oversized_ends_early(void);
bool cd_cma_errno_is_ambiguous(void);
size_t cd_cma_bitmap_words(const struct cd_cma *area);
bool cd_cma_copy_bitmap(const struct cd_cma *area, enum cd_lock_mode mode,
			unsigned long *words, struct cd_bitmap *bm);
void cd_cma_note_held(const struct cd_cma *area, u64 held_ns);
unsigned long cd_cma_nr_locked_copies(const struct cd_cma *area);
u64 cd_cma_lock_held_max_ns(const struct cd_cma *area);

#endif
