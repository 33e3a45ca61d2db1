// SPDX-License-Identifier: GPL-2.0-only
/* An explanation for scripts: an object of JSON, on a line. */
#include "show.h"

/* Length of the UTF-8 character at @text, 0 when it is none. */
static unsigned int utf8_length(const unsigned char *text)
{
	unsigned int len = *text >= 0xf0 ? 4 : *text >= 0xe0 ? 3 : 2, i;

	if (*text < 0xc2 || *text > 0xf4)
		return 0;
	for (i = 1; i < len; i++)
		if ((text[i] & 0xc0) != 0x80)
			return 0;
	if ((*text == 0xe0 && text[1] < 0xa0) ||
	    (*text == 0xed && text[1] > 0x9f) ||
	    (*text == 0xf0 && text[1] < 0x90) ||
	    (*text == 0xf4 && text[1] > 0x8f))
		return 0;
	return len;
}

static unsigned int put_character(FILE *out, const unsigned char *text)
{
	unsigned int len;

	if (*text >= 0x80) {
		len = utf8_length(text);
		if (len)
			fwrite(text, 1, len, out);
		else
			fputs("\\ufffd", out);
		return len ? len : 1;
	}
	if (*text == '"' || *text == '\\')
		fprintf(out, "\\%c", *text);
	else if (*text < 0x20 || *text == 0x7f)
		fprintf(out, "\\u%04x", *text);
	else
		putc(*text, out);
	return 1;
}

/* Needs no escape, and is no NUL. */
static bool is_plain(unsigned char c)
{
	return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

static void put_string(FILE *out, const char *key, const char *value)
{
	const unsigned char *text = (const unsigned char *)value;
	size_t len;

	fprintf(out, ",\"%s\":\"", key);
	for (;;) {
		for (len = 0; is_plain(text[len]); len++)
			;
		fwrite(text, 1, len, out);
		text += len;
		if (!*text)
			break;
		text += put_character(out, text);
	}
	putc('"', out);
}

static void put_number(FILE *out, const char *key, bool known, long value)
{
	if (known)
		fprintf(out, ",\"%s\":%ld", key, value);
	else
		fprintf(out, ",\"%s\":null", key);
}

static void put_bool(FILE *out, const char *key, bool known, bool value)
{
	fprintf(out, ",\"%s\":%s", key,
		!known ? "null" : value ? "true" : "false");
}

/**
 * show_json() - an explanation for scripts
 * @out: where to
 * @why: the explanation
 */
void show_json(FILE *out, const struct explanation *why)
{
	const struct log_failure *failure = why->failure;
	const struct cd_diagnosis *diag = &why->diag;
	bool is_asked = failure->has_request;

	fputs("{\"line\":", out);
	if (failure->line)
		fprintf(out, "%lu", failure->line);
	else
		fputs("null", out);
	if (failure->area[0])
		put_string(out, "area", failure->area);
	else
		fputs(",\"area\":null", out);
	put_number(out, "count", is_asked, (long)diag->request.nr_pages);
	put_number(out, "align", is_asked, (long)diag->request.align);
	put_bool(out, "align_assumed", is_asked, diag->request.align_assumed);
	put_number(out, "errno", failure->has_error, failure->error);
	put_string(out, "verdict", cd_verdict_word(diag->verdict));
	put_number(out, "total", why->has_totals, (long)diag->nr_pages);
	put_number(out, "free", why->has_totals, (long)diag->nr_free);
	put_number(out, "nr_runs", why->is_complete, (long)diag->nr_runs);
	put_number(out, "largest", why->has_largest,
		   (long)diag->largest.nr_pages);
	put_number(out, "largest_aligned", why->has_usable,
		   (long)diag->usable.nr_pages);
	put_bool(out, "complete", true, why->is_complete);
	put_string(out, "evidence", why->evidence);
	put_string(out, "help", why->help);
	put_number(out, "to_free", why->cheapest[0],
		   (long)diag->cheapest.nr_used);
	if (why->cheapest[0])
		put_string(out, "cheapest", why->cheapest);
	else
		fputs(",\"cheapest\":null", out);
	fputs("}\n", out);
}
