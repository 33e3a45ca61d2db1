// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel's CMA areas, read through a layout proven on every one of them.
 *
 * Nothing is read through a layout before the proof: what it yields must be
 * what cma_get_base(), cma_get_size() and cma_get_name() answer, for every
 * area, and the distance between areas must be the struct's size.
 *
 * Areas are set up at boot (core_initcall) and neither they nor their bitmaps
 * ever go away (mm/cma.c, 5.10 to 7.3), so that they are looked up once.
 */
#include <linux/cma.h>
#include <linux/ctype.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/sched/clock.h>
#include <linux/spinlock.h>
#include <linux/string.h>

#include "log.h"
#include "kernel/cma_area.h"
#include "kernel/cma_layout.h"
#include "kernel/symbols.h"
#include "longest.h"

static struct cd_cma_layout layout;
static struct cd_cma areas[CD_MAX_AREAS];
static unsigned int nr_areas;

/* What each allocation looks for, eight to a cache line. */
static const char *kernel_names[CD_MAX_AREAS];
static struct cma *cmas[CD_MAX_AREAS];
static unsigned int nr_inactive;

/* What our copies cost those who wait for the area's lock. */
static struct {
	atomic_long_t nr_copies;
	atomic64_t longest_ns;
} held[CD_MAX_AREAS];

/* The kernel's own view of the areas, which the layout is proven against. */
static struct {
	int (*for_each)(int (*it)(struct cma *cma, void *data), void *data);
	phys_addr_t (*base)(const struct cma *cma);
	unsigned long (*size)(const struct cma *cma);
	const char *(*name)(const struct cma *cma);
} ask;

static const void *field(const struct cma *cma, size_t offset)
{
	return (const char *)cma + offset;
}

static unsigned long ulong_at(const void *base, size_t offset)
{
	return *(const unsigned long *)((const char *)base + offset);
}

static const void *range_of(const struct cma *cma, unsigned int i)
{
	return field(cma, layout.ranges + i * layout.range_size);
}

static unsigned int order_per_bit_of(const struct cma *cma)
{
	return *(const unsigned int *)field(cma, layout.order_per_bit);
}

static unsigned int nr_ranges_of(const struct cma *cma)
{
	return layout.has_ranges ?
	       *(const unsigned int *)field(cma, layout.nranges) : 1;
}

static unsigned long range_base_pfn(const struct cma *cma, unsigned int i)
{
	return ulong_at(layout.has_ranges ? range_of(cma, i) : cma,
			layout.base_pfn);
}

static unsigned long range_pages_of(const struct cma *cma, unsigned int i)
{
	if (!layout.has_ranges)
		return ulong_at(cma, layout.count);
	return ulong_at(range_of(cma, i), layout.range_count);
}

static const unsigned long *range_bitmap(const struct cma *cma, unsigned int i)
{
	return (const void *)ulong_at(layout.has_ranges ? range_of(cma, i) :
							  (const void *)cma,
				      layout.bitmap);
}

/*
 * An area that failed to activate keeps its place in the kernel's table: with
 * count 0 and a dangling bitmap (5.10 to 7.3), or without its CMA_ACTIVATED
 * flag and with other data where the bitmap's address belongs (6.15 on).
 */
static bool is_active(const struct cma *cma)
{
	if (!ulong_at(cma, layout.count))
		return false;
	return !layout.has_ranges ||
	       ulong_at(cma, layout.flags) & (1UL << layout.activated_bit);
}

static int distrust(const struct cma *cma, const char *what)
{
	pr_err("not loaded: struct cma as %s describes it is not this kernel's: %s of area %.63s is not what the kernel says\n",
	       layout.source, what, ask.name(cma));
	return -EINVAL;
}

static bool bitmap_is_readable(const struct cma *cma, unsigned int i)
{
	const unsigned long *bitmap = range_bitmap(cma, i);
	unsigned long nr_bits = range_pages_of(cma, i) >> order_per_bit_of(cma);

	return nr_bits && IS_ALIGNED((unsigned long)bitmap, sizeof(long)) &&
	       virt_addr_valid(bitmap) &&
	       virt_addr_valid(bitmap + (nr_bits - 1) / BITS_PER_LONG);
}

/*
 * cma_get_base() warns when asked about an area of several ranges (6.15 on),
 * so that there the ranges must add up and bear the sizes the kernel told.
 */
static int prove_ranges(const struct cma *cma)
{
	unsigned long nr_pages = 0;
	unsigned int i, nr = nr_ranges_of(cma);

	if (nr < 1 || nr > CD_MAX_RANGES)
		return distrust(cma, "the number of ranges");
	for (i = 0; i < nr; i++) {
		if (!bitmap_is_readable(cma, i))
			return distrust(cma, "the bitmap");
		nr_pages += range_pages_of(cma, i);
	}
	if (nr_pages != ask.size(cma) >> PAGE_SHIFT)
		return distrust(cma, "the size of the ranges");
	if (nr == 1 && PFN_PHYS(range_base_pfn(cma, 0)) != ask.base(cma))
		return distrust(cma, "base_pfn");
	return 0;
}

static int prove_area(const struct cma *cma)
{
	unsigned int order = order_per_bit_of(cma);

	if (field(cma, layout.name) != (const void *)ask.name(cma))
		return distrust(cma, "name");
	if (ulong_at(cma, layout.count) != ask.size(cma) >> PAGE_SHIFT)
		return distrust(cma, "count");
	if (!is_active(cma))
		return 0;
	if (order > CD_MAX_ORDER ||
	    !IS_ALIGNED(ulong_at(cma, layout.count), 1UL << order))
		return distrust(cma, "order_per_bit");
	return prove_ranges(cma);
}

/* The areas as the kernel enumerates them, active or not. */
struct area_list {
	struct cma *cma[CD_MAX_AREAS];
	unsigned int nr;
	unsigned int nr_left_out;
};

static int list_area(struct cma *cma, void *data)
{
	struct area_list *list = data;

	if (list->nr < CD_MAX_AREAS)
		list->cma[list->nr++] = cma;
	else
		list->nr_left_out++;
	return 0;
}

/* The areas are an array (cma_areas[]), so the stride is the struct's size. */
static int prove_layout(const struct area_list *list)
{
	unsigned int i;
	int err;

	for (i = 0; i < list->nr; i++) {
		if (i && (const char *)list->cma[i] -
			 (const char *)list->cma[i - 1] != layout.size)
			return distrust(list->cma[i], "the place in memory");
		err = prove_area(list->cma[i]);
		if (err)
			return err;
	}
	return 0;
}

/* Up to 7.2 an area that nobody named is called "cma%d\n", newline included. */
static void clean_name(char *name, const char *kernel_name)
{
	char *c;

	strscpy(name, kernel_name, CD_NAME_MAX);
	strim(name);
	for (c = name; *c; c++)
		if (*c == '/' || !isprint(*c))
			*c = '_';
}

static void add_area(struct cma *cma)
{
	struct cd_cma *area = &areas[nr_areas++];
	unsigned int i;

	area->cma = cma;
	area->kernel_name = ask.name(cma);
	kernel_names[area - areas] = area->kernel_name;
	cmas[area - areas] = cma;
	clean_name(area->name, area->kernel_name);
	area->nr_pages = ulong_at(cma, layout.count);
	area->order_per_bit = order_per_bit_of(cma);
	area->nr_ranges = nr_ranges_of(cma);
	for (i = 0; i < area->nr_ranges; i++) {
		area->base_pfn[i] = range_base_pfn(cma, i);
		area->range_pages[i] = range_pages_of(cma, i);
	}
}

static int find_layout(void)
{
	int err = cd_cma_layout_from_header(&layout);

	if (err == -ENOENT)
		err = cd_cma_layout_from_btf(&layout);
	if (err == -ENOENT)
		pr_err("not loaded: nothing describes this kernel's struct cma: it has no BTF (CONFIG_DEBUG_INFO_BTF), and the module was built without mm/cma.h (make CMA_H=...)\n");
	return err;
}

static int find_questions(void)
{
	ask.for_each = cd_symbol("cma_for_each_area");
	ask.base = cd_symbol("cma_get_base");
	ask.size = cd_symbol("cma_get_size");
	ask.name = cd_symbol("cma_get_name");
	if (ask.for_each && ask.base && ask.size && ask.name)
		return 0;
	pr_err("not loaded: this kernel has no CMA (CONFIG_CMA): cma_for_each_area and cma_get_base, _size, _name are not there\n");
	return -EOPNOTSUPP;
}

/* Shifts one field, so that a test can see the proof catch it. */
static int break_layout_field(const char *name)
{
	const struct {
		const char *name;
		size_t *offset;
	} fields[] = {
		{ "size", &layout.size },
		{ "name", &layout.name },
		{ "count", &layout.count },
		{ "base_pfn", &layout.base_pfn },
		{ "bitmap", &layout.bitmap },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(fields); i++) {
		if (strcmp(fields[i].name, name))
			continue;
		*fields[i].offset += sizeof(long);
		return 0;
	}
	pr_err("not loaded: break_layout=%s names no field; there are: size name count base_pfn bitmap\n",
	       name);
	return -EINVAL;
}

/**
 * cd_cma_init() - find the areas, and prove the layout on each
 * @break_layout: for tests: the field to read from a wrong place, or NULL
 *
 * Context: process, may sleep. cd_symbols_init() came first.
 *
 * Return: 0, or a negative errno after one sentence in the kernel log.
 */
int cd_cma_init(const char *break_layout)
{
	struct area_list list = { .nr = 0 };
	unsigned int i;
	int err;

	err = find_questions() ?: find_layout();
	if (!err && break_layout)
		err = break_layout_field(break_layout);
	if (err)
		return err;

	ask.for_each(list_area, &list);
	err = prove_layout(&list);
	if (err)
		return err;
	for (i = 0; i < list.nr; i++) {
		if (is_active(list.cma[i]))
			add_area(list.cma[i]);
		else
			nr_inactive++;
	}
	if (!nr_areas) {
		pr_err("not loaded: this system has no CMA area in use (see cma= on the command line, or the device tree's reserved-memory)\n");
		return -ENODEV;
	}
	if (list.nr_left_out)
		pr_warn("%u areas beyond the first %u are left out\n",
			list.nr_left_out, CD_MAX_AREAS);
	return 0;
}

/** cd_cma_nr_areas() - areas in use */
unsigned int cd_cma_nr_areas(void)
{
	return nr_areas;
}

/** cd_cma_nr_inactive() - areas that the kernel failed to activate at boot */
unsigned int cd_cma_nr_inactive(void)
{
	return nr_inactive;
}

/**
 * cd_cma_area() - an area in use
 * @i: below cd_cma_nr_areas(), in the kernel's order
 */
const struct cd_cma *cd_cma_area(unsigned int i)
{
	return &areas[i];
}

/**
 * cd_cma_by_kernel_name() - the area whose name a tracepoint passed
 * @kernel_name: compared as a pointer: it points into the area's struct cma,
 *               and two areas may bear the same name
 *
 * Context: any. Return: the area, or NULL.
 */
const struct cd_cma *cd_cma_by_kernel_name(const char *kernel_name)
{
	unsigned int i;

	for (i = 0; i < nr_areas; i++)
		if (kernel_names[i] == kernel_name)
			return &areas[i];
	return NULL;
}

/**
 * cd_cma_by_name() - the area that the kernel's log names
 * @name: the name, or NULL where it has none
 *
 * Context: any. Return: the area; NULL when there is none so called, or several
 * are.
 */
const struct cd_cma *cd_cma_by_name(const char *name)
{
	const struct cd_cma *found = NULL;
	char clean[CD_NAME_MAX];
	unsigned int i;

	if (!name)
		return nr_areas == 1 ? &areas[0] : NULL;
	clean_name(clean, name);
	for (i = 0; i < nr_areas; i++) {
		if (strcmp(areas[i].name, clean))
			continue;
		if (found)
			return NULL;
		found = &areas[i];
	}
	return found;
}

/**
 * cd_cma_by_cma() - the area that a struct cma is
 * @cma: as the kernel's functions are given it; may be NULL
 *
 * Context: any. Return: the area, or NULL.
 */
const struct cd_cma *cd_cma_by_cma(const struct cma *cma)
{
	unsigned int i;

	for (i = 0; i < nr_areas; i++)
		if (cmas[i] == cma)
			return &areas[i];
	return NULL;
}

/**
 * cd_cma_by_pfn() - the area that a page lies in
 * @pfn: page
 *
 * Context: any. Return: the area, or NULL.
 */
const struct cd_cma *cd_cma_by_pfn(unsigned long pfn)
{
	unsigned int i, r;

	for (i = 0; i < nr_areas; i++)
		for (r = 0; r < areas[i].nr_ranges; r++)
			if (pfn - areas[i].base_pfn[r] <
			    areas[i].range_pages[r])
				return &areas[i];
	return NULL;
}

/** cd_cma_layout_source() - where the layout comes from, for people */
const char *cd_cma_layout_source(void)
{
	return layout.source;
}

/**
 * cd_cma_oversized_ends_early() - too large a request has a start, no finish
 *
 * Up to 6.14, which is while an area is one range, cma_alloc() returns for a
 * request larger than the area without passing its finish event (mm/cma.c:
 * bitmap_count > bitmap_maxno). From 6.15 on every start has a finish.
 */
bool cd_cma_oversized_ends_early(void)
{
	return !layout.has_ranges;
}

/**
 * cd_cma_errno_is_ambiguous() - -EBUSY also stands for "no place in the bitmap"
 *
 * True from 6.15 on (mm/cma.c, cma_range_alloc() begins with -EBUSY), the
 * same change that brought ranges. Before, that was -ENOMEM with pfn -1.
 */
bool cd_cma_errno_is_ambiguous(void)
{
	return layout.has_ranges;
}

static size_t range_words(const struct cd_cma *area, unsigned int i)
{
	return BITS_TO_LONGS(area->range_pages[i] >> area->order_per_bit);
}

/**
 * cd_cma_bitmap_words() - room that a copy of an area's bitmap takes
 * @area: the area
 *
 * Return: in longs, all ranges together.
 */
size_t cd_cma_bitmap_words(const struct cd_cma *area)
{
	size_t nr_words = 0;
	unsigned int i;

	for (i = 0; i < area->nr_ranges; i++)
		nr_words += range_words(area, i);
	return nr_words;
}

static void copy_ranges(const struct cd_cma *area, unsigned long *words)
{
	unsigned int i;

	for (i = 0; i < area->nr_ranges; i++) {
		size_t nr_words = range_words(area, i);

		memcpy(words, range_bitmap(area->cma, i),
		       nr_words * sizeof(long));
		words += nr_words;
	}
}

/* Under the area's lock. Returns for how many ns longer that is held. */
static u64 copy_locked(const struct cd_cma *area, unsigned long *words)
{
	u64 start = local_clock();

	copy_ranges(area, words);
	return local_clock() - start;
}

/**
 * cd_cma_note_held() - its holder held an area's lock for longer, by us
 * @area: the area
 * @held_ns: for so long
 *
 * Context: any.
 */
void cd_cma_note_held(const struct cd_cma *area, u64 held_ns)
{
	cd_keep_longest(&held[area - areas].longest_ns, held_ns);
}

static void note_copy(const struct cd_cma *area, u64 held_ns)
{
	atomic_long_inc(&held[area - areas].nr_copies);
	cd_cma_note_held(area, held_ns);
}

static bool copy_under_mutex(const struct cd_cma *area,
			     enum cd_lock_mode mode, unsigned long *words)
{
	struct mutex *lock = (void *)field(area->cma, layout.lock);
	bool locked = false;
	u64 held_ns;

	if (mode == CD_LOCK_WAIT) {
		mutex_lock(lock);
		locked = true;
	} else if (mode == CD_LOCK_TRY && !IS_ENABLED(CONFIG_PREEMPT_RT)) {
		locked = mutex_trylock(lock);
	}
	if (!locked && mode != CD_LOCK_HELD) {
		copy_ranges(area, words);
		return false;
	}
	held_ns = copy_locked(area, words);
	if (locked)
		mutex_unlock(lock);
	note_copy(area, held_ns);
	return true;
}

static bool copy_under_spinlock(const struct cd_cma *area,
				enum cd_lock_mode mode, unsigned long *words)
{
	spinlock_t *lock = (void *)field(area->cma, layout.lock);
	unsigned long flags;
	u64 held_ns;

	/* With PREEMPT_RT this lock sleeps. */
	if (mode == CD_LOCK_NONE ||
	    (mode == CD_LOCK_TRY && IS_ENABLED(CONFIG_PREEMPT_RT))) {
		copy_ranges(area, words);
		return false;
	}
	if (mode == CD_LOCK_HELD) {
		held_ns = copy_locked(area, words);
	} else {
		spin_lock_irqsave(lock, flags);
		held_ns = copy_locked(area, words);
		spin_unlock_irqrestore(lock, flags);
	}
	note_copy(area, held_ns);
	return true;
}

/**
 * cd_cma_copy_bitmap() - the area's bitmap at one moment
 * @area: the area
 * @mode: what the caller's context allows
 * @words: room for cd_cma_bitmap_words(@area) longs
 * @bm: result, pointing into @words
 *
 * The area's lock is held for a memcpy() of the bitmap, the time of which is
 * taken, and nothing else.
 *
 * Context: as @mode says.
 *
 * Return: true when the copy was made under the lock. Without it, allocations
 * and releases of that moment may be seen half done.
 */
bool cd_cma_copy_bitmap(const struct cd_cma *area, enum cd_lock_mode mode,
			unsigned long *words, struct cd_bitmap *bm)
{
	unsigned int i;
	bool locked;

	locked = layout.lock_is_mutex ?
		 copy_under_mutex(area, mode, words) :
		 copy_under_spinlock(area, mode, words);

	bm->order_per_bit = area->order_per_bit;
	bm->nr_ranges = area->nr_ranges;
	for (i = 0; i < area->nr_ranges; i++) {
		bm->ranges[i] = (struct cd_range){
			.base_pfn = area->base_pfn[i],
			.nr_bits = area->range_pages[i] >> area->order_per_bit,
			.bitmap = words,
		};
		words += range_words(area, i);
	}
	return locked;
}

/**
 * cd_cma_nr_locked_copies() - copies of an area's bitmap made under its lock
 * @area: the area
 *
 * Context: any.
 */
unsigned long cd_cma_nr_locked_copies(const struct cd_cma *area)
{
	return atomic_long_read(&held[area - areas].nr_copies);
}

/**
 * cd_cma_lock_held_max_ns() - how long we held the area's lock at most
 * @area: the area
 *
 * Context: any. Return: in ns; 0 when there was none.
 */
u64 cd_cma_lock_held_max_ns(const struct cd_cma *area)
{
	return atomic64_read(&held[area - areas].longest_ns);
}
