// SPDX-License-Identifier: GPL-2.0-only
/* module/core against the oracle, against public reports, and word by word. */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "oracle.h"
#include "public_failures.h"
#include "sentences.h"

#define NR_RANDOM 1000000UL
#define NR_LARGE 1000UL
#define MAX_BITS 300000UL

/* xorshift64*: the same bitmaps on every machine. */
static uint64_t random_state = 0x9e3779b97f4a7c15ULL;

static uint64_t random64(void)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return random_state * 0x2545f4914f6cdd1dULL;
}

static unsigned long below(unsigned long n)
{
	return random64() % n;
}

/* The same area twice: bytes for the oracle, bits for the core. */
static struct oracle_area area;
static struct cd_bitmap bm;
static unsigned char bytes[MAX_BITS + 8];
static unsigned long *words[ORACLE_MAX_RANGES];

/*
 * Bits past the end of a range are noise, and must not matter. Each range has
 * memory of its own, of just its size, so that AddressSanitizer sees a read
 * past its end.
 */
static void pack_words(void)
{
	unsigned int r;

	bm.order_per_bit = area.order_per_bit;
	bm.nr_ranges = area.nr_ranges;
	for (r = 0; r < area.nr_ranges; r++) {
		const struct oracle_range *range = &area.ranges[r];
		unsigned long i, nr_words = (range->nr_bits + 63) / 64;
		unsigned long *word = malloc(nr_words * sizeof(*word));

		assert_non_null(word);
		free(words[r]);
		words[r] = word;
		for (i = 0; i < nr_words; i++)
			word[i] = random64();
		for (i = 0; i < range->nr_bits; i++) {
			word[i / 64] &= ~(1UL << (i % 64));
			if (range->used[i])
				word[i / 64] |= 1UL << (i % 64);
		}
		bm.ranges[r] = (struct cd_range){
			.base_pfn = range->base_pfn,
			.nr_bits = range->nr_bits,
			.bitmap = word,
		};
	}
}

static void set_bits(unsigned char *used, unsigned long nr, bool value)
{
	memset(used, value, nr);
}

/* Runs of random length, used and free in turn. */
static void fill_runs(unsigned char *used, unsigned long nr)
{
	unsigned long longest = 1 + below(1UL << below(12));
	bool value = below(2);

	while (nr) {
		unsigned long len = 1 + below(longest);

		len = len < nr ? len : nr;
		set_bits(used, len, value);
		used += len;
		nr -= len;
		value = !value;
	}
}

static void fill_odds(unsigned char *used, unsigned long nr,
		      unsigned int of_256_used)
{
	while (nr--)
		*used++ = (random64() >> 40) % 256 < of_256_used;
}

static void fill_range(unsigned char *used, unsigned long nr)
{
	unsigned long i;

	switch (below(8)) {
	case 0:
		set_bits(used, nr, false);
		break;
	case 1:
		set_bits(used, nr, true);
		break;
	case 2:
		for (i = 0; i < nr; i++)
			used[i] = i % 2;
		break;
	case 3:
		fill_odds(used, nr, 4);
		break;
	case 4:
		fill_odds(used, nr, 252);
		break;
	default:
		fill_runs(used, nr);
	}
}

static unsigned long random_base(void)
{
	unsigned long pfn = below(1UL << 24);

	return below(2) ? pfn & ~((1UL << below(21)) - 1) : pfn;
}

static void make_area(unsigned long nr_bits)
{
	unsigned char *used = bytes;
	unsigned int r;

	area.order_per_bit = below(3) ? 0 : below(5);
	area.nr_ranges = below(4) ? 1 : 1 + below(ORACLE_MAX_RANGES);
	for (r = 0; r < area.nr_ranges; r++) {
		unsigned long nr = r + 1 == area.nr_ranges ? nr_bits :
				   below(nr_bits / area.nr_ranges + 1);

		area.ranges[r] = (struct oracle_range){
			.base_pfn = random_base(),
			.nr_bits = nr,
			.used = used,
		};
		fill_range(used, nr);
		used += nr;
		nr_bits -= nr;
	}
	pack_words();
}

/* Sizes around those where the answer changes. */
static unsigned long random_request(const struct oracle_answer *answer)
{
	unsigned long around[] = {
		answer->total, answer->free, answer->largest,
		answer->usable[below(ORACLE_NR_ORDERS)],
		below(answer->total + 2), 1,
	};
	unsigned long pages = around[below(6)] + below(3);

	return pages > 1 ? pages - 1 : 1;
}

static void check_run(struct cd_run run, unsigned long pages, unsigned long at,
		      unsigned int range)
{
	assert_int_equal(run.nr_pages, pages);
	if (!pages)
		return;
	assert_int_equal(run.start_page, at);
	assert_int_equal(run.range, range);
	assert_int_equal(run.start_pfn, area.ranges[range].base_pfn + at);
}

static void check_figures(const struct oracle_answer *answer)
{
	struct cd_figures figures;
	unsigned int order;

	cd_count_figures(&bm, &figures);
	assert_int_equal(figures.nr_pages, answer->total);
	assert_int_equal(figures.nr_free, answer->free);
	assert_int_equal(figures.nr_runs, answer->nr_runs);
	check_run(figures.largest, answer->largest, answer->largest_at,
		  answer->largest_range);
	for (order = 0; order < ORACLE_NR_ORDERS; order++)
		check_run(figures.usable[order], answer->usable[order],
			  answer->usable_at[order],
			  answer->usable_range[order]);
}

static void check_request(const struct oracle_answer *answer)
{
	unsigned int align = below(50) ? below(ORACLE_NR_ORDERS) : below(70);
	struct cd_diagnosis diag = {
		.request = { random_request(answer), align },
		.attempt.candidates = CD_CANDIDATES_WHAT_IF,
		.page_shift = 12,
	};
	struct cd_figures figures;
	unsigned int range = 0;
	unsigned long at = 0;

	cd_diagnose(&diag, &bm, &figures);
	assert_string_equal(cd_verdict_word(diag.verdict),
			    oracle_verdict(&area, diag.request.nr_pages,
					   align));
	assert_int_equal(diag.fits,
			 oracle_fits(&area, diag.request.nr_pages, align));
	assert_int_equal(diag.usable.nr_pages,
			 oracle_usable(&area, align, &at, &range));
	if (diag.fits_up_to >= 0)
		assert_true(oracle_fits(&area, diag.request.nr_pages,
					diag.fits_up_to));
	if (diag.fits_up_to < CD_MAX_ORDER)
		assert_false(oracle_fits(&area, diag.request.nr_pages,
					 diag.fits_up_to + 1));
}

static void test_random_bitmaps(void **state)
{
	struct oracle_answer answer;
	unsigned long i;

	(void)state;
	for (i = 0; i < NR_RANDOM; i++) {
		/* Small ones more often: more of them, and more corners. */
		make_area(1 + below(1 + below(2000)));
		oracle_count(&area, &answer);
		check_figures(&answer);
		check_request(&answer);
	}
}

static void test_large_bitmaps(void **state)
{
	struct oracle_answer answer;
	unsigned long i;

	(void)state;
	for (i = 0; i < NR_LARGE; i++) {
		make_area(1 + below(MAX_BITS));
		oracle_count(&area, &answer);
		check_figures(&answer);
	}
}

/* Builds the area that a public report's list of free runs describes. */
static void make_public_area(const struct public_failure *failure)
{
	const struct public_run *run;

	area.order_per_bit = 0;
	area.nr_ranges = 1;
	area.ranges[0] = (struct oracle_range){
		.nr_bits = failure->total,
		.used = bytes,
	};
	set_bits(bytes, failure->total, true);
	for (run = failure->runs; run->nr_pages; run++)
		set_bits(bytes + run->at, run->nr_pages, false);
	pack_words();
}

/* The report's errno, read as kernels up to 6.14 mean it. */
static struct cd_diagnosis diagnose_public(const struct public_failure *failure)
{
	struct cd_diagnosis diag = {
		.request = { failure->nr_pages, failure->align },
		.attempt.candidates = failure->error == -EBUSY ?
				      CD_CANDIDATES_TRIED :
				      CD_CANDIDATES_NONE,
		.attempt.error = failure->error == -EBUSY ? -EBUSY : 0,
		.page_shift = 12,
		.align_cap = 8,
	};
	struct cd_figures figures;

	make_public_area(failure);
	cd_diagnose(&diag, &bm, &figures);
	return diag;
}

static void test_public_failures(void **state)
{
	const size_t nr = sizeof(public_failures) / sizeof(*public_failures);
	size_t i;

	(void)state;
	for (i = 0; i < nr; i++) {
		const struct public_failure *failure = &public_failures[i];
		struct cd_diagnosis diag = diagnose_public(failure);

		print_message("# %s\n", failure->source);
		assert_string_equal(cd_verdict_word(diag.verdict),
				    failure->verdict);
		assert_int_equal(diag.nr_pages, failure->total);
		assert_int_equal(diag.nr_free, failure->free);
		assert_int_equal(diag.nr_runs, failure->nr_runs);
		assert_int_equal(diag.largest.nr_pages, failure->largest);
		assert_int_equal(diag.usable.nr_pages,
				 failure->largest_aligned);
	}
}

static void check_evidence(const struct cd_diagnosis *diag, const char *text)
{
	char sentence[CD_SENTENCE_MAX];

	cd_say_evidence(diag, sentence, sizeof(sentence));
	assert_string_equal(sentence, text);
}

static void check_help(const struct cd_diagnosis *diag, const char *text)
{
	char sentence[CD_SENTENCE_MAX];

	cd_say_help(diag, sentence, sizeof(sentence));
	assert_string_equal(sentence, text);
}

static void test_sentence_misaligned(void **state)
{
	struct cd_diagnosis diag = diagnose_public(&public_failures[3]);

	(void)state;
	check_evidence(&diag,
		       "largest free run is 511 pages at 58881, but aligned to 256 it starts at 59136 and leaves 256 < 456");
	check_help(&diag,
		   "456 pages fit at align 5 (32 pages) or lower; at align 8 at most 256 pages fit now; 8 is the cap that CONFIG_CMA_ALIGNMENT sets for DMA callers: 5 would let this through");
}

static void test_sentence_fragmented(void **state)
{
	struct cd_diagnosis diag = diagnose_public(&public_failures[0]);

	(void)state;
	check_evidence(&diag,
		       "357 pages are free in 7 runs, but the largest run is 166 pages at 1114: 166 < 256");
	check_help(&diag,
		   "90 more pages free next to the largest run would do at align 0; at align 8 nothing fits now; keep small long-lived buffers out of this area, or add 256 pages (1 MiB) to it");
}

static void test_sentence_exhausted(void **state)
{
	struct cd_diagnosis diag = diagnose_public(&public_failures[1]);

	(void)state;
	check_evidence(&diag, "3958 of 8192 pages are free, 3958 < 4050");
	check_help(&diag,
		   "free or add at least 92 pages (368 KiB); at align 8 at most 3840 pages fit now");
}

static void test_sentence_busy(void **state)
{
	struct cd_diagnosis diag = diagnose_public(&public_failures[2]);

	(void)state;
	check_evidence(&diag,
		       "the request fitted, but every place held a page that could not be moved: a place was tried");
	diag.attempt.nr_busy = 3;
	diag.attempt.nr_busy_known = true;
	diag.attempt.has_last_pfn = true;
	diag.attempt.last_pfn = 0x60c00;
	check_evidence(&diag,
		       "the request fitted, but every place held a page that could not be moved: 3 places were given up as busy, the last at pfn 0x60c00");
}

/* A one-range area of 64 pages, all free but for the first @nr_used. */
static struct cd_diagnosis diagnose_small(unsigned long nr_used,
					  struct cd_request request,
					  struct cd_attempt attempt)
{
	struct cd_diagnosis diag = {
		.request = request,
		.attempt = attempt,
		.page_shift = 12,
	};
	struct cd_figures figures;

	area.order_per_bit = 0;
	area.nr_ranges = 1;
	area.ranges[0] = (struct oracle_range){
		.base_pfn = 0x1008,
		.nr_bits = 64,
		.used = bytes,
	};
	set_bits(bytes, 64, false);
	set_bits(bytes, nr_used, true);
	pack_words();
	cd_diagnose(&diag, &bm, &figures);
	return diag;
}

static void check_verdict(const struct cd_diagnosis *diag, const char *word)
{
	assert_string_equal(cd_verdict_word(diag->verdict), word);
}

static void test_pfn_alignment(void **state)
{
	const struct cd_attempt none = { .candidates = CD_CANDIDATES_NONE };
	struct cd_diagnosis diag;

	(void)state;
	/* pfn 0x1008 + 8 is the first multiple of 16: 56 pages are left. */
	diag = diagnose_small(0, (struct cd_request){ 60, 4 }, none);
	check_verdict(&diag, "misaligned");
	check_evidence(&diag,
		       "largest free run is 64 pages at 0, but aligned to 16 it starts at 8 (pfn 0x1010) and leaves 56 < 60");
}

static void test_evidence_order(void **state)
{
	const struct cd_request fits = { 8, 0 }, too_big = { 65, 0 };
	const struct cd_attempt none = { .candidates = CD_CANDIDATES_NONE };
	const struct cd_attempt unseen = { .nr_busy = 0 };
	struct cd_attempt tried = { .candidates = CD_CANDIDATES_TRIED };
	struct cd_diagnosis diag;

	(void)state;
	diag = diagnose_small(0, too_big, none);
	check_verdict(&diag, "too-big");
	check_evidence(&diag, "65 pages are asked, the whole area has 64");
	diag = diagnose_small(0, fits, none);
	check_verdict(&diag, "raced");
	diag = diagnose_small(0, fits, unseen);
	check_verdict(&diag, "unknown");
	diag = diagnose_small(60, fits, unseen);
	check_verdict(&diag, "exhausted");

	/* A place was tried: what the bitmap says now is not the reason. */
	diag = diagnose_small(60, fits, tried);
	check_verdict(&diag, "unknown");
	tried.error = -EBUSY;
	diag = diagnose_small(60, fits, tried);
	check_verdict(&diag, "busy");
	tried.error = -ENOMEM;
	diag = diagnose_small(0, fits, tried);
	check_verdict(&diag, "low-memory");
	tried.error = -EINTR;
	diag = diagnose_small(0, fits, tried);
	check_verdict(&diag, "interrupted");
}

static void test_no_bitmap(void **state)
{
	struct cd_diagnosis diag = {
		.request = { 8, 0 },
		.attempt.candidates = CD_CANDIDATES_NONE,
		.page_shift = 12,
	};

	(void)state;
	cd_diagnose(&diag, NULL, NULL);
	check_verdict(&diag, "unknown");
	check_evidence(&diag,
		       "the bitmap could not be seen at the moment of the failure");
}

/* Every sentence, with the longest numbers there are, fits its buffer. */
static void test_sentences_fit(void **state)
{
	struct cd_run run = { ULONG_MAX, ULONG_MAX, ULONG_MAX, 7 };
	struct cd_diagnosis diag = {
		.request = { ULONG_MAX, 63 },
		.attempt = { CD_CANDIDATES_TRIED, ULONG_MAX, true, true,
			     ULONG_MAX, -16 },
		.page_shift = 16, .align_cap = 63, .has_bitmap = true,
		.nr_ranges = 8, .nr_pages = ULONG_MAX,
		.nr_pages_range = ULONG_MAX, .nr_free = ULONG_MAX - 1,
		.nr_runs = ULONG_MAX, .largest = run, .usable = run,
		.largest_aligned = run, .fits_up_to = 20,
	};
	char sentence[2 * CD_SENTENCE_MAX];
	int tried;

	(void)state;
	diag.largest_aligned.nr_pages--;
	for (tried = 0; tried < 2; tried++) {
		diag.attempt.candidates = tried ? CD_CANDIDATES_TRIED :
						  CD_CANDIDATES_UNKNOWN;
		for (diag.verdict = 0; diag.verdict < CD_NR_VERDICTS;
		     diag.verdict++) {
			cd_say_evidence(&diag, sentence, sizeof(sentence));
			assert_in_range(strlen(sentence), 1,
					CD_SENTENCE_MAX - 1);
			cd_say_help(&diag, sentence, sizeof(sentence));
			assert_in_range(strlen(sentence), 1,
					CD_SENTENCE_MAX - 1);
			cd_say_evidence(&diag, sentence, 10);
			assert_int_equal(strlen(sentence), 9);
		}
	}
}

static void test_human_sizes(void **state)
{
	static const struct {
		unsigned long nr_pages;
		unsigned int page_shift;
		const char *text;
	} sizes[] = {
		{ 0, 12, "0 KiB" }, { 1, 12, "4 KiB" }, { 255, 12, "1020 KiB" },
		{ 256, 12, "1 MiB" }, { 456, 12, "1.8 MiB" },
		{ 286720, 12, "1120 MiB" }, { 3, 14, "48 KiB" },
		{ 24, 16, "1.5 MiB" },
	};
	char text[32];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		cd_say_pages(sizes[i].nr_pages, sizes[i].page_shift, text,
			     sizeof(text));
		assert_string_equal(text, sizes[i].text);
	}
}

/*
 * For AddressSanitizer, which looks for leaks in /proc, where there may be
 * none; the core allocates nothing.
 */
const char *__asan_default_options(void);

const char *__asan_default_options(void)
{
	return "detect_leaks=0";
}

#define TEST(name, function) { name, function, NULL, NULL, NULL }

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST("a million random bitmaps: as the oracle says",
		     test_random_bitmaps),
		TEST("a thousand of up to 300000 bits: as the oracle says",
		     test_large_bitmaps),
		TEST("public reports get their verdict and figures",
		     test_public_failures),
		TEST("alignment is that of absolute pfns",
		     test_pfn_alignment),
		TEST("what was tried outranks the bitmap",
		     test_evidence_order),
		TEST("without a bitmap the verdict is unknown",
		     test_no_bitmap),
		TEST("misaligned: evidence and help, word by word",
		     test_sentence_misaligned),
		TEST("fragmented: evidence and help, word by word",
		     test_sentence_fragmented),
		TEST("exhausted: evidence and help, word by word",
		     test_sentence_exhausted),
		TEST("busy: evidence, word by word", test_sentence_busy),
		TEST("sentences fit their buffer, and overrun none",
		     test_sentences_fit),
		TEST("sizes in human units", test_human_sizes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
