// SPDX-License-Identifier: GPL-2.0-only
/* The names of a stack's frames, shared by all who show them. */
#include <linux/kallsyms.h>
#include <linux/kernel.h>
#include <linux/slab.h>

#include "kernel/stack.h"
#include "stack_names.h"

/* The last reference may go where nothing can be freed. */
static LLIST_HEAD(unused);

/*
 * From the allocator on, down to where the system call came in.
 *
 * Return: the length of it all, as snprintf() does.
 */
static size_t say_frames(const unsigned long *frames, unsigned int nr_frames,
			 char *buf, size_t size)
{
	char symbol[KSYM_SYMBOL_LEN];
	bool in_allocator = false;
	size_t len = 0;
	unsigned int i;

	for (i = 0; i < nr_frames; i++) {
		snprintf(symbol, sizeof(symbol), "%pS", (void *)frames[i]);
		in_allocator |= cd_stack_is_allocator(symbol);
		if (!in_allocator || cd_stack_is_entry(symbol))
			continue;
		len += snprintf(len < size ? buf + len : NULL,
				len < size ? size - len : 0, "%s\n", symbol);
	}
	return len;
}

/**
 * cd_stack_names_make() - name frames, as far as that can be done now
 * @frames: addresses, innermost first, from stack_trace_save()
 * @nr_frames: how many
 *
 * A frame of a module that is gone has no name, or another module's.
 *
 * Context: process, may sleep.
 *
 * Return: names with one reference, or NULL without memory.
 */
struct cd_stack_names *cd_stack_names_make(const unsigned long *frames,
					   unsigned int nr_frames)
{
	size_t size = say_frames(frames, nr_frames, NULL, 0) + 1;
	struct cd_stack_names *names;

	names = kmalloc(struct_size(names, lines, size), GFP_KERNEL);
	if (!names)
		return NULL;
	refcount_set(&names->nr_users, 1);
	names->lines[0] = '\0';
	say_frames(frames, nr_frames, names->lines, size);
	return names;
}

/**
 * cd_stack_names_get() - take another reference
 * @names: the names, with a reference that stays meanwhile
 *
 * Context: any.
 */
void cd_stack_names_get(struct cd_stack_names *names)
{
	refcount_inc(&names->nr_users);
}

/**
 * cd_stack_names_put() - give a reference back
 * @names: the names; NULL is none
 *
 * Context: any but NMI. The memory is given back later, by
 * cd_stack_names_free_unused().
 */
void cd_stack_names_put(struct cd_stack_names *names)
{
	if (names && refcount_dec_and_test(&names->nr_users))
		llist_add(&names->unused, &unused);
}

/**
 * cd_stack_names_free_unused() - free those that nobody refers to any more
 *
 * Context: process.
 */
void cd_stack_names_free_unused(void)
{
	struct llist_node *first = llist_del_all(&unused);
	struct cd_stack_names *names, *next;

	llist_for_each_entry_safe(names, next, first, unused)
		kfree(names);
}
