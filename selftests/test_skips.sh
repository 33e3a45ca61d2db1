#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# A script takes the module that is there, and skips where something is missing.
cd "$(dirname "$0")" || exit 1
. ./guest.sh
needs root debugfs reload shape cma_test
needs_areas "$AREA"

# alone COMMAND... - a script that is none of the bench's.
alone() {
	env -u GUEST_SCRIPT "$@" >/tmp/alone 2>&1
}

# skips WHY COMMAND...
skips() {
	skips_why=$1
	shift
	alone "$@"
	[ $? -eq 4 ] && expect "1..0 # SKIP $skips_why" /tmp/alone
}

unload_diag
check "no module to be had" \
	skips "no cma_diag.ko" CMA_DIAG_KO=/none ./test_remainders.sh
pool=pool@4e000000
skips_without_area() {
	! has_area $pool &&
		skips "no area $pool" CMA_DIAG_ERASE_DISKS=1 ./pressure_memory.sh
}
check "no area" skips_without_area
check "disks that it must not erase" \
	skips "erases /dev/vda" CMA_DIAG_ERASE_DISKS= ./pressure_memory.sh
check "an area that it must not fill" \
	skips "takes all of the area" CMA_DIAG_FILL_AREA= ./test_heap.sh

without_debugfs() {
	umount $DEBUGFS || return
	skips "no debugfs on $DEBUGFS" ./test_remainders.sh
	without_status=$?
	mount -t debugfs debugfs $DEBUGFS && return $without_status
}
check "no debugfs" without_debugfs

takes_loaded() {
	load cma_diag && alone CMA_DIAG_KO=/none ./test_remainders.sh &&
		is_loaded cma_diag && expect "ok 1 " /tmp/alone
}
check "the module is loaded, and no file is there: it is taken, and stays" \
	takes_loaded
check "... what loads it anew skips" \
	skips "no cma_diag.ko" CMA_DIAG_KO=/none ./test_verdicts.sh

leaves_loaded() {
	alone ./test_remainders.sh && is_loaded cma_diag &&
		expect "the modules unload" /tmp/alone
}
check "the module is loaded, and a file is there: it is loaded again at the end" \
	leaves_loaded
test_end
