// SPDX-License-Identifier: GPL-2.0-only
/*
 * The marks of an area: allocations and releases at random, under several
 * names, and <area>/marks and stats against an oracle that looks after each
 * allocation, and sums up what failed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "guest_files.h"
#include "last_failure.h"
#include "marking.h"
#include "question.h"
#include "shapes.h"

/* CONFIG_CMA_ALIGNMENT, which is the DMA callers' alignment. */
#define DMA_ALIGN 8U
#define MAX_ALIGN 9U
/* Above that of any area's beginning. */
#define RARE_ALIGN 12U
/* No lower CONFIG_CMA_ALIGNMENT is named. */
#define MIN_CAP 4U
/* Sizes of areas are multiples of 4 MiB. */
#define SIZE_STEP 1024UL
#define RESET_EVERY 200UL
/* Of so many bits, marks change often; of so many steps, all kinds come up. */
#define MANY_BITS 4096UL
#define MANY_STEPS 1000UL
#define WIDTH 80
#define LINE_MAX_LEN 512
/* Clocks that are read one after the other, and rounded, differ by so much. */
#define SLACK_S 2

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

/* With no pid it is nobody's. */
struct mark {
	unsigned long nr_pages;
	struct moment at;
	char comm[16];
	int pid;
};

/* What the files must say. */
static struct {
	struct moment begun;
	struct mark peak;
	struct mark lowest;
	unsigned long end;
	/* What failed for want of room, and what for other reasons. */
	unsigned long nr_lacked;
	unsigned long nr_elsewhy;
	unsigned long sum;
	unsigned int max_align;
	/* By order: what would have had room at it. */
	unsigned long fits_at[DMA_ALIGN + 1];
} must;

static unsigned long nr_bits, nr_peaks, nr_lows, nr_failures;
static unsigned long nr_resets, nr_reads, nr_busy;
/* Shown: nothing failed and less would do, all was needed, a size, a cap. */
static unsigned long nr_less, nr_all, nr_sizes, nr_caps;

static unsigned long usable(unsigned int align)
{
	unsigned int range;
	unsigned long at;

	return oracle_usable(&area, align, &at, &range);
}

/* Up to a whole bit. */
static unsigned long whole(unsigned long nr_pages)
{
	return (nr_pages + unit() - 1) / unit() * unit();
}

static bool fits(unsigned long nr_pages, unsigned int align)
{
	return usable(align) >= whole(nr_pages);
}

static unsigned long count_used(void)
{
	unsigned long nr = 0, bit;
	unsigned int r;

	for (r = 0; r < area.nr_ranges; r++)
		for (bit = 0; bit < area.ranges[r].nr_bits; bit++)
			nr += area.ranges[r].used[bit];
	return nr * unit();
}

/* The page after the last that is used, counted on from range to range. */
static unsigned long used_end(void)
{
	unsigned long nth = 0, end = 0, bit;
	unsigned int r;

	for (r = 0; r < area.nr_ranges; r++)
		for (bit = 0; bit < area.ranges[r].nr_bits; bit++) {
			nth++;
			if (area.ranges[r].used[bit])
				end = nth;
		}
	return end * unit();
}

static struct moment since(time_t from)
{
	return (struct moment){ from, time(NULL) };
}

static char *area_file(const char *name)
{
	char path[192];

	snprintf(path, sizeof(path), DIAG_DIR "/%s/%s", area_name, name);
	return read_file(path);
}

static void mark_all(bool value)
{
	unsigned int r;

	for (r = 0; r < area.nr_ranges; r++)
		memset(area.ranges[r].used, value, area.ranges[r].nr_bits);
}

/* What is busy for a moment is not held by the first try. */
static void hold_what_is_left(void)
{
	unsigned long nr_free;
	unsigned int tries;
	char *stats;

	for (tries = 0; tries < 500; tries++) {
		shape(NULL, "fill %s", area_name);
		stats = area_file("stats");
		nr_free = stat_of(stats, "free_pages");
		free(stats);
		if (!nr_free) {
			mark_all(true);
			return;
		}
		usleep(10000);
	}
	fail("cannot hold all of the area: %lu pages are free", nr_free);
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

static void set_mark(struct mark *mark, unsigned long nr_pages,
		     const struct taken *taken, struct moment at)
{
	*mark = (struct mark){ .nr_pages = nr_pages, .at = at };
	if (!taken)
		return;
	mark->pid = taken->pid;
	memcpy(mark->comm, taken->comm, sizeof(mark->comm));
}

static void note_taken(const struct taken *taken, struct moment at)
{
	unsigned long nr_used = count_used(), lowest = usable(DMA_ALIGN);
	unsigned long end = used_end();

	if (nr_used > must.peak.nr_pages) {
		set_mark(&must.peak, nr_used, taken, at);
		nr_peaks++;
	}
	if (lowest < must.lowest.nr_pages) {
		set_mark(&must.lowest, lowest, taken, at);
		nr_lows++;
	}
	if (end > must.end)
		must.end = end;
}

static unsigned long up_to(unsigned long nr_pages, unsigned long step)
{
	return (nr_pages + step - 1) / step * step;
}

/* Each task asks once, so that all differ, and none steps down. */
static void note_lack(const struct taken *taken)
{
	unsigned int order;

	must.nr_lacked++;
	nr_failures++;
	if (taken->align > must.max_align)
		must.max_align = taken->align;
	must.sum = up_to(must.sum, 1UL << taken->align) +
		   whole(taken->nr_pages);
	if (taken->align > DMA_ALIGN || fits(taken->nr_pages, taken->align))
		return;
	for (order = 0; order < taken->align; order++)
		must.fits_at[order] += fits(taken->nr_pages, order);
}

/* It fits, but its pages may be busy for a moment. */
static void note_busy(const struct taken *taken)
{
	char *block = last_failure(area_name);

	nr_busy++;
	if (failure_is(block, "raced"))
		note_lack(taken);
	else
		must.nr_elsewhy++;
	free(block);
}

/* Too many at the alignment; at a lower one they may fit. */
static void choose_too_many(struct taken *taken)
{
	unsigned long at_align, more;

	taken->align = below(20) ? below(MAX_ALIGN + 1) : RARE_ALIGN;
	at_align = usable(taken->align);
	more = usable(0) - at_align;
	switch (below(8)) {
	case 0:
		taken->nr_pages = nr_bits * unit() + 1 + below(5000);
		break;
	case 1:
		taken->nr_pages = at_align + 1 + below(nr_bits * unit() / 8);
		break;
	default:
		taken->nr_pages = at_align + 1 + below(more ? more : 100);
		break;
	}
}

/* Mostly small ones; what is the largest run, and what does not fit. */
static void choose_request(struct taken *taken)
{
	unsigned long nr = 1 + below(nr_bits / 64 + 1);
	unsigned long kind = below(12);

	taken->align = below(3) ? 0 : below(MAX_ALIGN + 1);
	if (kind == 0) {
		choose_too_many(taken);
		return;
	}
	if (kind == 1) {
		taken->align = DMA_ALIGN;
		nr = usable(DMA_ALIGN) / unit();
		/* Mostly not all of it. */
		if (nr > 2 && below(4))
			nr = nr / 2 + below(nr / 2);
	} else if (kind < 4) {
		nr = 1UL << below(7);
	}
	taken->nr_pages = (nr ? nr : 1) * unit();
}

/* When it is @calm, nothing is asked that does not fit. */
static void take_some(bool calm)
{
	struct taken taken = { .pid = getpid() };
	time_t from = time(NULL);
	bool must_fit, had;

	choose_request(&taken);
	must_fit = fits(taken.nr_pages, taken.align);
	if (calm && !must_fit)
		return;
	if (must_fit)
		taken.nr_pages = whole(taken.nr_pages);
	snprintf(taken.comm, sizeof(taken.comm), "taker-%lu", below(100));
	prctl(PR_SET_NAME, taken.comm);
	had = must_fit && below(2) ? take(&taken) : take_apart(&taken);
	if (had && !must_fit)
		fail("%lu pages at align %u are had, and did not fit",
		     taken.nr_pages, taken.align);
	if (had) {
		mark_used(taken.pfn, taken.nr_pages);
		note_taken(&taken, since(from));
	} else if (must_fit) {
		note_busy(&taken);
	} else {
		note_lack(&taken);
	}
}

/* The text of a line, in one piece; false when it is not there. */
static bool find_line(const char *text, const char *label, char *line)
{
	char start[32];
	const char *at;
	size_t len = 0;

	snprintf(start, sizeof(start), "\n  %s ", label);
	at = strstr(text, start);
	if (!at)
		return false;
	at += strlen(start);
	at += strspn(at, " ");
	while (*at && len < LINE_MAX_LEN - 2) {
		if (*at != '\n') {
			line[len++] = *at++;
			continue;
		}
		if (strncmp(at, "\n          ", 11))
			break;
		line[len++] = ' ';
		at += 1 + strspn(at + 1, " ");
	}
	line[len] = '\0';
	return true;
}

static void need_line(const char *text, const char *label, char *line)
{
	if (!find_line(text, label, line))
		fail("no '%s' in: %s", label, text);
}

static void check_moment(const char *what, time_t is, struct moment at)
{
	if (is < at.from - SLACK_S || is > at.to + SLACK_S)
		fail("%s is %ld, must be from %ld to %ld", what, (long)is,
		     (long)at.from, (long)at.to);
}

/* "2026-11-27 08:10:12"; returns what follows. */
static const char *check_date(const char *what, const char *text,
			      struct moment at)
{
	struct tm tm = { 0 };
	int len = 0;

	if (sscanf(text, "%d-%d-%d %d:%d:%d%n", &tm.tm_year, &tm.tm_mon,
		   &tm.tm_mday, &tm.tm_hour, &tm.tm_min, &tm.tm_sec,
		   &len) != 6)
		fail("%s: not a date: '%s'", what, text);
	tm.tm_year -= 1900;
	tm.tm_mon--;
	check_moment(what, timegm(&tm), at);
	return text + len;
}

/* "found so DATE", or "DATE, by taker-7[421]" */
static void check_whose(const char *what, const char *text,
			const struct mark *mark)
{
	static const char found_so[] = "found so ";
	bool is_found = !strncmp(text, found_so, strlen(found_so));
	char by[64] = "";

	if (is_found != !mark->pid)
		fail("%s must be %s's[%d]: %s", what,
		     mark->pid ? mark->comm : "nobody", mark->pid, text);
	if (mark->pid)
		snprintf(by, sizeof(by), ", by %s[%d]", mark->comm, mark->pid);
	else
		text += strlen(found_so);
	text = check_date(what, text, mark->at);
	if (strcmp(text, by))
		fail("%s must be '%s', is '%s'", what, by, text);
}

static void check_peak(const char *text)
{
	unsigned long nr_pages, of;
	char line[LINE_MAX_LEN];
	int len = 0;

	need_line(text, "peak", line);
	if (sscanf(line, "%lu of %lu pages (%*[^)]) used, %n", &nr_pages, &of,
		   &len) != 2 ||
	    !len || nr_pages != must.peak.nr_pages || of != nr_bits * unit())
		fail("peak must be %lu of %lu pages: %s", must.peak.nr_pages,
		     nr_bits * unit(), line);
	check_whose("peak", line + len, &must.peak);
}

static void check_lowest(const char *text)
{
	char line[LINE_MAX_LEN], start[64];

	need_line(text, "lowest", line);
	if (must.lowest.nr_pages)
		snprintf(start, sizeof(start),
			 "a run of %lu page%s at most at align %u, ",
			 must.lowest.nr_pages,
			 must.lowest.nr_pages == 1 ? "" : "s", DMA_ALIGN);
	else
		snprintf(start, sizeof(start), "no run at align %u, ",
			 DMA_ALIGN);
	if (strncmp(line, start, strlen(start)))
		fail("lowest must be '%s': %s", start, line);
	check_whose("lowest", line + strlen(start), &must.lowest);
}

/* The number in front of the words, 0 when they are not there. */
static unsigned long number_of(const char *line, const char *words)
{
	const char *at = strstr(line, words);

	if (!at)
		return 0;
	while (at > line && (at[-1] == ' ' ||
			     (at[-1] >= '0' && at[-1] <= '9')))
		at--;
	return strtoul(at, NULL, 10);
}

static void check_failed(const char *text)
{
	static const char none[] = "nothing for want of room";
	char line[LINE_MAX_LEN];
	unsigned long nr;

	need_line(text, "failed", line);
	if (number_of(line, " for other reasons") !=
	    must.nr_elsewhy)
		fail("%lu must have failed for other reasons: %s",
		     must.nr_elsewhy, line);
	if (!must.nr_lacked) {
		if (strncmp(line, none, strlen(none)))
			fail("failed must be '%s': %s", none, line);
		return;
	}
	if (sscanf(line, "%lu request%*[s ]for want of room", &nr) != 1 ||
	    nr != must.nr_lacked ||
	    strstr(line, " distinct") || strstr(line, " repeated") ||
	    strstr(line, " step"))
		fail("%lu must have failed, each another: %s", must.nr_lacked,
		     line);
}

/* What may lie in front of the first page aligned as any request was. */
static unsigned long aligned_block(void)
{
	return 1UL << (must.max_align > DMA_ALIGN ? must.max_align : DMA_ALIGN);
}

/* An area begins at a multiple of the step. */
static unsigned long size_apart(void)
{
	unsigned long nr = aligned_block();
	unsigned long pad = nr > SIZE_STEP ? nr - SIZE_STEP : 0;

	return must.nr_lacked ? up_to(pad + must.sum, SIZE_STEP) : 0;
}

static unsigned long size_enough(void)
{
	if (!must.nr_lacked)
		return up_to(must.end, SIZE_STEP);
	return up_to(nr_bits * unit() + aligned_block() + must.sum, SIZE_STEP);
}

static bool is_size(const char *line, const char *format, const char *rest,
		    unsigned long nr_pages)
{
	unsigned long is = 0;
	int len = 0;

	return sscanf(line, format, &is, &len) == 1 && len &&
	       is == nr_pages && !strcmp(line + len, rest);
}

static void check_size(const char *text)
{
	unsigned long nr_pages = nr_bits * unit(), enough = size_enough();
	char line[LINE_MAX_LEN];

	need_line(text, "size", line);
	if (must.nr_lacked) {
		if (!is_size(line, "%lu pages (%*[^)])%n",
			     " would do for all that was asked", enough))
			fail("%lu pages would do, of %lu: %s", enough,
			     nr_pages, line);
		nr_sizes++;
	} else if (!enough) {
		if (strcmp(line, "none of it was used"))
			fail("none was used: %s", line);
		nr_less++;
	} else if (enough >= nr_pages) {
		if (!is_size(line,
			     "all of it was needed: %lu pages (%*[^)])%n", "",
			     nr_pages))
			fail("all %lu pages were needed, up to %lu: %s",
			     nr_pages, must.end, line);
		nr_all++;
	} else {
		if (!is_size(line, "%lu pages (%*[^)])%n",
			     " would have done: what is behind them was not used",
			     enough))
			fail("%lu pages would have done, %lu were needed: %s",
			     enough, must.end, line);
		nr_less++;
	}
}

static void check_apart(const char *text)
{
	char line[LINE_MAX_LEN] = "(none)";

	if (find_line(text, "apart", line) != !!must.nr_lacked)
		fail("'apart' must %sbe there: %s",
		     must.nr_lacked ? "" : "not ", text);
	if (must.nr_lacked &&
	    !is_size(line, "or %lu pages (%*[^)])%n",
		     " for what failed alone, and this area as it is",
		     size_apart()))
		fail("apart must be %lu pages: %s", size_apart(), line);
}

/* The highest that helps as many as any does; 0 when none helps. */
static unsigned int best_cap(void)
{
	unsigned int order, best = 0;

	for (order = DMA_ALIGN - 1; order >= MIN_CAP; order--)
		if (must.fits_at[order] > (best ? must.fits_at[best] : 0))
			best = order;
	return best;
}

static void check_cap(const char *text)
{
	char line[LINE_MAX_LEN] = "(none)", expected[LINE_MAX_LEN];
	unsigned int best = best_cap();

	if (find_line(text, "cap", line) != !!best)
		fail("'cap' must be %u: %s", best, text);
	if (!best)
		return;
	snprintf(expected, sizeof(expected),
		 "or CONFIG_CMA_ALIGNMENT %u instead of %u: %lu of %lu would have had room",
		 best, DMA_ALIGN, must.fits_at[best], must.nr_lacked);
	if (strcmp(line, expected))
		fail("cap:\n#   is   %s\n#   must %s", line, expected);
	nr_caps++;
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

/* "AREA: marks since DATE, for 12 s" */
static void check_heading(const char *text, struct moment read)
{
	struct moment age = { read.from - must.begun.to,
			      read.to - must.begun.from };
	char heading[128];
	long seconds;

	snprintf(heading, sizeof(heading), "%s: marks since ", area_name);
	if (strncmp(text, heading, strlen(heading)))
		fail("must begin with '%s': %s", heading, text);
	text = check_date("since", text + strlen(heading), must.begun);
	if (sscanf(text, ", for %ld s\n", &seconds) != 1)
		fail("must be the age of the marks: %.80s", text);
	check_moment("how long", seconds, age);
}

static void check_file(const char *text, struct moment read)
{
	check_width(text);
	check_heading(text, read);
	check_peak(text);
	check_lowest(text);
	check_failed(text);
	check_size(text);
	check_apart(text);
	check_cap(text);
}

static void check_figure(const char *stats, const char *key,
			 unsigned long value)
{
	if (stat_of(stats, key) != value)
		fail("%s is %lu, must be %lu", key, stat_of(stats, key), value);
}

static void check_stats(const char *stats)
{
	check_figure(stats, "free_pages", nr_bits * unit() - count_used());
	check_figure(stats, "marks_known", 1);
	check_moment("marks_since", stat_of(stats, "marks_since"), must.begun);
	check_figure(stats, "peak_used_pages", must.peak.nr_pages);
	check_moment("peak_used_time", stat_of(stats, "peak_used_time"),
		     must.peak.at);
	check_figure(stats, "lowest_run_pages", must.lowest.nr_pages);
	check_moment("lowest_run_time", stat_of(stats, "lowest_run_time"),
		     must.lowest.at);
	check_figure(stats, "lacked_room", must.nr_lacked);
	check_figure(stats, "lacked_room_distinct", must.nr_lacked);
	check_figure(stats, "enough_pages", size_enough());
	check_figure(stats, "enough_all_pages", size_enough());
	check_figure(stats, "apart_pages", size_apart());
	check_figure(stats, "apart_all_pages", size_apart());
}

static void check(void)
{
	time_t from = time(NULL);
	char *text = area_file("marks"), *stats;

	check_file(text, since(from));
	stats = area_file("stats");
	check_stats(stats);
	nr_reads++;
	free(stats);
	free(text);
}

static void tell(const char *text)
{
	int fd = open_question(area_name, "marks");

	if (write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		fail("'%s' is refused: %m", text);
	close(fd);
}

static void begin_marks(void)
{
	time_t from = time(NULL);

	tell(below(2) ? "reset\n" : "reset");
	memset(&must, 0, sizeof(must));
	must.begun = since(from);
	set_mark(&must.peak, count_used(), NULL, must.begun);
	set_mark(&must.lowest, usable(DMA_ALIGN), NULL, must.begun);
	must.end = used_end();
}

/* With an empty area, one in use, a full one, and one in use again. */
static void begin_anew(void)
{
	unsigned int i;

	switch (nr_resets++ % 4) {
	case 0:
		shapes_free_all();
		break;
	case 2:
		hold_what_is_left();
		break;
	default:
		for (i = 0; i < 16; i++)
			shapes_free_part(nr_bits / 16 + 1);
		break;
	}
	begin_marks();
	check();
}

static void step(unsigned long nr)
{
	if (nr % RESET_EVERY == 0)
		begin_anew();
	if (below(3))
		take_some(nr % RESET_EVERY < RESET_EVERY / 4);
	else
		shapes_free_part(nr_bits / 64 + 1);
	/* What is not read is found by those who allocate. */
	if (!below(5))
		check();
}

/* So much must come up, or nothing was tested. */
static void check_enough(unsigned long nr_steps)
{
	printf("# %lu peaks, %lu lows, %lu failures\n", nr_peaks, nr_lows,
	       nr_failures);
	printf("# %lu steps, %lu resets, %lu read, %lu busy\n", nr_steps,
	       nr_resets, nr_reads, nr_busy);
	printf("# shown: %lu sizes for what failed, %lu caps, ", nr_sizes,
	       nr_caps);
	printf("%lu would have done, %lu all needed\n", nr_less, nr_all);
	if (!nr_peaks || !nr_lows || !nr_failures)
		fail("marks never changed");
	if (nr_bits < MANY_BITS)
		return;
	if (nr_peaks < nr_steps / 20 || nr_lows < nr_steps / 100 ||
	    nr_failures < nr_steps / 20)
		fail("there must be %lu peaks, %lu lows, %lu failures",
		     nr_steps / 20, nr_steps / 100, nr_steps / 20);
	if (nr_steps < MANY_STEPS)
		return;
	if (!nr_sizes || !nr_caps || !nr_less || !nr_all)
		fail("each kind of size must be shown");
}

/* cma_test marks STEPS AREA ORDER_PER_BIT PFN:PAGES... */
int marks(int argc, char **argv)
{
	unsigned long nr_steps, i;
	unsigned int r;

	if (argc < 4)
		return 2;
	nr_steps = strtoul(argv[0], NULL, 10);
	shapes_begin(argc - 1, argv + 1);
	for (r = 0; r < area.nr_ranges; r++)
		nr_bits += area.ranges[r].nr_bits;
	for (i = 0; i < nr_steps; i++)
		step(i);
	check();
	shapes_end();
	check_enough(nr_steps);
	return 0;
}
