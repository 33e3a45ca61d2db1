#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Loading, refusing to load, and unloading.
. ./guest.sh

nothing_left() {
	[ ! -e "$DIAG" ] || { echo "debugfs is left"; return 1; }
	[ ! -e /sys/module/cma_diag ] || { echo "the module is left"; return 1; }
	[ ! -e $TRACING/events/cma_diag ] ||
		{ echo "trace events are left"; return 1; }
	[ ! -e $TRACING/instances/cma_diag ] ||
		{ echo "the trace instance is left"; return 1; }
	if grep . /sys/kernel/debug/kprobes/list; then
		echo "kprobes are left"
		return 1
	fi
}

# A layout that is wrong in one field is caught before anything is read by it.
refuses_broken_layout() {
	mark_log
	refused "Invalid argument" insmod "$MODULES/cma_diag.ko" \
		"break_layout=$1" || return
	expect_log "cma_diag: not loaded: struct cma as" &&
		expect_log "$2 of area" && nothing_left
}

refuses_unknown_field() {
	mark_log
	refused "Invalid argument" insmod "$MODULES/cma_diag.ko" \
		break_layout=nonsense || return
	expect_log "cma_diag: not loaded: break_layout=nonsense names no field" &&
		nothing_left
}

loads() {
	mark_log
	insmod "$MODULES/cma_diag.ko" &&
		expect_log "cma_diag: watching" && expect_log "KiB and the buffer of a trace instance; see" &&
		[ -e "$DIAG/summary" ]
}

loads_once() {
	refused "File exists" insmod "$MODULES/cma_diag.ko" &&
		expect "cma_diag on Linux $(uname -r)" "$DIAG/summary"
}

# BTF where the kernel has it; else the module was built in a full source tree.
tells_layout() {
	source="mm/cma.h of the build tree"
	[ ! -e /sys/kernel/btf/vmlinux ] || source=BTF
	expect "struct cma from $source, proven on every area" "$DIAG/summary"
}

# The device tree says where the area is, and not the module.
summary_has_area() {
	reg=$(hexdump -v -e '16/1 "%02x"' \
		"/proc/device-tree/reserved-memory/$AREA/reg")
	base=$(printf '0x%x' $((0x${reg%????????????????} >> 12)))
	pages=$((0x${reg#????????????????} >> 12))
	[ "$base" = "$AREA_PFN" ] && [ "$pages" = "$AREA_PAGES" ] || return
	expect "range     0: pfn $base, $pages pages (32 MiB)" \
		"$DIAG/$AREA/summary" &&
		grep -q "^$AREA *$pages *$pages *1 *$pages" "$DIAG/summary"
}

omits_inactive_area() {
	[ ! -e "$DIAG/straddle@ff000000" ] &&
		expect "left out, since the kernel could not activate them: 1" \
			"$DIAG/summary"
}

unloads() {
	rmmod cma_diag && nothing_left
}

first_failure_seen() {
	expect "no failure since the module was loaded" "$DIAG/failures"
}

for field in size name count base_pfn bitmap; do
	case $field in
	size) what="the place in memory" ;;
	bitmap) what="the bitmap" ;;
	*) what=$field ;;
	esac
	check "a layout with a wrong '$field' refuses the load and leaves nothing" \
		refuses_broken_layout "$field" "$what"
done
check "an unknown break_layout is refused with the names that exist" \
	refuses_unknown_field
check "insmod loads, and prints the memory taken" loads
check "a second insmod is refused, and does no harm" loads_once
check "summary says where the layout of struct cma is from" tells_layout
check "without a failure, failures says so" first_failure_seen
check "summary shows the area that the device tree made" summary_has_area
check "an area that failed to activate is left out and counted" \
	omits_inactive_area
check "rmmod leaves nothing behind" unloads
test_end
