/* SPDX-License-Identifier: GPL-2.0-only */
/* What is said of a failure in a log: the core's words, and what is missing. */
#ifndef EXPLAIN_WORDS_H
#define EXPLAIN_WORDS_H

#include "explain.h"

void explain_say(struct explanation *why);

#endif
