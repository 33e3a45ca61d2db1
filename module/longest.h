/* SPDX-License-Identifier: GPL-2.0-only */
/* The longest of many times. */
#ifndef CD_LONGEST_H
#define CD_LONGEST_H

#include <linux/atomic.h>
#include <linux/types.h>

/**
 * cd_keep_longest() - keep a time if none was longer
 * @longest: the longest so far, in ns
 * @ns: the time
 *
 * Context: any.
 */
static inline void cd_keep_longest(atomic64_t *longest, u64 ns)
{
	s64 known = atomic64_read(longest);

	while ((s64)ns > known &&
	       !atomic64_try_cmpxchg(longest, &known, (s64)ns))
		;
}

#endif
