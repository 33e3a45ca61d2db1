#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Every number in every file of an area, against the oracle and what was asked.
cd "$(dirname "$0")" || exit 1
. ./guest.sh
needs root debugfs reload shape cma_test debugfs-cma_diag
needs_areas "$AREA" small@6ac00000 hugetlb0

load cma_shape
small=small@6ac00000
huge=hugetlb0
requests=$(long 2000 2000 500)

counts_requests() {
	load cma_diag || return
	echo 1 >$TRACING/events/cma_diag/cma_alloc/enable
	cma_test tally "$requests" $small 0 "$(ranges $small)"
	tally_status=$?
	echo 0 >$TRACING/events/cma_diag/cma_alloc/enable
	return $tally_status
}
unload_diag
tally="requests: $requests requests are counted as they were made"
if [ -z "$(missing tracefs)" ]; then
	check "$tally" counts_requests
else
	skip "$tally" "$(missing tracefs)"
	load cma_diag
	# All the same, for what comes next.
	shape hold $small 100 0
	shape hold $small 1024 0 2>/dev/null
	shape hold $small 1025 0 2>/dev/null
	shape drop $small
fi

# The counters of stats, in the words of requests and summary.
has_counters() {
	cat $DIAG/$small/stats >/tmp/stats
	for how in succeeded:2 failed:3; do
		column=${how#*:}
		how=${how%:*}
		awk -v column="$column" -v how="$how" '
			/^total/ { on = 1; next }
			/^$/ { if (on) exit }
			/^requests/ { print "requests_" how, $(column) }
			/^pages asked/ { print "requests_" how "_pages", $(column + 1) }
			/^busy retries/ { print "requests_" how "_busy_retries", $(column + 1) }
			/^time taken/ { print "requests_" how "_us", $(column + 2) }
			' $DIAG/$small/requests >/tmp/counters
		[ "$(wc -l </tmp/counters)" -eq 4 ] || return
		while read -r line; do
			expect "$line" /tmp/stats || return
		done </tmp/counters
	done
	failed=$(sed -n 's/^requests_failed //p' /tmp/stats)
	expect "failures $failed" /tmp/stats &&
		expect "failures  $failed since" $DIAG/$small/summary || return
	sed -n '/^  failures/,/^$/s/^            \([0-9]*\) \([a-z-]*\)$/failures_\2 \1/p' \
		$DIAG/$small/summary | tr - _ >/tmp/counters
	[ -s /tmp/counters ] || return
	while read -r line; do
		expect "$line" /tmp/stats || return
	done </tmp/counters
	sum=$(awk '/^failures_/ { sum += $2 } END { print sum }' /tmp/stats)
	[ "$sum" = "$failed" ]
}
check "stats: the counters are those of requests and summary" has_counters

# A key that went or was renamed breaks somebody's script: what is here stays.
keys_are_these() {
	cut -d' ' -f1 $DIAG/stats | tr '\n' ' ' >/tmp/keys
	expect "version areas areas_inactive failures_unattributed failures_without_bitmap requests_untracked failures_not_logged log_lines_missed" \
		/tmp/keys || return
	cut -d' ' -f1 $DIAG/$small/stats | tr '\n' ' ' >/tmp/keys
	expect "version page_size pages pages_per_bit ranges range_0_pfn range_0_pages locked free_pages free_runs largest_pages largest_pfn usable_pages_0 usable_pages_1 usable_pages_2 usable_pages_3 usable_pages_4 usable_pages_5 usable_pages_6 usable_pages_7 usable_pages_8 usable_pages_9 usable_pages_10 usable_pages_11 usable_pages_12 usable_pages_13 usable_pages_14 usable_pages_15 usable_pages_16 usable_pages_17 usable_pages_18 usable_pages_19 usable_pages_20 remainder_runs_0 remainder_runs_1 remainder_runs_2 remainder_runs_3 remainder_runs_4 remainder_runs_5 remainder_runs_6 remainder_runs_7 remainder_runs_8 remainder_runs_9 remainder_runs_10 remainder_runs_11 remainder_runs_12 remainder_runs_13 remainder_runs_14 remainder_runs_15 remainder_runs_16 remainder_runs_17 remainder_runs_18 remainder_runs_19 remainder_runs_20 remainder_pages_0 remainder_pages_1 remainder_pages_2 remainder_pages_3 remainder_pages_4 remainder_pages_5 remainder_pages_6 remainder_pages_7 remainder_pages_8 remainder_pages_9 remainder_pages_10 remainder_pages_11 remainder_pages_12 remainder_pages_13 remainder_pages_14 remainder_pages_15 remainder_pages_16 remainder_pages_17 remainder_pages_18 remainder_pages_19 remainder_pages_20 failures failures_unknown failures_too_big failures_exhausted failures_fragmented failures_misaligned failures_busy failures_low_memory failures_interrupted failures_raced late_failures rescued_failures fatal_failures requests_succeeded requests_succeeded_pages requests_succeeded_us requests_succeeded_busy_retries requests_failed requests_failed_pages requests_failed_us requests_failed_busy_retries held_up_max_ns lock_held_max_ns locked_copies watches marks_known marks_since peak_used_pages peak_used_time lowest_run_pages lowest_run_time lacked_room lacked_room_distinct enough_pages enough_all_pages apart_pages apart_all_pages " \
		/tmp/keys
}
check "stats: the keys are those that were promised, and each is a number" \
	keys_are_these

# Keys that are numbered stand in the document with an N or a WORD.
keys_are_described() {
	echo 100 >$DIAG/$small/watch || return
	cat $DIAG/stats $DIAG/$small/stats | cut -d' ' -f1 |
		sed 's/_[0-9][0-9]*/_N/' | sort -u >/tmp/keys
	[ "$(wc -l </tmp/keys)" -ge 30 ] || return
	while read -r key; do
		grep -q "^		$key	" from_project/debugfs-cma_diag ||
			{ echo "not described: $key"; return 1; }
	done </tmp/keys
	if grep -vhE '^[a-z0-9_]+ [0-9]+$' $DIAG/stats $DIAG/$small/stats; then
		return 1
	fi
	grep -qx watch_N_broken /tmp/keys && echo clear >$DIAG/$small/watch
}
check "stats: every key is described, and every value a number" \
	keys_are_described

copies() {
	sed -n 's/^locked_copies //p' $DIAG/$small/stats
}

# Of these, that the copies are counted is one.
copies_of() {
	before=$(copies)
	cat "$1" >/dev/null
	echo $(($(copies) - before - 1))
}

takes_lock_once() {
	for file in summary $small/summary $small/stats $small/runs \
		$small/alignment $small/bitmap; do
		[ "$(copies_of "$DIAG/$file")" -eq 1 ] ||
			{ echo "$file: not one copy"; return 1; }
	done
	for file in stats failures $small/failures $small/requests; do
		[ "$(copies_of "$DIAG/$file")" -eq 0 ] ||
			{ echo "$file: copies"; return 1; }
	done
}
check "a file that shows the bitmap takes its lock once, one of counters never" \
	takes_lock_once

# With PREEMPT_RT it is copied only where the kernel has that lock by itself.
fails_with_lock_once() {
	shape fill $small
	before=$(copies)
	for _ in 1 2 3 4 5; do
		refused "Cannot allocate memory" shape hold $small 4 0 ||
			echo "not refused"
	done >/tmp/not_refused
	nr=$(($(copies) - before - 1))
	shape drop $small
	echo "# $nr copies for 5 failures"
	[ ! -s /tmp/not_refused ] || return
	if grep -q PREEMPT_RT $DIAG/summary; then
		[ $nr -le 5 ]
	else
		[ $nr -eq 5 ]
	fi
}
check "a failure takes it once" fails_with_lock_once

us_of() {
	echo $((($(sed -n "s/^$1 //p" /tmp/stats) + 999) / 1000))
}

# A file may be the one whose copy takes longest; then once more.
has_cost() {
	for _ in $(seq 100); do
		cp $DIAG/$small/stats /tmp/stats
		cat $DIAG/$small/summary >/tmp/summary
		[ "$(grep lock_held /tmp/stats)" = \
			"$(grep lock_held $DIAG/$small/stats)" ] && break
	done
	held_up=$(us_of held_up_max_ns)
	held=$(us_of lock_held_max_ns)
	echo "# a request was held up for $held_up us, the lock held for $held us"
	sed 's/^  [a-z ]\{8\}  //' /tmp/summary | tr '\n' ' ' >/tmp/unwrapped
	[ "$held_up" -gt 0 ] && [ "$held" -gt 0 ] && expect \
		" cma_diag held up a request for at most $held_up us, and held the area's lock for at most $held us" \
		/tmp/unwrapped
}
check "summary: what that costs is what stats has" has_cost

shapes=$(long 15 30)
check "$shapes random shapes: every number in 6 files is the oracle's" \
	cma_test evidence "$shapes" $small 0 "$(ranges $small)"
check "... of an area whose base is not aligned to its size" \
	cma_test evidence 10 "$AREA" 0 "$AREA_PFN:$AREA_PAGES"
order=0
grep -q '512 pages to a bit' $DIAG/$huge/summary && order=9
nr_shapes=$(long 2 2 0)
# shellcheck disable=SC2046 # one word a range
check "... with order_per_bit $order, in $(ranges $huge | wc -l) ranges" \
	cma_test evidence "$nr_shapes" $huge $order $(ranges $huge)
test_end
