/* SPDX-License-Identifier: GPL-2.0-only */
/* A what-if question to a saved bitmap, as the module's file probe answers. */
#ifndef PROBE_H
#define PROBE_H

#include "bitmap_read.h"
#include "show.h"
#include "what_if.h"

/**
 * struct probe - a question, and its answer
 * @question: what would be asked
 * @room: what else would fit
 * @failure: the question as a failure that a log would have
 * @why: the answer
 */
struct probe {
	struct cd_request question;
	struct cd_room room;
	struct log_failure failure;
	struct explanation why;
};

const char *probe_ask(struct probe *probe, const struct saved_bitmap *saved,
		      const char *question, unsigned int align_cap);
void probe_show(FILE *out, const struct probe *probe);

#endif
