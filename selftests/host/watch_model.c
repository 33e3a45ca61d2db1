// SPDX-License-Identifier: GPL-2.0-only
/* The model: allocations and releases, watches that are set, and checks. */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "random_area.h"
#include "watch_model.h"

struct seen_watch seen[NR_WATCHES];
unsigned int owner[MOST_BITS];
unsigned long nr_bits;
struct cd_grant granted[MOST_NUMBERS + 1];
bool is_looking[MOST_NUMBERS + 1];
unsigned int newest;
unsigned long long now_ns;
unsigned char copied[NR_SLOTS][MOST_BITS];

/* Bit i of the area is bytes[i]; that of a range begins here. */
static unsigned long first_bit(unsigned int range)
{
	return area.ranges[range].used - bytes;
}

unsigned long pfn_of(unsigned int range, unsigned long bit)
{
	return area.ranges[range].base_pfn + (bit << area.order_per_bit);
}

unsigned long bits_for(unsigned long nr_pages)
{
	return (nr_pages + (1UL << area.order_per_bit) - 1) >>
	       area.order_per_bit;
}

/* So many bits: all pages of them, or some fewer. */
unsigned long pages_for(unsigned long nr)
{
	return (nr << area.order_per_bit) - below(1UL << area.order_per_bit);
}

/* The area with these bits. */
static struct oracle_area with_bits(unsigned char *used)
{
	struct oracle_area other = area;
	unsigned int r;

	for (r = 0; r < area.nr_ranges; r++)
		other.ranges[r].used = used + first_bit(r);
	return other;
}

bool fits_in(unsigned char *used, const struct cd_request *request)
{
	struct oracle_area other = with_bits(used);

	return oracle_fits(&other, request->nr_pages, request->align);
}

bool fits(const struct cd_request *request)
{
	return fits_in(bytes, request);
}

unsigned long usable(unsigned int align)
{
	unsigned int range = 0;
	unsigned long at = 0;

	return oracle_usable(&area, align, &at, &range);
}

void begin_area(void)
{
	unsigned long i;

	nr_bits = 2 + below(below(4) ? 100 : 300);
	make_area(nr_bits);
	/* Every page is of one range alone. */
	for (i = 0; i < area.nr_ranges; i++)
		area.ranges[i].base_pfn = (i + 1) * 0x10000 +
					  (below(2) ? 0 : below(600));
	pack_words();
	for (i = 0; i < nr_bits; i++)
		owner[i] = bytes[i] ? NOBODYS : 0;
	memset(seen, 0, sizeof(seen));
	memset(is_looking, 0, sizeof(is_looking));
	newest = 0;
}

void set_watch(struct seen_watch *one)
{
	struct oracle_answer answer;
	struct cd_request request;
	unsigned int serial = one->serial + 1;

	oracle_count(&area, &answer);
	request.align = below(4) ? below(5) : below(9);
	request.nr_pages = random_request(&answer);
	if (below(2) && answer.usable[request.align])
		request.nr_pages = answer.usable[request.align];
	memset(one, 0xff, sizeof(*one));
	cd_watch_set(&one->watch, &request, now_ns);
	assert_int_equal(one->watch.state, CD_WATCH_OPEN);
	assert_int_equal(one->watch.set_ns, now_ns);
	assert_int_equal(one->watch.nr_broken, 0);
	one->is_set = true;
	one->serial = serial;
	one->is_broken = false;
	one->nr_broken = 0;
	one->is_known = false;
	one->known = 0;
	memset(one->may_break, 0, sizeof(one->may_break));
}

/* What is asked, so that there is sometimes room, and sometimes not. */
struct cd_request random_allocation(void)
{
	return (struct cd_request){
		.nr_pages = pages_for(1 + below(1UL << below(7))),
		.align = below(6),
	};
}

void take(unsigned int range, unsigned long bit, unsigned long nr,
	  unsigned int whose)
{
	unsigned long i, first = first_bit(range) + bit;

	for (i = first; i < first + nr; i++) {
		assert_int_equal(owner[i], 0);
		owner[i] = whose;
		bytes[i] = 1;
	}
}

void give_back(unsigned int whose)
{
	unsigned long i;

	for (i = 0; i < nr_bits; i++)
		if (owner[i] == whose) {
			owner[i] = 0;
			bytes[i] = 0;
		}
}

/*
 * All that somebody has, or a part of it. Who has been given pages looks before
 * its caller can release them.
 */
void release(void)
{
	unsigned long start = below(nr_bits), i, nr = 1 + below(nr_bits);
	unsigned int whose = owner[start], w;
	bool all = below(3);

	if (!whose || whose >= CLAIMED ||
	    (whose != NOBODYS && is_looking[whose]))
		return;
	for (i = all && whose != NOBODYS ? 0 : start; i < nr_bits; i++) {
		if (owner[i] != whose || (!all && !nr--))
			continue;
		owner[i] = 0;
		bytes[i] = 0;
		for (w = 0; w < NR_WATCHES; w++)
			seen[w].left[i] = 0;
		for (w = 0; w < NR_SLOTS; w++)
			copied[w][i] = 0;
	}
}

/* As cma_alloc() is told of; what is not compared is noise. */
struct cd_grant *grant_pages(const struct cd_request *request,
			     unsigned int range, unsigned long bit)
{
	struct cd_grant *grant = &granted[++newest];

	memset(grant, below(256), sizeof(*grant));
	grant->request = *request;
	grant->number = newest;
	grant->pfn = pfn_of(range, bit);
	grant->time_ns = ++now_ns;
	grant->pid = below(INT_MAX);
	return grant;
}

bool is_hit(const struct cd_watch *watch, const struct cd_grant *grant)
{
	unsigned long pfn, in = 0;

	for (pfn = grant->pfn; pfn < grant->pfn + grant->request.nr_pages;
	     pfn++)
		in += pfn >= watch->witness.start_pfn &&
		      pfn - watch->witness.start_pfn < watch->witness.nr_pages;
	return in;
}

void check_place(const struct cd_run *place, unsigned int range,
		 unsigned long bit, const struct cd_request *request)
{
	assert_int_equal(place->nr_pages, bits_for(request->nr_pages) <<
					  area.order_per_bit);
	assert_int_equal(place->range, range);
	assert_int_equal(place->start_page, bit << area.order_per_bit);
	assert_int_equal(place->start_pfn, pfn_of(range, bit));
}

bool check_wants_look(const struct cd_watch *watch,
		      const struct cd_grant *grant)
{
	bool wants = cd_watch_wants_look(watch, grant->pfn,
					 grant->request.nr_pages);

	assert_int_equal(wants, watch->state != CD_WATCH_FITS ||
			 is_hit(watch, grant));
	return wants;
}

/* Aligned, of one range, and nobody has been given any of it. */
void check_witness(const struct cd_watch *watch)
{
	const struct cd_run *place = &watch->witness;
	unsigned long bit = place->start_page >> area.order_per_bit, i;
	unsigned long nr = bits_for(watch->request.nr_pages);
	unsigned char used[MOST_BITS];
	struct oracle_area other = area;
	unsigned int r = place->range, range = 0;

	if (watch->state != CD_WATCH_FITS)
		return;
	assert_in_range(r, 0, area.nr_ranges - 1);
	check_place(place, r, bit, &watch->request);
	assert_in_range(bit + nr, 1, area.ranges[r].nr_bits);
	for (i = 0; i < nr_bits; i++)
		used[i] = owner[i] && owner[i] < CLAIMED;
	other.nr_ranges = 1;
	other.ranges[0] = area.ranges[r];
	other.ranges[0].used = used + first_bit(r);
	other.ranges[0].nr_bits = bit + nr;
	i = bit;
	assert_true(oracle_place(&other, watch->request.nr_pages,
				 watch->request.align, &range, &i));
}

void check_breaker(const struct cd_watch *watch, const struct cd_grant *must)
{
	static const struct cd_grant none;

	if (!must)
		must = &none;
	assert_memory_equal(&watch->breaker, must, sizeof(*must));
	if (must->request.nr_pages)
		assert_int_equal(watch->broken_ns, must->time_ns);
}
