// SPDX-License-Identifier: GPL-2.0-only
/*
 * Addresses of kernel symbols that are not exported.
 *
 * kallsyms_lookup_name() itself lost its export in 5.7. Where there are
 * kprobes, one may be placed on it by name, and tells where it is; the probe
 * is registered disabled and gone at once.
 *
 * Where there are none, sprint_symbol() helps, which is exported from 5.10 to
 * 7.3: of any address in the kernel's text it says which function that is in,
 * where in it, and how long that is, and so where the next one begins. From
 * one that is known all are come by, upwards and downwards. That takes 10 us
 * for each of them, once.
 */
#include <linux/kallsyms.h>
#include <linux/kernel.h>
#include <linux/kprobes.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "log.h"
#include "symbols.h"

/* All that is ever asked for: one walk finds them all. */
static struct symbol {
	const char *name;
	void *address;
} symbols[] = {
	{ "__cma_alloc" },
	{ "__cma_alloc_frozen" },
	{ "alloc_contig_frozen_range_noprof" },
	{ "_printk" },
	{ "alloc_contig_range" },
	{ "alloc_contig_range_noprof" },
	{ "cma_alloc" },
	{ "cma_for_each_area" },
	{ "cma_get_base" },
	{ "cma_get_name" },
	{ "cma_get_size" },
	{ "printk" },
	{ "bpf_get_btf_vmlinux" },
	{ "btf_find_by_name_kind" },
	{ "btf_name_by_offset" },
	{ "btf_type_by_id" },
};

static const char *source;

/* More functions than any kernel has. */
#define MAX_STEPS 1000000UL

/*
 * A function, as sprint_symbol() tells it: NAME+0xOFFSET/0xSIZE, and [MODULE]
 * behind that of a module.
 */
struct function {
	char name[KSYM_SYMBOL_LEN];
	unsigned long start;
	unsigned long size;
};

static bool function_at(unsigned long address, struct function *function)
{
	unsigned long offset;
	char *plus;

	sprint_symbol(function->name, address);
	plus = strrchr(function->name, '+');
	if (!plus || strchr(plus, '[') ||
	    sscanf(plus, "+0x%lx/0x%lx", &offset, &function->size) != 2 ||
	    !function->size || offset > address)
		return false;
	*plus = '\0';
	function->start = address - offset;
	return true;
}

/* Of several of one name the first that is come by: they are not ours. */
static void note(const struct function *function)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(symbols); i++)
		if (!symbols[i].address &&
		    !strcmp(symbols[i].name, function->name))
			symbols[i].address = (void *)function->start;
}

/* Some exist on some kernels only, so that the end of the text is come to. */
static void walk(unsigned long from, bool upwards, struct function *function)
{
	unsigned long i, next;

	for (i = 0; i < MAX_STEPS && function_at(from, function); i++) {
		note(function);
		next = upwards ? function->start + function->size :
				 function->start - 1;
		if (upwards ? next <= from : next >= from)
			break;
		from = next;
		if (i % 256 == 0)
			cond_resched();
	}
}

static int find_by_walk(void)
{
	struct function *function = kmalloc(sizeof(*function), GFP_KERNEL);
	unsigned long known = (unsigned long)si_mem_available;

	if (!function)
		return -ENOMEM;
	if (!function_at(known, function)) {
		kfree(function);
		pr_err("not loaded: the kernel's private symbols cannot be found: it has no CONFIG_KALLSYMS\n");
		return -EOPNOTSUPP;
	}
	walk(known, true, function);
	walk(known, false, function);
	kfree(function);
	source = "sprint_symbol(), function by function";
	return 0;
}

#ifdef CONFIG_KPROBES

static int find_by_kprobe(void)
{
	unsigned long (*lookup_name)(const char *name);
	struct kprobe probe = {
		.symbol_name = "kallsyms_lookup_name",
		.flags = KPROBE_FLAG_DISABLED,
	};
	unsigned int i;
	int err = register_kprobe(&probe);

	if (err)
		return err;
	lookup_name = (void *)probe.addr;
	unregister_kprobe(&probe);
	for (i = 0; i < ARRAY_SIZE(symbols); i++)
		symbols[i].address = (void *)lookup_name(symbols[i].name);
	source = "kallsyms_lookup_name(), found by a kprobe";
	return 0;
}

#else

static int find_by_kprobe(void)
{
	return -EOPNOTSUPP;
}

#endif

/**
 * cd_symbols_init() - find all symbols that are ever asked for
 * @by_walk: for tests: as where there are no kprobes
 *
 * Context: process, may sleep. Called once, before the others here.
 *
 * Return: 0, or a negative errno; after one sentence in the kernel log, but for
 * -ENOMEM.
 */
int cd_symbols_init(bool by_walk)
{
	int err = by_walk ? -EOPNOTSUPP : find_by_kprobe();

	return err && err != -ENOMEM ? find_by_walk() : err;
}

/**
 * cd_symbol() - address of a function
 * @name: exact name, one of those in the list here
 *
 * Context: any.
 *
 * Return: the address, or NULL when the kernel has no such symbol.
 */
void *cd_symbol(const char *name)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(symbols); i++)
		if (!strcmp(symbols[i].name, name))
			return symbols[i].address;
	return NULL;
}

/**
 * cd_symbol_size() - length of a function
 * @address: from cd_symbol()
 *
 * What lies between this function and the next belongs to it.
 *
 * Context: process, may sleep.
 *
 * Return: in bytes; 0 when that is not known.
 */
size_t cd_symbol_size(const void *address)
{
	struct function *function = kmalloc(sizeof(*function), GFP_KERNEL);
	size_t size = 0;

	if (function && function_at((unsigned long)address, function))
		size = function->size;
	kfree(function);
	return size;
}

/** cd_symbols_source() - how the symbols were found, for people */
const char *cd_symbols_source(void)
{
	return source;
}
