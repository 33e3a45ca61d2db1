/* SPDX-License-Identifier: GPL-2.0-only */
/* What the marks of an area must be, counted in its bytes. */
#ifndef MARK_MODEL_H
#define MARK_MODEL_H

#include "marks.h"

unsigned long count_used(void);
unsigned long used_end(void);
void begin_in_area(struct cd_marks *marks);
void check_maybe(const struct cd_marks *marks, bool (*is_seen)(unsigned long));
void check_witness_of_marks(const struct cd_marks *marks);

#endif
