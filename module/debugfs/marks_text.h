/* SPDX-License-Identifier: GPL-2.0-only */
/* The marks of an area, as text. */
#ifndef CD_MARKS_TEXT_H
#define CD_MARKS_TEXT_H

#include "core/marks.h"
#include "debugfs/lines.h"

struct cd_area;

/**
 * struct cd_marks_view - the marks of an area at one moment
 * @is_marked: there are any; without that nothing else holds
 * @marks: the marks
 * @sizes: and how large the area should be
 * @now: when
 */
struct cd_marks_view {
	bool is_marked;
	struct cd_marks marks;
	struct cd_sizes sizes;
	struct cd_now now;
};

void cd_marks_gather(struct cd_area *area, struct cd_marks_view *view);
void cd_marks_show_since(struct seq_file *file,
			 const struct cd_marks_view *view);
void cd_marks_show(struct seq_file *file, const struct cd_area *area,
		   const struct cd_marks_view *view);

#endif
