// SPDX-License-Identifier: GPL-2.0-only
/*
 * The stack of a task that allocates, and which of its frames are news to
 * somebody who looks for the caller.
 *
 * stack_trace_save() is there only where something else of the kernel wants it
 * (CONFIG_STACKTRACE), and does not know that in front of a function's return,
 * where a breakpoint sits, the caller is in x30 alone. On arm64 all frames are
 * linked: x29 points to the caller's x29 and x30 (Procedure Call Standard; the
 * kernel is built with frame pointers, arch/arm64/Kconfig, 5.10 to 7.3).
 */
#include <linux/kallsyms.h>
#include <linux/kernel.h>
#include <linux/ptrace.h>
#include <linux/sched.h>
#include <linux/sched/task_stack.h>
#include <linux/stacktrace.h>
#include <linux/string.h>

#include "core/common_callers.h"
#include "kernel/stack.h"

#ifdef CONFIG_STACKTRACE

static unsigned int save_here(unsigned long *frames, unsigned int max)
{
	return stack_trace_save(frames, max, 0);
}

#else

static unsigned int save_here(unsigned long *frames, unsigned int max)
{
	return 0;
}

#endif

#ifdef CONFIG_ARM64

/* xpaclri: an address in x30 that was signed becomes one that was not. */
static unsigned long without_signature(unsigned long address)
{
	register unsigned long x30 asm("x30") = address;

	asm("hint #7" : "+r" (x30));
	return x30;
}

static unsigned int follow_frames(unsigned long fp, unsigned long *frames,
				  unsigned int nr, unsigned int max)
{
	unsigned long low = (unsigned long)task_stack_page(current);
	unsigned long high = low + THREAD_SIZE;

	while (nr < max && fp >= low && fp <= high - 2 * sizeof(long) &&
	       IS_ALIGNED(fp, sizeof(long))) {
		const unsigned long *frame = (const unsigned long *)fp;
		unsigned long lr = READ_ONCE_NOCHECK(frame[1]);

		if (!lr)
			break;
		frames[nr++] = without_signature(lr);
		/* The stack grows downwards: callers are above. */
		low = fp + 1;
		fp = READ_ONCE_NOCHECK(frame[0]);
	}
	return nr;
}

static unsigned int save_from(const struct pt_regs *regs,
			      unsigned long *frames, unsigned int max)
{
	frames[0] = regs->pc;
	frames[1] = without_signature(regs->regs[30]);
	return follow_frames(regs->regs[29], frames, 2, max);
}

#else

static unsigned int save_from(const struct pt_regs *regs,
			      unsigned long *frames, unsigned int max)
{
	return save_here(frames, max);
}

#endif

/**
 * cd_stack_save() - who called, and who called those
 * @frames: result, innermost first
 * @max: room, for 2 at least
 * @regs: of the current task where a function of the kernel begins or ends; or
 *        NULL, for the stack as it is here
 *
 * Context: any, in the task.
 *
 * Return: how many; 0 when this kernel does not tell.
 */
unsigned int cd_stack_save(unsigned long *frames, unsigned int max,
			   const struct pt_regs *regs)
{
	if (regs)
		return save_from(regs, frames, max);
	return save_here(frames, max);
}

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

/*
 * Where the function begins that a call returns to here, or 0 when it is not
 * wanted. The address may be just behind the function's end.
 */
static noinline unsigned long
find_function(unsigned long address, bool (*is_wanted)(const char *symbol))
{
	char symbol[KSYM_SYMBOL_LEN];
	unsigned long offset;
	const char *plus;

	snprintf(symbol, sizeof(symbol), "%pS", (void *)(address - 1));
	plus = strchr(symbol, '+');
	if (!plus || !is_wanted(symbol) ||
	    sscanf(plus, "+%lx/", &offset) != 1)
		return 0;
	return address - 1 - offset;
}

/**
 * cd_stack_share_function() - do two stacks go through one call of a function?
 * @a: the one
 * @b: the other, of the same task
 * @is_wanted: is that the function? As "%pS" prints an address in it
 *
 * It was called from the same place, and by the same callers; that it was the
 * same time is for who asks to know. It must be the innermost that both have.
 *
 * Context: any but NMI; takes as long as two symbols take to be found.
 */
bool cd_stack_share_function(const struct cd_frames *a,
			     const struct cd_frames *b,
			     bool (*is_wanted)(const char *symbol))
{
	struct cd_inside inside;
	unsigned long function;

	if (!cd_common_callers(a, b, &inside))
		return false;
	function = find_function(inside.b, is_wanted);
	return function && function == find_function(inside.a, is_wanted);
}
