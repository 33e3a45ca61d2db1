// SPDX-License-Identifier: GPL-2.0-only
/* cma_diag: says why a CMA allocation failed, at the moment it fails. */
#include <linux/module.h>

#include "log.h"
#include "areas.h"
#include "core/version.h"
#include "debugfs/debugfs.h"
#include "dma_calls.h"
#include "inflight.h"
#include "kernel/cma_area.h"
#include "kernel/recorder.h"
#include "kernel/symbols.h"
#include "kernel_log.h"
#include "name_stacks.h"
#include "news.h"
#include "observe.h"
#include "snapshot.h"
#include "watches.h"

static char *field_to_break;
module_param_named(break_layout, field_to_break, charp, 0);
MODULE_PARM_DESC(break_layout,
		 "test only: a field of struct cma to misplace, so that the load is refused");

static char *source;
module_param(source, charp, 0444);
MODULE_PARM_DESC(source,
		 "what allocations are seen by: tracepoints, breakpoints or log (default: the first that this kernel has)");

static bool break_attach;
module_param(break_attach, bool, 0);
MODULE_PARM_DESC(break_attach,
		 "test only: all that is attached is given up again, and the load refused");

static bool walk_symbols;
module_param(walk_symbols, bool, 0);
MODULE_PARM_DESC(walk_symbols,
		 "test only: find the kernel's functions as on a kernel without kprobes");

static bool recorder;
module_param(recorder, bool, 0444);
MODULE_PARM_DESC(recorder,
		 "record failures in the trace instance cma_diag (default: off)");

static unsigned int ledger = 2048;
module_param(ledger, uint, 0444);
MODULE_PARM_DESC(ledger,
		 "allocations in each area whose holders are remembered, 65520 at most; 0 for none (default: 2048)");

static int set_up(void)
{
	unsigned int i;
	int err;

	err = cd_symbols_init(walk_symbols) ?:
	      cd_cma_init(field_to_break) ?:
	      cd_areas_init(cd_debugfs_is_file, ledger);
	if (err)
		return err;
	err = cd_snapshots_init();
	if (err)
		goto free_areas;
	err = cd_name_stacks_init();
	if (err)
		goto free_snapshots;
	cd_kernel_log_init();
	recorder = recorder && cd_recorder_start();
	err = cd_observe_init(source, break_attach);
	if (err)
		goto stop_recorder;
	for (i = 0; i < cd_areas_count(); i++)
		cd_area_marks_look(cd_areas_get(i));
	/* Nothing fails any more: a file that is open would stay. */
	cd_debugfs_init();
	return 0;

stop_recorder:
	/* What had been attached by then may have seen a failure. */
	cd_news_flush();
	cd_recorder_stop();
	cd_name_stacks_exit();
free_snapshots:
	cd_snapshots_exit();
free_areas:
	cd_areas_exit();
	return err;
}

static int __init cma_diag_init(void)
{
	int err = set_up();

	if (err) {
		if (err == -ENOMEM)
			pr_err("not loaded: no memory\n");
		return err;
	}
	pr_info("watching %u area%s, using %zu KiB%s; see /sys/kernel/debug/cma_diag/summary\n",
		cd_areas_count(), cd_areas_count() == 1 ? "" : "s",
		(cd_areas_bytes() + cd_snapshots_bytes() +
		 cd_inflight_bytes() + cd_dma_calls_bytes()) / 1024,
		recorder ? " and the buffer of a trace instance" : "");
	return 0;
}

static void __exit cma_diag_exit(void)
{
	cd_debugfs_exit();
	cd_observe_exit();
	cd_watches_stop();
	cd_news_flush();
	cd_kernel_log_exit();
	cd_recorder_stop();
	cd_name_stacks_exit();
	cd_snapshots_exit();
	cd_areas_exit();
}

module_init(cma_diag_init);
module_exit(cma_diag_exit);

MODULE_DESCRIPTION("Says why a CMA allocation failed, at the moment it fails");
MODULE_AUTHOR("The cma_diag authors");
MODULE_LICENSE("GPL");
MODULE_VERSION(CD_VERSION);
