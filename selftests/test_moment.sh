#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The moment of a failure is when it fails, not when the console has printed it
# and others have freed pages meanwhile.
cd "$(dirname "$0")" || exit 1
. ./guest.sh
needs root debugfs reload shape cma_test
needs_areas "$AREA"

console_ms=500
load_shape slow_console=$console_ms
load cma_diag
level=$(cut -f 1 /proc/sys/kernel/printk)

page() {
	printf '0x%x' $((AREA_PFN + $1))
}

now_ms() {
	cut -d ' ' -f 1 /proc/uptime | tr -d . | sed 's/$/0/'
}

# Another task waits for the kernel's line, and frees 64 pages while it is printed.
fails_while_printing() {
	shape hold "$AREA" "$AREA_PAGES" 0
	# How many lines its limit kept back the kernel says before the next.
	sleep 6
	refused "Cannot allocate memory" shape hold "$AREA" 64 0 || return
	shape await "$AREA" "$(page 100)" 64 &
	await=$!
	for _ in $(seq 100); do
		grep -q 1 /sys/module/cma_shape/parameters/waiting && break
		sleep 0.1
	done
	echo 8 >/proc/sys/kernel/printk
	begin=$(now_ms)
	refused "Cannot allocate memory" shape hold "$AREA" "$1" "$2"
	status=$?
	took_ms=$(($(now_ms) - begin))
	echo "$level" >/proc/sys/kernel/printk
	wait $await && [ $status -eq 0 ] || return
	echo "# the request took $took_ms ms, with what was printed"
	[ $took_ms -ge $console_ms ] && free_pages=$(sed -n \
		's/^free_pages //p' "$DIAG/$AREA/stats") &&
		[ "$free_pages" -eq 64 ] || return
	last_failure >/tmp/block
}

# As it was, under the lock, and not late; "took" ends there, too.
is_of_the_moment() {
	fails_while_printing 64 0 || return
	shape drop "$AREA"
	expect "$AREA: exhausted" /tmp/block &&
		expect "0 of 8192 pages are free, 0 < 64" /tmp/block &&
		expect "total 8192, free 0, runs 0, largest 0" /tmp/block &&
		! grep -E '^  late |unlocked' /tmp/block || return
	took_us=$(sed -n 's/^  kernel .* took \([0-9]*\) us$/\1/p' /tmp/block)
	echo "# by the record $took_us us"
	[ "$took_us" -lt $((console_ms * 1000)) ]
}

if grep -q "not seen  the moment" $DIAG/summary; then
	skip "what others free while the kernel prints changes no verdict" \
		"this source does not tell the moment"
else
	check "what others free while the kernel prints changes no verdict" \
		is_of_the_moment
fi

# Several at once: the bitmap of none is lost, and late is what says so.
many_at_once() {
	rmmod cma_shape && load_shape slow_console=5 || return
	shape hold "$AREA" "$AREA_PAGES" 0
	before=$(sed -n 's/^failures //p' "$DIAG/$AREA/stats")
	echo 8 >/proc/sys/kernel/printk
	cma_test fail "$AREA" 8 64 0 "$(long 5 60)" 20000
	status=$?
	echo "$level" >/proc/sys/kernel/printk
	[ $status -eq 0 ] || return
	after=$(sed -n 's/^failures //p' "$DIAG/$AREA/stats")
	late=$(sed -n 's/^late_failures //p' "$DIAG/$AREA/stats")
	exhausted=$(sed -n 's/^failures_exhausted //p' "$DIAG/$AREA/stats")
	echo "# $after failures, $exhausted exhausted, $late late"
	shape drop "$AREA"
	[ $((after - before)) -gt 8 ] && [ "$exhausted" -eq "$after" ] &&
		! grep "without a bitmap" $DIAG/summary &&
		[ "$(grep -c '^  late ' "$DIAG/$AREA/failures")" -le "$late" ]
}
check "8 tasks fail at once on a slow console: each has its bitmap" many_at_once
test_end
