/* SPDX-License-Identifier: GPL-2.0-only */
/* Sentences, word by word. */
#ifndef SAID_H
#define SAID_H

#include "verdict.h"

void check_evidence(const struct cd_diagnosis *diag, const char *text);
void check_help(const struct cd_diagnosis *diag, const char *text);
void check_cheapest(const struct cd_diagnosis *diag, const char *text);
void check_whose(const struct cd_diagnosis *diag, const char *text);

#endif
