// SPDX-License-Identifier: GPL-2.0-only
/* A what-if question to a saved bitmap, as the module's file probe answers. */
#include <string.h>

#include "probe.h"

/* "456,8" as "456 8", which the module reads. */
static const char *read_question(struct probe *probe, const char *text,
				 unsigned int page_shift,
				 unsigned int align_cap)
{
	char question[CD_QUESTION_MAX];
	const char *complaint = NULL;
	char *comma;

	if (strlen(text) >= sizeof(question))
		return "a question has less than 64 characters";
	memcpy(question, text, strlen(text) + 1);
	comma = strchr(question, ',');
	if (comma)
		*comma = ' ';
	return cd_parse_question(question, page_shift, align_cap,
				 &probe->question, &complaint) ?
	       complaint : NULL;
}

/**
 * probe_ask() - would it fit?
 * @probe: result
 * @saved: the bitmap
 * @question: "COUNT" or "COUNT,ALIGN"
 * @align_cap: CONFIG_CMA_ALIGNMENT
 *
 * Return: NULL, or what is wrong with the question.
 */
const char *probe_ask(struct probe *probe, const struct saved_bitmap *saved,
		      const char *question, unsigned int align_cap)
{
	static struct cd_figures figures;
	struct explanation *why = &probe->why;
	const char *wrong;

	*probe = (struct probe){ 0 };
	wrong = read_question(probe, question, saved->page_shift, align_cap);
	if (wrong)
		return wrong;
	memcpy(probe->failure.area, saved->name, AREA_NAME_MAX - 1);
	probe->failure.has_request = true;
	why->failure = &probe->failure;
	why->has_list = true;
	why->is_complete = true;
	why->has_totals = true;
	why->has_largest = true;
	why->has_usable = true;
	why->diag = (struct cd_diagnosis){
		.request = probe->question,
		.attempt.candidates = CD_CANDIDATES_WHAT_IF,
		.page_shift = saved->page_shift,
		.align_cap = align_cap,
	};
	cd_diagnose(&why->diag, &saved->bm, &figures);
	cd_count_room(&saved->bm, &why->diag.request, &probe->room);
	cd_say_evidence(&why->diag, why->evidence, CD_SENTENCE_MAX);
	cd_say_help(&why->diag, why->help, CD_SENTENCE_MAX);
	cd_say_cheapest(&why->diag, why->cheapest, CD_SENTENCE_MAX);
	return NULL;
}

static void show_room(FILE *out, const struct probe *probe)
{
	const struct cd_diagnosis *diag = &probe->why.diag;
	const struct cd_room *room = &probe->room;
	char size[32];

	cd_say_pages(room->nr_pages, diag->page_shift, size, sizeof(size));
	show_label(out, "most");
	fprintf(out, "%lu pages (%s) fit at align %u\n", room->nr_pages, size,
		diag->request.align);
	show_label(out, "align");
	if (room->align < 0)
		fputs("these pages fit at no alignment\n", out);
	else
		fprintf(out, "these pages fit up to align %d\n", room->align);
	show_label(out, "at once");
	fprintf(out, "%lu such buffer%s fit\n", room->nr_buffers,
		room->nr_buffers == 1 ? "" : "s");
}

/**
 * probe_show() - the answer, as the module's file probe has it
 * @out: where to
 * @probe: the answer
 */
void probe_show(FILE *out, const struct probe *probe)
{
	show_diagnosis(out, &probe->why);
	show_room(out, probe);
	putc('\n', out);
}
