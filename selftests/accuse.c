// SPDX-License-Identifier: GPL-2.0-only
/*
 * No false accusation: thousands of requests, of which we have arranged why
 * they fail, while other tasks keep memory short. Of every failure the verdict
 * is what was arranged, or else one that shows what nobody arranged.
 *
 * The area is ours, bit by bit. Pages are pinned behind its back, so that we
 * know which places a request tries in vain, and which page stops each. The
 * pages that are free in the bitmap are lent to whoever needs memory: moving
 * them may fail, and that is the one thing that is not ours to arrange.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "accuse.h"
#include "expected.h"
#include "guest_files.h"
#include "last_failure.h"
#include "press.h"
#include "shapes.h"

#define MAX_PINS 3
#define REQUESTS_PER_SHAPE 20
#define MAX_PIECES 8
#define SHAPES_PER_KILLS 12
#define NR_KILLED 10
#define MAX_KILLS 100

/* The rows of the matrix; the bitmap's four verdicts are a row each. */
static const char * const rows[] = {
	"success", "too-big", "exhausted", "fragmented", "misaligned", "busy",
	"killed",
};

static const char * const columns[] = {
	"success", "too-big", "exhausted", "fragmented", "misaligned", "busy",
	"interrupted", "low-memory", "raced", "unknown",
};

#define NR_ROWS (sizeof(rows) / sizeof(*rows))
#define NR_COLUMNS (sizeof(columns) / sizeof(*columns))

static unsigned long matrix[NR_ROWS][NR_COLUMNS];
/* Of busy ones: another page was in the way, too, or instead. */
static unsigned long nr_others;
static unsigned long last_number;

static size_t index_of(const char * const *words, size_t nr, const char *word)
{
	size_t i;

	for (i = 0; i < nr; i++)
		if (!strcmp(words[i], word))
			return i;
	fail("'%s' is no verdict of a failure", word);
}

static void count(const char *row, const char *column)
{
	matrix[index_of(rows, NR_ROWS, row)]
	      [index_of(columns, NR_COLUMNS, column)]++;
}

/* Pages that cannot be moved, though the bitmap says free; ascending. */
static unsigned long pins[MAX_PINS];
static unsigned int nr_pins;

static unsigned long random_free_page(void)
{
	const struct oracle_range *range =
		&area.ranges[below(area.nr_ranges)];
	unsigned long bit = below(range->nr_bits);

	if (range->used[bit])
		return 0;
	return range->base_pfn + bit * unit() + below(unit());
}

static int ascending(const void *a, const void *b)
{
	unsigned long left = *(const unsigned long *)a;
	unsigned long right = *(const unsigned long *)b;

	return left < right ? -1 : left > right;
}

static void pin_some(void)
{
	unsigned int nr = below(MAX_PINS + 1);

	for (nr_pins = 0; nr; nr--) {
		unsigned long pfn = random_free_page();

		if (pfn && !shape(NULL, "pin %s 0x%lx 1", area_name, pfn))
			pins[nr_pins++] = pfn;
	}
	qsort(pins, nr_pins, sizeof(*pins), ascending);
}

static void unpin_all(void)
{
	while (nr_pins) {
		nr_pins--;
		if (shape(NULL, "unpin %s 0x%lx 1", area_name, pins[nr_pins]))
			fail("cannot unpin 0x%lx", pins[nr_pins]);
	}
}

/* What the allocator must find out, place by place. */
struct foreseen {
	bool succeeds;
	unsigned long nr_busy;
	unsigned long last_pfn;
	unsigned long nr_stopped[MAX_PINS];
	unsigned int first_pin;
	unsigned int last_pin;
};

/* The lowest pin of a place, or nr_pins. */
static unsigned int pin_in(unsigned long pfn, unsigned long nr_pages)
{
	unsigned int i;

	for (i = 0; i < nr_pins; i++)
		if (pins[i] - pfn < nr_pages)
			break;
	return i;
}

static struct foreseen foresee(unsigned long nr_pages, unsigned int align)
{
	struct foreseen foreseen = { 0 };
	unsigned int range = 0;
	unsigned long bit = 0;

	for (; oracle_place(&area, nr_pages, align, &range, &bit); bit++) {
		unsigned long pfn = area.ranges[range].base_pfn + bit * unit();
		unsigned int pin = pin_in(pfn, nr_pages);

		if (pin == nr_pins) {
			foreseen.succeeds = true;
			break;
		}
		if (!foreseen.nr_busy++)
			foreseen.first_pin = pin;
		foreseen.last_pin = pin;
		foreseen.last_pfn = pfn;
		foreseen.nr_stopped[pin]++;
	}
	return foreseen;
}

static bool is_pin(unsigned long pfn)
{
	return pin_in(pfn, 1) < nr_pins;
}

/* What the block of a busy request says. */
struct said {
	unsigned long nr_busy;
	unsigned long last_pfn;
	unsigned long worst_pfn;
	unsigned long nr_stopped;
	unsigned long first_blocking;
	unsigned long last_blocking;
};

/* Of a page that stopped none the pfn is 0. */
static void read_worst(const char *text, struct said *said)
{
	const char *at = strstr(text, "; pfn ");

	said->worst_pfn = 0;
	said->nr_stopped = 0;
	if (at && sscanf(at, "; pfn %lx stopped at least %lu",
			 &said->worst_pfn, &said->nr_stopped) != 2)
		sscanf(at, "; pfn %lx stopped %lu", &said->worst_pfn,
		       &said->nr_stopped);
}

static bool read_busy(const char *block, struct said *said)
{
	char text[512];
	const char *at;

	block_text(block, "why", text, sizeof(text));
	at = strstr(text, "emptied: ");
	if (!at ||
	    sscanf(at, "emptied: %lu place%*[^,], the last at pfn %lx",
		   &said->nr_busy, &said->last_pfn) != 2)
		return false;
	read_worst(text, said);
	said->first_blocking = said->worst_pfn;
	said->last_blocking = said->worst_pfn;
	if (!strstr(block, "\n  pages "))
		return true;
	block_text(block, "pages", text, sizeof(text));
	return sscanf(text, "first stopped by pfn %lx, last by pfn %lx",
		      &said->first_blocking, &said->last_blocking) == 2;
}

/* Our pins alone are what stopped it, and each as often as foreseen. */
static bool is_as_foreseen(const char *block, const struct said *said,
			   const struct foreseen *foreseen)
{
	unsigned long most = 0;
	char text[512], page[512];
	unsigned int i, pin = pin_in(said->worst_pfn, 1);

	if (!sees_pages())
		return !said->worst_pfn && !strstr(block, "\n  page ");
	for (i = 0; i < nr_pins; i++)
		if (foreseen->nr_stopped[i] > most)
			most = foreseen->nr_stopped[i];
	if (pin == nr_pins || foreseen->nr_stopped[pin] != most ||
	    said->nr_stopped != most ||
	    said->first_blocking != pins[foreseen->first_pin] ||
	    said->last_blocking != pins[foreseen->last_pin])
		return false;
	snprintf(text, sizeof(text),
		 "pfn 0x%lx: memory of the kernel or of a driver",
		 said->worst_pfn);
	block_text(block, "page", page, sizeof(page));
	return !strcmp(page, text);
}

/*
 * Pages of others were in the way, too: lower ones than our pins, which stopped
 * some of the places in their stead. Then ours have stopped fewer.
 */
static bool is_of_others(const struct said *said,
			 const struct foreseen *foreseen)
{
	unsigned int pin = pin_in(said->worst_pfn, 1);

	return pin == nr_pins || said->nr_stopped < foreseen->nr_stopped[pin] ||
	       !is_pin(said->first_blocking) || !is_pin(said->last_blocking);
}

/*
 * Every place has a pin, so that neither how many were tried nor which was the
 * last is chance; and chance is which page was the lowest in the way.
 */
static bool check_busy(const char *block, const struct foreseen *foreseen)
{
	struct said said;

	if (!failure_is(block, "busy") || !read_busy(block, &said) ||
	    said.nr_busy != foreseen->nr_busy ||
	    said.last_pfn != foreseen->last_pfn)
		return false;
	if (is_as_foreseen(block, &said, foreseen))
		return true;
	nr_others++;
	return is_of_others(&said, foreseen);
}

/*
 * Some place has no pin, yet it failed: for a page that is not ours. So more
 * places were given up than those before it.
 */
static bool check_others(const char *block, const struct foreseen *foreseen)
{
	struct said said;

	return failure_is(block, "busy") && read_busy(block, &said) &&
	       said.nr_busy > foreseen->nr_busy;
}

/* It is short of memory, and shows it: more to be moved than was left. */
static bool shows_shortage(const char *block)
{
	unsigned long nr_move, nr_pages, pfn, nr_spare;
	char text[512];

	block_text(block, "why", text, sizeof(text));
	return failure_is(block, "low-memory") &&
	       sscanf(text,
		      "the request fitted, but there was no free memory elsewhere to move its pages to: needed to move %lu of the %lu pages from pfn %lx on; %lu free",
		      &nr_move, &nr_pages, &pfn, &nr_spare) == 4 && nr_move;
}

/* The block of the failure that we have just made. */
static char *new_failure(void)
{
	char *block = last_failure(area_name);

	if (failure_number(block) != last_number + 1)
		fail("failure %lu is followed by: %s", last_number, block);
	last_number++;
	return block;
}

/* The bitmap decides it, and nothing that others do can change that. */
static void check_by_bitmap(const char *block, const char *verdict,
			    unsigned long nr_pages, unsigned int align)
{
	struct oracle_answer answer;
	char text[512];

	if (!failure_is(block, verdict))
		fail("must be %s: %s", verdict, block);
	oracle_count(&area, &answer);
	expect_evidence(&answer, verdict, nr_pages, align, text, sizeof(text));
	check_text(block, "why", text);
}

static bool is_right(const char *block, const struct foreseen *foreseen)
{
	return shows_shortage(block) ||
	       (foreseen->succeeds ? check_others(block, foreseen) :
				     check_busy(block, foreseen));
}

static void check_failure(const char *verdict,
			  const struct foreseen *foreseen,
			  unsigned long nr_pages, unsigned int align)
{
	char *block = new_failure();

	if (strcmp(verdict, "fits")) {
		check_by_bitmap(block, verdict, nr_pages, align);
	} else {
		verdict = foreseen->succeeds ? "success" : "busy";
		if (!is_right(block, foreseen))
			fail("%s after %lu busy places was foreseen: %s",
			     verdict, foreseen->nr_busy, block);
	}
	count(verdict, failure_verdict(block));
	free(block);
}

/* Sizes around those where the answer changes, and small ones. */
static unsigned long random_size(const struct oracle_answer *answer)
{
	unsigned long around[] = {
		answer->total, answer->free, answer->largest, answer->largest,
		below(answer->largest + 1), below(answer->largest + 1),
		below(answer->largest + 1), below(answer->largest / 4 + 1),
	};
	unsigned long nr_pages = around[below(8)] + below(3);

	return nr_pages > 1 ? nr_pages - 1 : 1;
}

static void request(const struct oracle_answer *answer)
{
	unsigned long nr_pages = random_size(answer), pfn;
	unsigned int align = below(2) ? below(10) : 0;
	const char *verdict = oracle_verdict(&area, nr_pages, align);
	struct foreseen foreseen = foresee(nr_pages, align);

	if (shapes_hold(nr_pages, align, &pfn)) {
		check_failure(verdict, &foreseen, nr_pages, align);
		return;
	}
	if (!foreseen.succeeds)
		fail("%lu pages at align %u are had, at 0x%lx: not foreseen",
		     nr_pages, align, pfn);
	count("success", "success");
	shapes_give_back(pfn, nr_pages);
}

/* Requests that fit may have to be repeated: those are not counted. */
static void hold_all(void)
{
	char *block;

	shapes_hold_all();
	block = last_failure(area_name);
	last_number = failure_number(block);
	free(block);
}

/*
 * How long a request takes is the machine's affair: one that is killed before
 * it began is waited for longer the next time, one that ended before less.
 */
#define MAX_PATIENCE_US 2000000UL
static unsigned long patience_us = 20000;
static unsigned int nr_killed;

/* What a task that is to be killed has come to. */
struct progress {
	atomic_bool has_begun;
	atomic_bool has_ended;
};

static void ask_and_be_killed(struct progress *progress,
			      unsigned long nr_pages)
{
	progress->has_begun = true;
	shape(NULL, "hold %s %lu 0", area_name, nr_pages);
	progress->has_ended = true;
	for (;;)
		pause();
}

/* Ended by the signal, or an instant before; but after it, only by it. */
static void check_killed(const struct progress *progress,
			 const struct foreseen *foreseen)
{
	char *block = last_failure(area_name), text[512];
	unsigned long nr_busy;

	if (failure_number(block) == last_number) {
		if (progress->has_ended)
			fail("a request that failed is not among the failures");
		if (patience_us < MAX_PATIENCE_US)
			patience_us *= 2;
		free(block);
		return;
	}
	last_number++;
	nr_killed++;
	count("killed", failure_verdict(block));
	if (failure_is(block, "interrupted")) {
		if (progress->has_ended)
			fail("not killed, but: %s", block);
		block_text(block, "why", text, sizeof(text));
		if (strncmp(text, "a fatal signal ended the allocation: ", 37))
			fail("the evidence is: %s", text);
		if (sscanf(text + 37, "%lu place", &nr_busy) == 1 &&
		    nr_busy >= foreseen->nr_busy)
			fail("killed after all %lu places, but: %s",
			     foreseen->nr_busy, block);
	} else {
		if (!check_busy(block, foreseen) && !shows_shortage(block))
			fail("killed, but: %s", block);
		patience_us = patience_us / 2 + 100;
	}
	free(block);
}

/* A request that tries hundreds of places in vain is killed meanwhile. */
static void kill_one(unsigned long nr_pages)
{
	struct foreseen foreseen = foresee(nr_pages, 0);
	struct progress *progress =
		mmap(NULL, sizeof(*progress), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t pid;

	if (progress == MAP_FAILED)
		fail("no memory");
	pid = fork();
	if (!pid)
		ask_and_be_killed(progress, nr_pages);
	while (!progress->has_begun)
		usleep(100);
	usleep(below(patience_us));
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	check_killed(progress, &foreseen);
	munmap(progress, sizeof(*progress));
}

/* Every place for more than half of the area has the page in its middle. */
static void kill_some(void)
{
	const struct oracle_range *range = &area.ranges[0];
	unsigned long nr_pages = range->nr_bits * unit();
	unsigned int i;

	shapes_give_back(range->base_pfn, nr_pages);
	pins[0] = range->base_pfn + nr_pages / 2;
	if (!shape(NULL, "pin %s 0x%lx 1", area_name, pins[0])) {
		nr_pins = 1;
		nr_killed = 0;
		for (i = 0; i < MAX_KILLS && nr_killed < NR_KILLED; i++)
			kill_one(nr_pages / 2 + 1);
	}
	unpin_all();
	hold_all();
}

static void shape_at_random(void)
{
	unsigned int nr = 1 + below(MAX_PIECES);

	while (nr--)
		shapes_free_part(below(3) ? 300 : 1024);
	pin_some();
}

static void print_matrix(void)
{
	size_t row, column;

	printf("# %-12s", "arranged");
	for (column = 0; column < NR_COLUMNS; column++)
		printf(" %11s", columns[column]);
	putchar('\n');
	for (row = 0; row < NR_ROWS; row++) {
		printf("# %-12s", rows[row]);
		for (column = 0; column < NR_COLUMNS; column++)
			printf(" %11lu", matrix[row][column]);
		putchar('\n');
	}
	printf("# %lu were busy for pages of others, too\n", nr_others);
}

/* Every row came up, and most of it as it was arranged. */
static void check_matrix(unsigned long nr_requests)
{
	static const char * const must[NR_ROWS] = {
		"success", "too-big", "exhausted", "fragmented", "misaligned",
		"busy", "interrupted",
	};
	unsigned long right;
	size_t row;

	for (row = 0; row < NR_ROWS; row++) {
		right = matrix[row][index_of(columns, NR_COLUMNS, must[row])];
		if (right < nr_requests / 100)
			fail("only %lu times %s", right, rows[row]);
	}
	if (nr_others > matrix[index_of(rows, NR_ROWS, "busy")]
			      [index_of(columns, NR_COLUMNS, "busy")] / 4)
		fail("others are busy too often for this to prove anything");
}

/* accuse REQUESTS FILE AREA ORDER_PER_BIT PFN:PAGES... */
int accuse(int argc, char **argv)
{
	unsigned long i, j, nr_requests;
	struct oracle_answer answer;

	if (argc < 5)
		return 2;
	nr_requests = atol(argv[0]);
	shapes_begin(argc - 2, argv + 2);
	hold_all();
	press_begin(argv[1]);
	for (i = 0; i < nr_requests / REQUESTS_PER_SHAPE; i++) {
		shape_at_random();
		oracle_count(&area, &answer);
		for (j = 0; j < REQUESTS_PER_SHAPE; j++)
			request(&answer);
		unpin_all();
		hold_all();
		if (i % SHAPES_PER_KILLS == 0)
			kill_some();
	}
	press_end();
	shapes_end();
	print_matrix();
	check_matrix(nr_requests);
	return 0;
}
