// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where in a function's code a hardware breakpoint can sit, on arm64.
 *
 * Who handles a breakpoint of the kernel's must get past the instruction under
 * it: it is done by hand, and so must be one of the few that are simple. A
 * function begins with one nearly always:
 *
 *	paciasp				nothing, where pointers are not signed
 *	stp	x29, x30, [sp, #-N]!	not this: it writes to where the
 *					exception has its frame
 *	mov	x29, sp			simple
 *
 * and ends with ret. A nop would be simple, too, but others patch it (ftrace,
 * static keys), and then it is not what was done by hand any more.
 *
 * All that is decided here is decided by rule from the instructions, and where
 * no rule fits the function is refused. The encodings are those of the Arm
 * Architecture Reference Manual, chapter C4.
 */
#include "sites.h"

#define INSN_PACIASP 0xd503233fU
#define INSN_RET 0xd65f03c0U
#define SP 31U
/* Arguments that are looked at: x0 to x3. */
#define NR_ARGUMENTS 4U

static unsigned int bits(unsigned int insn, unsigned int low, unsigned int nr)
{
	return (insn >> low) & ((1U << nr) - 1);
}

static bool is_hint(unsigned int insn)
{
	return (insn & 0xfffff01fU) == 0xd503201fU;
}

/* add x29, sp, #N: with N 0 it is mov x29, sp */
static bool is_frame(unsigned int insn)
{
	return (insn & 0xffc003ffU) == 0x910003fdU;
}

/**
 * cd_step_of() - how an instruction is done by hand
 * @insn: the instruction
 * @signs_pointers: pointer authentication is on
 *
 * Context: any.
 */
enum cd_step cd_step_of(unsigned int insn, bool signs_pointers)
{
	if (insn == INSN_RET)
		return CD_STEP_RETURN;
	if (is_frame(insn))
		return CD_STEP_FRAME;
	if (!signs_pointers && insn == INSN_PACIASP)
		return CD_STEP_HINT;
	return CD_STEP_NONE;
}

/**
 * cd_step_frame_offset() - the immediate of a CD_STEP_FRAME
 * @insn: the instruction
 *
 * Context: any.
 */
unsigned int cd_step_frame_offset(unsigned int insn)
{
	return bits(insn, 10, 12);
}

static bool computes(unsigned int insn)
{
	/* Data processing, with an immediate or with registers. */
	return bits(insn, 26, 3) == 4 || bits(insn, 25, 3) == 5;
}

static bool reads_system_register(unsigned int insn)
{
	return (insn & 0xfff00000U) == 0xd5300000U;
}

/* stp, str, strb, strh to the stack; no other register changes by it. */
static bool stores_on_stack(unsigned int insn)
{
	bool pair = (insn & 0x3e400000U) == 0x28000000U;
	bool single = (insn & 0x3fc00000U) == 0x39000000U;

	return (pair || single) && bits(insn, 5, 5) == SP;
}

/* Of an instruction of no kind known here nothing is said. */
static bool keeps_arguments(unsigned int insn)
{
	if (computes(insn) || reads_system_register(insn))
		return bits(insn, 0, 5) >= NR_ARGUMENTS;
	return is_hint(insn) || stores_on_stack(insn);
}

static const char *find_entry(const unsigned int *code, unsigned int nr,
			      bool signs_pointers, struct cd_sites *sites)
{
	unsigned int i;

	for (i = 0; i < nr; i++) {
		enum cd_step step = cd_step_of(code[i], signs_pointers);

		if (step == CD_STEP_HINT || step == CD_STEP_FRAME) {
			sites->entry = i;
			return NULL;
		}
		if (!keeps_arguments(code[i]))
			break;
	}
	return "it does not begin with an instruction that can be done by hand";
}

/* Also those that only a patched nop leads to. */
static const char *find_returns(const unsigned int *code, unsigned int nr,
				struct cd_sites *sites)
{
	unsigned int i;

	sites->nr_returns = 0;
	for (i = 0; i < nr; i++) {
		if (code[i] != INSN_RET)
			continue;
		if (sites->nr_returns == CD_MAX_RETURNS)
			return "it ends in too many places";
		sites->returns[sites->nr_returns++] = i;
	}
	return sites->nr_returns ? NULL : "it has no end";
}

/* Indices of instructions yet to be looked at, and those that once were. */
struct path {
	const unsigned int *code;
	unsigned int nr;
	unsigned int entry;
	unsigned int nr_open;
	unsigned short open[CD_MAX_CODE];
	bool seen[CD_MAX_CODE];
};

static bool visit(struct path *path, long to)
{
	if (to < 0 || to >= (long)path->nr)
		return false;
	if (!path->seen[to]) {
		path->seen[to] = true;
		path->open[path->nr_open++] = to;
	}
	return true;
}

/* Sign-extended, in instructions. */
static long distance(unsigned int insn, unsigned int low, unsigned int nr)
{
	long field = bits(insn, low, nr);

	return field - (field >> (nr - 1) << nr);
}

static bool is_branch(unsigned int insn, long *to, bool *may_go_on)
{
	*may_go_on = true;
	if (bits(insn, 26, 6) == 0x05) {		/* b */
		*to = distance(insn, 0, 26);
		*may_go_on = false;
	} else if (bits(insn, 24, 8) == 0x54 ||		/* b.cond */
		   bits(insn, 25, 6) == 0x1a) {		/* cbz, cbnz */
		*to = distance(insn, 5, 19);
	} else if (bits(insn, 25, 6) == 0x1b) {		/* tbz, tbnz */
		*to = distance(insn, 5, 14);
	} else {
		return false;
	}
	return true;
}

/*
 * br, ret, eret and their kin, and what else is of the class of branches, but
 * for bl, blr, exceptions and system instructions. Comes after is_branch().
 */
static bool jumps_elsewhere(unsigned int insn)
{
	bool calls = bits(insn, 26, 6) == 0x25 ||
		     (bits(insn, 25, 7) == 0x6b && bits(insn, 21, 3) == 1);

	return bits(insn, 26, 3) == 5 && !calls && bits(insn, 25, 7) != 0x6a;
}

/* What follows the last instruction is padding, and is not come to. */
static const char *follow(struct path *path, unsigned int at)
{
	unsigned int insn = path->code[at];
	bool may_go_on;
	long to;

	if (insn == INSN_RET)
		return NULL;
	if (!is_branch(insn, &to, &may_go_on)) {
		if (jumps_elsewhere(insn))
			return "it has a branch that cannot be followed";
		visit(path, (long)at + 1);
		return NULL;
	}
	if (!visit(path, (long)at + to))
		return "it ends in another function";
	if ((long)at + to <= (long)path->entry)
		return "it comes by its beginning again";
	if (may_go_on)
		visit(path, (long)at + 1);
	return NULL;
}

/* A call that ends elsewhere would never be seen to end. */
static const char *check_ends(const unsigned int *code, unsigned int nr,
			      const struct cd_sites *sites)
{
	static struct path path;
	const char *why = NULL;
	unsigned int i;

	path.code = code;
	path.nr = nr;
	path.entry = sites->entry;
	path.nr_open = 0;
	for (i = 0; i < nr; i++)
		path.seen[i] = false;
	visit(&path, 0);
	while (path.nr_open && !why)
		why = follow(&path, path.open[--path.nr_open]);
	return why;
}

/**
 * cd_sites_find() - where breakpoints can sit, so that no call is missed
 * @code: the function's instructions
 * @nr: how many; what lies between this function and the next may follow them
 * @signs_pointers: pointer authentication is on
 * @sites: result
 *
 * Context: one at a time.
 *
 * Return: NULL; or why there are none, to follow "FUNCTION cannot be watched:
 * ".
 */
const char *cd_sites_find(const unsigned int *code, unsigned int nr,
			  bool signs_pointers, struct cd_sites *sites)
{
	const char *why;

	if (nr > CD_MAX_CODE)
		return "it is too long";
	why = find_entry(code, nr, signs_pointers, sites);
	if (!why)
		why = find_returns(code, nr, sites);
	if (!why)
		why = check_ends(code, nr, sites);
	return why;
}
