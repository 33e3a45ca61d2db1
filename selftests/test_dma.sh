#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# DMA callers: for which device the pages are, and what became of a driver whose
# request failed.
cd "$(dirname "$0")" || exit 1
. ./guest.sh
needs root debugfs module cma_test cma-diag-textfile
needs_areas linux,cma "$AREA"

load cma_diag
AREAS="linux,cma $(ranges linux,cma) $AREA $AREA_PFN:$AREA_PAGES"

stat() {
	sed -n "s/^$2 //p" "$DIAG/$1/stats"
}

# The kernel's own list of events; those that a module asks for are in it.
has_events() {
	[ -e $TRACING/events/dma/dma_alloc ]
}

says_so() {
	if has_events; then
		expect "  devices   by dma:dma_alloc" $DIAG/summary
	else
		! grep "^  devices " $DIAG/summary
	fi
}

check "the summary says whether devices are told" says_so
if ! has_events; then
	skip "devices, and what became of a failure" \
		"this kernel has no tracepoint dma:dma_alloc"
	test_end
	exit
fi
check "three devices" insmod test_modules/cma_dma.ko \
	devices=/dma-plain,/dma-remapped,/dma-apart
nr=$(long 1000 100000 200)
# shellcheck disable=SC2086 # words
check "$nr steps: who holds what, and what became of each failure" \
	cma_test devices 1 "$nr" $AREAS
# shellcheck disable=SC2086 # words
check "four tasks at once: each failure is told, and none twice" \
	cma_test devices 4 "$nr" $AREAS

# The trace events of all areas, by what they print.
count_events() {
	grep -c "cma_dma: name=[^ ]* device=dma-[a-z]* count=[0-9]* $1" \
		$TRACING/trace
}

both_areas() {
	echo $(($(stat linux,cma "$1") + $(stat "$AREA" "$1")))
}

# Few enough for the buffer, on one CPU.
NR_TRACED=300
traces_each() {
	rescued=$(both_areas rescued_failures)
	fatal=$(both_areas fatal_failures)
	echo >$TRACING/trace
	echo 1 >$TRACING/events/cma_diag/cma_dma/enable
	# shellcheck disable=SC2086 # words
	cma_test devices 1 $NR_TRACED $AREAS
	status=$?
	echo 0 >$TRACING/events/cma_diag/cma_dma/enable
	[ $status -eq 0 ] && [ "$(count_events)" -gt 50 ] &&
		[ "$(count_events "outcome=rescued area=-")" -eq \
			$(($(both_areas rescued_failures) - rescued)) ] &&
		[ "$(count_events "outcome=fatal area=-")" -eq \
			$(($(both_areas fatal_failures) - fatal)) ]
}
if [ -d $TRACING/events/cma_diag ]; then
	check "cma_dma: an event for each" traces_each
else
	skip "cma_dma: an event for each" "no tracefs"
fi

# A metric has what stats have.
has_metrics() {
	for outcome in rescued fatal; do
		from_project/cma-diag-textfile |
			grep -qx "cma_diag_${outcome}_failures_total{area=\"$AREA\"} $(stat "$AREA" ${outcome}_failures)" ||
			return
	done
}
check "metrics have how many were rescued, and how many were not" has_metrics
no_wrong_map() {
	! dmesg | grep "must not have this map"
}
check "a coherent device has the linear map, the other one of its own" \
	no_wrong_map
rmmod cma_dma
test_end
