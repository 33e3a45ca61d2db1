/* SPDX-License-Identifier: GPL-2.0-only */
/* The names of a stack's frames, shared by all who show them. */
#ifndef CD_STACK_NAMES_H
#define CD_STACK_NAMES_H

#include <linux/llist.h>
#include <linux/refcount.h>
#include <linux/types.h>

/**
 * struct cd_stack_names - frames as text
 * @nr_users: references
 * @unused: in the list of those that have none left
 * @lines: a line each, ended by a newline; none when no frame is worth one
 */
struct cd_stack_names {
	refcount_t nr_users;
	struct llist_node unused;
	char lines[];
};

struct cd_stack_names *cd_stack_names_make(const unsigned long *frames,
					   unsigned int nr_frames);
void cd_stack_names_get(struct cd_stack_names *names);
void cd_stack_names_put(struct cd_stack_names *names);
void cd_stack_names_free_unused(void);

#endif
