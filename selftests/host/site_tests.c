// SPDX-License-Identifier: GPL-2.0-only
/* Sites: where in arm64 code a breakpoint can sit, and where none can. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "random_area.h"
#include "site_tests.h"
#include "sites.h"

/*
 * Encodings are those that GNU as gives for what stands beside them; but
 * retaasppc's and cbgt's, which it does not know yet, are the manual's.
 */
#define PACIASP 0xd503233fU
#define PACIBSP 0xd503237fU
#define PUSH_FRAME 0xa9ba7bfdU		/* stp x29, x30, [sp, #-96]! */
#define SET_FRAME 0x910003fdU		/* mov x29, sp */
#define CBZ_X0_8 0xb4000040U		/* cbz x0, .+8 */
#define NOP 0xd503201fU
#define RET 0xd65f03c0U

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

#define BEGINNING \
	"it does not begin with an instruction that can be done by hand"
#define TOO_MANY "it ends in too many places"
#define NO_END "it has no end"
#define NOT_FOLLOWED "it has a branch that cannot be followed"
#define ELSEWHERE "it ends in another function"
#define AGAIN "it comes by its beginning again"
#define TOO_LONG "it is too long"

/* Signed or not: only the first of what can be done differs. */
static void check_found(const unsigned int *code, unsigned int nr, bool signs,
			unsigned int entry, const unsigned int *returns,
			unsigned int nr_returns)
{
	struct cd_sites sites;
	unsigned int i;

	assert_null(cd_sites_find(code, nr, signs, &sites));
	assert_int_equal(sites.entry, entry);
	assert_int_equal(sites.nr_returns, nr_returns);
	for (i = 0; i < nr_returns; i++)
		assert_int_equal(sites.returns[i], returns[i]);
}

static void check_refused(const unsigned int *code, unsigned int nr,
			  const char *must)
{
	struct cd_sites sites;
	const char *why;
	int signs;

	for (signs = 0; signs < 2; signs++) {
		why = cd_sites_find(code, nr, signs, &sites);
		assert_non_null(why);
		assert_string_equal(why, must);
	}
}

#define CHECK_FOUND(code, signs, entry, ...) do {			\
	static const unsigned int must_return[] = { __VA_ARGS__ };	\
									\
	check_found(code, sizeof(code) / sizeof(int), signs, entry,	\
		    must_return, COUNT(must_return));			\
} while (0)

#define CHECK_REFUSED(code, why)					\
	check_refused(code, sizeof(code) / sizeof(int), why)

void test_steps(void **state)
{
	static const struct {
		unsigned int insn;
		enum cd_step step;
		enum cd_step signing;
		unsigned int offset;
	} steps[] = {
		{ PACIASP, CD_STEP_HINT, CD_STEP_NONE, 0 },
		{ SET_FRAME, CD_STEP_FRAME, CD_STEP_FRAME, 0 },
		/* add x29, sp, #48 */
		{ 0x9100c3fd, CD_STEP_FRAME, CD_STEP_FRAME, 48 },
		/* add x29, sp, #4095 */
		{ 0x913ffffd, CD_STEP_FRAME, CD_STEP_FRAME, 4095 },
		{ RET, CD_STEP_RETURN, CD_STEP_RETURN, 0 },
	};
	/* Each is like one of the above, but for a bit or a register. */
	static const unsigned int none[] = {
		NOP,			/* which others patch */
		PACIBSP,		/* whose key is another */
		0xd503245f,		/* bti c */
		0xd50323bf,		/* autiasp */
		0xd50320ff,		/* xpaclri */
		0x914007fd,		/* add x29, sp, #1, lsl #12 */
		0x9100039d,		/* add x29, x28, #0 */
		0x910003fc,		/* mov x28, sp */
		0x110003fd,		/* add w29, wsp, #0 */
		0xd10003fd,		/* sub x29, sp, #0 */
		0xb10003fd,		/* adds x29, sp, #0 */
		0xaa1f03fd,		/* mov x29, xzr */
		0xd65f0260,		/* ret x19 */
		0xd65f0bff,		/* retaa */
		0xd65f0fff,		/* retab */
		0xd61f03c0,		/* br x30 */
		0xd63f03c0,		/* blr x30 */
		0xd69f03e0,		/* eret */
		PUSH_FRAME,
		0x94000400,		/* bl .+4096 */
		0x00000000,		/* udf #0 */
	};
	unsigned int i;

	(void)state;
	for (i = 0; i < COUNT(steps); i++) {
		assert_int_equal(cd_step_of(steps[i].insn, false),
				 steps[i].step);
		assert_int_equal(cd_step_of(steps[i].insn, true),
				 steps[i].signing);
		if (steps[i].step == CD_STEP_FRAME)
			assert_int_equal(cd_step_frame_offset(steps[i].insn),
					 steps[i].offset);
	}
	for (i = 0; i < COUNT(none); i++) {
		assert_int_equal(cd_step_of(none[i], false), CD_STEP_NONE);
		assert_int_equal(cd_step_of(none[i], true), CD_STEP_NONE);
	}
}

void test_site_entries(void **state)
{
	static const unsigned int usual[] = {
		PACIASP,
		PUSH_FRAME,
		SET_FRAME,
		0xa8c67bfd,		/* ldp x29, x30, [sp], #96 */
		0xd50323bf,		/* autiasp */
		RET,
	}, large_frame[] = {
		0xd101c3ff,		/* sub sp, sp, #112 */
		0xd5384109,		/* mrs x9, sp_el0 */
		0xa9037bfd,		/* stp x29, x30, [sp, #48] */
		0x9100c3fd,		/* add x29, sp, #48 */
		0xa9437bfd,		/* ldp x29, x30, [sp, #48] */
		0x9101c3ff,		/* add sp, sp, #112 */
		RET,
	}, traced[] = {
		0xd503245f,		/* bti c */
		0xaa1e03e9,		/* mov x9, x30 */
		NOP,
		PACIASP,
		PUSH_FRAME,
		SET_FRAME,
		RET,
	}, other_key[] = {
		PACIBSP,
		PUSH_FRAME,
		SET_FRAME,
		RET,
	}, stores[] = {
		PUSH_FRAME,
		0xf9000bf3,		/* str x19, [sp, #16] */
		0xb90013e1,		/* str w1, [sp, #16] */
		0x390043f3,		/* strb w19, [sp, #16] */
		0x790023f3,		/* strh w19, [sp, #16] */
		0x90000013,		/* adrp x19, . */
		0xaa0003e4,		/* mov x4, x0 */
		0xfa400804,		/* ccmp x0, #0, #4, eq */
		0xf100001f,		/* cmp x0, #0 */
		SET_FRAME,
		RET,
	}, leaf[] = {
		SET_FRAME,
		RET,
	};

	(void)state;
	CHECK_FOUND(usual, false, 0, 5);
	CHECK_FOUND(usual, true, 2, 5);
	CHECK_FOUND(large_frame, false, 3, 6);
	CHECK_FOUND(large_frame, true, 3, 6);
	CHECK_FOUND(traced, false, 3, 6);
	CHECK_FOUND(traced, true, 5, 6);
	CHECK_FOUND(other_key, false, 2, 3);
	CHECK_FOUND(other_key, true, 2, 3);
	CHECK_FOUND(stores, false, 9, 10);
	CHECK_FOUND(stores, true, 9, 10);
	CHECK_FOUND(leaf, true, 0, 1);
}

/* Each of these between the push of a frame and its set-up. */
void test_site_beginnings_refused(void **state)
{
	static const unsigned int refused[] = {
		0xaa0103e0,		/* mov x0, x1 */
		0x91000421,		/* add x1, x1, #1 */
		0x90000002,		/* adrp x2, . */
		0x528000e3,		/* mov w3, #7 */
		0x92401c63,		/* and x3, x3, #0xff */
		0xd5384101,		/* mrs x1, sp_el0 */
		0xf9400002,		/* ldr x2, [x0] */
		0xf9400009,		/* ldr x9, [x0] */
		0xf94007e0,		/* ldr x0, [sp, #8] */
		0xa9430fe2,		/* ldp x2, x3, [sp, #48] */
		0xa903793d,		/* stp x29, x30, [x9, #48] */
		0xf9000933,		/* str x19, [x9, #16] */
		0xf81e0c13,		/* str x19, [x0, #-32]! */
		0xad0007e0,		/* stp q0, q1, [sp] */
		0x14000001,		/* b .+4 */
		0x54000020,		/* b.eq .+4 */
		0xb4000020,		/* cbz x0, .+4 */
		0x36000020,		/* tbz w0, #0, .+4 */
		0x94000400,		/* bl .+4096 */
		0xd63f0200,		/* blr x16 */
		0xd4210000,		/* brk #0x800 */
		0xd50342df,		/* msr daifset, #2 */
		0xd5184100,		/* msr sp_el0, x0 */
		0xd5184109,		/* msr sp_el0, x9 */
		0x9e660000,		/* fmov x0, d0 */
		0x9e660009,		/* fmov x9, d0 */
		RET,
	};
	unsigned int code[] = { PUSH_FRAME, NOP, SET_FRAME, RET };
	unsigned int i;

	(void)state;
	/* What is refused is not the rest of it. */
	CHECK_FOUND(code, false, 2, 3);
	for (i = 0; i < COUNT(refused); i++) {
		code[1] = refused[i];
		CHECK_REFUSED(code, BEGINNING);
	}
	/* Nothing there that could be done, up to the end. */
	code[1] = NOP;
	code[2] = NOP;
	CHECK_REFUSED(code, BEGINNING);
	check_refused(code, 2, BEGINNING);
	check_refused(code, 0, BEGINNING);
}

void test_site_returns(void **state)
{
	/* cbz x0, .+8 before each but the last. */
	static const unsigned int four[] = {
		SET_FRAME,
		CBZ_X0_8, RET, CBZ_X0_8, RET, CBZ_X0_8, RET, RET,
	}, five[] = {
		SET_FRAME,
		CBZ_X0_8, RET, CBZ_X0_8, RET, CBZ_X0_8, RET, CBZ_X0_8, RET, RET,
	}, none[] = {
		SET_FRAME,
		NOP,
		0x17ffffff,		/* b .-4 */
	}, calls[] = {
		SET_FRAME,
		0xd63f0200,		/* blr x16 */
		0xd73f0a11,		/* blraa x16, x17 */
		0xd63f0a1f,		/* blraaz x16 */
		0x94000400,		/* bl .+4096 */
		0xd4210000,		/* brk #0x800 */
		RET,
	}, patched[] = {
		SET_FRAME,
		NOP,			/* b .+8, once it is patched */
		RET,
		RET,
	};
	static const unsigned int ends[] = {
		0xd61f0200,		/* br x16 */
		0xd71f0a11,		/* braa x16, x17 */
		0xd61f0a1f,		/* braaz x16 */
		0xd65f0260,		/* ret x19 */
		0xd65f0bff,		/* retaa */
		0xd65f0fff,		/* retab */
		0x5500001f,		/* retaasppc . */
		0xd69f03e0,		/* eret */
		0x74010040,		/* cbgt w0, w1, .+8 */
	};
	/* cbz x0, .+8 leads to a return beside the other end. */
	unsigned int code[] = { SET_FRAME, CBZ_X0_8, NOP, RET };
	unsigned int i;

	(void)state;
	CHECK_FOUND(four, false, 0, 2, 4, 6, 7);
	CHECK_REFUSED(five, TOO_MANY);
	CHECK_REFUSED(none, NO_END);
	CHECK_FOUND(calls, false, 0, 6);
	CHECK_FOUND(patched, false, 0, 2, 3);
	CHECK_FOUND(code, false, 0, 3);
	for (i = 0; i < COUNT(ends); i++) {
		code[2] = ends[i];
		CHECK_REFUSED(code, NOT_FOLLOWED);
	}
}

/* That stay inside, or are never come to. */
void test_site_branches(void **state)
{
	static const unsigned int loop[] = {
		PUSH_FRAME,
		SET_FRAME,
		0xf1000421,		/* subs x1, x1, #1 */
		0x54ffffe1,		/* b.ne .-4 */
		0xb5ffffc0,		/* cbnz x0, .-8 */
		0x37ffffa0,		/* tbnz w0, #31, .-12 */
		0x17fffffc,		/* b .-16 */
		RET,
	}, forwards[] = {
		SET_FRAME,
		0x54000080,		/* b.eq .+16 */
		0xb6f80060,		/* tbz x0, #63, .+12 */
		0x34000040,		/* cbz w0, .+8 */
		0x14000001,		/* b .+4 */
		RET,
	}, data[] = {
		SET_FRAME,
		RET,
		0x14000400,		/* b .+4096 */
		0x17fffc00,		/* b .-4096 */
		0xb4008000,		/* cbz x0, .+4096 */
		0xd61f0200,		/* br x16 */
	}, stepped_over[] = {
		SET_FRAME,
		0x14000002,		/* b .+8 */
		0x14000400,		/* b .+4096 */
		RET,
	}, noreturn[] = {
		SET_FRAME,
		CBZ_X0_8,
		RET,
		0x94000400,		/* bl .+4096 */
	};

	(void)state;
	CHECK_FOUND(loop, false, 1, 7);
	CHECK_FOUND(forwards, false, 0, 5);
	CHECK_FOUND(data, false, 0, 1);
	CHECK_FOUND(stepped_over, false, 0, 3);
	CHECK_FOUND(noreturn, false, 0, 2);
}

void test_site_branches_refused(void **state)
{
	static const struct {
		unsigned int insn;
		const char *why;
	} branches[] = {
		{ 0x14000400, ELSEWHERE },	/* b .+4096 */
		{ 0x17fffc00, ELSEWHERE },	/* b .-4096 */
		{ 0x54008001, ELSEWHERE },	/* b.ne .+4096 */
		{ 0x54ff8001, ELSEWHERE },	/* b.ne .-4096 */
		{ 0xb4008000, ELSEWHERE },	/* cbz x0, .+4096 */
		{ 0x35ff8000, ELSEWHERE },	/* cbnz w0, .-4096 */
		{ 0x36008000, ELSEWHERE },	/* tbz w0, #0, .+4096 */
		{ 0xb7078000, ELSEWHERE },	/* tbnz x0, #32, .-4096 */
		{ 0x15ffffff, ELSEWHERE },	/* b .+0x7fffffc */
		{ 0x16000000, ELSEWHERE },	/* b .-0x8000000 */
		{ 0x547fffe0, ELSEWHERE },	/* b.eq .+0xffffc */
		{ 0x54800000, ELSEWHERE },	/* b.eq .-0x100000 */
		{ 0x3603ffe0, ELSEWHERE },	/* tbz w0, #0, .+0x7ffc */
		{ 0x36040000, ELSEWHERE },	/* tbz w0, #0, .-0x8000 */
		{ 0x14000002, ELSEWHERE },	/* b .+8, behind the end */
		{ 0x17fffffd, ELSEWHERE },	/* b .-12, before the start */
		{ 0x17fffffe, AGAIN },		/* b .-8 */
		{ 0x17ffffff, AGAIN },		/* b .-4 */
		{ 0x54ffffe0, AGAIN },		/* b.eq .-4 */
		{ 0xb4ffffe0, AGAIN },		/* cbz x0, .-4 */
		{ 0x36ffffe0, AGAIN },		/* tbz w0, #31, .-4 */
	};
	/* A return is there in any case: found, but not by all. */
	unsigned int code[] = { PUSH_FRAME, SET_FRAME, NOP, RET };
	unsigned int far[] = { SET_FRAME, CBZ_X0_8, RET, NOP, NOP, RET };
	unsigned int i;

	(void)state;
	for (i = 0; i < COUNT(branches); i++) {
		code[2] = branches[i].insn;
		CHECK_REFUSED(code, branches[i].why);
	}
	/* Where only a branch leads to. */
	CHECK_FOUND(far, false, 0, 2, 5);
	far[4] = 0x14000400;			/* b .+4096 */
	CHECK_REFUSED(far, ELSEWHERE);
}

void test_site_lengths(void **state)
{
	static unsigned int code[CD_MAX_CODE + 1];
	unsigned int i;

	(void)state;
	for (i = 0; i < COUNT(code); i++)
		code[i] = NOP;
	code[0] = SET_FRAME;
	code[CD_MAX_CODE - 1] = RET;
	check_found(code, CD_MAX_CODE, false, 0,
		    (const unsigned int []){ CD_MAX_CODE - 1 }, 1);
	CHECK_REFUSED(code, TOO_LONG);
	check_refused(code, CD_MAX_CODE - 1, NO_END);
	/* Every one is the target of a branch: b.eq .+4 */
	for (i = 1; i < CD_MAX_CODE - 1; i++)
		code[i] = 0x54000020;
	check_found(code, CD_MAX_CODE, false, 0,
		    (const unsigned int []){ CD_MAX_CODE - 1 }, 1);
}

#define NR_FUNCTIONS 100000UL
#define MAX_RANDOM 64UL

static void check_can_be_done(const unsigned int *code, unsigned int nr,
			      bool signs, const struct cd_sites *sites)
{
	enum cd_step step;
	unsigned int i;

	assert_in_range(sites->entry, 0, nr - 1);
	step = cd_step_of(code[sites->entry], signs);
	assert_true(step == CD_STEP_HINT || step == CD_STEP_FRAME);
	assert_in_range(sites->nr_returns, 1, CD_MAX_RETURNS);
	for (i = 0; i < sites->nr_returns; i++) {
		assert_in_range(sites->returns[i], sites->entry + 1, nr - 1);
		assert_int_equal(code[sites->returns[i]], RET);
	}
}

/* Words at random, in memory of just their size; some begin and end well. */
void test_sites_of_random_words(void **state)
{
	unsigned long i, nr_found = 0;

	(void)state;
	for (i = 0; i < NR_FUNCTIONS; i++) {
		unsigned int nr = 1 + below(MAX_RANDOM), at;
		unsigned int *code = test_malloc(nr * sizeof(*code));
		bool signs = below(2), well = below(2);
		struct cd_sites sites;

		for (at = 0; at < nr; at++)
			code[at] = below(1UL << 32);
		if (well) {
			code[0] = SET_FRAME;
			code[nr - 1] = RET;
		}
		if (!cd_sites_find(code, nr, signs, &sites)) {
			check_can_be_done(code, nr, signs, &sites);
			nr_found++;
		}
		test_free(code);
	}
	print_message("# %lu of %lu random functions\n", nr_found,
		      NR_FUNCTIONS);
	assert_in_range(nr_found, NR_FUNCTIONS / 100, NR_FUNCTIONS / 2);
}

/* What an instruction of a random function does, as it was made. */
struct made {
	enum { STEPS, BRANCHES, JUMPS, RETURNS, LEAVES } does;
	long to;
};

static unsigned int make_branch(unsigned int at, unsigned int nr,
				struct made *made)
{
	static const struct {
		unsigned int insn, low, width;
	} kinds[] = {
		{ 0x14000000, 0, 26 },		/* b */
		{ 0x54000000, 5, 19 },		/* b.eq */
		{ 0xb5000001, 5, 19 },		/* cbnz x1 */
		{ 0x34000002, 5, 19 },		/* cbz w2 */
		{ 0x36180000, 5, 14 },		/* tbz w0, #3 */
		{ 0xb7000003, 5, 14 },		/* tbnz x3, #32 */
	};
	unsigned int kind = below(COUNT(kinds));
	long to;

	/* Out of the function once in a while. */
	to = below(40) ? (long)below(nr) : (long)below(3 * nr) - nr;
	made->does = kind ? BRANCHES : JUMPS;
	made->to = to;
	return kinds[kind].insn |
	       ((unsigned int)(to - at) & ((1U << kinds[kind].width) - 1)) <<
	       kinds[kind].low;
}

static unsigned int make_insn(unsigned int at, unsigned int nr,
			      struct made *made)
{
	static const unsigned int plain[] = {
		NOP, PACIASP, PUSH_FRAME, SET_FRAME,
		0xaa0103e0,		/* mov x0, x1 */
		0xf9400002,		/* ldr x2, [x0] */
		0x94000400,		/* bl .+4096 */
		0xd63f0200,		/* blr x16 */
	}, leave[] = {
		0xd61f0200,		/* br x16 */
		0xd65f0bff,		/* retaa */
		0xd69f03e0,		/* eret */
	};
	unsigned long dice = below(100);

	*made = (struct made){ .does = STEPS };
	if (dice < 30)
		return make_branch(at, nr, made);
	if (dice < 34) {
		made->does = RETURNS;
		return RET;
	}
	if (dice < 35) {
		made->does = LEAVES;
		return leave[below(COUNT(leave))];
	}
	return plain[below(COUNT(plain))];
}

/* Comes by the entry once, before any end, and leaves by none but a return. */
static void walk(const struct made *made, unsigned int nr,
		 const struct cd_sites *sites)
{
	unsigned int nr_entered = 0, nr_steps;
	unsigned int i;
	long at = 0;

	for (nr_steps = 0; nr_steps < 200 && at < (long)nr; nr_steps++) {
		nr_entered += at == sites->entry;
		switch (made[at].does) {
		case RETURNS:
			assert_int_equal(nr_entered, 1);
			for (i = 0; i < sites->nr_returns; i++)
				if (sites->returns[i] == at)
					return;
			fail();
			return;
		case LEAVES:
			fail();
			return;
		case JUMPS:
			at = made[at].to;
			break;
		case BRANCHES:
			at = below(2) ? made[at].to : at + 1;
			break;
		default:
			at++;
		}
		/* Behind the last one only by coming to it in turn. */
		assert_in_range(at, 0, nr);
	}
	assert_in_range(nr_entered, 0, 1);
}

void test_sites_of_random_functions(void **state)
{
	static unsigned int code[MAX_RANDOM];
	static struct made made[MAX_RANDOM];
	unsigned long i, nr_found = 0;

	(void)state;
	for (i = 0; i < NR_FUNCTIONS; i++) {
		unsigned int nr = 2 + below(MAX_RANDOM / 2), at, nr_walks;
		bool signs = below(2);
		struct cd_sites sites;

		for (at = 0; at < nr; at++)
			code[at] = make_insn(at, nr, &made[at]);
		if (cd_sites_find(code, nr, signs, &sites))
			continue;
		check_can_be_done(code, nr, signs, &sites);
		for (nr_walks = 0; nr_walks < 20; nr_walks++)
			walk(made, nr, &sites);
		nr_found++;
	}
	print_message("# %lu of %lu random functions\n", nr_found,
		      NR_FUNCTIONS);
	assert_in_range(nr_found, NR_FUNCTIONS / 100, NR_FUNCTIONS / 2);
}
