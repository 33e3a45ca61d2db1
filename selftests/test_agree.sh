#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# What the kernel itself says of an area, where it does, and what we say.
cd "$(dirname "$0")" || exit 1
. ./guest.sh
needs root debugfs module shape cma_test
needs_areas small@6ac00000 hugetlb0

load cma_diag
load cma_shape
small=small@6ac00000
huge=hugetlb0

# Prints which of its own figures this kernel has.
sources() {
	[ ! -d "/sys/kernel/debug/cma/$small" ] || echo debugfs
	[ ! -d "/sys/kernel/mm/cma/$small" ] || echo sysfs
	! grep -q '^cma_alloc_fail ' /proc/vmstat || echo vmstat
}

has() {
	sources | grep -qx "$1"
}

if has vmstat; then
	own=$(sources | tr '\n' , | sed 's/,$//')
	states=$(long 200 1000 100)
	check "$states random states: we agree with $own" \
		cma_test agree "$own" "$states" $small 0 "$(ranges $small)"
else
	skip "random states: we agree with the kernel's own figures" \
		"this kernel has none (cma_alloc_fail in /proc/vmstat is from 5.13 on)"
fi
if has debugfs; then
	check "10 random states of an area whose bits are 512 pages" \
		cma_test agree debugfs,sysfs 10 $huge 9 "$(ranges $huge)"
else
	skip "used, maxchunk and bitmap" "no CONFIG_CMA_DEBUGFS"
fi
has sysfs || skip "pages had, refused and released" "no CONFIG_CMA_SYSFS"
test_end
