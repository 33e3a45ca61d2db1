/* SPDX-License-Identifier: GPL-2.0-only */
/* What is said when remainders are much of what is free. */
#ifndef CD_REMAINDER_WORDS_H
#define CD_REMAINDER_WORDS_H

#include "text.h"
#include "verdict.h"

void cd_say_remainders(struct cd_text *text, const struct cd_diagnosis *diag);
void cd_help_remainders(struct cd_text *text, const struct cd_diagnosis *diag);

#endif
