// SPDX-License-Identifier: GPL-2.0-only
/* A caller that steps down: what is a step, and what is said of all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sentences.h"
#include "story.h"
#include "story_tests.h"

static struct cd_diagnosis failure(unsigned long nr_pages, unsigned int align,
				   enum cd_verdict verdict,
				   unsigned long usable)
{
	return (struct cd_diagnosis){
		.request = { .nr_pages = nr_pages, .align = align },
		.verdict = verdict,
		.usable.nr_pages = usable,
	};
}

static bool goes_on(const struct cd_story *story, unsigned long nr_pages,
		    unsigned long long pause_ns)
{
	const struct cd_request request = { .nr_pages = nr_pages };

	return cd_story_goes_on(story, &request, pause_ns);
}

void test_story_steps(void **state)
{
	struct cd_diagnosis diag = failure(65536, 8, CD_EXHAUSTED, 1000);
	struct cd_story story;

	(void)state;
	cd_story_begin(&story, &diag);
	assert_true(goes_on(&story, 65535, 0));
	assert_true(goes_on(&story, 32768, CD_STORY_PAUSE_NS));
	assert_false(goes_on(&story, 32767, 0));
	assert_false(goes_on(&story, 65536, 0));
	assert_false(goes_on(&story, 65537, 0));
	assert_false(goes_on(&story, 65535, CD_STORY_PAUSE_NS + 1));

	diag.request.nr_pages = 40000;
	cd_story_add(&story, &diag, 1);
	assert_true(goes_on(&story, 20000, 0));
	assert_false(goes_on(&story, 40000, 0));
	story.nr_pages_had = 30000;
	assert_false(goes_on(&story, 39999, 0));

	/* Down to a page, and no further. */
	diag.request.nr_pages = 2;
	cd_story_begin(&story, &diag);
	assert_true(goes_on(&story, 1, 0));
	diag.request.nr_pages = 1;
	cd_story_add(&story, &diag, 1);
	assert_false(goes_on(&story, 1, 0));
}

static void check_said(const struct cd_story *story, unsigned long first,
		       const char *must)
{
	const struct cd_request request = { .nr_pages = first };
	char sentence[CD_SENTENCE_MAX];

	cd_say_story(story, &request, sentence, sizeof(sentence));
	assert_string_equal(sentence, must);
}

void test_stories_said(void **state)
{
	struct cd_diagnosis diag = failure(65536, 8, CD_EXHAUSTED, 48640);
	struct cd_story story;
	unsigned int i;

	(void)state;
	cd_story_begin(&story, &diag);
	check_said(&story, 65536, "");

	/* As galcore does: 4 MiB less each time. */
	for (i = 0; i < 16; i++) {
		diag.request.nr_pages -= 1024;
		cd_story_add(&story, &diag, (i + 1) * 25000000ULL);
	}
	check_said(&story, 65536,
		   "17 failures from 65536 down to 49152 pages in 0.4 s: a caller stepping down; the last was exhausted: at align 8 at most 48640 pages fitted");
	story.nr_pages_had = 48128;
	check_said(&story, 65536,
		   "17 failures from 65536 down to 49152 pages in 0.4 s: a caller stepping down; the last was exhausted: at align 8 at most 48640 pages fitted; then its task had 48128 pages");

	diag = failure(2, 1, CD_MISALIGNED, 1);
	cd_story_begin(&story, &diag);
	diag = failure(1, 0, CD_FRAGMENTED, 0);
	cd_story_add(&story, &diag, 99949999);
	check_said(&story, 2,
		   "2 failures from 2 down to 1 page in 99.9 ms: a caller stepping down; the last was fragmented: at align 0 nothing fitted");
	diag = failure(1, 0, CD_BUSY, 1);
	cd_story_add(&story, &diag, 100000000);
	story.nr_pages_had = 1;
	check_said(&story, 2,
		   "3 failures from 2 down to 1 page in 0.1 s: a caller stepping down; the last was busy; then its task had 1 page");
	diag = failure(1, 4, CD_MISALIGNED, 1);
	cd_story_add(&story, &diag, 3600000000000ULL);
	story.nr_pages_had = 0;
	check_said(&story, 2,
		   "4 failures from 2 down to 1 page in 3600.0 s: a caller stepping down; the last was misaligned: at align 4 at most 1 page fitted");
	cd_story_add(&story, &diag, 49);
	check_said(&story, 2,
		   "5 failures from 2 down to 1 page in 0.0 ms: a caller stepping down; the last was misaligned: at align 4 at most 1 page fitted");
}
