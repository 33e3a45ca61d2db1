/* SPDX-License-Identifier: GPL-2.0-only */
/* Addresses of kernel symbols that are not exported. */
#ifndef CD_SYMBOLS_H
#define CD_SYMBOLS_H

#include <linux/types.h>

int cd_symbols_init(bool by_walk);
void *cd_symbol(const char *name);
size_t cd_symbol_size(const void *address);
const char *cd_symbols_source(void);

#endif
