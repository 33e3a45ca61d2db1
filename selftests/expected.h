/* SPDX-License-Identifier: GPL-2.0-only */
/* What a reader must see, put together from the oracle. */
#ifndef EXPECTED_H
#define EXPECTED_H

#include <stddef.h>

#include "oracle.h"

/* Room for any sentence, and to spare. */
#define EXPECTED_MAX 1024

const char *place(unsigned long at, unsigned int range);
void block_text(const char *block, const char *label, char *text, size_t size);
void check_text(const char *block, const char *label, const char *expected);
void expect_evidence(const struct oracle_answer *answer, const char *verdict,
		     unsigned long nr_pages, unsigned int align, char *text,
		     size_t size);
void check_cheapest(const char *block, const char *verdict,
		    unsigned long nr_pages, unsigned int align);
void check_same(const char *what, const char *is, const char *must);

#endif
