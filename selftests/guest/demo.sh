#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The demo: three failures of the area that DMA callers use, each with what the
# kernel says of it and what cma_diag says.
cd /selftests/cma_diag || exit 1
. ./guest.sh
AREA=linux,cma

# Shows a command, and runs it.
run() {
	echo "# $*"
	sh -c "$*"
	echo
}

# fails COUNT ALIGN - lets the request fail; both sides have their say.
fails() {
	dmesg -c >/dev/null
	if shape hold $AREA "$1" "$2" 2>/dev/null; then
		echo "the request was not to succeed"
		exit 1
	fi
	echo "the kernel says:"
	sleep 0.2
	dmesg | grep -v cma_diag: | sed 's/^/  /'
	echo "cma_diag says:"
	last_failure | sed 's/^/  /' | grep -v '^  $'
	echo
}

title() {
	echo "==== $* ===="
	echo
}

load cma_shape
# A driver leaks its buffers: hold all that can be held.
shape fill $AREA
load cma_diag || exit 1
first=$(ranges $AREA)
# page N - the pfn of the Nth page of the area's second half.
page() {
	printf '0x%x' $((${first%:*} + 8192 + $1))
}

title "Linux $(uname -r), cma_diag loaded with a bare insmod"
run cat $DIAG/summary

title "exhausted: a 1080p NV12 frame, while other buffers hold the whole area"
fails 760 8

title "fragmented: 4096 pages are free again, in runs of 128"
for i in $(seq 0 31); do
	shape free $AREA "$(page $((i * 200)))" 128
done
fails 760 8

title "misaligned: one run of 511 pages is free, and 456 pages are asked"
for _ in $(seq 32); do
	shape hold $AREA 128 0
done
shape free $AREA "$(page 1)" 511
fails 456 8

title "before asking: what would fit now?"
run "(echo 3110400B >&0; cat) <>$DIAG/$AREA/probe"
run cat $DIAG/$AREA/alignment

run cat $DIAG/summary
run cat $DIAG/$AREA/summary
shape drop $AREA
rmmod cma_shape cma_diag
