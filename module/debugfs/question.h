/* SPDX-License-Identifier: GPL-2.0-only */
/* "COUNT [ALIGN]", or a word, as it is written to a file. */
#ifndef CD_QUESTION_H
#define CD_QUESTION_H

#include <linux/types.h>

#include "core/what_if.h"

struct cd_area;
struct seq_file;

int cd_question_read(const struct cd_area *area, const char *file_name,
		     const char __user *buf, size_t size,
		     struct cd_request *question);
int cd_word_read(const char __user *buf, size_t size, const char *word,
		 bool *is_word);
void cd_question_show(struct seq_file *file,
		      const struct cd_request *question);

#endif
