/* SPDX-License-Identifier: GPL-2.0-only */
/* How short memory is. */
#ifndef CD_KERNEL_MEMORY_H
#define CD_KERNEL_MEMORY_H

#include "core/memory.h"

void cd_memory_read(struct cd_memory *memory);
void cd_memory_read_place(struct cd_memory *memory, unsigned long nr_pages);

#endif
