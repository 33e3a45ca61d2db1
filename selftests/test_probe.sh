#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# What-if questions: the answers, and what is no question.
cd "$(dirname "$0")" || exit 1
. ./guest.sh
needs root debugfs module shape cma_test
needs_areas "$AREA" small@6ac00000

load cma_diag
load cma_shape
small=small@6ac00000

questions=$(long 250 500 80)
check "$questions random questions: the answer reads as the oracle has it, and is so" \
	cma_test ask "$questions" $small 0 "$(ranges $small)"

# NV12 of 1920x1080 has 3110400 bytes: 760 pages.
asks_as_documented() {
	shape hold "$AREA" "$AREA_PAGES" 0
	shape free "$AREA" "$(printf '0x%x' $((AREA_PFN + 256)))" 2000
	(echo 3110400B >&0 && cat) <>"$DIAG/$AREA/probe" >/tmp/answer
	shape drop "$AREA"
	cat >/tmp/must <<-'END'
		shape@68400000: fits
		  request   760 pages (3 MiB) at align 8, as a DMA caller asks
		  why       the request fits: 2000 pages at 256
		  help      at align 8 at most 2000 pages fit now
		  figures   total 8192, free 2000, runs 1, largest 2000, aligned 2000
		  most      2000 pages (7.8 MiB) fit at align 8
		  align     these pages fit up to align 11
		  at once   2 such buffers fit
	END
	cmp /tmp/answer /tmp/must || diff /tmp/must /tmp/answer
}
check "one line of a shell asks and reads: would 1920x1080 NV12 fit?" \
	asks_as_documented

# All but what the look itself costs.
stats() {
	grep -v '^lock_held_max_ns \|^locked_copies ' "$DIAG/$small/stats"
}

is_refused() {
	stats >/tmp/stats
	refuses_garbage $small probe && stats | cmp - /tmp/stats
}
check "what is no question is refused, said so at debug level, and changes nothing" \
	is_refused
test_end
