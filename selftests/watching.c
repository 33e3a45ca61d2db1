// SPDX-License-Identifier: GPL-2.0-only
/*
 * Requests that are watched: allocations and releases at random, under several
 * names, and <area>/watch against an oracle that looks before and after each.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "guest_files.h"
#include "question.h"
#include "shapes.h"
#include "watched.h"
#include "watching.h"

#define NR_WATCHES 4
/* CONFIG_CMA_ALIGNMENT, which is the DMA callers' alignment */
#define DMA_ALIGN 8U
#define MAX_ALIGN 9U
#define SET_ANEW_EVERY 200UL
/* Of so many bits, breaks are frequent; of so many steps, all kinds come up. */
#define MANY_BITS 4096UL
#define MANY_STEPS 1000UL
#define WIDTH 80

static struct watched watches[NR_WATCHES];
static unsigned long nr_bits, nr_breaks, nr_again, nr_reads, nr_busy;
static unsigned long nr_set, nr_set_in_vain;

/* By alignment: the largest run of the empty area, and what it is mostly. */
static unsigned long most[MAX_ALIGN + 1], usual[MAX_ALIGN + 1];

static bool fits(unsigned long nr_pages, unsigned int align)
{
	return usable(align) >= (nr_pages + unit() - 1) / unit() * unit();
}

static struct moment since(time_t from)
{
	return (struct moment){ from, time(NULL) };
}

static void find_most(void)
{
	unsigned int r, align;

	for (r = 0; r < area.nr_ranges; r++) {
		memset(area.ranges[r].used, 0, area.ranges[r].nr_bits);
		nr_bits += area.ranges[r].nr_bits;
	}
	for (align = 0; align <= MAX_ALIGN; align++) {
		most[align] = usable(align);
		usual[align] = most[align] / 16;
	}
	for (r = 0; r < area.nr_ranges; r++)
		memset(area.ranges[r].used, 1, area.ranges[r].nr_bits);
}

static char *area_file(const char *name)
{
	char path[192];

	snprintf(path, sizeof(path), DIAG_DIR "/%s/%s", area_name, name);
	return read_file(path);
}

/* What is busy for a moment is not held by the first try. */
static void hold_what_is_left(void)
{
	unsigned long nr_free;
	unsigned int tries;
	char *stats;

	for (tries = 0; tries < 500; tries++) {
		stats = area_file("stats");
		nr_free = stat_of(stats, "free_pages");
		free(stats);
		if (!nr_free)
			return;
		usleep(10000);
		shape(NULL, "fill %s", area_name);
	}
	fail("cannot hold all of the area: %lu pages are free", nr_free);
}

/* As DMA callers do. */
static unsigned int dma_align(unsigned long nr_pages)
{
	unsigned int order = 0;

	while (order < DMA_ALIGN && 1UL << order < nr_pages)
		order++;
	return order;
}

static void tell(const char *text)
{
	int fd = open_question(area_name, "watch");

	if (write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		fail("'%s' is refused: %m", text);
	close(fd);
}

static bool is_new(unsigned int nr, const struct watched *watch)
{
	while (nr--)
		if (watches[nr].nr_pages == watch->nr_pages &&
		    watches[nr].align == watch->align)
			return false;
	return true;
}

/* At align 0, at align 8, at any, and as a DMA caller asks. */
static struct watched choose_watch(unsigned int nr)
{
	unsigned int align = nr == 1 ? DMA_ALIGN :
			     nr == 2 ? below(MAX_ALIGN + 1) : 0;
	struct watched watch = { .assumed = nr == 3 };
	unsigned long around;

	if (!most[align])
		align = 0;
	around = usual[watch.assumed ? DMA_ALIGN : align];
	watch.nr_pages = around / 2 + 1 + below(around + unit());
	if (watch.nr_pages > most[align])
		watch.nr_pages = most[align];
	watch.align = watch.assumed ? dma_align(watch.nr_pages) : align;
	if (watch.nr_pages > most[watch.align])
		watch.nr_pages = 1 + below(unit());
	if (watch.assumed)
		watch.align = dma_align(watch.nr_pages);
	return watch;
}

static void say_watch(const struct watched *watch, char *text, size_t size)
{
	if (watch->assumed)
		snprintf(text, size, "%lu\n", watch->nr_pages);
	else if (below(2))
		snprintf(text, size, "%luK %u", watch->nr_pages * 4,
			 watch->align);
	else
		snprintf(text, size, "%lu %u\n", watch->nr_pages,
			 watch->align);
}

static void set_anew(void)
{
	unsigned int i;
	char text[64];

	tell(below(2) ? "clear\n" : "clear");
	for (i = 0; i < NR_WATCHES; i++) {
		struct watched watch = choose_watch(i);
		time_t from = time(NULL);

		while (!is_new(i, &watch))
			watch = choose_watch(i);
		say_watch(&watch, text, sizeof(text));
		tell(text);
		watch.set = since(from);
		watch.fits = fits(watch.nr_pages, watch.align);
		watch.fits_since = watch.set;
		watches[i] = watch;
		nr_set++;
		nr_set_in_vain += !watch.fits;
	}
}

static void mark_used(unsigned long pfn, unsigned long nr_pages)
{
	unsigned int r;

	for (r = 0; r < area.nr_ranges; r++) {
		struct oracle_range *range = &area.ranges[r];
		unsigned long bit = (pfn - range->base_pfn) / unit();
		unsigned long end = bit + nr_pages / unit();

		if (pfn < range->base_pfn || bit >= range->nr_bits)
			continue;
		for (; bit < end; bit++) {
			if (bit >= range->nr_bits || range->used[bit])
				fail("0x%lx+%lu are had; bit %lu was not free",
				     pfn, nr_pages, bit);
			range->used[bit] = 1;
		}
		return;
	}
	fail("pfn 0x%lx is not in the area", pfn);
}

static bool take(struct taken *taken)
{
	return !shape(&taken->pfn, "hold %s %lu %u", area_name,
		      taken->nr_pages, taken->align);
}

/* By a task of its own, whose pid is known. */
static bool take_apart(struct taken *taken)
{
	int status, pipes[2];
	pid_t child;

	if (pipe(pipes))
		fail("no pipe");
	child = fork();
	if (!child) {
		if (!take(taken))
			taken->pfn = 0;
		_exit(write(pipes[1], &taken->pfn, sizeof(taken->pfn)) !=
		      sizeof(taken->pfn));
	}
	if (child < 0 || waitpid(child, &status, 0) != child || status ||
	    read(pipes[0], &taken->pfn, sizeof(taken->pfn)) !=
		    sizeof(taken->pfn))
		fail("a task that was to allocate has failed");
	close(pipes[0]);
	close(pipes[1]);
	taken->pid = child;
	return taken->pfn;
}

/* Small ones, what a watch wants, and the largest run there is. */
static void choose_request(struct taken *taken)
{
	const struct watched *watch = &watches[below(NR_WATCHES)];
	unsigned long nr = 1;

	taken->align = below(3) ? 0 : below(MAX_ALIGN + 1);
	switch (below(4)) {
	case 0:
		nr = 1 + below(nr_bits / 64 + 1);
		break;
	case 1:
		nr = 1UL << below(7);
		break;
	case 2:
		nr = watch->nr_pages / unit() + below(2);
		taken->align = watch->align;
		break;
	case 3:
		taken->align = below(2) ? DMA_ALIGN : 0;
		nr = usable(taken->align) / unit();
		break;
	}
	taken->nr_pages = (nr ? nr : 1) * unit();
}

/* It broke what had fitted before it, and does not any more. */
static void note_taken(struct watched *watch, const struct taken *taken,
		       time_t from)
{
	bool fitted = watch->fits;

	watch->fits = fits(watch->nr_pages, watch->align);
	if (!fitted || watch->fits)
		return;
	watch->nr_broken++;
	watch->broken = since(from);
	watch->by = *taken;
	watch->left = usable(watch->align);
	nr_breaks++;
}

static void take_some(void)
{
	struct taken taken = { .pid = getpid() };
	time_t from = time(NULL);
	bool must_fit;
	unsigned int i;

	choose_request(&taken);
	must_fit = fits(taken.nr_pages, taken.align);
	snprintf(taken.comm, sizeof(taken.comm), "taker-%lu", below(100));
	prctl(PR_SET_NAME, taken.comm);
	if (!(below(2) ? take(&taken) : take_apart(&taken))) {
		/* Pages may be busy for a moment. */
		nr_busy += must_fit;
		return;
	}
	if (!must_fit)
		fail("%lu pages at align %u are had, and did not fit",
		     taken.nr_pages, taken.align);
	mark_used(taken.pfn, taken.nr_pages);
	for (i = 0; i < NR_WATCHES; i++)
		note_taken(&watches[i], &taken, from);
}

static void release_some(void)
{
	unsigned long wanted = watches[below(NR_WATCHES)].nr_pages / unit();
	time_t from = time(NULL);
	unsigned int i;

	shapes_free_part(below(2) ? 2 * wanted + 2 : nr_bits / 16 + 1);
	for (i = 0; i < NR_WATCHES; i++) {
		struct watched *watch = &watches[i];

		if (watch->fits || !fits(watch->nr_pages, watch->align))
			continue;
		watch->fits = true;
		watch->fits_since = since(from);
		nr_again++;
	}
}

static void check_width(const char *text)
{
	size_t column;

	for (; *text; text += column + (text[column] == '\n')) {
		column = strcspn(text, "\n");
		if (column > WIDTH)
			fail("a line is longer than %d: %.*s", WIDTH,
			     (int)column, text);
	}
}

static void check_file(const char *is, char *text, struct moment read)
{
	char heading[128], *block, *end;
	unsigned int i;

	check_width(text);
	snprintf(heading, sizeof(heading), "%s: %d watches of at most %d\n\n",
		 area_name, NR_WATCHES, NR_WATCHES);
	if (strncmp(text, heading, strlen(heading)))
		fail("must begin with '%s': %s", heading, is);
	block = text + strlen(heading);
	for (i = 0; i < NR_WATCHES; i++) {
		end = strstr(block, "\n\n");
		if (!end != (i == NR_WATCHES - 1))
			fail("must be %d blocks: %s", NR_WATCHES, is);
		if (end)
			end[1] = '\0';
		check_watch(&watches[i], block, read);
		block = end ? end + 2 : NULL;
	}
}

static void check_figure(const char *stats, unsigned int nr, const char *what,
			 unsigned long must)
{
	char key[32];

	snprintf(key, sizeof(key), "watch_%u_%s", nr, what);
	if (stat_of(stats, key) != must)
		fail("%s is %lu, must be %lu", key, stat_of(stats, key), must);
}

static void check_stats(void)
{
	struct oracle_answer answer;
	char *stats = area_file("stats");
	unsigned int i;

	oracle_count(&area, &answer);
	if (stat_of(stats, "free_pages") != answer.free)
		fail("%lu pages are free, must be %lu",
		     stat_of(stats, "free_pages"), answer.free);
	if (stat_of(stats, "watches") != NR_WATCHES)
		fail("%lu watches, must be %d", stat_of(stats, "watches"),
		     NR_WATCHES);
	for (i = 0; i < NR_WATCHES; i++) {
		check_figure(stats, i, "pages", watches[i].nr_pages);
		check_figure(stats, i, "align", watches[i].align);
		check_figure(stats, i, "fits", watches[i].fits);
		check_figure(stats, i, "broken", watches[i].nr_broken);
	}
	free(stats);
}

static void check(void)
{
	time_t from = time(NULL);
	char *is = area_file("watch"), *text = strdup(is);

	check_file(is, text, since(from));
	check_stats();
	nr_reads++;
	free(text);
	free(is);
}

/* A mean of the last few. */
static void note_usual(void)
{
	unsigned int align;

	for (align = 0; align <= MAX_ALIGN; align++)
		usual[align] = (usual[align] * 15 + usable(align)) / 16;
}

static void step(unsigned long nr)
{
	if (nr % SET_ANEW_EVERY == 0)
		set_anew();
	if (below(2))
		release_some();
	else
		take_some();
	if (nr % 8 == 0)
		note_usual();
	/* What is not read is found out by those who allocate. */
	if (!below(5))
		check();
}

/* So much must come up, or nothing was tested. */
static void check_enough(unsigned long nr_steps)
{
	printf("# %lu steps, %lu breaks, %lu fit again, %lu read, %lu busy\n",
	       nr_steps, nr_breaks, nr_again, nr_reads, nr_busy);
	printf("# %lu of %lu watches did not fit when they were set; ",
	       nr_set_in_vain, nr_set);
	printf("shown: %lu fit, %lu never did, %lu broke\n", nr_shown[0],
	       nr_shown[1], nr_shown[2]);
	if (!nr_breaks)
		fail("nothing broke");
	if (nr_bits < MANY_BITS)
		return;
	if (nr_breaks < nr_steps / 20 || nr_again < nr_steps / 20)
		fail("there must be %lu breaks, and as many must fit again",
		     nr_steps / 20);
	if (nr_steps < MANY_STEPS)
		return;
	if (!nr_shown[0] || !nr_shown[1] || !nr_shown[2] || !nr_set_in_vain ||
	    nr_set_in_vain == nr_set)
		fail("each state must be shown, and watches set in each");
}

/* cma_test watch STEPS AREA ORDER_PER_BIT PFN:PAGES... */
int watch(int argc, char **argv)
{
	unsigned long nr_steps, i;

	if (argc < 4)
		return 2;
	nr_steps = strtoul(argv[0], NULL, 10);
	shapes_begin(argc - 1, argv + 1);
	find_most();
	hold_what_is_left();
	for (i = 0; i < 8; i++)
		shapes_free_part(nr_bits / 16 + 1);
	for (i = 0; i < nr_steps; i++)
		step(i);
	check();
	tell("clear");
	shapes_end();
	check_enough(nr_steps);
	return 0;
}
