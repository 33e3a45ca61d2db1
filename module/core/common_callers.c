// SPDX-License-Identifier: GPL-2.0-only
/* Two stacks of one task: from where on they have the same callers. */
#include "common_callers.h"

/* Up to where the first of them ends. */
static bool is_same(const struct cd_frames *a, unsigned int from_a,
		    const struct cd_frames *b, unsigned int from_b)
{
	while (from_a < a->nr && from_b < b->nr)
		if (a->addresses[from_a++] != b->addresses[from_b++])
			return false;
	return true;
}

/**
 * cd_common_callers() - where do two stacks part?
 * @a: the one
 * @b: the other
 * @inside: result. When both are addresses in one function, both stacks go
 *          through it, and it was called from the same place by the same
 *          callers
 *
 * Context: any; pure. Time grows with the frames of both, multiplied.
 *
 * Return: false when they have no caller in common, or one is all callers of
 * the other, or the same.
 */
bool cd_common_callers(const struct cd_frames *a, const struct cd_frames *b,
		       struct cd_inside *inside)
{
	unsigned int in_a, in_b;

	for (in_b = 0; in_b < b->nr; in_b++) {
		for (in_a = 0; in_a < a->nr; in_a++) {
			if (!is_same(a, in_a, b, in_b))
				continue;
			/* One has nothing within what they have in common. */
			if (!in_a || !in_b)
				return false;
			inside->a = a->addresses[in_a - 1];
			inside->b = b->addresses[in_b - 1];
			return true;
		}
	}
	return false;
}
