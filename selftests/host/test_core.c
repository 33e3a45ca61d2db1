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

#include "caller_tests.h"
#include "device_tests.h"
#include "failed_line_tests.h"
#include "ledger_tests.h"
#include "mark_tests.h"
#include "page_tests.h"
#include "public_failures.h"
#include "random_area.h"
#include "random_tests.h"
#include "remainder_tests.h"
#include "said.h"
#include "sentences.h"
#include "site_tests.h"
#include "story_tests.h"
#include "watch_tests.h"
#include "what_if.h"
#include "window_tests.h"

static void test_questions(void **state)
{
	static const struct {
		const char *text;
		int err;
		unsigned long nr_pages;
		unsigned int align;
	} questions[] = {
		{ "456 8\n", 0, 456, 8 },
		{ "  456\t0  ", 0, 456, 0 },
		{ "456", 0, 456, 8 },
		{ "3", 0, 3, 2 },
		{ "1", 0, 1, 0 },
		{ "3110400B", 0, 760, 8 },
		{ "1B", 0, 1, 0 },
		{ "4096B", 0, 1, 0 },
		{ "4097B", 0, 2, 1 },
		{ "4K", 0, 1, 0 },
		{ "8M 4", 0, 2048, 4 },
		{ "2G", 0, 524288, 8 },
		{ "1 63", 0, 1, 63 },
		{ "18446744073709551615", 0, ULONG_MAX, 8 },
		{ "18446744073709551615B", 0, 1UL << 52, 8 },
		{ "18446744073709551616", -ERANGE, 0, 0 },
		{ "99999999999999999999999999999999", -ERANGE, 0, 0 },
		{ "18446744073709551615K", -ERANGE, 0, 0 },
		{ "17179869184G", -ERANGE, 0, 0 },
		{ "1 64", -ERANGE, 0, 0 },
		{ "1 18446744073709551616", -ERANGE, 0, 0 },
		{ "", -EINVAL, 0, 0 },
		{ "\n", -EINVAL, 0, 0 },
		{ "0", -EINVAL, 0, 0 },
		{ "0M 3", -EINVAL, 0, 0 },
		{ "-1", -EINVAL, 0, 0 },
		{ "+1", -EINVAL, 0, 0 },
		{ "pages", -EINVAL, 0, 0 },
		{ "0x100", -EINVAL, 0, 0 },
		{ "1.5M", -EINVAL, 0, 0 },
		{ "8MB", -EINVAL, 0, 0 },
		{ "8 M", -EINVAL, 0, 0 },
		{ "456,8", -EINVAL, 0, 0 },
		{ "456 -8", -EINVAL, 0, 0 },
		{ "456 8x", -EINVAL, 0, 0 },
		{ "456 8 9", -EINVAL, 0, 0 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(questions) / sizeof(*questions); i++) {
		struct cd_request question;
		const char *complaint = NULL;

		assert_int_equal(cd_parse_question(questions[i].text, 12, 8,
						   &question, &complaint),
				 questions[i].err);
		if (questions[i].err) {
			assert_non_null(complaint);
			continue;
		}
		assert_int_equal(question.nr_pages,
				 questions[i].nr_pages);
		assert_int_equal(question.align, questions[i].align);
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
		.request = {
			.nr_pages = failure->nr_pages,
			.align = failure->align,
		},
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

static void test_sentence_misaligned(void **state)
{
	struct cd_diagnosis diag = diagnose_public(&public_failures[3]);

	(void)state;
	check_evidence(&diag,
		       "largest free run is 511 pages at 58881, but aligned to 256 it starts at 59136 and leaves 256 < 456; 10 of 12 free runs begin with what alignment to 256 leaves behind a buffer, 2463 pages in all; 9 of these buffers have 1 page more than a multiple of 256");
	check_help(&diag,
		   "456 pages fit at align 5 (32 pages) or lower; at align 8 at most 256 pages fit now; 8 is the cap that CONFIG_CMA_ALIGNMENT sets for DMA callers: 5 would let this through; make the sizes of buffers multiples of 256 pages: 1 page less in each of 9 would free as many blocks of 256, 255 pages more in each take nothing from others; CONFIG_CMA_ALIGNMENT 4 instead of 8 would leave at most 144 of these 2463 pages behind");
}

static void test_sentence_one_page(void **state)
{
	const struct public_failure failure = {
		.total = 1024, .runs = { { 254, 258 } },
		.nr_pages = 1, .align = 8,
	};
	struct cd_diagnosis diag = diagnose_public(&failure);

	(void)state;
	check_evidence(&diag,
		       "largest free run is 254 pages at 258, but no page of it is aligned to 256");
	check_help(&diag,
		   "1 page fits at align 7 (128 pages) or lower; at align 8 nothing fits now");
}

/* Kconfig takes 2 to 12 for CONFIG_CMA_ALIGNMENT, and once took 4 to 12. */
static void test_lower_cap(void **state)
{
	static const struct {
		unsigned long at;
		const char *help;
	} runs[] = {
		{
			.at = 257, .help =
			"300 pages fit at align 0; at align 8 at most 45 pages fit now; 8 is the cap that CONFIG_CMA_ALIGNMENT sets for DMA callers, and 2 the least it can be: ask for fewer pages, or add 300 pages (1.2 MiB) to the area",
		},
		{
			.at = 258, .help =
			"300 pages fit at align 1 (2 pages) or lower; at align 8 at most 46 pages fit now; 8 is the cap that CONFIG_CMA_ALIGNMENT sets for DMA callers, and 2 the least it can be: ask for fewer pages, or add 300 pages (1.2 MiB) to the area",
		},
		{
			.at = 260, .help =
			"300 pages fit at align 2 (4 pages) or lower; at align 8 at most 48 pages fit now; 8 is the cap that CONFIG_CMA_ALIGNMENT sets for DMA callers: 2 would let this through (older kernels take 4 at least)",
		},
		{
			.at = 264, .help =
			"300 pages fit at align 3 (8 pages) or lower; at align 8 at most 52 pages fit now; 8 is the cap that CONFIG_CMA_ALIGNMENT sets for DMA callers: 3 would let this through (older kernels take 4 at least)",
		},
		{
			.at = 272, .help =
			"300 pages fit at align 4 (16 pages) or lower; at align 8 at most 60 pages fit now; 8 is the cap that CONFIG_CMA_ALIGNMENT sets for DMA callers: 4 would let this through",
		},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(runs) / sizeof(*runs); i++) {
		const struct public_failure failure = {
			.total = 1024, .runs = { { 300, runs[i].at } },
			.nr_pages = 300, .align = 8,
		};
		struct cd_diagnosis diag = diagnose_public(&failure);

		assert_int_equal(diag.verdict, CD_MISALIGNED);
		check_help(&diag, runs[i].help);
	}
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

	/* Some of what is used may be free again without anybody's doing. */
	diag.claims = (struct cd_claims){ .nr_requests = 2, .nr_pages = 400 };
	check_evidence(&diag,
		       "3958 of 8192 pages are free, 3958 < 4050; up to 400 used pages are claimed by 2 requests under way");
	check_help(&diag,
		   "try again: what is claimed is free again when its request fails; if not, free or add at least 92 pages (368 KiB); at align 8 at most 3840 pages fit now");
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
	diag = diagnose_small(0, (struct cd_request){
				.nr_pages = 60, .align = 4,
			      }, none);
	check_verdict(&diag, "misaligned");
	check_evidence(&diag,
		       "largest free run is 64 pages at 0, but aligned to 16 it starts at 8 (pfn 0x1010) and leaves 56 < 60");
}

static void test_evidence_order(void **state)
{
	const struct cd_request fits = { .nr_pages = 8 };
	const struct cd_request too_big = { .nr_pages = 65 };
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
		.request = { .nr_pages = 8, .align = 0 },
		.attempt.candidates = CD_CANDIDATES_NONE,
		.page_shift = 12,
	};

	(void)state;
	cd_diagnose(&diag, NULL, NULL);
	check_verdict(&diag, "unknown");
	check_evidence(&diag,
		       "the bitmap could not be seen at the moment of the failure");
}

/* All that can be said of a page at once, and more. */
static struct cd_page longest_page(void)
{
	return (struct cd_page){
		.pfn = ULONG_MAX, .kind = CD_PAGE_FILE, .order = 63,
		.nr_refs = INT_MAX, .has_expected = true, .has_inode = true,
		.major = 4095, .minor = 1048575, .inode = ULLONG_MAX,
		.dirty = true, .writeback = true, .locked = true,
		.mlocked = true, .unevictable = true, .swap_cache = true,
		.pid = 4194304, .comm = "123456789012345",
	};
}

static void check_fits_page(const struct cd_page *page)
{
	char sentence[2 * CD_SENTENCE_MAX];

	cd_say_page(page, sentence, sizeof(sentence));
	assert_in_range(strlen(sentence), 1, CD_SENTENCE_MAX - 1);
}

/* Of each verdict; and where the buffer is too small, it is cut. */
static void check_all_fit(struct cd_diagnosis *diag)
{
	char sentence[2 * CD_SENTENCE_MAX];

	for (diag->verdict = 0; diag->verdict < CD_NR_VERDICTS;
	     diag->verdict++) {
		cd_say_evidence(diag, sentence, sizeof(sentence));
		assert_in_range(strlen(sentence), 1, CD_SENTENCE_MAX - 1);
		cd_say_help(diag, sentence, sizeof(sentence));
		assert_in_range(strlen(sentence), 1, CD_SENTENCE_MAX - 1);
		cd_say_evidence(diag, sentence, 10);
		assert_int_equal(strlen(sentence), 9);
		cd_say_cheapest(diag, sentence, sizeof(sentence));
		assert_in_range(strlen(sentence), 1, CD_SENTENCE_MAX - 1);
	}
}

/* Every sentence, with the longest numbers there are, fits its buffer. */
static void test_sentences_fit(void **state)
{
	struct cd_run run = { ULONG_MAX, ULONG_MAX, ULONG_MAX, 7 };
	struct cd_diagnosis diag = {
		.request = { .nr_pages = ULONG_MAX, .align = 63 },
		.attempt = {
			.nr_busy = ULONG_MAX, .nr_busy_known = true,
			.has_last_pfn = true, .last_pfn = ULONG_MAX,
			.error = -16,
			.blocking = {
				.seen = true, .nr_places = ULONG_MAX,
				.nr_untold = ULONG_MAX,
				.worst = {
					ULONG_MAX, 1, longest_page(),
				},
			},
		},
		.memory = {
			.seen = true, .nr_ram = ULONG_MAX,
			.nr_swap_free = ULONG_MAX,
			.place_seen = true, .place_pfn = ULONG_MAX,
			.nr_looked = ULONG_MAX, .nr_to_move = ULONG_MAX,
			.all_seen = true, .nr_cma_elsewhere = ULONG_MAX - 1,
		},
		.claims = { ULONG_MAX, ULONG_MAX },
		.has_page_owner = true,
		.page_shift = 16, .align_cap = 63, .has_bitmap = true,
		.nr_ranges = 8, .nr_pages = ULONG_MAX,
		.nr_pages_range = ULONG_MAX, .nr_free = ULONG_MAX - 1,
		.nr_runs = ULONG_MAX, .largest = run, .usable = run,
		.largest_aligned = run, .fits_up_to = 20,
		.remainders = {
			.order = 20, .nr_runs = ULONG_MAX,
			.nr_pages = ULONG_MAX, .nr_pages_low = ULONG_MAX - 1,
			.overhang = (1UL << 20) - 2, .nr_alike = ULONG_MAX,
		},
		.cheapest = {
			.place = run, .nr_used = ULONG_MAX,
			.nr_runs = ULONG_MAX, .used = { run, run, run, run },
		},
	};
	int i;

	(void)state;
	check_fits_page(&diag.attempt.blocking.worst.page);
	diag.largest_aligned.nr_pages--;
	for (i = 0; i < 3; i++) {
		diag.fits_up_to = 20 >> 3 * i;
		diag.attempt.candidates = CD_CANDIDATES_UNKNOWN;
		check_all_fit(&diag);
		diag.attempt.candidates = CD_CANDIDATES_TRIED;
		check_all_fit(&diag);
	}
}

static void test_shares(void **state)
{
	char text[CD_SHARE_MAX];

	(void)state;
	cd_say_share(271, 811, text, sizeof(text));
	assert_string_equal(text, "33.4%");
	cd_say_share(811, 811, text, sizeof(text));
	assert_string_equal(text, "100.0%");
	cd_say_share(0, 811, text, sizeof(text));
	assert_string_equal(text, "0.0%");
	cd_say_share(0, 0, text, sizeof(text));
	assert_string_equal(text, "-");
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
		TEST("every period up to 70 bits: as the oracle says",
		     test_periods),
		TEST("20000: tables, bar and what-if are as the oracle says",
		     test_tables),
		TEST("20000 as files: header and every bit",
		     test_bitmap_file),
		TEST("what-if questions: what is read, and what is refused",
		     test_questions),
		TEST("public reports get their verdict and figures",
		     test_public_failures),
		TEST("20000 areas: every place in turn, as the oracle says",
		     test_places),
		TEST("20000 requests: which page stopped most places",
		     test_tries),
		TEST("200 areas: pages by use, by file, and those that block",
		     test_census),
		TEST("every kind of page: can it be moved?", test_page_use),
		TEST("a page, word by word", test_pages_said),
		TEST("busy, word by word", test_busy_said),
		TEST("low-memory, word by word", test_low_memory_said),
		TEST("interrupted, word by word", test_interrupted_said),
		TEST("alignment is that of absolute pfns",
		     test_pfn_alignment),
		TEST("what was tried outranks the bitmap",
		     test_evidence_order),
		TEST("without a bitmap the verdict is unknown",
		     test_no_bitmap),
		TEST("misaligned: evidence and help, word by word",
		     test_sentence_misaligned),
		TEST("misaligned: of one page, word by word",
		     test_sentence_one_page),
		TEST("misaligned: a CONFIG_CMA_ALIGNMENT that Kconfig takes",
		     test_lower_cap),
		TEST("fragmented: evidence and help, word by word",
		     test_sentence_fragmented),
		TEST("exhausted: evidence and help, word by word",
		     test_sentence_exhausted),
		TEST("remainders: of every buffer, in models of buffers",
		     test_remainders_of_models),
		TEST("remainders: not of random bits and runs",
		     test_remainders_of_chance),
		TEST("remainders: 20000 areas of buffers, as the oracle says",
		     test_main_remainders),
		TEST("remainders: not where smaller buffers were freed",
		     test_smaller_buffers_freed),
		TEST("remainders: fragmented, word by word",
		     test_remainders_fragmented),
		TEST("remainders: exhausted, word by word",
		     test_remainders_exhausted),
		TEST("remainders: misaligned, word by word",
		     test_remainders_misaligned),
		TEST("remainders: buffers of any size, word by word",
		     test_remainders_of_any_size),
		TEST("cheapest: in 100000 areas, as the oracle says",
		     test_cheapest_windows),
		TEST("cheapest: in 200 of up to 300000 bits, likewise",
		     test_cheapest_of_large),
		TEST("cheapest: of what is fragmented or misaligned, alone",
		     test_when_cheapest),
		TEST("cheapest: one run, several, many, word by word",
		     test_cheapest_said),
		TEST("cheapest: of a range, of a pfn, word by word",
		     test_cheapest_place_said),
		TEST("the kernel's line of a failure: of every kernel, whole",
		     test_failed_lines),
		TEST("... and what is none", test_other_lines),
		TEST("... 100000 damaged ones", test_damaged_lines),
		TEST("stories: what is a caller's next step, and what is not",
		     test_story_steps),
		TEST("stories: word by word", test_stories_said),
		TEST("ledger: 100000 allocations, the owner of every bit",
		     test_ledger_with_room),
		TEST("ledger: without room for all, never another's",
		     test_ledger_without_room),
		TEST("ledger: what was there before is not known",
		     test_ledger_before_it_began),
		TEST("ledger: a block cut in two, and in three",
		     test_ledger_splits),
		TEST("ledger: what is lost, and counted once",
		     test_ledger_losses),
		TEST("ledger: a holder is a name and a stack; slots free again",
		     test_ledger_holders),
		TEST("ledger: who allocates and releases nothing is told",
		     test_ledger_growth),
		TEST("ledger: other callers of the same hash are others",
		     test_ledger_hashes),
		TEST("ledger: as large as it can be, and as small",
		     test_ledger_largest),
		TEST("ledger: who is in the way, word by word",
		     test_whose_said),
		TEST("ledger: bits of pfns, and pfns of bits",
		     test_ledger_pfns),
		TEST("ledger: for which device a block is, by hand",
		     test_ledger_devices),
		TEST("ledger: ... and what is left of it",
		     test_ledger_devices_of_parts),
		TEST("ledger: ... of more devices than are told apart",
		     test_ledger_many_devices),
		TEST("ledger: ... of names that are too long",
		     test_ledger_long_devices),
		TEST("ledger: what a task has had last, if that is known",
		     test_ledger_last_of_task),
		TEST("ledger: the inode of a block, and of its parts",
		     test_ledger_inodes),
		TEST("callers: in common, and where two stacks part",
		     test_callers_in_common),
		TEST("callers: none in common, or all of one",
		     test_callers_not_in_common),
		TEST("callers: of stacks that are cut",
		     test_callers_of_cut_stacks),
		TEST("callers: that come again", test_callers_of_recursion),
		TEST("callers: of 100000 pairs, as they were made",
		     test_random_callers),
		TEST("callers: ... of few addresses, laid one over the other",
		     test_callers_of_few_addresses),
		TEST("watch: 100000 looks, as the oracle says",
		     test_watch_looks),
		TEST("watch: 100000 allocations, every break and its breaker",
		     test_watch_one_by_one),
		TEST("watch: several at a time: no break that was none",
		     test_watch_interleaved),
		TEST("watch: late looks, newer ones, nobody's, by hand",
		     test_watch_by_hand),
		TEST("marks: 100000 looks, as the oracle says",
		     test_mark_looks),
		TEST("marks: 100000 allocations, every mark and who set it",
		     test_marks_one_by_one),
		TEST("marks: several at a time: none that was never reached",
		     test_marks_interleaved),
		TEST("marks: what failed for want of room, and how often",
		     test_marks_lack),
		TEST("marks: the cap with which most would have had room",
		     test_marks_caps),
		TEST("marks: more pages than can be counted",
		     test_marks_huge),
		TEST("marks: 20000 loads: in an area of that size none fails",
		     test_marks_sizes),
		TEST("marks: ... that release: hardly any",
		     test_marks_sizes_of_released),
		TEST("marks: 20000 lists: what failed fits in its own area",
		     test_marks_apart),
		TEST("sites: what can be done by hand, and what cannot",
		     test_steps),
		TEST("sites: the entry, of all usual beginnings",
		     test_site_entries),
		TEST("sites: beginnings that are refused",
		     test_site_beginnings_refused),
		TEST("sites: every return, and ends that are refused",
		     test_site_returns),
		TEST("sites: branches within a function", test_site_branches),
		TEST("sites: branches out of it, and back to its start",
		     test_site_branches_refused),
		TEST("sites: the longest function", test_site_lengths),
		TEST("sites: 100000 functions of random words",
		     test_sites_of_random_words),
		TEST("sites: 100000 random functions, walked at random",
		     test_sites_of_random_functions),
		TEST("sentences fit their buffer, and overrun none",
		     test_sentences_fit),
		TEST("sizes in human units", test_human_sizes),
		TEST("shares in percent", test_shares),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
