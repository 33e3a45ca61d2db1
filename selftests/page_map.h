/* SPDX-License-Identifier: GPL-2.0-only */
/* What the kernel itself tells of pages. */
#ifndef PAGE_MAP_H
#define PAGE_MAP_H

#include <stdint.h>

#define PAGE 4096UL

void page_pfns(const void *start, unsigned long nr_pages, uint64_t *pfns);
void touch_pages(const char *start, unsigned long nr_pages);
void page_flags(unsigned long pfn, unsigned long nr_pages, uint64_t *flags);

#endif
