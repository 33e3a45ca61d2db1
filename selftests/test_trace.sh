#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The trace events: words, the recorder, histograms, trace-cmd.
cd "$(dirname "$0")" || exit 1
. ./guest.sh
needs root debugfs reload shape cma_test README.md
needs_areas "$AREA"

events=$TRACING/events/cma_diag
recorder=$TRACING/instances/cma_diag

if [ -n "$(missing tracefs)" ]; then
	skip "trace events, and the recorder" "$(missing tracefs)"
	test_end
	exit
fi
load cma_shape

page() {
	printf '0x%x' $((AREA_PFN + $1))
}

# Three requests that no page is free for, two that one run is misaligned for.
# shellcheck disable=SC2317 # called by the checks
let_fail() {
	shape hold "$AREA" "$AREA_PAGES" 0 || return
	for _ in 1 2 3; do
		shape hold "$AREA" 64 0
	done
	shape free "$AREA" "$(page 16)" 511
	shape hold "$AREA" 456 8
	shape hold "$AREA" 456 8
	shape drop "$AREA"
} 2>/dev/null

# shows FILE - five failures, in these words.
shows_failures() {
	[ "$(grep -c 'cma_failure:' "$1")" -eq 5 ] &&
		[ "$(grep -c "name=$AREA count=64 align=0 errno=-1[26] verdict=exhausted total=8192 free=0 nr_runs=0 largest=0 largest_aligned=0 retries=0 latency_us=[0-9]" "$1")" -eq 3 ] &&
		[ "$(grep -c "name=$AREA count=456 align=8 errno=-1[26] verdict=misaligned total=8192 free=511 nr_runs=1 largest=511 largest_aligned=271 retries=0 latency_us=[0-9]" "$1")" -eq 2 ] &&
		return
	cat "$1"
	return 1
}

records_from_load() {
	mark_log
	load_diag recorder=1 &&
		expect_log "KiB and the buffer of a trace instance; see" &&
		let_fail && cat $recorder/trace >/tmp/trace &&
		shows_failures /tmp/trace
}
check "the recorder has the failures, from the load on" records_from_load

recorder_goes() {
	unload_diag && [ ! -e $recorder ]
}
check "the recorder goes with the module" recorder_goes

stays_off() {
	load cma_diag && [ ! -e $recorder ]
}
check "by default there is none" stays_off
unload_diag

# Somebody reads it: it cannot be removed, and does no harm.
stays_while_read() {
	load_diag recorder=1 && mark_log || return
	exec 4<$recorder/trace_pipe
	rmmod cma_diag
	status=$?
	exec 4<&-
	[ $status -eq 0 ] || return
	expect_log "cma_diag: the trace instance cma_diag is in use and stays" &&
		rmdir $recorder && load cma_diag
}
check "the recorder stays while it is read, and is said to" stays_while_read

# Off by default; with it on, one event for each of seven requests.
sees_requests() {
	load cma_diag || return
	[ "$(cat $events/cma_alloc/enable)" = 0 ] || return
	echo >$TRACING/trace
	echo 1 >$events/cma_alloc/enable
	let_fail
	shape hold "$AREA" 100 3
	echo 0 >$events/cma_alloc/enable
	shape drop "$AREA"
	cat $TRACING/trace >/tmp/trace
	[ "$(grep -c 'cma_alloc:' /tmp/trace)" -eq 7 ] &&
		[ "$(grep -c 'result=failed errno=-1[26] pfn=0x0 retries=0 latency_us=[0-9]' /tmp/trace)" -eq 5 ] &&
		grep -q "name=$AREA count=8192 align=0 result=succeeded errno=0 pfn=0x68400 retries=[-0-9]* latency_us=[0-9]" /tmp/trace &&
		grep -q "name=$AREA count=100 align=3 result=succeeded errno=0 pfn=0x68[0-9a-f]*[08] " /tmp/trace && return
	cat /tmp/trace
	return 1
}
check "cma_alloc: off by default; one event for each request" sees_requests

reports_with_trace_cmd() {
	load cma_diag && rm -f /tmp/go && mkfifo /tmp/go || return
	trace-cmd record -q -e cma_diag -o /tmp/trace.dat \
		sh -c 'echo >/tmp/go; cat /tmp/go' >/tmp/record 2>&1 &
	read -r _ </tmp/go
	let_fail
	echo >/tmp/go
	wait $! || { cat /tmp/record; return 1; }
	trace-cmd report -i /tmp/trace.dat >/tmp/report || return
	shows_failures /tmp/report &&
		[ "$(grep -c 'cma_alloc: .*result=succeeded' /tmp/report)" -eq 1 ] &&
		[ "$(grep -c 'cma_alloc: .*result=failed' /tmp/report)" -eq 5 ]
}
trace_cmd="trace-cmd record and report: each request, and verdicts as words"
if command -v trace-cmd >/dev/null; then
	check "$trace_cmd" reports_with_trace_cmd
else
	skip "$trace_cmd" "no trace-cmd here"
fi

# The recipes of the README, by their keys.
recipe() {
	sed -n "s/^# echo '\(hist:[^']*\)'.*/\1/p" from_project/README.md |
		grep -x "hist:keys=$1"
}

# counts RECIPE BUCKET... - with the recipe on, the failures fall into these.
counts() {
	[ -n "$(recipe "$1")" ] || { echo "not in the README: $1"; return 1; }
	load cma_diag || return
	echo "hist:keys=$1" >$events/cma_failure/trigger || return
	let_fail
	cma_test fail "$AREA" 1 1000000 2 0 0
	shape hold "$AREA" 1000000 2 2>/dev/null
	tr -s ' \n' ' ' <$events/cma_failure/hist | sed 's/ ,/,/g' >/tmp/hist
	echo "!hist:keys=$1" >$events/cma_failure/trigger || return
	shift
	for bucket; do
		expect "$bucket" /tmp/hist || return
	done
}

if [ -e $events/cma_failure/hist ] || { load cma_diag &&
	[ -e $events/cma_failure/hist ]; }; then
	check "hist: verdict by area" counts name,verdict_word \
		"{ name: $AREA, verdict_word: exhausted } hitcount: 3" \
		"{ name: $AREA, verdict_word: misaligned } hitcount: 2" \
		"{ name: $AREA, verdict_word: too-big } hitcount: 1" \
		"Hits: 6 Entries: 3 Dropped: 0"
	check "hist: verdict by comm" counts comm,verdict_word \
		"{ comm: test_trace.sh, verdict_word: exhausted } hitcount: 3" \
		"{ comm: test_trace.sh, verdict_word: misaligned } hitcount: 2" \
		"Hits: 6 Entries: 3 Dropped: 0"
	check "hist: verdict by alignment" counts align,verdict_word \
		"{ align: 0, verdict_word: exhausted } hitcount: 3" \
		"{ align: 8, verdict_word: misaligned } hitcount: 2" \
		"{ align: 2, verdict_word: too-big } hitcount: 1" \
		"Hits: 6 Entries: 3 Dropped: 0"
	check "hist: by stack trace" counts stacktrace \
		"cma_alloc+0x" "shape_write+0x" "Hits: 6"
else
	skip "hist: verdict by area, comm, alignment, stack trace" \
		"no CONFIG_HIST_TRIGGERS in this kernel"
fi
test_end
