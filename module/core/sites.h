/* SPDX-License-Identifier: GPL-2.0-only */
/* Where in a function's code a hardware breakpoint can sit, on arm64. */
#ifndef CD_SITES_H
#define CD_SITES_H

#include "portable.h"

/* A function with more ends than these is not watched. */
#define CD_MAX_RETURNS 4U
/* Instructions of the longest function that is looked at. */
#define CD_MAX_CODE 2048U

/**
 * enum cd_step - an instruction that is simple enough to be done by hand
 * @CD_STEP_NONE: any other
 * @CD_STEP_HINT: does nothing
 * @CD_STEP_FRAME: x29 = sp + an immediate
 * @CD_STEP_RETURN: pc = x30
 */
enum cd_step {
	CD_STEP_NONE,
	CD_STEP_HINT,
	CD_STEP_FRAME,
	CD_STEP_RETURN,
};

/**
 * struct cd_sites - where a function's start and all of its ends are seen
 * @entry: index of an instruction that each call comes by once, while the
 *         arguments x0 to x3 are still in their registers
 * @nr_returns: ends
 * @returns: index of each, where x0 has the result
 */
struct cd_sites {
	unsigned int entry;
	unsigned int nr_returns;
	unsigned int returns[CD_MAX_RETURNS];
};

enum cd_step cd_step_of(unsigned int insn, bool signs_pointers);
unsigned int cd_step_frame_offset(unsigned int insn);
const char *cd_sites_find(const unsigned int *code, unsigned int nr,
			  bool signs_pointers, struct cd_sites *sites);

#endif
