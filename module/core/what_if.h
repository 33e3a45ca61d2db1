/* SPDX-License-Identifier: GPL-2.0-only */
/* What-if questions: would so many pages fit, and what else would. */
#ifndef CD_WHAT_IF_H
#define CD_WHAT_IF_H

#include "verdict.h"

/* The longest question that is read. */
#define CD_QUESTION_MAX 64

/**
 * struct cd_room - what else would fit, at this moment
 * @nr_pages: most pages that fit at the question's alignment
 * @align: highest order at which the pages asked fit, -1 when at none
 * @nr_buffers: how many of the pages asked, so aligned, fit at once
 */
struct cd_room {
	unsigned long nr_pages;
	int align;
	unsigned long nr_buffers;
};

unsigned int cd_dma_align(unsigned long nr_pages, unsigned int cap);
int cd_parse_question(const char *text, unsigned int page_shift,
		      unsigned int align_cap, struct cd_request *question,
		      const char **complaint);
void cd_count_room(const struct cd_bitmap *bm, const struct cd_request *request,
		   struct cd_room *room);

#endif
