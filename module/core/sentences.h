/* SPDX-License-Identifier: GPL-2.0-only */
/* What a diagnosis says in words. One line each, ASCII, no newline. */
#ifndef CD_SENTENCES_H
#define CD_SENTENCES_H

#include "verdict.h"

/* Room for any sentence; sentences are checked against it in the tests. */
#define CD_SENTENCE_MAX 768
/* Room for a share, such as "100.0%". */
#define CD_SHARE_MAX 16

void cd_say_evidence(const struct cd_diagnosis *diag, char *buf, size_t size);
void cd_say_help(const struct cd_diagnosis *diag, char *buf, size_t size);
void cd_say_cheapest(const struct cd_diagnosis *diag, char *buf, size_t size);
void cd_say_whose(const struct cd_diagnosis *diag, char *buf, size_t size);
void cd_say_pages(unsigned long nr_pages, unsigned int page_shift, char *buf,
		  size_t size);
void cd_say_share(unsigned long part, unsigned long whole, char *buf,
		  size_t size);

#endif
