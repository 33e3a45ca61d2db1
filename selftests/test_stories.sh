#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# A caller that steps down, asking again for a little less, is one story: one
# record, that grows.
cd "$(dirname "$0")" || exit 1
. ./guest.sh
needs root debugfs reload shape cma_test README.md
needs_areas "$AREA"

load cma_diag
load cma_shape

# Of the area one run of 3000 pages is free.
shape hold "$AREA" "$AREA_PAGES" 0
shape free "$AREA" $((AREA_PFN + 100)) 3000

unwrapped() {
	sed 's/^  [a-z ]\{8\}  //' "$1" | tr '\n' ' '
}

without_time() {
	sed 's/ in [0-9]*\.[0-9] m*s: / in TIME: /'
}

# story_is TEXT - of the newest record; how long it took aside.
story_is() {
	last_failure >/tmp/block
	unwrapped /tmp/block | without_time >/tmp/unwrapped
	expect "$1" /tmp/unwrapped
}

failures() {
	sed -n "s/^failures$1 //p" "$DIAG/$AREA/stats"
}

records() {
	grep -c '^#' "$DIAG/$AREA/failures"
}

# 7900, 7836, ... 3036 fail, 2972 pages are had: 77 failures, of which those from
# 3036 on, and only those, were of at least 3000 pages.
steps_down() {
	mark_log
	cma_test step_down "$AREA" 7900 64 1 >/tmp/steps || return
	expect "failed 77, the last 3036, had 2972 at 0x68464" /tmp/steps &&
		[ "$(records)" -eq 1 ] &&
		expect "#1 $AREA: exhausted" "$DIAG/$AREA/failures" &&
		story_is " 7900 pages (30.9 MiB) at align 0 " &&
		story_is " 77 failures from 7900 down to 3036 pages in TIME: a caller stepping down; the last was exhausted: at align 0 at most 3000 pages fitted; then its task had 2972 pages 3000 of 8192 pages are free, 3000 < 7900 "
}
check "77 failures of a caller that steps down are one record" steps_down

counts_each() {
	[ "$(failures '')" -eq 77 ] && [ "$(failures _exhausted)" -eq 77 ] &&
		grep -qE '^requests +2 +77$' "$DIAG/$AREA/requests" &&
		grep -qE "^$AREA +8192 +28 +.* 77 exhausted$" $DIAG/summary
}
check "... and are counted each" counts_each

as_in_readme() {
	sed -n '/^    story /,/^$/s/^    //p' from_project/README.md |
		sed 's/^story     //' | tr -s '\n ' ' ' | without_time >/tmp/shown
	[ -s /tmp/shown ] && expect "$(cat /tmp/shown)" /tmp/unwrapped
}
check "... and are told as the README shows" as_in_readme

# Soon: in one line when it has ended, and none of its steps.
logs_once() {
	for _ in $(seq 100); do
		log_since_mark | grep "cma_diag: " >/tmp/log
		grep -q "stepping down" /tmp/log && break
		sleep 0.2
	done
	cat /tmp/log
	[ "$(wc -l </tmp/log)" -eq 2 ] &&
		expect "cma_diag: $AREA: 7900 pages at align 0: exhausted: " /tmp/log &&
		expect "cma_diag: $AREA: 77 failures from 7900 down to 3036 pages in " /tmp/log
}
check "the kernel log has its first failure and, when it has ended, the story" \
	logs_once

# From here on 28 pages are free.
is_numbered() {
	shape hold "$AREA" 64 0 2>/dev/null
	last_failure >/tmp/block
	expect "#78 $AREA: exhausted" /tmp/block && ! grep -q story /tmp/block
}
check "the next failure's number is that of all failures" is_numbered

# One after the other: the same size, more, less than half.
makes_records() {
	before=$(records)
	for size in 500 500 600 299 140; do
		echo "hold $AREA $size 0" >"$SHAPE"
	done 2>/dev/null
	after=$(records)
	echo "# $before, then $after records"
	[ $((after - before)) -eq 5 ] && ! story_is "stepping down"
}
check "what asks for as much, for more, or for less than half is no step" \
	makes_records

by_others() {
	before=$(records)
	for size in 500 490 480; do
		shape hold "$AREA" $size 0
	done 2>/dev/null
	[ $(($(records) - before)) -eq 3 ]
}
check "nor is what another task asks" by_others

after_a_while() {
	before=$(records)
	{
		echo "hold $AREA 500 0" >"$SHAPE"
		sleep 2
		echo "hold $AREA 490 0" >"$SHAPE"
		echo "hold $AREA 480 0" >"$SHAPE"
	} 2>/dev/null
	[ $(($(records) - before)) -eq 2 ] &&
		story_is " 2 failures from 490 down to 480 pages in TIME: a caller stepping down; the last was exhausted: at align 0 at most 28 pages fitted 28 of 8192 "
}
check "nor is what is asked after a pause of seconds" after_a_while

# 4 tasks, 100 steps each: no more than 4 records, and nothing lost.
side_by_side() {
	rmmod cma_diag && load cma_diag || return
	shape hold "$AREA" 8000 0 2>/dev/null
	for _ in 1 2 3 4; do
		cma_test step_down "$AREA" 7000 30 4000 >/tmp/steps &
	done
	wait
	grep '^#\|^  story' "$DIAG/$AREA/failures"
	echo "# $(failures '') failures in $(records) records"
	[ "$(failures '')" -eq 405 ] && [ "$(records)" -eq 5 ] &&
		[ "$(grep -c 'story     101 failures from 7000 down to 4000 pages' \
			"$DIAG/$AREA/failures")" -eq 4 ] &&
		expect "#1 $AREA: exhausted" "$DIAG/$AREA/failures"
}
check "4 callers that step down at a time are 4 stories, and push none out" \
	side_by_side

# A reader that had the first part of a story has all of it when it went on.
reads_on() {
	rmmod cma_diag && load cma_diag || return
	exec 3<$DIAG/failures
	cat <&3 >/tmp/first
	{
		echo "hold $AREA 500 0" >"$SHAPE"
		cat <&3 >/tmp/second
		echo "hold $AREA 490 0" >"$SHAPE"
		echo "hold $AREA 480 0" >"$SHAPE"
		cat <&3 >/tmp/third
		echo "hold $AREA 1000 0" >"$SHAPE"
		cat <&3 >/tmp/fourth
		echo "hold $AREA 510 0" >"$SHAPE"
		echo "hold $AREA 500 0" >"$SHAPE"
		cat <&3 >/dev/null
		shape free "$AREA" $((AREA_PFN + 5000)) 300
		echo "hold $AREA 290 0" >"$SHAPE"
		cat <&3 >/tmp/sixth
	} 2>/dev/null
	cat <&3 >/tmp/fifth
	exec 3<&-
	grep '^#\|story' /tmp/first /tmp/second /tmp/third /tmp/fourth
	expect "no failure since" /tmp/first &&
		expect "#1 $AREA" /tmp/second && ! grep story /tmp/second &&
		expect "#1 $AREA" /tmp/third &&
		expect "story     3 failures from 500 down to 480 pages" /tmp/third &&
		expect "#4 $AREA" /tmp/fourth && ! grep -q '^#1' /tmp/fourth &&
		unwrapped /tmp/sixth | grep -q 'then its task had 290 pages' &&
		[ ! -s /tmp/fifth ]
}
check "a reader is shown a story once more when it has gone on" reads_on

shape drop "$AREA"
test_end
