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

#include "expected.h"
#include "guest_files.h"
#include "question.h"
#include "shapes.h"
#include "watching.h"

#define NR_WATCHES 4
/* CONFIG_CMA_ALIGNMENT, which is the DMA callers' alignment */
#define DMA_ALIGN 8U
#define MAX_ALIGN 9U
#define SET_ANEW_EVERY 200UL
/* Of so many bits, breaks are frequent; of so many steps, all kinds come up. */
#define MANY_BITS 4096UL
#define MANY_STEPS 1000UL
/* Clocks that are read one after the other, and rounded, differ by so much. */
#define SLACK_S 2
#define WIDTH 80

/* Not before the one, nor after the other. */
struct moment {
	time_t from;
	time_t to;
};

struct taken {
	char comm[16];
	int pid;
	unsigned long nr_pages;
	unsigned int align;
	unsigned long pfn;
};

/* A watch as it must be shown. */
static struct watched {
	unsigned long nr_pages;
	unsigned int align;
	/* It was set without an alignment. */
	bool assumed;
	struct moment set;
	bool fits;
	struct moment fits_since;
	unsigned long nr_broken;
	struct moment broken;
	struct taken by;
	unsigned long left;
} watches[NR_WATCHES];

static unsigned long nr_bits, nr_breaks, nr_again, nr_reads, nr_busy;
static unsigned long nr_set, nr_set_in_vain, nr_shown[3];

/* By alignment: the largest run of the empty area, and what it is mostly. */
static unsigned long most[MAX_ALIGN + 1], usual[MAX_ALIGN + 1];

static unsigned long usable(unsigned int align)
{
	unsigned int range;
	unsigned long at;

	return oracle_usable(&area, align, &at, &range);
}

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

static unsigned long figure(const char *stats, const char *key)
{
	char line[64];
	const char *at;

	snprintf(line, sizeof(line), "\n%s ", key);
	at = strstr(stats, line);
	if (!at)
		fail("no '%s' in stats", key);
	return strtoul(at + strlen(line), NULL, 10);
}

/* What is busy for a moment is not held by the first try. */
static void hold_what_is_left(void)
{
	unsigned long nr_free;
	unsigned int tries;
	char *stats;

	for (tries = 0; tries < 500; tries++) {
		stats = area_file("stats");
		nr_free = figure(stats, "free_pages");
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

/* "2026-11-27 08:10:12" */
static void check_moment(const char *what, const char *text,
			 struct moment must)
{
	struct tm tm = { 0 };
	time_t is;

	if (sscanf(text, "%d-%d-%d %d:%d:%d", &tm.tm_year, &tm.tm_mon,
		   &tm.tm_mday, &tm.tm_hour, &tm.tm_min, &tm.tm_sec) != 6)
		fail("%s: not a date: '%s'", what, text);
	tm.tm_year -= 1900;
	tm.tm_mon--;
	is = timegm(&tm);
	if (is < must.from - SLACK_S || is > must.to + SLACK_S)
		fail("%s: '%s' is %ld, must be from %ld to %ld", what, text,
		     (long)is, (long)must.from, (long)must.to);
}

/* How long ago something is, in s, when the file was read. */
static void check_ago(const char *what, long is, struct moment then,
		      struct moment read)
{
	if (is < read.from - then.to - SLACK_S ||
	    is > read.to - then.from + SLACK_S)
		fail("%s: %ld s ago, must be from %ld to %ld", what, is,
		     (long)(read.from - then.to), (long)(read.to - then.from));
}

/* "7168", or "7168 of range 1" */
static bool read_place(const char *text, unsigned int *range,
		       unsigned long *at)
{
	int nr_numbers = area.nr_ranges > 1 ? 2 : 1;

	*range = 0;
	return sscanf(text, "%lu of range %u", at, range) == nr_numbers &&
	       *range < area.nr_ranges;
}

/* Every bit of the place is free, and its first page is aligned. */
static void check_place(const struct watched *watch, const char *text)
{
	unsigned long nr = (watch->nr_pages + unit() - 1) / unit(), at, bit;
	const struct oracle_range *in;
	unsigned int range;

	if (!read_place(text, &range, &at))
		fail("not a place: '%s'", text);
	in = &area.ranges[range];
	bit = at / unit();
	if (at % unit() || bit + nr > in->nr_bits)
		fail("%lu pages at %s are not of whole bits of its range",
		     watch->nr_pages, text);
	if (watch->align > area.order_per_bit &&
	    (in->base_pfn + at) % (1UL << watch->align))
		fail("pfn 0x%lx, at %s, is not aligned to order %u",
		     in->base_pfn + at, text, watch->align);
	while (nr--)
		if (in->used[bit + nr])
			fail("%lu pages at %s: bit %lu is used",
			     watch->nr_pages, text, bit + nr);
}

/* "300 pages (1.2 MiB) at align 8, as a DMA caller asks" */
static void check_request(const struct watched *watch, const char *block)
{
	unsigned long nr_pages = 0;
	char tail[64] = "\n";
	unsigned int align = 0;
	int len = 0;

	if (watch->assumed)
		snprintf(tail, sizeof(tail), ", as a DMA caller asks\n");
	else if (watch->align)
		snprintf(tail, sizeof(tail), " (%lu pages)\n",
			 1UL << watch->align);
	if (sscanf(block, "%lu page%*[^(](%*[^)]) at align %u%n", &nr_pages,
		   &align, &len) != 2 ||
	    nr_pages != watch->nr_pages || align != watch->align ||
	    strncmp(block + len, tail, strlen(tail)))
		fail("must be %lu pages at align %u%.*s: %s", watch->nr_pages,
		     watch->align, (int)strlen(tail) - 1, tail, block);
}

static void check_state(const struct watched *watch, const char *block,
			struct moment read)
{
	static const char fits_at[] = "fits, at ";
	static const char since_date[] = "does not fit since ";
	char line[EXPECTED_MAX];
	long seconds;

	block_text(block, "state", line, sizeof(line));
	if (watch->fits) {
		if (strncmp(line, fits_at, strlen(fits_at)))
			fail("it must fit, at most %lu pages do: %s",
			     usable(watch->align), block);
		check_place(watch, line + strlen(fits_at));
		nr_shown[0]++;
	} else if (!watch->nr_broken) {
		if (sscanf(line,
			   "does not fit, nor did it when the watch was set, %ld s ago",
			   &seconds) != 1)
			fail("it must not fit, nor when it was set: %s", block);
		check_ago("set", seconds, watch->set, read);
		nr_shown[1]++;
	} else {
		if (strncmp(line, since_date, strlen(since_date)) ||
		    sscanf(line + strlen(since_date), "%*[^,], for %ld s",
			   &seconds) != 1)
			fail("it must not fit since it broke: %s", block);
		check_moment("since", line + strlen(since_date), watch->broken);
		check_ago("broken", seconds, watch->broken, read);
		nr_shown[2]++;
	}
}

static bool has_line(const char *block, const char *label)
{
	char start[32];

	snprintf(start, sizeof(start), "\n  %-10s", label);
	return strstr(block, start);
}

static void check_has(const char *block, const char *label, bool must)
{
	if (has_line(block, label) != must)
		fail("'%s' must %sbe there: %s", label, must ? "" : "not ",
		     block);
}

static void check_broken(const struct watched *watch, const char *block)
{
	char line[EXPECTED_MAX], must[64];

	block_text(block, "broken", line, sizeof(line));
	if (!watch->nr_broken) {
		if (strcmp(line, "0 times"))
			fail("broken must be '0 times': %s", block);
		return;
	}
	snprintf(must, sizeof(must), "%lu time%s, the last ", watch->nr_broken,
		 watch->nr_broken == 1 ? "" : "s");
	if (strncmp(line, must, strlen(must)))
		fail("broken must be '%s': %s", must, block);
	check_moment("broken", line + strlen(must), watch->broken);
}

/* "16 pages (64 KiB) at align 0, at 60100" */
static bool is_taken(const char *text, const struct taken *taken)
{
	unsigned long nr_pages, at;
	unsigned int align, range;
	int len = 0;

	if (sscanf(text, "%lu page%*[^(](%*[^)]) at align %u, at %n",
		   &nr_pages, &align, &len) != 2 ||
	    !len || !read_place(text + len, &range, &at))
		return false;
	return nr_pages == taken->nr_pages && align == taken->align &&
	       area.ranges[range].base_pfn + at == taken->pfn;
}

/* "taker-7[421]: " and what it was given */
static void check_by(const struct watched *watch, const char *block)
{
	const struct taken *by = &watch->by;
	char line[EXPECTED_MAX], must[64];

	block_text(block, "by", line, sizeof(line));
	snprintf(must, sizeof(must), "%s[%d]: ", by->comm, by->pid);
	if (strncmp(line, must, strlen(must)) ||
	    !is_taken(line + strlen(must), by))
		fail("by must be %s%lu pages at align %u, pfn 0x%lx: %s", must,
		     by->nr_pages, by->align, by->pfn, block);
}

static void check_left(const struct watched *watch, const char *block)
{
	unsigned long nr_pages = 0;
	unsigned int align = 0;
	char line[EXPECTED_MAX];

	block_text(block, "left", line, sizeof(line));
	if (sscanf(line, "a run of %lu page%*[s ]at most, at align %u",
		   &nr_pages, &align) != 2 ||
	    nr_pages != watch->left || align != watch->align)
		fail("left must be %lu pages at align %u: %s", watch->left,
		     watch->align, block);
}

static void check_again(const struct watched *watch, const char *block,
			struct moment read)
{
	char line[EXPECTED_MAX];

	block_text(block, "again", line, sizeof(line));
	check_moment("again", line,
		     (struct moment){ watch->fits_since.from, read.to });
}

static void check_watch(const struct watched *watch, const char *block,
			struct moment read)
{
	bool broke = watch->nr_broken;
	char line[EXPECTED_MAX];

	check_request(watch, block);
	check_state(watch, block, read);
	check_broken(watch, block);
	check_has(block, "by", broke);
	check_has(block, "left", broke);
	check_has(block, "again", broke && watch->fits);
	check_has(block, "stack", broke);
	if (!broke)
		return;
	check_by(watch, block);
	check_left(watch, block);
	if (watch->fits)
		check_again(watch, block, read);
	block_text(block, "stack", line, sizeof(line));
	if (!strstr(line, "[cma_shape]"))
		fail("the stack must have cma_shape: %s", block);
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
	if (figure(stats, key) != must)
		fail("%s is %lu, must be %lu", key, figure(stats, key), must);
}

static void check_stats(void)
{
	struct oracle_answer answer;
	char *stats = area_file("stats");
	unsigned int i;

	oracle_count(&area, &answer);
	if (figure(stats, "free_pages") != answer.free)
		fail("%lu pages are free, must be %lu",
		     figure(stats, "free_pages"), answer.free);
	if (figure(stats, "watches") != NR_WATCHES)
		fail("%lu watches, must be %d", figure(stats, "watches"),
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
