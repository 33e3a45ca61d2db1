// SPDX-License-Identifier: GPL-2.0-only
/* What the marks of an area must be, counted in its bytes. */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "mark_model.h"
#include "random_area.h"
#include "watch_model.h"

unsigned long count_used(void)
{
	unsigned long nr = 0, bit;
	unsigned int r;

	for (r = 0; r < area.nr_ranges; r++)
		for (bit = 0; bit < area.ranges[r].nr_bits; bit++)
			nr += area.ranges[r].used[bit];
	return nr << area.order_per_bit;
}

unsigned long used_end(void)
{
	unsigned long nr = 0, end = 0, bit;
	unsigned int r;

	for (r = 0; r < area.nr_ranges; r++)
		for (bit = 0; bit < area.ranges[r].nr_bits; bit++) {
			nr++;
			if (area.ranges[r].used[bit])
				end = nr;
		}
	return end << area.order_per_bit;
}

/* Aligned, of one range, and nobody has any of it. */
void check_witness_of_marks(const struct cd_marks *marks)
{
	const struct cd_run *place = &marks->witness;
	unsigned long bit = place->start_page >> area.order_per_bit, at = 0, i;
	unsigned long nr = place->nr_pages >> area.order_per_bit;
	unsigned char used[MOST_BITS] = { 0 };
	const struct cd_request request = { .nr_pages = place->nr_pages };
	struct oracle_area other = area;
	unsigned int r = place->range, range = 0;

	if (!nr)
		return;
	assert_in_range(r, 0, area.nr_ranges - 1);
	check_place(place, r, bit, &request);
	assert_in_range(bit + nr, 1, area.ranges[r].nr_bits);
	for (i = 0; i < nr; i++) {
		unsigned int whose = owner[area.ranges[r].used - bytes +
					   bit + i];

		assert_true(!whose || whose >= CLAIMED);
	}
	/* Were all of it free, this would be a place. */
	other.nr_ranges = 1;
	other.ranges[0] = area.ranges[r];
	other.ranges[0].used = used;
	at = bit;
	assert_true(oracle_place(&other, place->nr_pages, marks->order, &range,
				 &at));
	assert_int_equal(at, bit);
	assert_int_equal(range, 0);
}

#define MOST_MAYBE (MAX_BITS / 64 + CD_MAX_RANGES)

static unsigned long maybe[MOST_MAYBE];

/* Marks of an area that nobody has looked at. */
void begin_in_area(struct cd_marks *marks)
{
	size_t nr;

	pack_words();
	nr = cd_marks_words(&bm);
	assert_in_range(nr, 1, MOST_MAYBE);
	memset(maybe, 0, nr * sizeof(maybe[0]));
	memset(marks, 0xff, sizeof(*marks));
	cd_marks_init(marks, maybe);
}

/* All that is used and seen may be used, and so many bits may be as it says. */
void check_maybe(const struct cd_marks *marks, bool (*is_seen)(unsigned long))
{
	const unsigned long *words = marks->maybe;
	unsigned long i, nr = 0, nth = 0;
	unsigned int r;

	for (r = 0; r < area.nr_ranges; r++) {
		const struct oracle_range *range = &area.ranges[r];

		for (i = 0; i < range->nr_bits; i++, nth++) {
			bool may_be = words[i / 64] >> i % 64 & 1;

			nr += may_be;
			if (range->used[i] && is_seen(nth))
				assert_true(may_be);
		}
		words += (range->nr_bits + 63) / 64;
	}
	assert_int_equal(nr, marks->nr_maybe);
}
