// SPDX-License-Identifier: GPL-2.0-only
/* Allocations and releases at random, under several names. */
#include <stdio.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "guest_files.h"
#include "held.h"

struct held_bit must[SHAPES_MAX_BITS];
unsigned int nr_grown[LEAKER + 1];
unsigned long nr_bits, last_serial, nr_split;

void find_bit(unsigned long bit, unsigned int *range, unsigned long *in_range)
{
	*range = 0;
	while (bit >= area.ranges[*range].nr_bits)
		bit -= area.ranges[(*range)++].nr_bits;
	*in_range = bit;
}

static unsigned long pfn_of(unsigned long bit)
{
	unsigned int range;

	find_bit(bit, &range, &bit);
	return area.ranges[range].base_pfn + bit * unit();
}

unsigned long bit_of(unsigned long pfn)
{
	unsigned long first = 0, i;
	unsigned int r;

	for (r = 0; r < area.nr_ranges; r++) {
		i = (pfn - area.ranges[r].base_pfn) / unit();
		if (pfn >= area.ranges[r].base_pfn &&
		    i < area.ranges[r].nr_bits)
			return first + i;
		first += area.ranges[r].nr_bits;
	}
	fail("pfn 0x%lx is not in the area", pfn);
}

static void mark(unsigned long bit, unsigned long end, struct held_bit value)
{
	for (; bit < end; bit++) {
		unsigned int range;
		unsigned long i;

		find_bit(bit, &range, &i);
		if (!value.owner == !must[bit].owner)
			fail("bit %lu was %s already", bit,
			     value.owner ? "used" : "free");
		area.ranges[range].used[i] = value.owner != NOBODYS;
		must[bit] = value;
	}
}

static void be(int owner)
{
	char name[16];

	snprintf(name, sizeof(name), "holder %d", owner);
	prctl(PR_SET_NAME, name);
}

/* What is left on both sides of another's is two from then on. */
static void split(unsigned long start, unsigned long end)
{
	unsigned long serial;

	while (start && !must[start - 1].owner)
		start--;
	while (end < nr_bits && !must[end].owner)
		end++;
	if (!start || end == nr_bits ||
	    must[start - 1].serial != must[end].serial)
		return;
	serial = must[end].serial;
	for (; end < nr_bits && (!must[end].owner ||
				 must[end].serial == serial); end++)
		if (must[end].owner)
			must[end].serial = last_serial + FIRST_SPLIT;
	nr_split++;
}

bool hold_pages(int owner, unsigned long nr_pages, unsigned int align)
{
	struct held_bit value = {
		.owner = owner, .align = align, .serial = ++last_serial,
	};
	unsigned long pfn, bit;

	nr_pages *= unit();
	be(owner);
	if (shape(&pfn, "hold %s %lu %u", area_name, nr_pages, align))
		return false;
	nr_grown[owner]++;
	bit = bit_of(pfn);
	mark(bit, bit + nr_pages / unit(), value);
	split(bit, bit + nr_pages / unit());
	return true;
}

void hold_some(void)
{
	int owner = FIRST_NAME + below(NR_NAMES);
	unsigned int align = below(3) ? DMA_ALIGN : below(10);

	hold_pages(owner, 1 + below(1UL << (2 + below(8))), align);
}

void release(unsigned long bit, unsigned long end)
{
	if (shape(NULL, "free %s 0x%lx %lu", area_name, pfn_of(bit),
		  (end - bit) * unit()))
		fail("cannot free 0x%lx", pfn_of(bit));
	nr_grown[must[bit].owner] = 0;
	mark(bit, end, (struct held_bit){ NOBODYS });
}

bool is_of_same(unsigned long a, unsigned long b)
{
	unsigned int range_a, range_b;
	unsigned long i;

	find_bit(a, &range_a, &i);
	find_bit(b, &range_b, &i);
	return range_a == range_b && must[a].owner == must[b].owner &&
	       must[a].serial == must[b].serial;
}

/* What is left around a bit of the allocation that it is of. */
void piece_around(unsigned long bit, unsigned long *start, unsigned long *end)
{
	for (*start = bit; *start && is_of_same(*start - 1, bit); --*start)
		;
	for (*end = bit + 1; *end < nr_bits && is_of_same(*end, bit); ++*end)
		;
}

/* All of an allocation, or a part. */
void release_some(void)
{
	unsigned long bit = below(nr_bits), start, end;

	if (!must[bit].owner)
		return;
	piece_around(bit, &start, &end);
	if (!below(3)) {
		start += below(end - start);
		end = start + 1 + below(end - start);
	}
	release(start, end);
}

/* Holes in what is held by somebody of whom nothing is known. */
void release_holes(void)
{
	unsigned long i, bit, start, end;

	for (i = 0; i < 40; i++) {
		bit = below(nr_bits);
		if (!must[bit].owner)
			continue;
		piece_around(bit, &start, &end);
		if (end - bit > nr_bits / 64)
			end = bit + nr_bits / 64;
		release(bit, end);
	}
}

/* All used bits of an allocation: how many, and the first. */
unsigned long used_of(unsigned long serial, unsigned long *first)
{
	unsigned long bit, nr = 0;

	for (bit = nr_bits; bit--;) {
		if (must[bit].owner < FIRST_NAME || must[bit].serial != serial)
			continue;
		nr++;
		*first = bit;
	}
	return nr;
}

void release_all_of(unsigned long serial)
{
	unsigned long bit, end;

	for (bit = 0; bit < nr_bits; bit = end) {
		end = bit + 1;
		if (must[bit].owner < FIRST_NAME || must[bit].serial != serial)
			continue;
		piece_around(bit, &bit, &end);
		release(bit, end);
	}
}

/* What fits may still be busy for a moment. */
void must_fit(unsigned long nr_pages, unsigned int align)
{
	unsigned long pfn;
	int tries;

	for (tries = 0; tries < 50; tries++) {
		if (shape(&pfn, "hold %s %lu %u", area_name, nr_pages,
			  align)) {
			usleep(10000);
			continue;
		}
		shape(NULL, "free %s 0x%lx %lu", area_name, pfn, nr_pages);
		return;
	}
	fail("%lu pages at align %u were to fit", nr_pages, align);
}
