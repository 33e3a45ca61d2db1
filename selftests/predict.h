/* SPDX-License-Identifier: GPL-2.0-only */
/* Predict and try. */
#ifndef PREDICT_H
#define PREDICT_H

#include "oracle.h"

void check_failure(const struct oracle_answer *answer, const char *verdict,
		   unsigned long nr_pages, unsigned int align);
int predict(int argc, char **argv);

#endif
