#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Readers that keep a file of failures open, and wait for news.
cd "$(dirname "$0")" || exit 1
. ./guest.sh
needs root debugfs reload shape cma_test README.md
needs_areas small@6ac00000

load cma_shape
small=small@6ac00000

follow() {
	load cma_diag && cma_test follow "$1" $small 1000 "$2" "$3"
}
check "poll of an area's failures: 1000 are each seen once, or counted" \
	follow $DIAG/$small/failures 0 fast
unload_diag
check "poll of all failures, 2 ms apart: each seen once, or counted" \
	follow $DIAG/failures 2000 fast
unload_diag
misses_some() {
	follow $DIAG/failures 0 slow >/tmp/follow || { cat /tmp/follow; return 1; }
	cat /tmp/follow
	grep -q ' [1-9][0-9]* counted as overwritten' /tmp/follow
}
check "a reader that is too slow is told how many it missed" misses_some
unload_diag

# As the README has it: a loop of cat on one open file.
cat_goes_on() {
	load cma_diag || return
	loop=$(sed -n 's/^\(while cat; do sleep \)1\(; done\)/\10.1\2/p' \
		from_project/README.md)
	[ -n "$loop" ] || return
	sh -c "$loop" >/tmp/news &
	for n in 1 2 3; do
		sleep 0.3
		shape hold $small 1000000 0 2>/dev/null
		for _ in $(seq 50); do
			grep -q "^#$n " /tmp/news && break
			sleep 0.1
		done
		grep -q "^#$n " /tmp/news || return
	done
	kill $!
	# Its last sleep has the file open, too.
	wait_released cma_diag || return
	expect "no failure since the module was loaded" /tmp/news &&
		[ "$(grep -c '^#' /tmp/news)" -eq 3 ]
}
check "a loop of cat on one open file prints each failure once, as it comes" \
	cat_goes_on

stays_while_read() {
	refused "" rmmod cma_diag 3<$DIAG/failures
}
check "the module cannot be unloaded under a reader that waits" \
	stays_while_read
test_end
