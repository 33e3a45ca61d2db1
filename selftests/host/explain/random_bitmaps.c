// SPDX-License-Identifier: GPL-2.0-only
/*
 * random_bitmaps DIRECTORY NR
 *
 * Random areas as files 0, 1, ... and a line for each on the standard output:
 * the question that is to be asked, a blank, and the row that the answer must
 * give, by the oracle.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bitmap_file.h"
#include "random_area.h"

static void write_file(const char *dir, unsigned long nr)
{
	const struct cd_bitmap_origin origin = { "linux,cma", 12, true, 1 };
	size_t size = cd_bitmap_file_size(&bm);
	void *contents = malloc(size);
	char name[256];
	FILE *file;

	snprintf(name, sizeof(name), "%s/%lu", dir, nr);
	file = fopen(name, "wb");
	if (!file || !contents)
		exit(2);
	cd_bitmap_file_write(&bm, &origin, contents);
	if (fwrite(contents, 1, size, file) != size || fclose(file))
		exit(2);
	free(contents);
}

/* Pages to free, where there is one way or another. */
static void write_to_free(const char *verdict, unsigned long nr_pages,
			  unsigned int align)
{
	bool is_in_pieces = !strcmp(verdict, "fragmented") ||
			    !strcmp(verdict, "misaligned");
	struct oracle_cheapest cheapest;

	if (is_in_pieces &&
	    oracle_cheapest(&area, nr_pages, align, &cheapest))
		printf("\t%lu\n", cheapest.nr_used);
	else
		printf("\t-\n");
}

static void write_row(void)
{
	struct oracle_answer answer;
	const char *verdict;
	unsigned long nr_pages, usable, at = 0;
	unsigned int align = (unsigned int)below(ORACLE_NR_ORDERS), range = 0;

	oracle_count(&area, &answer);
	nr_pages = random_request(&answer);
	usable = oracle_usable(&area, align, &at, &range);
	verdict = oracle_verdict(&area, nr_pages, align);
	printf("%lu,%u linux,cma\t%lu\t%u\tno\t-\t%s\t", nr_pages, align,
	       nr_pages, align, verdict);
	printf("%lu\t%lu\t%lu\t%lu\t%lu\tyes", answer.total, answer.free,
	       answer.nr_runs, answer.largest, usable);
	write_to_free(verdict, nr_pages, align);
}

int main(int argc, char **argv)
{
	unsigned long nr, i;

	if (argc != 3)
		return 2;
	nr = strtoul(argv[2], NULL, 10);
	for (i = 0; i < nr; i++) {
		make_area(1 + below(1 + below(2000)));
		write_file(argv[1], i);
		write_row();
	}
	return fflush(stdout) ? 2 : 0;
}
