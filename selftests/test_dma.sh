#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# DMA callers: for which device the pages are, and what became of a driver whose
# request failed.
cd "$(dirname "$0")" || exit 1
. ./guest.sh
needs root debugfs module cma_test
needs_areas linux,cma "$AREA"

load cma_diag
AREAS="linux,cma $(ranges linux,cma) $AREA $AREA_PFN:$AREA_PAGES"

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
rmmod cma_dma
test_end
