// SPDX-License-Identifier: GPL-2.0-only
/* Which frames of a stack are news to somebody who looks for the caller. */
#include <linux/kernel.h>
#include <linux/string.h>

#include "kernel/stack.h"

static bool starts_with_any(const char *symbol, const char * const *starts,
			    size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++)
		if (strstarts(symbol, starts[i]))
			return true;
	return false;
}

/**
 * cd_stack_is_allocator() - does this function pass the events we watch?
 * @symbol: a function's name, perhaps with a suffix of the compiler's
 *
 * cma_alloc() up to 6.11, __cma_alloc() up to 6.19, __cma_alloc_frozen() from
 * 7.0 on (mm/cma.c). Frames above it are those of our own probe.
 */
bool cd_stack_is_allocator(const char *symbol)
{
	static const char * const starts[] = { "cma_alloc", "__cma_alloc" };

	return starts_with_any(symbol, starts, ARRAY_SIZE(starts));
}

/**
 * cd_stack_is_entry() - is this function part of every system call's entry?
 * @symbol: a function's name, perhaps with a suffix of the compiler's
 *
 * arch/arm64/kernel/syscall.c, entry-common.c and entry.S, 5.10 to 7.3.
 */
bool cd_stack_is_entry(const char *symbol)
{
	static const char * const starts[] = {
		"invoke_syscall", "do_el0_svc", "el0_svc", "el0_sync",
		"el0t_64_sync",
	};

	return starts_with_any(symbol, starts, ARRAY_SIZE(starts));
}
