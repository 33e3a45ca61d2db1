#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# low-memory: most of the memory is CMA, and all of it is in use.
cd "$(dirname "$0")" || exit 1
. ./guest.sh
needs root debugfs module shape cma_test disks
needs_areas pool@4e000000
pool=pool@4e000000

load cma_diag
load cma_shape
check "low-memory: the area's pages have nowhere to go" \
	cma_test shortage noswap $pool "$(ranges $pool)"
with_swap() {
	load_guest_modules && mkswap /dev/vdb >/dev/null && swapon /dev/vdb &&
		cma_test shortage swap $pool "$(ranges $pool)"
	swap_status=$?
	swapoff /dev/vdb
	return $swap_status
}
if [ -e "$KMEMLEAK" ]; then
	skip "with swap it succeeds, and is never low-memory" \
		"takes minutes with instruments"
else
	check "with swap it succeeds, and is never low-memory" with_swap
fi
test_end
