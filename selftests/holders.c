// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who holds an area's pages: allocations and releases at random, under several
 * names, and <area>/holders against what was really done.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "expected.h"
#include "guest_files.h"
#include "held.h"
#include "holders.h"
#include "question.h"

#define MAX_WHOSE 4U
/* Of so many, some are in the way of a request, and all of those are named. */
#define ENOUGH 300UL
#define CHECK_EVERY 60UL
/* A queue's, which is no leak. */
#define NOT_SUSPECT 32U

static unsigned long nr_named, nr_freed;

/* What is shown: of which line a bit is, and what that says. */
static struct told {
	unsigned int line;
	int owner;
	unsigned int align;
} told[SHAPES_MAX_BITS];

static int owner_of(const char *name)
{
	int owner, pid, len;

	if (!strncmp(name, "not known", 9))
		return BEFORE_LOAD;
	if (sscanf(name, "holder %d[%d]%n", &owner, &pid, &len) != 2)
		fail("whose is: %s", name);
	if (pid != getpid())
		fail("must be process %d: %s", getpid(), name);
	return owner;
}

/* "     156     8      812  holder 3[421] at 59392 of range 1" */
static void read_line(const char *line, unsigned int nr)
{
	unsigned long nr_pages, at, i, bit;
	char align[8], seconds[16];
	unsigned int range = 0;
	const char *where;
	int len, nr_numbers = 1;

	where = strstr(line, " at ");
	if (area.nr_ranges > 1)
		nr_numbers++;
	if (sscanf(line, "%lu %7s %15s %n", &nr_pages, align, seconds, &len) !=
		    3 || !where ||
	    sscanf(where, " at %lu of range %u", &at, &range) != nr_numbers)
		fail("not a block: %s", line);
	bit = bit_of(area.ranges[range].base_pfn + at);
	for (i = 0; i < nr_pages / unit(); i++, bit++) {
		if (told[bit].line)
			fail("two lines have bit %lu", bit);
		told[bit] = (struct told){
			.line = nr,
			.owner = owner_of(line + len),
			.align = strtoul(align, NULL, 10),
		};
	}
}

static char *blocks_of(char *text)
{
	static const char heading[] =
		"\n\n   pages align  seconds  whose, and where\n";
	char *blocks = strstr(text, heading);

	return blocks ? blocks + strlen(heading) : NULL;
}

static void read_blocks(char *text)
{
	char *line, *at = blocks_of(text);
	unsigned int nr = 0;

	memset(told, 0, sizeof(told));
	while ((line = strsep(&at, "\n")) && *line)
		read_line(line, ++nr);
}

/* Owner, alignment, and where one allocation ends and the next begins. */
static void check_all_known(unsigned long bit)
{
	bool same = bit && is_of_same(bit - 1, bit);
	bool is_same = bit && told[bit].line == told[bit - 1].line;

	if (told[bit].owner != must[bit].owner)
		fail("bit %lu must be %d's, is %d's", bit, must[bit].owner,
		     told[bit].owner);
	if (must[bit].owner >= FIRST_NAME &&
	    told[bit].align != must[bit].align)
		fail("bit %lu must be at align %u, is %u", bit,
		     must[bit].align, told[bit].align);
	if (same != is_same)
		fail("bit %lu must %sbelong to the one before", bit,
		     same ? "" : "not ");
}

static void check_blocks(bool all_known)
{
	unsigned long bit;

	for (bit = 0; bit < nr_bits; bit++) {
		if (!told[bit].line != !must[bit].owner)
			fail("bit %lu must be %s", bit,
			     must[bit].owner ? "used" : "free");
		if (!must[bit].owner)
			continue;
		if (all_known)
			check_all_known(bit);
		else if (told[bit].owner != BEFORE_LOAD &&
			 (told[bit].owner != must[bit].owner ||
			  told[bit].align != must[bit].align))
			fail("bit %lu must be %d's or not known, is %d's", bit,
			     must[bit].owner, told[bit].owner);
	}
}

/* By what is shown, since some may not be known. */
static void count(int owner, unsigned long *nr_pages, unsigned long *nr_blocks)
{
	static unsigned char seen[SHAPES_MAX_BITS];
	unsigned long bit;

	memset(seen, 0, sizeof(seen));
	*nr_pages = 0;
	*nr_blocks = 0;
	for (bit = 0; bit < nr_bits; bit++) {
		if (!told[bit].line || told[bit].owner != owner)
			continue;
		*nr_pages += unit();
		*nr_blocks += !seen[must[bit].serial % sizeof(seen)];
		seen[must[bit].serial % sizeof(seen)] = 1;
	}
}

/* The largest run at the DMA alignment, without what somebody has. */
static unsigned long largest_without(int owner)
{
	static unsigned char kept[SHAPES_MAX_BITS];
	unsigned long bit, i, largest, at;
	unsigned int range;

	for (bit = 0; bit < nr_bits; bit++) {
		find_bit(bit, &range, &i);
		kept[bit] = area.ranges[range].used[i];
		if (owner && told[bit].owner == owner)
			area.ranges[range].used[i] = 0;
	}
	largest = oracle_usable(&area, DMA_ALIGN, &at, &range);
	for (bit = 0; bit < nr_bits; bit++) {
		find_bit(bit, &range, &i);
		area.ranges[range].used[i] = kept[bit];
	}
	return largest;
}

/* "holder 3", and the lines under it. */
static const char *find_holder(const char *text, int owner)
{
	char heading[32];
	const char *block;

	snprintf(heading, sizeof(heading), "\n\nholder %d\n", owner);
	block = strstr(text, heading);
	return block ? block + 2 : NULL;
}

/* Of a holder, or NULL. */
static const char *suspicion_of(const char *block)
{
	const char *end = strstr(block, "\n  if freed ");
	const char *line = strstr(block, "\n  suspect ");

	return line && line < end ? line : NULL;
}

/* One that is suspected has released nothing for so long, if all is known. */
static void check_suspect(const char *block, int owner)
{
	const char *line = suspicion_of(block);
	unsigned int nr = 0;
	char word[8] = "";

	if (!line)
		return;
	if (sscanf(line,
		   "\n  suspect a leak: of its last %u allocations %7s", &nr,
		   word) != 2 ||
	    nr <= NOT_SUSPECT ||
	    (!strcmp(word, "none") && nr > nr_grown[owner]))
		fail("%d has released nothing for %u allocations: %.200s",
		     owner, nr_grown[owner], line);
}

static void check_holder(const char *text, int owner)
{
	const char *block = find_holder(text, owner);
	unsigned long nr_pages, nr_blocks, is_pages, is_blocks, without, now;
	char line[EXPECTED_MAX];

	count(owner, &nr_pages, &nr_blocks);
	if (!nr_pages && !block)
		return;
	if (!nr_pages || !block)
		fail("of %d there are %lu pages: %s", owner, nr_pages,
		     block ? block : "(not shown)");
	block_text(block, "holds", line, sizeof(line));
	if (sscanf(line, "%lu page%*[^)]) in %lu block", &is_pages,
		   &is_blocks) != 2 ||
	    is_pages != nr_pages || is_blocks != nr_blocks)
		fail("%d must hold %lu pages in %lu blocks: %s", owner,
		     nr_pages, nr_blocks, line);
	block_text(block, "if freed", line, sizeof(line));
	if (sscanf(line,
		   "the largest run at align 8 would be %lu page%*[s ]instead of %lu",
		   &without, &now) != 2 ||
	    without != largest_without(owner) || now != largest_without(0))
		fail("without %d it must be %lu instead of %lu: %s", owner,
		     largest_without(owner), largest_without(0), line);
	check_suspect(block, owner);
	block_text(block, "stack", line, sizeof(line));
	if (!strstr(line, "[cma_shape]"))
		fail("the stack of %d is: %s", owner, line);
}

static char *read_holders(void)
{
	char path[128];

	snprintf(path, sizeof(path), DIAG_DIR "/%s/holders", area_name);
	return read_file(path);
}

static void check_heading(const char *text)
{
	char heading[128];
	unsigned long bit, nr_used = 0;

	for (bit = 0; bit < nr_bits; bit++)
		nr_used += must[bit].owner ? unit() : 0;
	snprintf(heading, sizeof(heading), "%s: who holds %lu of %lu pages\n",
		 area_name, nr_used, nr_bits * unit());
	if (strncmp(text, heading, strlen(heading)))
		fail("must be '%s': %.100s", heading, text);
}

static unsigned long nr_known, nr_unknown;

static unsigned long count_told(bool known)
{
	unsigned long bit, nr = 0;

	for (bit = 0; bit < nr_bits; bit++)
		nr += told[bit].line &&
		      known == (told[bit].owner >= FIRST_NAME);
	return nr;
}

static void check(bool all_known)
{
	char *text = read_holders(), *blocks = strdup(text);
	int i;

	check_heading(text);
	read_blocks(blocks);
	check_blocks(all_known);
	for (i = 0; i < NR_NAMES; i++)
		check_holder(text, FIRST_NAME + i);
	nr_known += count_told(true);
	nr_unknown += count_told(false);
	free(blocks);
	free(text);
}

/*
 * Who has what is used in the place, as the file must say it: of a few blocks.
 * Returns how many there are; @serials has the first.
 */
static unsigned int expect_whose(const struct oracle_cheapest *place,
				 unsigned long nr_pages, char *text,
				 unsigned long *serials)
{
	unsigned long bit = bit_of(area.ranges[place->range].base_pfn +
				   place->at);
	unsigned long end = bit + nr_pages / unit(), last = 0, nr_rest = 0;
	unsigned int nr = 0;
	int owner = NOBODYS;

	*text = '\0';
	for (; bit < end; bit++) {
		unsigned long first = 0, nr_used, in_range;
		unsigned int range;

		nr_rest += must[bit].owner == BEFORE_LOAD ? unit() : 0;
		if (must[bit].owner < FIRST_NAME || must[bit].serial == last)
			continue;
		last = must[bit].serial;
		if (nr < MAX_WHOSE) {
			serials[nr] = last;
			nr_used = used_of(last, &first) * unit();
			find_bit(first, &range, &in_range);
			text += must[bit].owner == owner ?
				sprintf(text, ", %lu at %lu", nr_used,
					in_range * unit()) :
				sprintf(text,
					"%sholder %d[%d]: %lu page%s at %lu",
					nr ? "; " : "", must[bit].owner,
					getpid(), nr_used,
					nr_used == 1 ? "" : "s",
					in_range * unit());
			owner = must[bit].owner;
		}
		nr++;
	}
	if (nr > MAX_WHOSE)
		text += sprintf(text, "; %u more", nr - MAX_WHOSE);
	if (nr && nr_rest)
		sprintf(text, "; %lu page%s not known", nr_rest,
			nr_rest == 1 ? "" : "s");
	return nr_rest ? MAX_WHOSE + 1 : nr;
}

/*
 * A request that does not fit: who has what is in the way. Where all of it is
 * named it is freed, and then the request fits.
 */
static void ask_whose(int fd)
{
	unsigned long nr_pages = (1 + below(nr_bits / 12)) * unit();
	unsigned long serials[MAX_WHOSE];
	unsigned int align = below(2) ? DMA_ALIGN : 0, i, nr;
	char question[64], block[8192], must_be[EXPECTED_MAX];
	struct oracle_cheapest place;

	snprintf(question, sizeof(question), "%lu %u", nr_pages, align);
	ask_question(fd, question, block, sizeof(block));
	if (!strstr(block, "\n  cheapest "))
		return;
	if (!oracle_cheapest(&area, nr_pages, align, &place))
		fail("there is no way out: %s", block);
	nr = expect_whose(&place, nr_pages, must_be, serials);
	if (*must_be)
		check_text(block, "whose", must_be);
	else if (strstr(block, "\n  whose "))
		fail("nobody is known there: %s", block);
	nr_named += *must_be != '\0';
	if (!nr || nr > MAX_WHOSE)
		return;
	for (i = 0; i < nr; i++)
		release_all_of(serials[i]);
	must_fit(nr_pages, align);
	nr_freed++;
}

static void load(const char *ledger)
{
	char command[512];

	snprintf(command, sizeof(command),
		 "insmod \"$CMA_DIAG_KO\" ${CMA_DIAG_SOURCE:+source=$CMA_DIAG_SOURCE} ledger=%s",
		 ledger);
	if (system(command))
		fail("not loaded: %s", command);
}

/* What is said of the holder with the most pages is so, once they are freed. */
static void free_first_holder(void)
{
	char *text = read_holders();
	const char *first = strstr(text, "\n\nholder ");
	unsigned long bit, end, largest;
	int owner;

	if (!first || sscanf(first, "\n\nholder %d", &owner) != 1)
		fail("nobody holds anything: %s", text);
	largest = largest_without(owner);
	for (bit = 0; bit < nr_bits; bit = end) {
		end = bit + 1;
		if (told[bit].owner != owner)
			continue;
		piece_around(bit, &bit, &end);
		release(bit, end);
	}
	free(text);
	if (largest)
		must_fit(largest, DMA_ALIGN);
}

/* What the file says of the one that leaks: "a leak: ..." or nothing. */
static void check_leaker(const char *must_be)
{
	char *text = read_holders();
	const char *block = find_holder(text, LEAKER);
	char line[EXPECTED_MAX] = "";

	if (!block)
		fail("the leaker is not shown: %s", text);
	if (suspicion_of(block))
		block_text(block, "suspect", line, sizeof(line));
	if (strncmp(line, must_be, strlen(must_be)) || !*must_be != !*line)
		fail("of the leaker it must say '%s': %.600s", must_be, block);
	free(text);
}

/* What there is room for may still be busy for a moment. */
static void must_hold(void)
{
	int tries;

	for (tries = 0; tries < 50; tries++) {
		if (hold_pages(LEAKER, 1, 0))
			return;
		usleep(10000);
	}
	fail("there is no room for the leaker");
}

/* One that releases nothing is suspected, until it does release something. */
static void release_nothing(void)
{
	char must_be[EXPECTED_MAX];
	unsigned long bit;
	unsigned int i;

	for (i = 0; i < NOT_SUSPECT; i++)
		must_hold();
	check_leaker("");
	must_hold();
	snprintf(must_be, sizeof(must_be),
		 "a leak: of its last %u allocations none was released, %lu pages (",
		 NOT_SUSPECT + 1, (NOT_SUSPECT + 1) * unit());
	check_leaker(must_be);
	for (bit = 0; must[bit].owner != LEAKER; bit++)
		;
	release(bit, bit + 1);
	check_leaker("");
	must_hold();
	check_leaker("");
}

/*
 * holders all|some LEDGER ALLOCATIONS AREA ORDER_PER_BIT PFN:PAGES...
 *
 * Loads the module with room for LEDGER allocations in an area of which some is
 * in use; all that comes then is known, or only some.
 */
int holders(int argc, char **argv)
{
	bool all_known = argc > 0 && !strcmp(argv[0], "all");
	unsigned long nr_allocations, bit, r;
	int probe;

	if (argc < 6)
		return 2;
	nr_allocations = strtoul(argv[2], NULL, 10);
	if (nr_allocations >= FIRST_SPLIT)
		return 2;
	shapes_begin(argc - 3, argv + 3);
	for (r = 0; r < area.nr_ranges; r++)
		nr_bits += area.ranges[r].nr_bits;
	for (bit = 0; bit < nr_bits; bit++)
		must[bit].owner = BEFORE_LOAD;
	release_holes();
	load(argv[1]);
	check(all_known);
	probe = open_question(area_name, "probe");
	while (last_serial < nr_allocations) {
		hold_some();
		if (below(2))
			release_some();
		if (all_known && !below(5))
			ask_whose(probe);
		if (last_serial % CHECK_EVERY)
			continue;
		check(all_known);
	}
	check(all_known);
	free_first_holder();
	check(all_known);
	if (all_known) {
		release_nothing();
		check(all_known);
	}
	close(probe);
	printf("# bits in use, at all looks: %lu known, %lu not; %lu split\n",
	       nr_known, nr_unknown, nr_split);
	printf("# %lu times named who is in the way, %lu times freed\n",
	       nr_named, nr_freed);
	if (!nr_known || !nr_unknown)
		fail("nothing to be told apart");
	if (all_known && nr_allocations >= ENOUGH && (!nr_named || !nr_freed))
		fail("nobody was in the way");
	shapes_end();
	return 0;
}
