// SPDX-License-Identifier: GPL-2.0-only
/* Two stacks: where they part, by hand and at random. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "caller_tests.h"
#include "common_callers.h"
#include "random_area.h"

#define NR_PAIRS 100000
#define MOST_HEAD 12U
#define MOST_TAIL 20U
#define MOST_FRAMES (MOST_HEAD + MOST_TAIL)

struct stack {
	unsigned long addresses[MOST_FRAMES];
	unsigned int nr;
};

/* What is to be said of two stacks; the frames are indices of each. */
struct parting {
	bool found;
	unsigned int in_a;
	unsigned int in_b;
};

/* In memory of just its size, so that a read past its end is seen. */
static struct cd_frames copy_of(const struct stack *stack)
{
	size_t size = stack->nr * sizeof(*stack->addresses);
	unsigned long *addresses = malloc(size);

	assert_true(addresses || !size);
	if (size)
		memcpy(addresses, stack->addresses, size);
	return (struct cd_frames){ .addresses = addresses, .nr = stack->nr };
}

static void check_inside(const struct stack *a, const struct stack *b,
			 bool found, unsigned long inside_a,
			 unsigned long inside_b)
{
	struct cd_frames frames_a = copy_of(a), frames_b = copy_of(b);
	struct cd_inside inside = { 0 };

	assert_int_equal(cd_common_callers(&frames_a, &frames_b, &inside),
			 found);
	if (found) {
		assert_int_equal(inside.a, inside_a);
		assert_int_equal(inside.b, inside_b);
	}
	free((void *)frames_a.addresses);
	free((void *)frames_b.addresses);
}

static void check_parting(const struct stack *a, const struct stack *b,
			  const struct parting *must)
{
	if (must->found)
		check_inside(a, b, true, a->addresses[must->in_a],
			     b->addresses[must->in_b]);
	else
		check_inside(a, b, false, 0, 0);
}

/* Addresses up to the first 0. */
static struct stack stack_of(const unsigned long *addresses)
{
	struct stack stack = { .nr = 0 };

	while (addresses[stack.nr]) {
		stack.addresses[stack.nr] = addresses[stack.nr];
		stack.nr++;
	}
	return stack;
}

/* They part there, whichever of them is asked about first. */
struct case_by_hand {
	unsigned long a[8];
	unsigned long b[8];
	unsigned long inside_a;
	unsigned long inside_b;
};

/* A case of zeros ends them; that of two empty stacks is elsewhere. */
static void check_cases(const struct case_by_hand *cases)
{
	for (; *cases->a || *cases->b; cases++) {
		struct stack a = stack_of(cases->a), b = stack_of(cases->b);
		bool found = cases->inside_a;

		check_inside(&a, &b, found, cases->inside_a, cases->inside_b);
		check_inside(&b, &a, found, cases->inside_b, cases->inside_a);
	}
}

void test_callers_in_common(void **state)
{
	static const struct case_by_hand cases[] = {
		/* All but the innermost. */
		{ { 1, 7, 8, 9 }, { 2, 7, 8, 9 }, 1, 2 },
		{ { 1, 7 }, { 2, 7 }, 1, 2 },
		/* As deep as each other, and not. */
		{ { 1, 2, 3, 8, 9 }, { 4, 5, 6, 8, 9 }, 3, 6 },
		{ { 1, 2, 3, 4, 5, 9 }, { 6, 9 }, 5, 6 },
		/* The same innermost, by another way. */
		{ { 1, 2, 8, 9 }, { 1, 3, 8, 9 }, 2, 3 },
		{ { 1, 2, 4, 8, 9 }, { 1, 2, 5, 8, 9 }, 4, 5 },
		/* Only the outermost; and some that are alike within. */
		{ { 1, 2, 3, 9 }, { 4, 5, 6, 9 }, 3, 6 },
		{ { 1, 5, 6, 3, 9 }, { 2, 5, 6, 4, 9 }, 3, 4 },
		{ { 0 }, { 0 }, 0, 0 },
	};

	(void)state;
	check_cases(cases);
}

void test_callers_not_in_common(void **state)
{
	static const struct case_by_hand cases[] = {
		{ { 1, 2, 3 }, { 4, 5, 6 }, 0, 0 },
		{ { 1 }, { 2 }, 0, 0 },
		/* Alike, but other callers are behind. */
		{ { 1, 5, 6, 3 }, { 2, 5, 6, 4 }, 0, 0 },
		{ { 1, 2, 3, 8 }, { 1, 2, 3, 9 }, 0, 0 },
		{ { 1, 8, 9, 3 }, { 2, 9, 8, 4 }, 0, 0 },
		/* One is all callers of the other, or there is just one. */
		{ { 1, 2, 3, 4 }, { 2, 3, 4 }, 0, 0 },
		{ { 1, 2, 3, 4 }, { 3, 4 }, 0, 0 },
		{ { 1, 2, 3, 4 }, { 4 }, 0, 0 },
		{ { 1, 2, 3, 4 }, { 1, 2, 3, 4 }, 0, 0 },
		{ { 1, 2 }, { 1, 2 }, 0, 0 },
		{ { 1 }, { 1 }, 0, 0 },
		/* One is empty. */
		{ { 1, 2, 3 }, { 0 }, 0, 0 },
		{ { 1 }, { 0 }, 0, 0 },
		{ { 0 }, { 0 }, 0, 0 },
	};
	const struct stack empty = { .nr = 0 };

	(void)state;
	check_cases(cases);
	check_inside(&empty, &empty, false, 0, 0);
}

void test_callers_of_cut_stacks(void **state)
{
	static const struct case_by_hand cases[] = {
		/* One ends earlier. */
		{ { 1, 2, 6, 7 }, { 3, 6, 7, 8, 9 }, 2, 3 },
		{ { 1, 2, 6 }, { 3, 6, 7, 8, 9 }, 2, 3 },
		{ { 1, 6 }, { 2, 3, 4, 6, 7, 8, 9 }, 1, 4 },
		/* Before what they have in common. */
		{ { 1, 2 }, { 3, 6, 7, 8, 9 }, 0, 0 },
		/* It may be cut, but what is there is another's. */
		{ { 1, 2, 6, 5 }, { 3, 6, 7, 8, 9 }, 0, 0 },
		/* All of one, as far as it goes, is callers of the other. */
		{ { 6, 7 }, { 3, 6, 7, 8, 9 }, 0, 0 },
		{ { 3, 6 }, { 3, 6, 7, 8, 9 }, 0, 0 },
		{ { 2, 3, 6 }, { 3, 6, 7, 8, 9 }, 0, 0 },
		{ { 0 }, { 0 }, 0, 0 },
	};

	(void)state;
	check_cases(cases);
}

void test_callers_of_recursion(void **state)
{
	static const struct case_by_hand cases[] = {
		/* As often in both. */
		{ { 1, 5, 5, 5, 9 }, { 2, 5, 5, 5, 9 }, 1, 2 },
		{ { 1, 5, 6, 5, 6, 9 }, { 2, 5, 6, 5, 6, 9 }, 1, 2 },
		/* Once more in one: within that call, or by itself. */
		{ { 1, 5, 5, 5, 9 }, { 2, 5, 5, 9 }, 5, 2 },
		{ { 1, 5, 6, 5, 6, 9 }, { 2, 5, 6, 9 }, 6, 2 },
		{ { 1, 5, 6, 5, 6, 9 }, { 2, 6, 9 }, 5, 2 },
		{ { 1, 9, 1, 9 }, { 2, 9, 2, 9 }, 1, 2 },
		/* The innermost comes again. */
		{ { 1, 3, 1, 9 }, { 1, 2, 1, 9 }, 3, 2 },
		{ { 5, 5, 5, 9 }, { 2, 5, 9 }, 5, 2 },
		{ { 5, 5, 5, 9 }, { 5, 5, 9 }, 0, 0 },
		{ { 5, 5, 5 }, { 5, 5 }, 0, 0 },
		{ { 1, 5, 5, 5 }, { 5, 5, 5 }, 0, 0 },
		/* Where one is cut: as much as there is in common. */
		{ { 1, 5, 5 }, { 2, 5, 5, 5, 5, 9 }, 1, 2 },
		{ { 1, 5, 6, 5 }, { 2, 5, 6, 5, 6, 9 }, 1, 2 },
		{ { 0 }, { 0 }, 0, 0 },
	};

	(void)state;
	check_cases(cases);
}

/*
 * Laid one over the other, each way that they overlap: from where on are they
 * alike up to the end of the one that ends first?
 */
static struct parting lay_over(const struct stack *a, const struct stack *b,
			       int shift)
{
	int in_b = (int)a->nr - shift;
	struct parting parting = { .found = false };

	if (in_b > (int)b->nr)
		in_b = (int)b->nr;
	while (in_b > 0 && in_b + shift > 0 &&
	       a->addresses[in_b + shift - 1] == b->addresses[in_b - 1]) {
		in_b--;
		parting.found = true;
	}
	parting.in_a = (unsigned int)(in_b + shift);
	parting.in_b = (unsigned int)in_b;
	return parting;
}

static bool is_further_in(const struct parting *one,
			  const struct parting *other)
{
	if (one->in_b != other->in_b)
		return one->in_b < other->in_b;
	return one->in_a < other->in_a;
}

static struct parting brute_parting(const struct stack *a,
				    const struct stack *b)
{
	struct parting best = { .found = false };
	int shift;

	for (shift = 1 - (int)b->nr; shift < (int)a->nr; shift++) {
		struct parting parting = lay_over(a, b, shift);

		if (parting.found &&
		    (!best.found || is_further_in(&parting, &best)))
			best = parting;
	}
	best.found = best.found && best.in_a-- && best.in_b--;
	return best;
}

static void append(struct stack *stack, unsigned int nr, unsigned long first,
		   unsigned long nr_addresses)
{
	while (nr--)
		stack->addresses[stack->nr++] = first + below(nr_addresses);
}

static void append_stack(struct stack *stack, const struct stack *tail)
{
	memcpy(stack->addresses + stack->nr, tail->addresses,
	       tail->nr * sizeof(*tail->addresses));
	stack->nr += tail->nr;
}

static void cut(struct stack *stack)
{
	stack->nr -= below(stack->nr + 1);
}

/* Heads and tail have no address in common; of few, they come again. */
static struct parting make_pair(struct stack *a, struct stack *b)
{
	unsigned long nr_addresses = below(2) ? 1 + below(3) : 10000;
	unsigned int head_a = below(MOST_HEAD + 1);
	unsigned int head_b = below(MOST_HEAD + 1);
	struct stack tail = { .nr = 0 };

	a->nr = 0;
	b->nr = 0;
	append(&tail, below(MOST_TAIL + 1), 0xffff000000000000UL,
	       nr_addresses);
	append(a, head_a, 0xffff000000010000UL, nr_addresses);
	append(b, head_b, 0xffff000000020000UL, nr_addresses);
	append_stack(a, &tail);
	append_stack(b, &tail);
	if (below(2))
		cut(below(2) ? a : b);
	return (struct parting){
		.found = head_a && head_b && a->nr > head_a && b->nr > head_b,
		.in_a = head_a - 1,
		.in_b = head_b - 1,
	};
}

static bool is_same_parting(const struct parting *a, const struct parting *b)
{
	return a->found == b->found &&
	       (!a->found || (a->in_a == b->in_a && a->in_b == b->in_b));
}

void test_random_callers(void **state)
{
	unsigned int i, nr_found = 0;

	(void)state;
	for (i = 0; i < NR_PAIRS; i++) {
		struct stack a, b;
		struct parting must = make_pair(&a, &b), brute;

		brute = brute_parting(&a, &b);
		assert_true(is_same_parting(&brute, &must));
		check_parting(&a, &b, &must);
		nr_found += must.found;
	}
	assert_in_range(nr_found, NR_PAIRS / 2, NR_PAIRS * 9 / 10);
}

/* What a head has may be in any other part, too. */
void test_callers_of_few_addresses(void **state)
{
	unsigned int i, nr_found = 0;

	(void)state;
	for (i = 0; i < NR_PAIRS; i++) {
		unsigned long nr_addresses = 1 + below(5);
		struct stack a = { .nr = 0 }, b = { .nr = 0 };
		struct parting must;

		append(&a, below(9), 1, nr_addresses);
		append(&b, below(9), 1, nr_addresses);
		must = brute_parting(&a, &b);
		check_parting(&a, &b, &must);
		nr_found += must.found;
	}
	assert_in_range(nr_found, NR_PAIRS / 10, NR_PAIRS * 9 / 10);
}
