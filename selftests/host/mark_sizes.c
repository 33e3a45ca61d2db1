// SPDX-License-Identifier: GPL-2.0-only
/* Marks: what failed for want of room, and the size that would have done. */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "mark_model.h"
#include "mark_tests.h"
#include "random_area.h"
#include "watch_model.h"

#define NR_LISTS (NR_RANDOM / 50)
#define MOST_FAILED 400U
/* Of what is kept of failures, so many that are distinct. */
#define MOST_KEPT 128U

/* What failed, for the model: all of it, in order. */
static struct failed {
	struct cd_request request;
	int pid;
	enum cd_verdict verdict;
	bool is_step;
	int fits_up_to;
	unsigned int align_cap;
} list[MOST_FAILED];
static unsigned int nr_failed;
static unsigned int order_per_bit;

/* What is ULONG_MAX or more is too many; the model counts on. */
static unsigned long capped(unsigned __int128 pages)
{
	return pages < ULONG_MAX ? pages : ULONG_MAX;
}

static unsigned __int128 up_to(unsigned __int128 pages,
			       unsigned __int128 multiple)
{
	return (pages + multiple - 1) / multiple * multiple;
}

static bool lacks_room(const struct failed *failed)
{
	return failed->verdict == CD_TOO_BIG ||
	       failed->verdict == CD_EXHAUSTED ||
	       failed->verdict == CD_FRAGMENTED ||
	       failed->verdict == CD_MISALIGNED || failed->verdict == CD_RACED;
}

static bool same(const struct failed *a, const struct failed *b)
{
	return a->pid == b->pid && a->request.align == b->request.align &&
	       a->request.nr_pages == b->request.nr_pages;
}

/* The sizes of it all, without a limit to what is counted. */
struct model {
	unsigned long nr, nr_steps, nr_repeated, nr_untold, nr_elsewhy;
	const struct failed *kept[MOST_KEPT];
	unsigned int nr_kept, max_align;
	unsigned long once, all;
};

static unsigned long behind(unsigned long pages, const struct failed *failed)
{
	unsigned __int128 nr = up_to(failed->request.nr_pages,
				     1UL << order_per_bit);

	if (failed->request.align >= 64 || pages == ULONG_MAX)
		return ULONG_MAX;
	return capped(up_to(pages, 1UL << failed->request.align) + nr);
}

static void count_failed(const struct failed *failed, struct model *model)
{
	bool has_asked = model->nr_kept == MOST_KEPT, repeated = false;
	unsigned int i;

	if (!lacks_room(failed)) {
		model->nr_elsewhy++;
		return;
	}
	model->nr++;
	for (i = 0; i < model->nr_kept; i++) {
		has_asked |= failed->pid == model->kept[i]->pid &&
			     failed->request.nr_pages <
				     model->kept[i]->request.nr_pages;
		repeated |= same(failed, model->kept[i]);
	}
	if (failed->is_step && has_asked) {
		model->nr_steps++;
		return;
	}
	if (failed->request.align > model->max_align)
		model->max_align = failed->request.align;
	model->all = behind(model->all, failed);
	model->nr_repeated += repeated;
	if (repeated)
		return;
	if (model->nr_kept == MOST_KEPT) {
		model->nr_untold++;
		return;
	}
	model->once = behind(model->once, failed);
	model->kept[model->nr_kept++] = failed;
}

static void check_unmet(const struct cd_lack *lack, const struct model *model)
{
	unsigned int i;

	assert_int_equal(lack->nr_unmet, model->nr_kept);
	for (i = 0; i < lack->nr_unmet; i++) {
		const struct cd_unmet *unmet = &lack->unmet[i];
		const struct failed *kept = model->kept[i];

		assert_int_equal(unmet->nr_pages, kept->request.nr_pages);
		assert_int_equal(unmet->align, kept->request.align);
		assert_int_equal(unmet->pid, kept->pid);
	}
}

static void check_lack(const struct cd_lack *lack, const struct model *model)
{
	assert_int_equal(lack->nr, model->nr);
	assert_int_equal(lack->nr_steps, model->nr_steps);
	assert_int_equal(lack->nr_repeated, model->nr_repeated);
	assert_int_equal(lack->nr_untold, model->nr_untold);
	assert_int_equal(lack->nr_elsewhy, model->nr_elsewhy);
	assert_int_equal(lack->once_pages, model->once);
	assert_int_equal(lack->all_pages, model->all);
	assert_int_equal(lack->max_align, model->max_align);
	check_unmet(lack, model);
}

/* So much is needed in front of what is so aligned, wherever it begins. */
static void check_sizes(const struct cd_marks *marks, const struct model *model,
			unsigned long nr_pages, unsigned long step)
{
	unsigned int order = model->max_align > marks->order ?
			     model->max_align : marks->order;
	unsigned __int128 pad = (unsigned __int128)1 << order;
	unsigned __int128 before = pad + nr_pages;
	struct cd_sizes sizes;

	memset(&sizes, 0xff, sizeof(sizes));
	cd_marks_sizes(marks, nr_pages, step, &sizes);
	if (!model->once) {
		assert_int_equal(sizes.enough,
				 capped(up_to(marks->end, step)) < nr_pages ?
				 capped(up_to(marks->end, step)) : nr_pages);
		assert_int_equal(sizes.enough_all, sizes.enough);
		assert_int_equal(sizes.apart, 0);
		assert_int_equal(sizes.apart_all, 0);
		return;
	}
	pad = pad > step ? pad - step : 0;
	assert_int_equal(sizes.enough,
			 capped(up_to(before + model->once, step)));
	assert_int_equal(sizes.enough_all,
			 capped(up_to(before + model->all, step)));
	assert_int_equal(sizes.apart, capped(up_to(pad + model->once, step)));
	assert_int_equal(sizes.apart_all,
			 capped(up_to(pad + model->all, step)));
}

/* By every cap, how many would have had room that had not. */
static void check_cap(const struct cd_marks *marks)
{
	unsigned long most = 0, nr_best;
	int cap, best = -1;
	unsigned int i;

	for (cap = 20; cap >= 4; cap--) {
		unsigned long nr = 0;

		for (i = 0; i < nr_failed; i++) {
			int align = list[i].request.align;

			nr += lacks_room(&list[i]) &&
			      align <= (int)list[i].align_cap &&
			      list[i].fits_up_to < align &&
			      list[i].fits_up_to >= (cap < align ? cap : align);
		}
		if (nr > most) {
			most = nr;
			best = cap;
		}
	}
	assert_int_equal(cd_marks_best_cap(marks, &nr_best), best);
	assert_int_equal(nr_best, most);
}

static void tell(struct cd_marks *marks, const struct failed *failed)
{
	struct cd_diagnosis diag;

	/* What is not looked at is noise. */
	memset(&diag, 0xff, sizeof(diag));
	diag.request = failed->request;
	diag.verdict = failed->verdict;
	diag.order_per_bit = order_per_bit;
	diag.fits_up_to = failed->fits_up_to;
	diag.align_cap = failed->align_cap;
	cd_marks_failed(marks, &diag, failed->pid, failed->is_step);
}

static struct failed random_failed(unsigned long nr_kinds, bool is_huge)
{
	struct failed failed = {
		.request.nr_pages = 1 + below(nr_kinds) * 37,
		.request.align = nr_kinds < 4 ? below(2) : below(9),
		.pid = below(6),
		.verdict = below(CD_NR_VERDICTS),
		.is_step = !below(4),
		.fits_up_to = (int)below(10) - 1,
		.align_cap = below(4) ? 8 : below(10),
	};

	if (is_huge && !below(3))
		failed.request.nr_pages = ULONG_MAX >> below(64);
	if (is_huge && !below(6))
		failed.request.align = 20 + below(60);
	if (is_huge && !below(9))
		failed.fits_up_to = below(CD_NR_ORDERS);
	return failed;
}

static void check_list(bool is_huge)
{
	unsigned long nr_kinds = 1 + below(1UL << below(8));
	unsigned int nr = below(MOST_FAILED + 1);
	struct model model = { 0 };
	struct cd_marks marks;

	memset(&marks, 0xff, sizeof(marks));
	cd_marks_init(&marks, NULL);
	cd_marks_begin(&marks, below(11), 1);
	marks.end = below(2) ? below(100000) : ULONG_MAX >> below(64);
	order_per_bit = below(2) ? 0 : below(6);
	for (nr_failed = 0; nr_failed < nr;) {
		struct failed *failed = &list[nr_failed++];

		*failed = random_failed(nr_kinds, is_huge);
		tell(&marks, failed);
		count_failed(failed, &model);
		if (!below(20) || nr_failed == nr)
			check_lack(&marks.lack, &model);
	}
	check_sizes(&marks, &model, is_huge ? ULONG_MAX >> below(64) :
					      1024 * below(100),
		    1UL << below(12));
	check_cap(&marks);
}

void test_marks_lack(void **state)
{
	unsigned long i;

	(void)state;
	for (i = 0; i < NR_LISTS / 10; i++)
		check_list(false);
}

void test_marks_huge(void **state)
{
	unsigned long i;

	(void)state;
	for (i = 0; i < NR_LISTS / 10; i++)
		check_list(true);
}

static void fail_of(struct cd_marks *marks, unsigned int align,
		    unsigned int align_cap, int fits_up_to)
{
	list[nr_failed] = (struct failed){
		.request = { .nr_pages = 40, .align = align },
		.verdict = CD_MISALIGNED, .fits_up_to = fits_up_to,
		.align_cap = align_cap,
	};
	tell(marks, &list[nr_failed++]);
	check_cap(marks);
}

/* A cap does not help who asks for more than it, or what fits only below 4. */
void test_marks_caps(void **state)
{
	struct cd_marks marks;
	unsigned long nr;

	(void)state;
	cd_marks_init(&marks, NULL);
	cd_marks_begin(&marks, 8, 1);
	nr_failed = 0;
	fail_of(&marks, 9, 8, 5);
	fail_of(&marks, 8, 0, 5);
	fail_of(&marks, 8, 8, 3);
	fail_of(&marks, 8, 8, -1);
	fail_of(&marks, 6, 8, 6);
	fail_of(&marks, 6, 8, 8);
	assert_int_equal(cd_marks_best_cap(&marks, &nr), -1);
	assert_int_equal(nr, 0);
	fail_of(&marks, 8, 8, 7);
	assert_int_equal(cd_marks_best_cap(&marks, &nr), 7);
	assert_int_equal(nr, 1);
	fail_of(&marks, 6, 8, 4);
	fail_of(&marks, 6, 8, 5);
	assert_int_equal(cd_marks_best_cap(&marks, &nr), 4);
	assert_int_equal(nr, 3);
}

/*
 * Loads: who asks for pages keeps them until the load gives them back. What
 * failed is asked again in an area that is larger, where it is kept as well.
 */
#define NR_LOADS (NR_RANDOM / 50)
#define MOST_STEPS 60U
#define LARGEST (1UL << 18)

static struct load_step {
	/* Asks, or else gives back what another step asked for. */
	bool asks;
	unsigned int gives;
	struct cd_request request;
	int pid;
	bool failed;
	unsigned int range;
	unsigned long bit;
} steps[MOST_STEPS];
static unsigned int nr_steps;

static unsigned char first_bytes[MAX_BITS], grown_bytes[LARGEST];
static struct oracle_area grown;

/* What dma_alloc_contiguous() asks for. */
static unsigned int dma_align(unsigned long nr_pages, unsigned int cap)
{
	unsigned int order = 0;

	while (order < cap && 1UL << order < nr_pages)
		order++;
	return order;
}

struct kind {
	unsigned int cap;
	bool releases;
	bool repeats;
	/* Who failed asks for less, until that is had. */
	bool steps_down;
	unsigned long step;
	unsigned long nr_pages;
	/* Sizes are below 2^this. */
	unsigned int size_order;
};

static struct kind random_kind(struct kind kind)
{
	kind.cap = below(9);
	order_per_bit = below(2) ? 0 : below(5);
	switch (below(3)) {
	case 0:
		kind.step = 1UL << order_per_bit;
		kind.nr_pages = kind.step * (1 + below(500));
		break;
	case 1:
		kind.step = 64;
		kind.nr_pages = 64 * (1 + below(20));
		break;
	default:
		kind.step = 1024;
		kind.nr_pages = 1024 * (1 + below(2));
	}
	kind.size_order = 1;
	while (1UL << kind.size_order < kind.nr_pages)
		kind.size_order++;
	kind.size_order = kind.size_order > 6 ? kind.size_order - below(5) :
						1 + below(kind.size_order + 1);
	return kind;
}

/* An area of so many pages, with what was there before. */
static void set_area(struct oracle_area *this, unsigned char *used,
		     unsigned long nr_pages, unsigned long base_pfn)
{
	*this = (struct oracle_area){
		.order_per_bit = order_per_bit, .nr_ranges = 1,
	};
	this->ranges[0] = (struct oracle_range){
		.base_pfn = base_pfn, .used = used,
		.nr_bits = nr_pages >> order_per_bit,
	};
	memset(used, 0, this->ranges[0].nr_bits);
}

static void begin_load(const struct kind *kind)
{
	unsigned long base = (1 + below(5000)) * kind->step, nr, i;

	set_area(&area, bytes, kind->nr_pages, base);
	nr = area.ranges[0].nr_bits;
	if (!below(3))
		for (i = below(4); i--;)
			bytes[below(nr)] = 1;
	memcpy(first_bytes, bytes, nr);
	nr_steps = 0;
}

/* True when something may be given back. */
static bool pick_release(struct load_step *step)
{
	unsigned int i;

	step->gives = below(nr_steps);
	for (i = 0; i < nr_steps; i++)
		if (!steps[i].asks && steps[i].gives == step->gives)
			return false;
	return steps[step->gives].asks;
}

static struct load_step random_step(const struct kind *kind)
{
	struct load_step step = { 0 };

	if (kind->releases && nr_steps && below(9) < 4 && pick_release(&step))
		return step;
	step.asks = true;
	step.request.nr_pages = 1 + below(1UL << (below(2) ? kind->size_order :
						  below(kind->size_order)));
	step.pid = nr_steps;
	if (kind->repeats) {
		step.pid = 0;
		step.request.nr_pages |= step.request.nr_pages >> 1;
		step.request.nr_pages |= step.request.nr_pages >> 2;
	}
	step.request.align = dma_align(step.request.nr_pages, kind->cap);
	return step;
}

static void set_step(struct oracle_area *this, const struct load_step *step,
		     bool value)
{
	memset(this->ranges[0].used + step->bit, value,
	       up_to(step->request.nr_pages, 1UL << order_per_bit) >>
	       order_per_bit);
}

static bool ask(struct oracle_area *this, struct load_step *step)
{
	step->range = 0;
	step->bit = 0;
	step->failed = !oracle_place(this, step->request.nr_pages,
				     step->request.align, &step->range,
				     &step->bit);
	if (!step->failed)
		set_step(this, step, true);
	return !step->failed;
}

static void tell_marks(struct cd_marks *marks, struct load_step *step,
		       bool is_step)
{
	static struct cd_figures figures;
	struct cd_diagnosis diag;

	pack_words();
	if (!step->failed) {
		cd_marks_granted(marks, &bm, area.ranges[0].base_pfn +
				 (step->bit << order_per_bit),
				 step->request.nr_pages);
		return;
	}
	memset(&diag, 0, sizeof(diag));
	diag.request = step->request;
	diag.attempt.candidates = CD_CANDIDATES_NONE;
	cd_diagnose(&diag, &bm, &figures);
	cd_marks_failed(marks, &diag, step->pid, is_step);
}

static void read_area(struct cd_marks *marks)
{
	const struct cd_asker reader = { 0 };
	struct cd_marks_look look;

	pack_words();
	cd_marks_begin_look(marks, &look);
	cd_marks_look(&bm, marks->order, &look);
	cd_marks_judge(marks, &look, &bm, &reader);
}

/* A part of it is had in the end; returns how many steps failed. */
static unsigned int step_down(struct cd_marks *marks, struct load_step step,
			      unsigned int cap)
{
	unsigned int lost = 0;

	while (step.failed && step.request.nr_pages > 1) {
		step.request.nr_pages -= (step.request.nr_pages + 3) / 4;
		step.request.align = dma_align(step.request.nr_pages, cap);
		lost += !ask(&area, &step);
		tell_marks(marks, &step, true);
	}
	return lost;
}

/* Returns how many failed, without steps down. */
static unsigned int run_first(const struct kind *kind, struct cd_marks *marks)
{
	unsigned int nr = 1 + below(below(2) ? 10 : MOST_STEPS), lost = 0;
	unsigned int nr_down = 0;

	begin_load(kind);
	begin_in_area(marks);
	cd_marks_begin(marks, kind->cap, 1);
	read_area(marks);
	while (nr_steps < nr) {
		struct load_step *step = &steps[nr_steps];

		*step = random_step(kind);
		nr_steps++;
		if (step->asks) {
			lost += !ask(&area, step);
			tell_marks(marks, step, false);
			if (kind->steps_down)
				nr_down += step_down(marks, *step, kind->cap);
		} else if (!steps[step->gives].failed) {
			set_step(&area, &steps[step->gives], false);
		}
	}
	assert_int_equal(marks->lack.nr, lost + nr_down);
	assert_int_equal(marks->lack.nr_steps, nr_down);
	return lost;
}

/* The same load; returns how many fail in so many pages. */
static unsigned int run_again(unsigned long nr_pages, bool *same_places)
{
	unsigned long nr = area.ranges[0].nr_bits, nr_grown;
	struct load_step again[MOST_STEPS];
	unsigned int i, lost = 0;

	assert_in_range(nr_pages >> order_per_bit, 0, LARGEST);
	set_area(&grown, grown_bytes, nr_pages, area.ranges[0].base_pfn);
	nr_grown = grown.ranges[0].nr_bits;
	memcpy(grown_bytes, first_bytes, nr < nr_grown ? nr : nr_grown);
	*same_places = true;
	for (i = 0; i < nr_steps; i++) {
		again[i] = steps[i];
		if (!steps[i].asks) {
			if (!again[steps[i].gives].failed)
				set_step(&grown, &again[steps[i].gives], false);
			continue;
		}
		lost += !ask(&grown, &again[i]);
		*same_places &= !again[i].failed && !steps[i].failed &&
				again[i].bit == steps[i].bit;
	}
	return lost;
}

/* What failed, what is distinct once or all of it, alone. */
static void check_apart(const struct kind *kind, unsigned long nr_pages,
			bool all)
{
	unsigned int i, j;

	assert_in_range(nr_pages >> order_per_bit, 1, LARGEST);
	set_area(&grown, grown_bytes, nr_pages, kind->step * below(5000));
	for (i = 0; i < nr_steps; i++) {
		struct load_step step = steps[i];

		if (!step.asks || !step.failed)
			continue;
		for (j = 0; j < i && !all; j++)
			if (steps[j].asks && steps[j].failed &&
			    steps[j].pid == step.pid &&
			    steps[j].request.nr_pages == step.request.nr_pages)
				break;
		if (all || j == i)
			assert_true(ask(&grown, &step));
	}
}

/* How much more it takes until none fails. */
static unsigned long find_missing(const struct kind *kind, unsigned long enough)
{
	unsigned long nr_pages = enough;
	bool same_places;

	while (run_again(nr_pages, &same_places))
		nr_pages += kind->step;
	return nr_pages - enough;
}

static unsigned long nr_lacking, nr_roomy;

/* Returns how many pages were missing. */
static unsigned long check_load(const struct kind *kind)
{
	struct cd_sizes sizes;
	struct cd_marks marks;
	bool same_places;
	unsigned int lost = run_first(kind, &marks);

	cd_marks_sizes(&marks, kind->nr_pages, kind->step, &sizes);
	assert_int_equal(sizes.enough % kind->step, 0);
	if (!lost) {
		nr_roomy++;
		assert_in_range(sizes.enough, 0, kind->nr_pages);
		assert_int_equal(run_again(sizes.enough, &same_places), 0);
		assert_true(same_places);
		assert_int_equal(sizes.apart, 0);
		return 0;
	}
	nr_lacking++;
	check_apart(kind, sizes.apart, false);
	check_apart(kind, sizes.apart_all, true);
	if (!kind->repeats)
		assert_int_equal(sizes.enough_all, sizes.enough);
	return find_missing(kind, sizes.enough_all);
}

static void begin_loads(void)
{
	nr_lacking = 0;
	nr_roomy = 0;
}

static void end_loads(unsigned long nr_short, unsigned long most_missing)
{
	printf("# %lu loads lacked room, %lu did not; %lu short, by %lu%%\n",
	       nr_lacking, nr_roomy, nr_short, most_missing);
	assert_in_range(nr_lacking, NR_LOADS / 4, ULONG_MAX);
	assert_in_range(nr_roomy, NR_LOADS / 10, ULONG_MAX);
}

/* What is had is kept: then the size is enough. */
void test_marks_sizes(void **state)
{
	unsigned long i;

	(void)state;
	begin_loads();
	for (i = 0; i < NR_LOADS; i++) {
		struct kind kind = random_kind((struct kind){
			.repeats = i % 2, .steps_down = i % 5 == 0,
		});

		assert_int_equal(check_load(&kind), 0);
	}
	end_loads(0, 0);
}

/* First fit may pack worse in a larger area, when others release: rarely. */
void test_marks_sizes_of_released(void **state)
{
	unsigned long nr_short = 0, most = 0, i;

	(void)state;
	begin_loads();
	for (i = 0; i < NR_LOADS; i++) {
		struct kind kind = random_kind((struct kind){
			.releases = true, .repeats = !(i % 4),
		});
		unsigned long missing = check_load(&kind);

		nr_short += missing > 0;
		if (missing * 100 / kind.nr_pages > most)
			most = missing * 100 / kind.nr_pages;
	}
	end_loads(nr_short, most);
	assert_in_range(nr_short, 0, 3 + nr_lacking / 100);
	assert_in_range(most, 0, 300);
}

/* Of any sizes and alignments, one after the other: in an area of that size. */
void test_marks_apart(void **state)
{
	unsigned long i;

	(void)state;
	for (i = 0; i < NR_LOADS; i++) {
		struct kind kind = random_kind((struct kind){ 0 });
		struct model model = { 0 };
		struct cd_sizes sizes;
		struct cd_marks marks;

		cd_marks_init(&marks, NULL);
		cd_marks_begin(&marks, below(9), 1);
		nr_failed = 0;
		for (nr_steps = 1 + below(20); nr_failed < nr_steps;) {
			struct load_step *step = &steps[nr_failed];

			list[nr_failed] = random_failed(1 + below(9), false);
			list[nr_failed].verdict = CD_EXHAUSTED;
			list[nr_failed].is_step = false;
			*step = (struct load_step){
				.asks = true, .failed = true,
				.request = list[nr_failed].request,
				.pid = nr_failed,
			};
			list[nr_failed].pid = step->pid;
			count_failed(&list[nr_failed], &model);
			tell(&marks, &list[nr_failed++]);
		}
		check_sizes(&marks, &model, 1024, kind.step);
		cd_marks_sizes(&marks, 1024, kind.step, &sizes);
		check_apart(&kind, sizes.apart, true);
	}
}
