/* SPDX-License-Identifier: GPL-2.0-only */
/* The newest failure of an area, as users read it. */
#ifndef LAST_FAILURE_H
#define LAST_FAILURE_H

#include <stdbool.h>

char *last_failure(const char *area);
unsigned long failure_number(const char *block);
const char *failure_verdict(const char *block);
bool failure_is(const char *block, const char *verdict);
bool failure_is_transient(const char *block);

#endif
