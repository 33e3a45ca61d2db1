/* SPDX-License-Identifier: GPL-2.0-only */
/* Lines that tell whether a caller got by when CMA had nothing for it. */
#ifndef OUTCOME_LINES_H
#define OUTCOME_LINES_H

#include "log_failure.h"

enum log_outcome outcome_of(const struct log_line *line,
			    const struct log_failure *failure,
			    unsigned int page_shift);

#endif
