// SPDX-License-Identifier: GPL-2.0-only
/*
 * cma_shape: shapes a real CMA area, by real cma_alloc() and cma_release().
 *
 * For tests only. A command is written to /sys/kernel/debug/cma_shape, with
 * pages counted in pages and places given as pfns:
 *
 *	hold AREA COUNT ALIGN	cma_alloc() that many pages, and keep them
 *	free AREA PFN COUNT	cma_release() some of the pages kept
 *	fill AREA		hold whatever can be held, logging no failure
 *	drop AREA		release all that is kept of the area
 *	pin AREA PFN COUNT	take free pages behind CMA's back: its bitmap
 *				says free, and they cannot be moved
 *	unpin AREA PFN COUNT	give them back
 *	get AREA PFN COUNT	take a reference to pages, whoever uses them
 *	put AREA PFN COUNT	give it back
 *	peek AREA PFN		read the first word of a page
 *	await AREA PFN COUNT	free, as soon as the slow console is given the
 *				line that says that a request failed
 *	ask AREA COUNT ALIGN	cma_alloc() that many pages, and give them back;
 *				no error when there are none
 *	copy AREA BYTES TIMES	copy so many bytes so many times, and time each
 *	time AREA COUNT ALIGN TIMES
 *				likewise so many times, until it fails, logging
 *				no failure, and time each
 *
 * write() fails with ENOMEM when cma_alloc() did. Reading the same open file
 * then gives: after a hold, the first pfn; after a peek, the word; after a time
 * or a copy, the fewest ns that took. Commands of several tasks run at the same
 * time; a task must not free what another holds.
 *
 * Parameters: lookup, the address of kallsyms_lookup_name(), as /proc/kallsyms
 * has it; command, one for the load: when it fails, so does that; breakpoints,
 * hardware breakpoints to take away from others on each CPU; slow_console, ms
 * that a console takes for each line that is printed; waiting, to be read, the
 * tasks that await.
 */
#include <linux/bitmap.h>
#include <linux/cma.h>
#include <linux/console.h>
#include <linux/debugfs.h>
#include <linux/delay.h>
#include <linux/fs.h>
#include <linux/gfp.h>
#include <linux/hw_breakpoint.h>
#include <linux/ktime.h>
#include <linux/sched/clock.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/perf_event.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>

#define MAX_AREAS 32
#define MAX_COMMAND 128

struct area {
	struct cma *cma;
	char name[64];
	/* Pages ever held lie in [first_pfn, end_pfn). */
	unsigned long first_pfn;
	unsigned long end_pfn;
};

static struct area areas[MAX_AREAS];
static unsigned int nr_areas;

/* Pages held, by pfn; set and cleared under held_lock. */
static unsigned long *held;
static unsigned long held_pfns = 1UL << 22;
static DEFINE_MUTEX(held_lock);

static struct dentry *file;

static unsigned long lookup;
module_param(lookup, ulong, 0);
MODULE_PARM_DESC(lookup, "address of kallsyms_lookup_name()");

static unsigned int nr_breakpoints;
module_param_named(breakpoints, nr_breakpoints, uint, 0);
MODULE_PARM_DESC(breakpoints, "hardware breakpoints to take away from others");

static unsigned int console_ms;
module_param_named(slow_console, console_ms, uint, 0);
MODULE_PARM_DESC(slow_console, "ms that a console takes for a line");

static unsigned int nr_waiting;
module_param_named(waiting, nr_waiting, uint, 0400);
MODULE_PARM_DESC(waiting, "tasks that await a failure");

static char *command_at_load;
module_param_named(command, command_at_load, charp, 0);
MODULE_PARM_DESC(command, "a command to begin with");

static struct {
	struct page *(*alloc)(struct cma *cma, unsigned long count,
			      unsigned int align, bool no_warn);
	bool (*release)(struct cma *cma, const struct page *pages,
			unsigned long count);
	int (*for_each)(int (*it)(struct cma *cma, void *data), void *data);
	const char *(*name)(const struct cma *cma);
} kernel;

static void *find_function(const char *name)
{
	unsigned long (*lookup_name)(const char *name) = (void *)lookup;

	return (void *)lookup_name(name);
}

#ifdef CONFIG_HAVE_HW_BREAKPOINT

#define MAX_BREAKPOINTS 16U

static struct perf_event * __percpu *breakpoints[MAX_BREAKPOINTS];

static void on_hit(struct perf_event *event, struct perf_sample_data *data,
		   struct pt_regs *regs)
{
}

static void give_breakpoints_back(void)
{
	while (nr_breakpoints--)
		unregister_wide_hw_breakpoint(breakpoints[nr_breakpoints]);
}

/* Where nothing is executed. */
static int take_breakpoints(void)
{
	unsigned int i, nr = min(nr_breakpoints, MAX_BREAKPOINTS);
	static const u32 nowhere[MAX_BREAKPOINTS];
	struct perf_event_attr attr;

	hw_breakpoint_init(&attr);
	attr.bp_len = HW_BREAKPOINT_LEN_4;
	attr.bp_type = HW_BREAKPOINT_X;
	for (i = 0; i < nr; i++) {
		attr.bp_addr = (unsigned long)&nowhere[i];
		breakpoints[i] = register_wide_hw_breakpoint(&attr, on_hit,
							     NULL);
		if (IS_ERR((void __force *)breakpoints[i])) {
			nr_breakpoints = i;
			give_breakpoints_back();
			return PTR_ERR((void __force *)breakpoints[i]);
		}
	}
	return 0;
}

#else

static void give_breakpoints_back(void)
{
}

static int take_breakpoints(void)
{
	return nr_breakpoints ? -EOPNOTSUPP : 0;
}

#endif

/* Lines that the slow console was given, and that say that a request failed. */
static unsigned int nr_printed;

static void write_slowly(struct console *console, const char *text,
			 unsigned int len)
{
	if (strnstr(text, "alloc failed, req-size: ", len))
		WRITE_ONCE(nr_printed, nr_printed + 1);
	mdelay(console_ms);
}

static struct console slow_console = {
	.name = "slow",
	.write = write_slowly,
	.flags = CON_ENABLED,
};

static int hold(struct area *area, unsigned long count, unsigned int align,
		bool no_warn, unsigned long *pfn)
{
	struct page *page = kernel.alloc(area->cma, count, align, no_warn);

	if (!page)
		return -ENOMEM;
	*pfn = page_to_pfn(page);
	if (*pfn + count > held_pfns) {
		kernel.release(area->cma, page, count);
		return -ERANGE;
	}
	mutex_lock(&held_lock);
	bitmap_set(held, *pfn, count);
	area->first_pfn = min(area->first_pfn, *pfn);
	area->end_pfn = max(area->end_pfn, *pfn + count);
	mutex_unlock(&held_lock);
	return 0;
}

static int ask(struct area *area, unsigned long count, unsigned int align)
{
	struct page *page = kernel.alloc(area->cma, count, align, false);

	if (page)
		kernel.release(area->cma, page, count);
	return 0;
}

static int time_once(struct area *area, unsigned long count,
		     unsigned int align, u64 *ns)
{
	u64 start = ktime_get_ns();
	struct page *page = kernel.alloc(area->cma, count, align, true);

	if (page)
		kernel.release(area->cma, page, count);
	*ns = ktime_get_ns() - start;
	return page ? 0 : -ENOMEM;
}

static int time_it(struct area *area, unsigned long count, unsigned int align,
		   unsigned long times, unsigned long *fewest_ns)
{
	int err = 0;
	u64 ns;

	*fewest_ns = ULONG_MAX;
	while (!err && times--) {
		err = time_once(area, count, align, &ns);
		*fewest_ns = min_t(u64, *fewest_ns, ns);
	}
	return err;
}

static int release(struct area *area, unsigned long pfn, unsigned long count)
{
	mutex_lock(&held_lock);
	if (pfn < area->first_pfn || pfn + count > area->end_pfn ||
	    find_next_zero_bit(held, pfn + count, pfn) < pfn + count) {
		mutex_unlock(&held_lock);
		return -EINVAL;
	}
	bitmap_clear(held, pfn, count);
	mutex_unlock(&held_lock);
	return kernel.release(area->cma, pfn_to_page(pfn), count) ? 0 : -EIO;
}

static int await(struct area *area, unsigned long pfn, unsigned long count)
{
	unsigned int before = READ_ONCE(nr_printed);
	int err = 0;

	WRITE_ONCE(nr_waiting, nr_waiting + 1);
	while (!err && READ_ONCE(nr_printed) == before) {
		usleep_range(500, 1000);
		err = signal_pending(current) ? -EINTR : 0;
	}
	WRITE_ONCE(nr_waiting, nr_waiting - 1);
	return err ?: release(area, pfn, count);
}

static int fill(struct area *area)
{
	unsigned long pfn, count = 1UL << 18;

	while (count)
		if (hold(area, count, 0, true, &pfn))
			count /= 2;
	return 0;
}

static int drop(struct area *area)
{
	unsigned long pfn = area->first_pfn, end;
	int err = 0;

	while (!err) {
		pfn = find_next_bit(held, area->end_pfn, pfn);
		if (pfn >= area->end_pfn)
			return 0;
		end = find_next_zero_bit(held, area->end_pfn, pfn);
		err = release(area, pfn, end - pfn);
	}
	return err;
}

/*
 * alloc_contig_range() took a migratetype up to 6.16, and takes flags from 6.17
 * on (include/linux/gfp.h).
 */
#ifndef ACR_FLAGS_CMA
#define ACR_FLAGS_CMA MIGRATE_CMA
#endif

/* What copying a bitmap takes at least. */
static int time_copy(unsigned long size, unsigned long times,
		     unsigned long *fewest_ns)
{
	void *from = kvzalloc(size, GFP_KERNEL);
	void *to = kvzalloc(size, GFP_KERNEL);
	int err = from && to ? 0 : -ENOMEM;
	unsigned long flags;
	u64 start, ns;

	*fewest_ns = ULONG_MAX;
	while (!err && times--) {
		local_irq_save(flags);
		start = local_clock();
		memcpy(to, from, size);
		ns = local_clock() - start;
		local_irq_restore(flags);
		*fewest_ns = min_t(u64, *fewest_ns, ns);
	}
	kvfree(from);
	kvfree(to);
	return err;
}

static int pin(unsigned long pfn, unsigned long count)
{
	return alloc_contig_range(pfn, pfn + count, ACR_FLAGS_CMA, GFP_KERNEL);
}

static int unpin(unsigned long pfn, unsigned long count)
{
	free_contig_range(pfn, count);
	return 0;
}

/* Of a page that nobody uses there is nothing to refer to. */
static int get(unsigned long pfn, unsigned long count)
{
	unsigned long i;

	for (i = 0; i < count; i++) {
		if (!page_count(pfn_to_page(pfn + i)))
			return -ENXIO;
		get_page(pfn_to_page(pfn + i));
	}
	return 0;
}

static int put(unsigned long pfn, unsigned long count)
{
	while (count--)
		put_page(pfn_to_page(pfn + count));
	return 0;
}

static int peek(unsigned long pfn, unsigned long *answer)
{
	*answer = READ_ONCE(*(unsigned long *)page_address(pfn_to_page(pfn)));
	return 0;
}

static struct area *find_area(const char *name)
{
	unsigned int i;

	for (i = 0; i < nr_areas; i++)
		if (!strcmp(areas[i].name, name))
			return &areas[i];
	return NULL;
}

static int run(const char *command, unsigned long *answer)
{
	char verb[8], name[64];
	unsigned long first = 0, second = 0, third = 0;
	struct area *area;
	int nr;

	nr = sscanf(command, "%7s %63s %li %li %li", verb, name, &first,
		    &second, &third);
	area = nr >= 2 ? find_area(name) : NULL;
	if (!area)
		return -ENOENT;
	if (!strcmp(verb, "hold") && nr == 4)
		return hold(area, first, second, false, answer);
	if (!strcmp(verb, "ask") && nr == 4)
		return ask(area, first, second);
	if (!strcmp(verb, "copy") && nr == 4)
		return time_copy(first, second, answer);
	if (!strcmp(verb, "time") && nr == 5)
		return time_it(area, first, second, third, answer);
	if (!strcmp(verb, "free") && nr == 4)
		return release(area, first, second);
	if (!strcmp(verb, "await") && nr == 4)
		return await(area, first, second);
	if (!strcmp(verb, "pin") && nr == 4)
		return pin(first, second);
	if (!strcmp(verb, "unpin") && nr == 4)
		return unpin(first, second);
	if (!strcmp(verb, "get") && nr == 4)
		return get(first, second);
	if (!strcmp(verb, "put") && nr == 4)
		return put(first, second);
	if (!strcmp(verb, "peek") && nr == 3)
		return peek(first, answer);
	if (!strcmp(verb, "fill") && nr == 2)
		return fill(area);
	if (!strcmp(verb, "drop") && nr == 2)
		return drop(area);
	return -EINVAL;
}

/* The answer to an open file's last command is its private data: a number. */
static ssize_t shape_write(struct file *file, const char __user *buf,
			   size_t size, loff_t *pos)
{
	unsigned long answer = 0;
	char *command;
	int err;

	if (size > MAX_COMMAND)
		return -EINVAL;
	command = memdup_user_nul(buf, size);
	if (IS_ERR(command))
		return PTR_ERR(command);
	err = run(command, &answer);
	kfree(command);
	file->private_data = (void *)answer;
	return err ?: size;
}

static ssize_t shape_read(struct file *file, char __user *buf, size_t size,
			  loff_t *pos)
{
	char answer[32];
	int len = scnprintf(answer, sizeof(answer), "0x%lx\n",
			    (unsigned long)file->private_data);
	loff_t start = 0;

	return simple_read_from_buffer(buf, size, &start, answer, len);
}

static const struct file_operations shape_fops = {
	.owner = THIS_MODULE,
	.open = nonseekable_open,
	.read = shape_read,
	.write = shape_write,
};

static int add_area(struct cma *cma, void *unused)
{
	struct area *area = &areas[nr_areas];

	if (nr_areas == MAX_AREAS)
		return 0;
	area->cma = cma;
	area->first_pfn = ULONG_MAX;
	strscpy(area->name, kernel.name(cma), sizeof(area->name));
	strim(area->name);
	nr_areas++;
	return 0;
}

static int __init find_functions(void)
{
	if (!lookup)
		return -EINVAL;
	kernel.alloc = find_function("cma_alloc");
	kernel.release = find_function("cma_release");
	kernel.for_each = find_function("cma_for_each_area");
	kernel.name = find_function("cma_get_name");
	return kernel.alloc && kernel.release && kernel.for_each &&
	       kernel.name ? 0 : -ENOENT;
}

static void drop_all(void)
{
	unsigned int i;

	for (i = 0; i < nr_areas; i++)
		drop(&areas[i]);
}

static int __init cma_shape_init(void)
{
	unsigned long answer;
	int err = find_functions();

	if (err)
		return err;
	held = vzalloc(BITS_TO_LONGS(held_pfns) * sizeof(long));
	if (!held)
		return -ENOMEM;
	kernel.for_each(add_area, NULL);
	err = take_breakpoints();
	if (err)
		goto free_held;
	if (command_at_load)
		err = run(command_at_load, &answer);
	if (err)
		goto drop_all;
	if (console_ms)
		register_console(&slow_console);
	file = debugfs_create_file("cma_shape", 0600, NULL, NULL, &shape_fops);
	return 0;

drop_all:
	drop_all();
	give_breakpoints_back();
free_held:
	vfree(held);
	return err;
}

static void __exit cma_shape_exit(void)
{
	debugfs_remove(file);
	if (console_ms)
		unregister_console(&slow_console);
	drop_all();
	give_breakpoints_back();
	vfree(held);
}

module_init(cma_shape_init);
module_exit(cma_shape_exit);

MODULE_DESCRIPTION("Shapes a CMA area for the tests of cma_diag");
MODULE_AUTHOR("The cma_diag authors");
MODULE_LICENSE("GPL");
MODULE_INFO(test, "Y");
