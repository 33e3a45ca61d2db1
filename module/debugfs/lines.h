/* SPDX-License-Identifier: GPL-2.0-only */
/* Lines of text as every file has them, at most 80 columns wide. */
#ifndef CD_LINES_H
#define CD_LINES_H

#include "core/verdict.h"

struct seq_file;
struct cd_cma;
struct cd_stack_names;

/* Columns: 2 of indent, a label of 9 at most, a blank, the text. */
#define CD_LABEL_WIDTH 10
/* Room for a date. */
#define CD_DATE_MAX 40

/* Why something is not known with the source that reads the log. */
#define CD_TELLS_OF_FAILURES_ALONE \
	"the kernel's log tells of failures alone (see \"seen by\" in summary)"

/**
 * struct cd_now - two clocks at one moment: an age by one is a date by another
 * @real_ns: ktime_get_real_ns()
 * @boot_ns: ktime_get_boottime_ns()
 */
struct cd_now {
	u64 real_ns;
	u64 boot_ns;
};

void cd_show_label(struct seq_file *file, const char *label);
void cd_show_wrapped(struct seq_file *file, const char *label,
		     const char *sentence);
void cd_show_place(struct seq_file *file, const struct cd_cma *cma,
		   const struct cd_run *run);
void cd_show_stack(struct seq_file *file, const struct cd_stack_names *names);
void cd_show_time(struct seq_file *file, u64 time_ns);
struct cd_now cd_now(void);
u64 cd_age_s(const struct cd_now *now, u64 boot_ns);
u64 cd_real_ns(const struct cd_now *now, u64 boot_ns);
void cd_say_date(const struct cd_now *now, u64 boot_ns, char *buf, size_t size);
void cd_show_date(struct seq_file *file, const struct cd_now *now, u64 boot_ns);
void cd_show_diagnosis(struct seq_file *file,
		       const struct cd_diagnosis *diag);

#endif
