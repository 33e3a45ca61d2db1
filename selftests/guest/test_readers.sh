#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Files read byte by byte and with seeks, while failures come; rmmod while they
# come.
. ./guest.sh

load cma_diag
load cma_shape
shape hold "$AREA" "$AREA_PAGES" 0
files=$(find $DIAG -type f)

refuses_writes() {
	for file in $files; do
		case $file in
		*/probe) continue ;;
		esac
		chmod 600 "$file"
		refused "" sh -c "echo 1 >'$file'" || return
	done
}
check "no file but probe can be written" refuses_writes

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
	[ "$total" -gt 100 ] && [ "$total" = "$last" ] &&
		! grep -q "without a bitmap\|no free slot" $DIAG/summary
}
check "every failure was numbered, counted and had its bitmap" counts_all

rmmod_while_failing() {
	cma_test fail "$AREA" 4 64 0 600 5000 &
	for i in $(seq 100); do
		if ! rmmod cma_diag || ! load cma_diag; then
			echo "round $i"
			return 1
		fi
	done
	[ "$(grep -c '^#' $DIAG/failures)" -ge 0 ]
	kill -0 $! || { echo "the failing tasks died"; return 1; }
	killall cma_test
	wait
	grep -q '^#' $DIAG/failures
}
check "100 times rmmod and insmod while 4 tasks fail" rmmod_while_failing

shape drop "$AREA"
test_end
