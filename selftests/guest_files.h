/* SPDX-License-Identifier: GPL-2.0-only */
/* What every part of cma_test needs: the guest's files, chance, and failing. */
#ifndef GUEST_FILES_H
#define GUEST_FILES_H

#include <stdbool.h>

#define SHAPE_FILE "/sys/kernel/debug/cma_shape"
#define DMA_FILE "/sys/kernel/debug/cma_dma"
#define DIAG_DIR "/sys/kernel/debug/cma_diag"

_Noreturn void fail(const char *format, ...);
unsigned long below(unsigned long n);
int shape(unsigned long *pfn, const char *format, ...);
int shape_apart(unsigned long *pfn, const char *format, ...);
int dma(unsigned long *pfn, const char *format, ...);
char *read_file(const char *path);
unsigned long stat_of(const char *stats, const char *key);
bool sees_pages(void);

#endif
