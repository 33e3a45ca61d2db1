// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is said when remainders are much of what is free. A bitmap does not tell
 * who left them: it is said what alignment leaves, and that this is seen.
 */
#include "remainder_words.h"

static const char *least(const struct cd_main_remainders *remainders)
{
	return remainders->alike_counted ? "" : "at least ";
}

/**
 * cd_say_remainders() - go on with evidence: what of the free pages they are
 * @text: the sentence
 * @diag: a finished diagnosis; nothing is said when they are not much
 */
void cd_say_remainders(struct cd_text *text, const struct cd_diagnosis *diag)
{
	const struct cd_main_remainders *remainders = &diag->remainders;

	if (!remainders->order)
		return;
	cd_add(text,
	       "; %lu of %lu free runs begin with what alignment to %lu leaves behind a buffer, %lu pages in all",
	       remainders->nr_runs, diag->nr_runs, 1UL << remainders->order,
	       remainders->nr_pages);
	if (remainders->overhang)
		cd_add(text,
		       "; %s%lu of these buffers have %lu page%s more than a multiple of %lu",
		       least(remainders), remainders->nr_alike,
		       remainders->overhang, cd_plural(remainders->overhang),
		       1UL << remainders->order);
}

/*
 * A buffer without its overhang would end at the boundary in front, and leave
 * the block from there on free as a whole: nobody else is in it.
 */
static void add_other_size(struct cd_text *text,
			   const struct cd_main_remainders *remainders)
{
	unsigned long block = 1UL << remainders->order;
	unsigned long rest = block - remainders->overhang;

	cd_add(text, ": ");
	if (!remainders->overhang_is_all)
		cd_add(text,
		       "%lu page%s less in each of %s%lu would free as many blocks of %lu, ",
		       remainders->overhang, cd_plural(remainders->overhang),
		       least(remainders), remainders->nr_alike, block);
	cd_add(text, "%lu page%s more in each take%s nothing from others", rest,
	       cd_plural(rest), rest == 1 ? "s" : "");
}

/* A buffer's alignment is capped where it asks for more than the cap. */
static bool lower_cap_helps(const struct cd_diagnosis *diag)
{
	const struct cd_main_remainders *remainders = &diag->remainders;

	return remainders->order > CD_LOW_CAP &&
	       remainders->order <= diag->align_cap &&
	       remainders->nr_pages_low < remainders->nr_pages;
}

/**
 * cd_help_remainders() - go on with help: what would not leave any
 * @text: the sentence
 * @diag: a finished diagnosis; nothing is said when they are not much
 */
void cd_help_remainders(struct cd_text *text, const struct cd_diagnosis *diag)
{
	const struct cd_main_remainders *remainders = &diag->remainders;

	if (!remainders->order)
		return;
	cd_add(text, "; make the sizes of buffers multiples of %lu pages",
	       1UL << remainders->order);
	if (remainders->overhang)
		add_other_size(text, remainders);
	if (!lower_cap_helps(diag))
		return;
	cd_add(text, "; CONFIG_CMA_ALIGNMENT %d instead of %u would leave ",
	       CD_LOW_CAP, diag->align_cap);
	if (remainders->nr_pages_low)
		cd_add(text, "at most %lu", remainders->nr_pages_low);
	else
		cd_add(text, "none");
	cd_add(text, " of these %lu pages behind", remainders->nr_pages);
}
