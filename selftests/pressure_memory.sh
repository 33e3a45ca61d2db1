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
# with_swap HOW
with_swap() {
	swapon /dev/vdb && cma_test shortage "$1" $pool "$(ranges $pool)"
	swap_status=$?
	swapoff /dev/vdb
	return $swap_status
}
check "swap is made" eval "load_guest_modules && mkswap /dev/vdb >/dev/null"
check "swap that the kernel did not use: low-memory, and the help says so" \
	with_swap locked
check "as much memory in use, but swapped out: it succeeds" with_swap swapped
test_end
