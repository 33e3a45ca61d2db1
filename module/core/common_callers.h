/* SPDX-License-Identifier: GPL-2.0-only */
/* Two stacks of one task: from where on they have the same callers. */
#ifndef CD_COMMON_CALLERS_H
#define CD_COMMON_CALLERS_H

#include "portable.h"

/**
 * struct cd_frames - a stack, innermost first; perhaps cut at its end
 * @addresses: of its frames
 * @nr: how many
 */
struct cd_frames {
	const unsigned long *addresses;
	unsigned int nr;
};

/**
 * struct cd_inside - where two stacks part: the innermost frames of which all
 *                    callers are the same
 * @a: of the one stack
 * @b: of the other
 */
struct cd_inside {
	unsigned long a;
	unsigned long b;
};

bool cd_common_callers(const struct cd_frames *a, const struct cd_frames *b,
		       struct cd_inside *inside);

#endif
