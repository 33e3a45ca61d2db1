/* SPDX-License-Identifier: GPL-2.0-only */
/* Addresses of kernel symbols that are not exported. */
#ifndef CD_SYMBOLS_H
#define CD_SYMBOLS_H

int cd_symbols_init(void);
void *cd_symbol(const char *name);

#endif
