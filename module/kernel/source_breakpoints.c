// SPDX-License-Identifier: GPL-2.0-only
/*
 * A source: hardware breakpoints, for a kernel without tracepoints, kprobes and
 * ftrace, as NXP's imx_v8_defconfig makes it.
 *
 * They sit on the entry and on every return of the function of mm/cma.c that
 * allocates, and of the one it calls for each place that it tries. Both have
 * had the same first arguments from 5.10 to 7.3, in registers: the area, the
 * pages and the alignment; the pfn where the place begins. What they return is
 * in x0: a struct page or NULL; 0 or an errno. So all that the tracepoints
 * tell is seen, but for the page that was in the way. One more sits on the
 * entry of what prints, whose first argument is the format: the kernel logs a
 * failure, and lists the free runs, before it returns.
 *
 * arm64 steps over a breakpoint of the kernel's only for perf's own handler
 * (arch/arm64/kernel/hw_breakpoint.c, 5.10 to 7.3): ours has to do the
 * instruction itself; see core/sites.c.
 *
 * A breakpoint is an exception of the task that comes by it: synchronous, with
 * interrupts off, RCU watching and preemption counted as off
 * (arch/arm64/kernel/entry-common.c). cma_alloc() may sleep, so where it
 * begins and ends no lock is held that cannot be slept under, and what may be
 * done with interrupts off may be done here: a failure is diagnosed at once.
 *
 * Breakpoints belong to a CPU, which has 6 on most cores, and are shared with
 * perf and debuggers. They may be set and never fire, without an error: with
 * nodebugmon on the kernel's command line, or under a hypervisor that has none.
 * So one is tried on each CPU.
 */
#include <linux/cpu.h>
#include <linux/cpuhotplug.h>
#include <linux/err.h>
#include <linux/hw_breakpoint.h>
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/perf_event.h>
#include <linux/ptrace.h>
#include <linux/string.h>

#include <asm/sysreg.h>

#include "log.h"
#include "core/sites.h"
#include "kernel/source.h"
#include "kernel/symbols.h"

/* SCTLR_EL1.EnIA, Arm Architecture Reference Manual, D19: paciasp signs. */
#define SIGNS_POINTERS BIT(31)

#define MAX_POINTS (2 * (CD_MAX_RETURNS + 1) + 1)
#define INSN_RET 0xd65f03c0

/**
 * struct point - one breakpoint, on every CPU
 * @address: of the instruction
 * @insn: what it was when that was decided; others may patch it since
 * @hit: what it tells
 */
struct point {
	unsigned long address;
	u32 insn;
	void (*hit)(const struct pt_regs *regs);
};

static struct point points[MAX_POINTS];
static unsigned int nr_points;

struct cpu_events {
	struct perf_event *events[MAX_POINTS];
};

static DEFINE_PER_CPU(struct cpu_events, cpu_events);

static const struct cd_alloc_observer *observer;

/*
 * Set while every CPU has all of them, but for one that came later and could
 * not have them: of a start, the finish is seen, too.
 */
static bool all_set;

/* A CPU that comes meanwhile need not have them. */
static bool setting_up;

static enum cpuhp_state hotplug_state;

static struct cd_abilities abilities;
static char description[160];

static void at_alloc(const struct pt_regs *regs)
{
	struct cd_context context = { .lock = CD_LOCK_TRY, .regs = regs };
	struct cd_request request = {
		.nr_pages = regs->regs[1],
		.align = (unsigned int)regs->regs[2],
	};

	if (READ_ONCE(all_set))
		observer->start(cd_cma_by_cma((void *)regs->regs[0]), &request,
				&context);
}

static void at_place(const struct pt_regs *regs)
{
	if (observer->is_started())
		observer->trying(regs->regs[0]);
}

static void at_place_end(const struct pt_regs *regs)
{
	if (observer->is_started())
		observer->tried((int)regs->regs[0]);
}

/* One whose start was not seen, or was all there is to it, tells nothing. */
static void at_alloc_end(const struct pt_regs *regs)
{
	struct cd_context context = { .lock = CD_LOCK_TRY, .regs = regs };
	const struct page *page = (const struct page *)regs->regs[0];
	struct cd_finish finish = {
		.failed = !page,
		.pfn = page ? page_to_pfn(page) : 0,
	};

	if (observer->is_started())
		observer->finish(&finish, &context);
}

/* Before "cma: " and the like a format has its level. */
#define FORMAT_MAX 64

static void at_print(const struct pt_regs *regs)
{
	const char *format = (const char *)regs->regs[0];
	struct cd_context context = { .regs = regs };

	if (observer->is_started() &&
	    cd_source_is_failing(format, strnlen(format, FORMAT_MAX), &context))
		observer->failing(&context);
}

enum { ALLOC, PLACE, PRINT, NR_FUNCTIONS };

/* What can be done without comes later. */
static const struct function {
	/* The first of these that the kernel has: the others call that one. */
	const char *names[3];
	void (*enters)(const struct pt_regs *regs);
	/* NULL where that does not matter. */
	void (*returns)(const struct pt_regs *regs);
	const char *without;
} functions[NR_FUNCTIONS] = {
	[ALLOC] = {
		.names = { "__cma_alloc_frozen", "__cma_alloc", "cma_alloc" },
		.enters = at_alloc,
		.returns = at_alloc_end,
	},
	[PLACE] = {
		.names = { "alloc_contig_frozen_range_noprof",
			   "alloc_contig_range_noprof", "alloc_contig_range" },
		.enters = at_place,
		.returns = at_place_end,
		.without = "the places that are tried are not seen",
	},
	[PRINT] = {
		.names = { "_printk", "printk" },
		.enters = at_print,
		.without = "what fails is looked at after it was logged",
	},
};

/* For each function, the points of those up to it. */
static unsigned int nr_points_to[NR_FUNCTIONS];

/* Does the instruction, and goes on behind it. */
static void step(u32 insn, struct pt_regs *regs)
{
	switch (cd_step_of(insn, false)) {
	case CD_STEP_RETURN:
		regs->pc = regs->regs[30];
		return;
	case CD_STEP_FRAME:
		regs->regs[29] = regs->sp + cd_step_frame_offset(insn);
		break;
	default:
		break;
	}
	regs->pc += sizeof(insn);
	/* paciasp is also where an indirect call may land. */
	regs->pstate &= ~PSR_BTYPE_MASK;
}

static void on_hit(struct perf_event *event, struct perf_sample_data *data,
		   struct pt_regs *regs)
{
	const struct point *point = event->overflow_handler_context;

	point->hit(regs);
	step(point->insn, regs);
}

static const char *name_of(const struct function *function)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(function->names) && function->names[i]; i++)
		if (cd_symbol(function->names[i]))
			return function->names[i];
	return NULL;
}

static void add_point(const u32 *code, unsigned int at,
		      void (*hit)(const struct pt_regs *regs))
{
	points[nr_points++] = (struct point){
		.address = (unsigned long)&code[at],
		.insn = code[at],
		.hit = hit,
	};
}

static bool add_points(const struct function *function, const char *name)
{
	bool signs = read_sysreg(sctlr_el1) & SIGNS_POINTERS;
	const u32 *code = name ? cd_symbol(name) : NULL;
	struct cd_sites sites;
	const char *why = "there is no such function";
	unsigned int i;

	if (code)
		why = cd_sites_find(code, cd_symbol_size(code) / sizeof(*code),
				    signs, &sites);
	if (why) {
		pr_warn("%s() cannot be watched: %s\n",
			name ?: function->names[0], why);
		return false;
	}
	/* The entry comes last: of a start that is seen all ends are. */
	for (i = 0; function->returns && i < sites.nr_returns; i++)
		add_point(code, sites.returns[i], function->returns);
	add_point(code, sites.entry, function->enters);
	return true;
}

static struct perf_event *set_event(unsigned int cpu, struct point *point)
{
	struct perf_event_attr attr;
	struct perf_event *event;

	hw_breakpoint_init(&attr);
	attr.bp_addr = point->address;
	attr.bp_len = HW_BREAKPOINT_LEN_4;
	attr.bp_type = HW_BREAKPOINT_X;
	event = perf_event_create_kernel_counter(&attr, cpu, NULL, on_hit,
						 point);
	if (IS_ERR(event) || event->state == PERF_EVENT_STATE_ACTIVE)
		return event;
	perf_event_release_kernel(event);
	return ERR_PTR(-EBUSY);
}

/* A function that does nothing: one ret. */
void cd_breakpoint_trial(void);
asm(".pushsection .text\n"
	".balign 4\n"
	"cd_breakpoint_trial: ret\n"
	".popsection\n");

static DEFINE_PER_CPU(bool, trial_hit);

static void at_trial(const struct pt_regs *regs)
{
	this_cpu_write(trial_hit, true);
}

static struct point trial = {
	.insn = INSN_RET,
	.hit = at_trial,
};

/* Runs on that CPU. */
static int try_cpu(unsigned int cpu)
{
	struct perf_event *event = set_event(cpu, &trial);

	if (IS_ERR(event))
		return PTR_ERR(event);
	this_cpu_write(trial_hit, false);
	cd_breakpoint_trial();
	perf_event_release_kernel(event);
	return this_cpu_read(trial_hit) ? 0 : -EIO;
}

static void unset_cpu(unsigned int cpu, unsigned int nr)
{
	struct perf_event **of_cpu = per_cpu_ptr(&cpu_events, cpu)->events;

	while (nr--) {
		if (of_cpu[nr])
			perf_event_release_kernel(of_cpu[nr]);
		of_cpu[nr] = NULL;
	}
}

static int set_cpu(unsigned int cpu)
{
	struct perf_event **of_cpu = per_cpu_ptr(&cpu_events, cpu)->events;
	int err = try_cpu(cpu);
	unsigned int i;

	for (i = 0; !err && i < nr_points; i++) {
		struct perf_event *event = set_event(cpu, &points[i]);

		if (IS_ERR(event))
			err = PTR_ERR(event);
		else
			of_cpu[i] = event;
	}
	if (err)
		unset_cpu(cpu, nr_points);
	return err;
}

/* A CPU that comes later must come in any case. */
static int cpu_comes(unsigned int cpu)
{
	int err = set_cpu(cpu);

	if (!err || READ_ONCE(setting_up))
		return err;
	pr_warn("no breakpoints can be set on CPU %u (%d): what begins or ends there is not seen\n",
		cpu, err);
	return 0;
}

static int cpu_goes(unsigned int cpu)
{
	unset_cpu(cpu, nr_points);
	return 0;
}

static int set_all(void)
{
	int state;

	WRITE_ONCE(setting_up, true);
	state = cpuhp_setup_state(CPUHP_AP_ONLINE_DYN, "cma_diag:online",
				  cpu_comes, cpu_goes);
	WRITE_ONCE(setting_up, false);
	if (state < 0)
		return state;
	hotplug_state = state;
	WRITE_ONCE(all_set, true);
	return 0;
}

static bool is_seen(unsigned int function)
{
	return nr_points_to[function] > nr_points_to[function - 1] &&
	       nr_points_to[function] <= nr_points;
}

static void describe_points(void)
{
	int len = scnprintf(description, sizeof(description), "%s()",
			    name_of(&functions[ALLOC]));

	if (is_seen(PLACE))
		len += scnprintf(description + len, sizeof(description) - len,
				 " and %s()", name_of(&functions[PLACE]));
	scnprintf(description + len, sizeof(description) - len,
		  " (%u hardware breakpoints on each CPU)", nr_points);
	abilities = (struct cd_abilities){
		.requests = true,
		.moment = is_seen(PRINT),
		.busy = is_seen(PLACE),
		.busy_by_return = is_seen(PLACE),
		.error = is_seen(PLACE),
		.places = is_seen(PLACE),
	};
}

static const char *reason_of(int err)
{
	switch (err) {
	case -ENOSPC:
		return ": others use them, perf or a debugger";
	case -EIO:
		return ": they do not fire (is nodebugmon set?)";
	default:
		return "";
	}
}

static int find_points(void)
{
	unsigned int i;

	nr_points = 0;
	for (i = 0; i < NR_FUNCTIONS; i++) {
		const struct function *function = &functions[i];

		if (!add_points(function, name_of(function)) && i == ALLOC)
			return -EOPNOTSUPP;
		nr_points_to[i] = nr_points;
	}
	return 0;
}

/* As many as there are. */
static int set_points(void)
{
	unsigned int i = NR_FUNCTIONS;
	int err = -ENOSPC;

	while (err == -ENOSPC && i--) {
		nr_points = nr_points_to[i];
		describe_points();
		err = set_all();
		if (err == -ENOSPC && i != ALLOC && is_seen(i))
			pr_warn("there are not enough hardware breakpoints for all: %s\n",
				functions[i].without);
	}
	return err;
}

static int attach(const struct cd_alloc_observer *new_observer)
{
	int err;

	observer = new_observer;
	trial.address = (unsigned long)cd_breakpoint_trial;
	err = find_points();
	if (err)
		return err;
	err = set_points();
	if (err)
		pr_warn("no hardware breakpoints can be set (%d)%s\n", err,
			reason_of(err));
	return err;
}

static void detach(void)
{
	WRITE_ONCE(all_set, false);
	cpuhp_remove_state(hotplug_state);
}

static const char *describe(void)
{
	return description;
}

const struct cd_source cd_source_breakpoints = {
	.name = "breakpoints",
	.attach = attach,
	.detach = detach,
	.abilities = &abilities,
	.describe = describe,
};
