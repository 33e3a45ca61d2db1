/* SPDX-License-Identifier: GPL-2.0-only */
/* A failure as a block of text, at most 80 columns wide. */
#ifndef CD_FAILURE_TEXT_H
#define CD_FAILURE_TEXT_H

struct seq_file;
struct cd_failure;

void cd_failure_show(struct seq_file *file, const char *area_name,
		     const struct cd_failure *failure);

#endif
