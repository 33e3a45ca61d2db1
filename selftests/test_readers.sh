#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Files read byte by byte and with seeks, while failures come; rmmod while they
# come.
cd "$(dirname "$0")" || exit 1
. ./guest.sh
needs root debugfs reload shape cma_test
needs_areas "$AREA"

load cma_diag
load cma_shape
shape hold "$AREA" "$AREA_PAGES" 0
files=$(find $DIAG -type f)

rounds=$(long 10 100 4)
seconds=$(long 15 60)

refuses_writes() {
	for file in $files; do
		case $file in
		*/probe | */pages | */watch | */marks) continue ;;
		esac
		chmod 600 "$file"
		refused "" sh -c "echo 1 >'$file'" || return
	done
}
check "no file but probe, pages, watch and marks can be written" refuses_writes

# Neither fits: all of the area is held.
echo 64 >"$DIAG/$AREA/watch"
echo 456 >"$DIAG/$AREA/watch"

# shellcheck disable=SC2086 # a list of files
check "every file reads the same in single bytes, large pieces and with seeks" \
	cma_test read $files

read_while_failing() {
	cma_test fail "$AREA" 4 64 0 5 0 &
	while kill -0 $! 2>/dev/null; do
		# shellcheck disable=SC2086 # a list of files
		cma_test read $files || return
	done
	wait $!
}
check "the same while 4 tasks fail: no file is torn" read_while_failing

counts_all() {
	last=$(awk '/^#/ { n = $1 } END { print substr(n, 2) }' $DIAG/failures)
	total=$(sed -n 's/^  failures  \([0-9]*\) since.*/\1/p' \
		"$DIAG/$AREA/summary")
	echo "# $total failures"
	[ "$total" -gt 10 ] && [ "$total" = "$last" ] &&
		! grep -q "without a bitmap\|no free slot" $DIAG/summary
}
check "every failure was numbered, counted and had its bitmap" counts_all

rmmod_while_failing() {
	cma_test fail "$AREA" 4 64 0 600 5000 &
	for i in $(seq "$rounds"); do
		if ! rmmod cma_diag || ! load cma_diag; then
			echo "round $i"
			return 1
		fi
	done
	[ "$(grep -c '^#' $DIAG/failures)" -ge 0 ]
	kill -0 $! || { echo "the failing tasks died"; return 1; }
	killall cma_test
	wait
	wait_released cma_shape || return
	grep -q '^#' $DIAG/failures
}
check "$rounds times rmmod and insmod while 4 tasks fail" rmmod_while_failing

# The kernel counts an oversized request from 6.15 on; churn makes none.
kernels_failures() {
	sed -n 's/^cma_alloc_fail //p' /proc/vmstat
}
our_failures() {
	sed -n 's/^failures //p' "$DIAG/$AREA/stats"
}

# read_until PID FILE... - each file in turn, for as long as the task runs.
read_until() {
	pid=$1
	shift
	while :; do
		for file; do
			kill -0 "$pid" 2>/dev/null || return 0
			cma_test read "$file" || echo "$file" >>/tmp/torn
			echo >>/tmp/reads
		done
	done
}

# 8 readers of all files, 4 tasks that allocate and free.
reads_while_churning() {
	shape drop "$AREA"
	ours=$(our_failures)
	kernels=$(kernels_failures)
	cma_test churn "$AREA" 4 "$seconds" >/tmp/refused &
	churn=$!
	for _ in 1 2 3 4 5 6 7 8; do
		# shellcheck disable=SC2086 # a list of files
		read_until $churn $files &
	done
	wait $churn || return
	wait
	[ ! -e /tmp/torn ] || return
	refused=$(cat /tmp/refused)
	ours=$(($(our_failures) - ours))
	echo "# $refused requests were refused, files were read" \
		"$(wc -l </tmp/reads) times"
	echo "$ours were recorded"
	[ "$refused" -gt 10 ] && [ "$ours" -eq "$refused" ] || return
	[ -z "$kernels" ] || [ $(($(kernels_failures) - kernels)) -eq "$ours" ]
}
check "8 readers of all files, 4 tasks for $seconds s: nothing torn, none missed" \
	reads_while_churning

shape drop "$AREA"
test_end
