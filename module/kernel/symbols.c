// SPDX-License-Identifier: GPL-2.0-only
/*
 * Addresses of kernel symbols that are not exported.
 *
 * kallsyms_lookup_name() itself lost its export in 5.7. A kprobe may be placed
 * on it by name, and tells where it is; the probe is registered disabled and
 * gone at once.
 */
#include <linux/kprobes.h>

#include "log.h"
#include "symbols.h"

static unsigned long (*lookup_name)(const char *name);

/**
 * cd_symbols_init() - find out how to look symbols up
 *
 * Context: process, may sleep. Called once, before cd_symbol().
 *
 * Return: 0, or a negative errno after one sentence in the kernel log.
 */
int cd_symbols_init(void)
{
#ifdef CONFIG_KPROBES
	struct kprobe probe = {
		.symbol_name = "kallsyms_lookup_name",
		.flags = KPROBE_FLAG_DISABLED,
	};
	int err = register_kprobe(&probe);

	if (err) {
		pr_err("not loaded: the kernel does not let a kprobe find kallsyms_lookup_name (%d); is CONFIG_KALLSYMS set?\n",
		       err);
		return err;
	}
	lookup_name = (void *)probe.addr;
	unregister_kprobe(&probe);
	return 0;
#else
	pr_err("not loaded: this kernel has no CONFIG_KPROBES, which is needed to find its private symbols\n");
	return -EOPNOTSUPP;
#endif
}

/**
 * cd_symbol() - address of a symbol
 * @name: exact name
 *
 * Data symbols are found only where CONFIG_KALLSYMS_ALL is set.
 *
 * Context: process, may sleep.
 *
 * Return: the address, or NULL when the kernel has no such symbol.
 */
void *cd_symbol(const char *name)
{
	return (void *)lookup_name(name);
}
