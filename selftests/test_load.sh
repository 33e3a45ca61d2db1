#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Loading, refusing to load, and unloading.
cd "$(dirname "$0")" || exit 1
. ./guest.sh
needs root debugfs reload shape cma_test
needs_areas "$AREA" stats straddle@ff000000

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
	refused "Invalid argument" load_diag \
		"break_layout=$1" || return
	expect_log "cma_diag: not loaded: struct cma as" &&
		expect_log "$2 of area" && nothing_left
}

refuses_unknown_field() {
	mark_log
	refused "Invalid argument" load_diag \
		break_layout=nonsense || return
	expect_log "cma_diag: not loaded: break_layout=nonsense names no field" &&
		nothing_left
}

loads() {
	mark_log
	load_diag &&
		expect_log "cma_diag: watching" && expect_log " KiB; see " &&
		[ -e "$DIAG/summary" ]
}

loads_once() {
	refused "File exists" load_diag &&
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

# An area named "stats" takes no file's place, nor loses its own files.
renames_area() {
	expect "version 1" "$DIAG/stats" &&
		expect "pages 1024" "$DIAG/stats.1/stats" &&
		grep -q '^stats\.1 * 1024 ' "$DIAG/summary" &&
		[ "$(find "$DIAG/stats.1" -type f | wc -l)" -eq \
			"$(find "$DIAG/$AREA" -type f | wc -l)" ]
}

# The last probe is refused while requests fail and somebody tries to read: all
# that the others saw is dealt with before the module goes.
fails_late() {
	load cma_shape && shape hold "$AREA" "$AREA_PAGES" 0 || return
	cma_test fail "$AREA" 4 64 0 600 1000 &
	failing=$!
	touch /tmp/loading
	# More failures at once than the log may tell at once: it is put off.
	while [ -e /tmp/loading ]; do
		shape fill "$AREA"
	done &
	for _ in 1 2 3 4; do
		while [ -e /tmp/loading ]; do
			cat $DIAG/failures $DIAG/summary >/dev/null 2>&1
			sleep 0.05
		done &
	done
	late_status=0
	for i in $(seq "$late_rounds"); do
		refused "Input/output error" load_diag \
			break_attach=1 && nothing_left && continue
		echo "round $i"
		late_status=1
		break
	done
	rm /tmp/loading
	kill -0 $failing && killall cma_test
	wait
	shape drop "$AREA"
	[ $late_status -eq 0 ] && wait_released cma_shape &&
		rmmod cma_shape || return
	mark_log
	refused "Input/output error" load_diag \
		break_attach=1 &&
		expect_log "cma_diag: not loaded: break_attach asks for that"
}
late_rounds=$(long 10 200 1)

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
check "an area with the name of a file has its directory all the same" \
	renames_area
check "an area that failed to activate is left out and counted" \
	omits_inactive_area
check "rmmod leaves nothing behind" unloads
check "the last probe is refused, while 5 tasks fail and 4 read: $late_rounds rounds" \
	fails_late
test_end
