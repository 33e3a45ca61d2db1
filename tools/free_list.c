// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel's list of free runs, read piece by piece. It is printed by
 * cma_debug_show_areas() of mm/cma.c, 4.11 to 7.3.
 */
#include <ctype.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "free_list.h"

/**
 * list_begin() - a new list, of which nothing is read yet
 * @list: the list; its memory is used again
 */
void list_begin(struct free_list *list)
{
	*list = (struct free_list){
		.state = LIST_ITEM,
		.nr_room = list->nr_room,
		.runs = list->runs,
	};
}

static bool has_room(struct free_list *list)
{
	unsigned int nr = list->nr_room ? 2 * list->nr_room : 64;
	struct list_run *runs;

	if (list->nr_runs < list->nr_room)
		return true;
	if (nr > LIST_MAX_RUNS)
		return false;
	runs = realloc(list->runs, nr * sizeof(*runs));
	if (!runs)
		return false;
	list->runs = runs;
	list->nr_room = nr;
	return true;
}

/* The kernel lists runs from the lowest up, with used bits between them. */
static bool is_in_order(const struct free_list *list, unsigned long start)
{
	const struct list_run *last;

	if (list->nr_runs == list->first_run[list->nr_ranges - 1])
		return true;
	last = &list->runs[list->nr_runs - 1];
	return start > last->start_bit;
}

static void add_run(struct free_list *list)
{
	unsigned long start = list->number;

	if (!list->nr_ranges)
		list->first_run[list->nr_ranges++] = 0;
	if (!list->nr_pages || list->nr_pages > UINT_MAX || start > UINT_MAX ||
	    !is_in_order(list, start)) {
		list->is_damaged = true;
		return;
	}
	if (!has_room(list)) {
		list->is_short = true;
		return;
	}
	list->runs[list->nr_runs++] = (struct list_run){
		(unsigned int)list->nr_pages, (unsigned int)start,
	};
	list->nr_listed += list->nr_pages;
}

/* A number or a run that is complete, if one is under way. */
static void end_item(struct free_list *list)
{
	if (list->state == LIST_POSITION && list->has_digit)
		add_run(list);
	else if (list->state == LIST_POSITION || list->state == LIST_SIZE)
		list->is_short = true;
	list->state = LIST_ITEM;
	list->number = 0;
	list->has_digit = false;
}

/**
 * list_begin_range() - the line of a range begins
 * @list: the list
 * @range: which one
 */
void list_begin_range(struct free_list *list, unsigned int range)
{
	end_item(list);
	if (range != list->nr_ranges || range >= CD_MAX_RANGES) {
		list->is_damaged = true;
		return;
	}
	list->first_run[list->nr_ranges++] = list->nr_runs;
}

static void next_number(struct free_list *list, enum list_state state)
{
	list->state = state;
	list->number = 0;
	list->has_digit = false;
}

static void take_digit(struct free_list *list, char c)
{
	list->has_digit = true;
	if (list->number < ULONG_MAX / 100)
		list->number = list->number * 10 + (unsigned long)(c - '0');
	if (list->state == LIST_ITEM)
		list->state = LIST_SIZE;
}

static bool take_in_runs(struct free_list *list, char c)
{
	if (c == '@' && list->state == LIST_SIZE) {
		list->nr_pages = list->number;
		next_number(list, LIST_POSITION);
	} else if (c == '+') {
		end_item(list);
	} else if (c == '=') {
		end_item(list);
		list->state = LIST_ARROW;
	} else if (c == '.' || c == '\xe2' || c == '\x80' || c == '\xa6') {
		/* "7@58...": the position may have more digits. */
		list->has_digit = false;
		end_item(list);
		list->is_short = true;
	} else if (c == ' ' || c == '\t') {
		end_item(list);
	} else {
		return false;
	}
	return true;
}

static bool take_in_totals(struct free_list *list, char c)
{
	bool is_blank = c == ' ' || c == '\t';

	switch (list->state) {
	case LIST_ARROW:
		if (c == '>')
			next_number(list, LIST_FREE);
		return c == '>' || is_blank;
	case LIST_FREE:
		if (list->has_digit && (is_blank || c == 'f')) {
			list->nr_free = list->number;
			next_number(list, LIST_OF);
			return true;
		}
		return is_blank;
	case LIST_OF:
		return is_blank || strchr("freo", c);
	default:
		return false;
	}
}

static bool takes_digits(const struct free_list *list)
{
	return list->state != LIST_ARROW && list->state != LIST_CLOSED;
}

static bool take(struct free_list *list, char c)
{
	if (isdigit((unsigned char)c) && takes_digits(list)) {
		if (list->state == LIST_OF)
			next_number(list, LIST_TOTAL);
		take_digit(list, c);
		return true;
	}
	if (list->state <= LIST_POSITION)
		return take_in_runs(list, c);
	return take_in_totals(list, c);
}

static void take_total(struct free_list *list)
{
	list->has_totals = true;
	list->nr_total = list->number;
}

/**
 * list_read() - go on with a list
 * @list: the list
 * @text: some of it, or of what follows it
 *
 * Return: the first character that is none of the list.
 */
const char *list_read(struct free_list *list, const char *text)
{
	while (*text && take(list, *text))
		text++;
	if (list->state != LIST_TOTAL)
		return text;
	take_total(list);
	/* At the end of a line there may be more digits on the next. */
	if (*text)
		list->state = LIST_CLOSED;
	return text;
}

/**
 * list_is_open() - may more of it come?
 * @list: the list
 */
bool list_is_open(const struct free_list *list)
{
	return list->state != LIST_NONE && list->state != LIST_CLOSED;
}

static bool is_list_char(char c)
{
	return isdigit((unsigned char)c) || c == '@' || c == '+';
}

/* Where the totals go on: "357 free of", "2048 total pages". */
static const char *find_totals(const char *text)
{
	size_t len = strspn(text, "0123456789 ");

	if (!strncmp(text + len, "free of", 7) || !strncmp(text, "of ", 3) ||
	    (len && !strncmp(text + len, "total", 5)))
		return text;
	return NULL;
}

/* "7@585" in the middle of a line may be anything; "+7@585" is no address. */
static bool goes_on(const struct free_list *list, const char *item)
{
	if (*item == '+' || *item == '=' || *item == '.')
		return true;
	return list->state == LIST_SIZE || list->state == LIST_POSITION ||
	       list->state == LIST_ITEM;
}

/**
 * list_find() - where a line goes on with a list
 * @list: the list, open
 * @whole: the line
 * @text: what is left of it behind the prefixes
 *
 * Return: there, or NULL when it does not.
 */
const char *list_find(const struct free_list *list, const char *whole,
		      const char *text)
{
	const char *at, *arrow = strstr(text, "=>");

	if (list->state > LIST_POSITION)
		return find_totals(text);
	at = strchr(text, '@');
	if (!at || (arrow && arrow < at))
		at = arrow;
	if (!at)
		return text[0] == '+' && isdigit((unsigned char)text[1]) ?
		       text : NULL;
	if (*at == '@' && !isdigit((unsigned char)at[1]) && at[1])
		return NULL;
	while (at > whole && (is_list_char(at[-1]) || at[-1] == '.'))
		at--;
	if (*at == '@' && list->state != LIST_SIZE)
		return NULL;
	if (at > whole && !strchr(" \t]>:|", at[-1]))
		return NULL;
	return goes_on(list, at) ? at : NULL;
}

/**
 * list_range_end() - the bit after the last run of a range, in runs
 * @list: the list
 * @range: one of its ranges
 *
 * Return: where its runs end in @list->runs.
 */
unsigned int list_range_end(const struct free_list *list, unsigned int range)
{
	return range + 1 < list->nr_ranges ? list->first_run[range + 1] :
	       list->nr_runs;
}
