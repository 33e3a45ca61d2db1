#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Memory fails us: at every allocation in turn, where the kernel can inject that.
cd "$(dirname "$0")" || exit 1
. ./guest.sh
needs root debugfs reload shape cma_test
needs_areas "$AREA"

# set_faults NAME VALUE - for both kinds of allocation.
set_faults() {
	for kind in failslab fail_page_alloc; do
		echo "$2" >"/sys/kernel/debug/$kind/$1" || return
	done
}

# What may sleep may fail too, and it is not logged.
let_all_fail() {
	set_faults verbose 0 && set_faults ignore-gfp-wait N &&
		echo 0 >/sys/kernel/debug/fail_page_alloc/min-order
}

# only_below FUNCTION - only what is allocated while this function runs.
only_below() {
	sed -n "/ $1\$/{s/ .*//p;n;s/ .*//p;q}" /proc/kallsyms >/tmp/bounds
	set_faults require-start "0x$(head -n 1 /tmp/bounds)" &&
		set_faults require-end "0x$(tail -n 1 /tmp/bounds)"
}

below_any() {
	set_faults require-start 0 && set_faults require-end 0xffffffffffffffff
}

if [ -e /proc/self/fail-nth ]; then
	check "allocations can be made to fail" let_all_fail
	# The kernel's own part of loading a module warns when memory fails.
	check "... those of the module's own loading" \
		only_below do_one_initcall
	check "load with each of its allocations failing: refused or whole" \
		cma_test starve load "$CMA_DIAG_KO"
	check "... those of anything" below_any
	load cma_diag
	load cma_shape
	shape hold "$AREA" 100000 0 2>/dev/null
	files=$(find $DIAG -type f)
	# shellcheck disable=SC2086 # a list of files
	check "open and read of every file with each of its allocations failing" \
		cma_test starve read $files
	check "a question, with each of its allocations failing" \
		cma_test starve ask $DIAG/$AREA/probe $DIAG/$AREA/pages
	check "news of failures, with each of the allocations failing" \
		cma_test starve follow $DIAG/failures
else
	skip "memory fails at every allocation in turn" \
		"no CONFIG_FAULT_INJECTION"
fi
test_end
