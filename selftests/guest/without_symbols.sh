#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# For a kernel without CONFIG_KALLSYMS.
cd /selftests/cma_diag || exit 1
. ./guest.sh
needs root debugfs

is_refused() {
	mark_log
	refused "Operation not supported" load_diag &&
		expect_log "cma_diag: not loaded: the kernel's private symbols cannot be found: it has no CONFIG_KALLSYMS" &&
		[ ! -e $DIAG ] && [ ! -e /sys/module/cma_diag ]
}
check "without CONFIG_KALLSYMS it is refused, with a sentence" is_refused
ktap_end
