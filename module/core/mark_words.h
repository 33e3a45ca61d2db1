/* SPDX-License-Identifier: GPL-2.0-only */
/* Marks, in words. */
#ifndef CD_MARK_WORDS_H
#define CD_MARK_WORDS_H

#include "marks.h"

void cd_say_lack(const struct cd_lack *lack, char *buf, size_t size);
void cd_say_enough(const struct cd_sizes *sizes, unsigned long nr_pages,
		   unsigned int page_shift, char *buf, size_t size);
void cd_say_apart(const struct cd_sizes *sizes, unsigned int page_shift,
		  char *buf, size_t size);
bool cd_say_cap(const struct cd_marks *marks, char *buf, size_t size);

#endif
