/* SPDX-License-Identifier: GPL-2.0-only */
/* What is said of a request that fitted, was tried, and yet failed. */
#ifndef CD_ATTEMPT_WORDS_H
#define CD_ATTEMPT_WORDS_H

#include "text.h"
#include "verdict.h"

void cd_say_busy(struct cd_text *text, const struct cd_diagnosis *diag);
void cd_say_low_memory(struct cd_text *text, const struct cd_diagnosis *diag);
void cd_say_interrupted(struct cd_text *text, const struct cd_diagnosis *diag);
void cd_help_busy(struct cd_text *text, const struct cd_diagnosis *diag);
void cd_help_low_memory(struct cd_text *text, const struct cd_diagnosis *diag);
void cd_help_interrupted(struct cd_text *text,
			 const struct cd_diagnosis *diag);
void cd_add_pages(struct cd_text *text, const struct cd_diagnosis *diag,
		  unsigned long nr_pages);

#endif
