#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Requests that are watched: whose allocation broke them, in the file, in the
# kernel log, as trace events and in stats.
cd "$(dirname "$0")" || exit 1
. ./guest.sh
needs root debugfs reload shape cma_test
needs_areas "$AREA" hugetlb0

watch=$DIAG/$AREA/watch
event=$TRACING/events/cma_diag/cma_watch
# The name of the tasks that the shell makes.
comm=$(cat /proc/$$/comm)

page() {
	printf '0x%x' $((AREA_PFN + $1))
}

# tell TEXT - writes to the file.
tell() {
	(echo "$*" >"$watch")
}

# sentences - how many there are in the kernel log, at debug level, of refusals.
sentences() {
	dmesg -r | grep -c "^<7>.*cma_diag: $AREA/watch: "
}

# tell_bytes - what is read, as it is and in one piece.
tell_bytes() {
	dd of="$watch" bs=4M count=1 conv=notrunc
}

stat_of() {
	sed -n "s/^$1 //p" "$DIAG/$AREA/stats"
}

# is WHAT IS MUST - fails, and says so, when they differ.
is() {
	[ "$2" = "$3" ] && return
	echo "$1 is '$2', must be '$3'"
	return 1
}

# told NR - the watch's block, from 0 on, in one line.
told() {
	awk -v RS= "NR == $1 + 2" "$watch" | tr -s '\n ' ' '
	echo
}

# told_is NR TEXT... - the watch's block has each text.
told_is() {
	told "$1" >/tmp/told
	shift
	for text; do
		expect "$text" /tmp/told || return
	done
}

# told_not NR TEXT - it has not.
told_not() {
	told "$1" >/tmp/told
	! grep -F -- "$2" /tmp/told
}

# take COUNT ALIGN - by a task of its own, $taker; what fits may be busy for a
# moment.
take() {
	for _ in $(seq 50); do
		echo "hold $AREA $1 $2" 2>/dev/null >"$SHAPE" &
		taker=$!
		! wait $taker || return 0
		sleep 0.1
	done
	echo "cannot take $1 pages at align $2"
	return 1
}

# begin - the module anew, and all of the area held.
begin() {
	unload_diag && load_diag || return
	shape drop "$AREA" && take "$AREA_PAGES" 0
}

# free PAGE COUNT
free() {
	shape free "$AREA" "$(page "$1")" "$2"
}

# release_all - the area is empty again; fails as the command before it did.
release_all() {
	status=$?
	shape drop "$AREA"
	return $status
}

# on_empty COMMAND... - with the module loaded anew, and the area empty after.
on_empty() {
	unload_diag && load_diag && "$@"
	release_all
}

# in_large_units - likewise for the area for huge pages, in its units and ranges.
in_large_units() {
	unload_diag && load_diag || return
	huge_ranges=$(ranges hugetlb0)
	order=0
	! grep -q '512 pages to a bit' "$DIAG/hugetlb0/summary" || order=9
	# shellcheck disable=SC2086 # one word a range
	cma_test watch "$(long 300 3000 200)" hugetlb0 $order $huge_ranges
	status=$?
	shape drop hugetlb0
	return $status
}

says_what_to_write() {
	is "mode" "$(stat -c %a "$watch")" 600 &&
		printf '%s: no watch is set\n  to set    write "COUNT [ALIGN]" here, up to 4 times\n' \
			"$AREA" >/tmp/must && cat "$watch" >/tmp/is &&
		{ cmp /tmp/is /tmp/must || diff /tmp/must /tmp/is; } &&
		is watches "$(stat_of watches)" 0 &&
		! grep '^watch_' "$DIAG/$AREA/stats"
}

# Four of them, of which the last asks as a DMA caller does.
set_four() {
	tell 300 8 && tell 500 0 && tell 2M 4 && tell 456
}

refuses() {
	begin && set_four || return
	dmesg -c >/dev/null
	refused "No space left on device" tell 100 0 &&
		refused "No space left on device" tell 101 || return
	tell clear && tell 300 8 && tell 456 8 || return
	refused "File exists" tell 300 8 &&
		refused "File exists" tell 1200K 8 &&
		refused "File exists" tell 456 &&
		refused "Numerical result out of range" \
			tell $((AREA_PAGES + 1)) 0 &&
		refused "Numerical result out of range" tell 1G || return
	# Of pages aligned to 8192 the area has the last 1024.
	refused "Numerical result out of range" tell 1025 13 &&
		is "sentences in the kernel log" "$(sentences)" 8 &&
		tell 1024 13 && tell 300 7 &&
		expect "$AREA: 4 watches of at most 4" "$watch" &&
		told_is 0 "300 pages (1.2 MiB) at align 8 (256 pages) " &&
		told_is 1 "456 pages (1.8 MiB) at align 8 (256 pages) " &&
		told_is 2 "1024 pages (4 MiB) at align 13 (8192 pages) " &&
		told_is 3 "300 pages (1.2 MiB) at align 7 (128 pages) "
	release_all
}

# refuses_bytes ERROR - what is read is refused, with a sentence at debug level,
# and changes nothing.
refuses_bytes() {
	cat >/tmp/question
	dmesg -c >/dev/null
	refused "$1" tell_bytes </tmp/question &&
		is "sentences in the kernel log" "$(sentences)" 1 &&
		is "the file" "$(states)" "$before" && return
	echo "that was written:"
	hexdump -C /tmp/question | head -n 4
	return 1
}

# The requests that are watched.
states() {
	grep ' at align ' "$watch" | grep '^[0-9]'
}

refuses_no_question() {
	begin && tell 300 8 && tell 456 || return
	before=$(states)
	is "requests" "$(echo "$before" | wc -l)" 2 || return
	for garbage in "" all -1 0 "1 -1" "1 2 3" "300 8 clear" "clear 300" \
		clears; do
		echo "$garbage" | refuses_bytes "Invalid argument" || return
	done
	for garbage in 18446744073709551616 18446744073709551615G "1 64" \
		"1 99999999999999999999"; do
		echo "$garbage" |
			refuses_bytes "Numerical result out of range" || return
	done
	printf '\377\376' | refuses_bytes "Invalid argument" &&
		{ printf 456; head -c 1 /dev/zero; echo 8; } |
		refuses_bytes "Invalid argument" &&
		head -c 64 /dev/zero | refuses_bytes "Invalid argument" &&
		head -c 4194304 /dev/zero | tr '\0' 1 |
		refuses_bytes "Invalid argument"
	release_all
}

# Pages 1024 to 1623 are free. Without the first 200 there is no room for 500
# pages, without 100 more there is none for 300 aligned to 256.
window=1024
window_pages=600
break_both() {
	take 200 0 || return
	first=$taker
	take 100 0
}
mend_both() {
	free $window 300
}
watch_window() {
	begin && free $window $window_pages && tell 300 8 && tell 500 0
}

shows_who() {
	watch_window && told_is 0 " state fits, at 1" " broken 0 times " &&
		told_not 0 " by " && break_both || return
	told_is 0 "300 pages (1.2 MiB) at align 8 (256 pages) state does not fit since " \
		" broken 1 time, the last " \
		" by ${comm}[$taker]: 100 pages (400 KiB) at align 0, at 1224 " \
		" left a run of 88 pages at most, at align 8 " \
		" stack " "[cma_shape]" && told_not 0 " again " &&
		told_is 1 "500 pages (2 MiB) at align 0 state does not fit since " \
			" broken 1 time, the last " \
			" by ${comm}[$first]: 200 pages (800 KiB) at align 0, at 1024 " \
			" left a run of 400 pages at most, at align 0 " &&
		cma_test read "$watch" || return
	mend_both && told_is 0 " state fits, at 1" " broken 1 time, " " again " &&
		told_is 1 " state fits, at 1" " broken 1 time, " " again " &&
		cma_test read "$watch"
	release_all
}

# figures FITS BROKEN - of both watches, in stats.
figures() {
	cat >/tmp/must <<-END
		watches 2
		watch_0_pages 300
		watch_0_align 8
		watch_0_fits $1
		watch_0_broken $2
		watch_1_pages 500
		watch_1_align 0
		watch_1_fits $1
		watch_1_broken $2
	END
	cat "$watch" >/dev/null
	grep '^watch' "$DIAG/$AREA/stats" >/tmp/is
	cmp /tmp/is /tmp/must || diff /tmp/must /tmp/is
}

counts_in_stats() {
	watch_window && figures 1 0 && break_both && figures 0 1 &&
		mend_both && figures 1 1 && break_both && figures 0 2
	release_all
}

# Newline or not; and who is set again begins anew.
clears() {
	watch_window && break_both && told_is 0 " broken 1 time, " &&
		tell clear && says_what_to_write || return
	tell 300 8 && told_is 0 " state does not fit, nor did it when the watch was set, " \
		" broken 0 times " && told_not 0 " by " || return
	mend_both && told_is 0 " state fits, at 1" " broken 0 times " &&
		told_not 0 " again " && take 300 0 &&
		told_is 0 " broken 1 time, " \
			" by ${comm}[$taker]: 300 pages (1.2 MiB) at align 0, at 1024 " ||
		return
	printf clear | tell_bytes && says_what_to_write
	release_all
}

# soon_in_log PATTERN - within 30 s, since a worker looks and tells.
soon_in_log() {
	for _ in $(seq 150); do
		log_since_mark >/tmp/log
		! grep -qE -- "$1" /tmp/log || return 0
		sleep 0.2
	done
	echo "no '$1' in the kernel log:"
	tail -n 40 /tmp/log
	return 1
}

# Of 300 pages aligned to 256 the window has two places. Nobody reads the file.
fit_again="cma_diag: $AREA: 300 pages at align 8 fit again, at (1024|1280)\$"
logs() {
	watch_window && mark_log && break_both || return
	expect_log "cma_diag: $AREA: 500 pages at align 0 no longer fit: ${comm}[$first] was given 200 pages at 1024, and the largest run at align 0 is 400 pages" &&
		expect_log "cma_diag: $AREA: 300 pages at align 8 no longer fit: ${comm}[$taker] was given 100 pages at 1224, and the largest run at align 8 is 88 pages" ||
		return
	! grep "fit again" /tmp/log && mend_both &&
		soon_in_log "$fit_again" &&
		soon_in_log "cma_diag: $AREA: 500 pages at align 0 fit again, at 1[01][0-9]*\$" &&
		is "lines in the kernel log" \
			"$(grep -cE "cma_diag: $AREA: .* (no longer fit:|fit again,)" /tmp/log)" 4
	release_all
}

# From here on nothing is told that was not seen to the end: clear, and count.
trace_begins() {
	buffer_kb=$(sed 's/.*expanded: //; s/)//' $TRACING/buffer_size_kb)
	echo 8192 >$TRACING/buffer_size_kb
	echo >$TRACING/trace
	echo 1 >"$event/enable"
}
trace_ends() {
	echo 0 >"$event/enable"
	cat $TRACING/trace >/tmp/trace
	overrun=$(cat $TRACING/per_cpu/cpu*/stats |
		awk '/^overrun: / { sum += $2 } END { print sum + 0 }')
	echo >$TRACING/trace
	echo "$buffer_kb" >$TRACING/buffer_size_kb
	is "events that were lost" "$overrun" 0
}

# events COUNT ALIGN - of a watch, without what is before and what the largest run
# is while it fits.
events() {
	sed -n "s/.*: cma_watch: \(name=$AREA count=$1 align=$2 \)/\1/p" /tmp/trace |
		sed '/ state=fits /s/ largest_aligned=[0-9]*$//'
}

# must_event COUNT ALIGN STATE REST - one that must come.
must_event() {
	echo "name=$AREA count=$1 align=$2 state=$3 $4" >>"/tmp/must.$1"
}
nobody="comm= pid=0 by_count=0 by_align=0 by_pfn=0x0"

# Five times; of every second nobody reads the file after the release.
trace_rounds() {
	for round in 1 2 3 4 5; do
		break_both || return
		must_event 500 0 broken "comm=$comm pid=$first by_count=200 by_align=0 by_pfn=0x68800 largest_aligned=400"
		must_event 300 8 broken "comm=$comm pid=$taker by_count=100 by_align=0 by_pfn=0x688c8 largest_aligned=88"
		mend_both || return
		[ $((round % 2)) -eq 0 ] || cat "$watch" >/dev/null
		must_event 500 0 fits "$nobody"
		must_event 300 8 fits "$nobody"
	done
}

# same_events COUNT ALIGN
same_events() {
	events "$1" "$2" >/tmp/is
	cmp /tmp/is "/tmp/must.$1" || diff "/tmp/must.$1" /tmp/is
}

traces() {
	rm -f /tmp/must.300 /tmp/must.500
	watch_window || return
	trace_begins
	trace_rounds
	rounds_status=$?
	told 0 >/tmp/told.0
	told 1 >/tmp/told.1
	trace_ends && [ $rounds_status -eq 0 ] && same_events 300 8 &&
		same_events 500 0 &&
		expect " broken 5 times, the last " /tmp/told.0 &&
		expect " by ${comm}[$taker]: 100 pages " /tmp/told.0 &&
		expect " broken 5 times, the last " /tmp/told.1 &&
		expect " by ${comm}[$first]: 200 pages " /tmp/told.1
	release_all
}

# A release that only the worker sees.
traces_release() {
	watch_window || return
	trace_begins
	mark_log
	break_both && mend_both && soon_in_log "$fit_again"
	seen_status=$?
	trace_ends && [ $seen_status -eq 0 ] || return
	is "events" "$(events 300 8 | grep -o 'state=[a-z]*' | tr '\n' ' ')" \
		"state=broken state=fits "
	release_all
}

# place_is_free NR COUNT ALIGN - it can be had, behind the back of the allocator,
# which has what is used; what fits may be busy for a moment.
place_is_free() {
	place=$(told "$1" | sed -n 's/.* state fits, at \([0-9]*\) .*/\1/p')
	[ -n "$place" ] || { echo "no place:"; told "$1"; return 1; }
	[ $(((AREA_PFN + place) % (1 << $3))) -eq 0 ] ||
		{ echo "$place is not aligned to order $3"; return 1; }
	for _ in $(seq 50); do
		if shape pin "$AREA" "$(page "$place")" "$2" 2>/dev/null; then
			shape unpin "$AREA" "$(page "$place")" "$2"
			return
		fi
		sleep 0.1
	done
	echo "$2 pages at $place are not free"
	return 1
}

# as_probe NR COUNT ALIGN - at rest: what the file probe says of the same.
as_probe() {
	(echo "$2 $3" >&0 && cat) <>"$DIAG/$AREA/probe" >/tmp/answer
	if grep -q "^$AREA: fits\$" /tmp/answer; then
		told_is "$1" " state fits, at " &&
			place_is_free "$1" "$2" "$3" &&
			is "watch_$1_fits" "$(stat_of "watch_$1_fits")" 1
	else
		told_is "$1" " state does not fit" &&
			is "watch_$1_fits" "$(stat_of "watch_$1_fits")" 0
	fi && return
	cat /tmp/answer "$watch"
	return 1
}

all_as_probe() {
	as_probe 0 700 0 && as_probe 1 500 8 && as_probe 2 300 8 &&
		as_probe 3 900 0
}

# agrees NR COUNT ALIGN - the trace with the file: one event for each that was
# counted, and by turns.
agrees() {
	nr_broken=$(events "$2" "$3" | grep -c ' state=broken ')
	all_broken=$((all_broken + nr_broken))
	is "breaks of $2 pages at align $3, by the events," "$nr_broken" \
		"$(cat "/tmp/broken.$1")" || return
	events "$2" "$3" | awk '{
			match($0, / state=[a-z]*/)
			state = substr($0, RSTART, RLENGTH)
			if (state == last) { print "twice: " $0; bad = 1 }
			if (NR == 1 && state != " state=broken") {
				print "is first: " $0; bad = 1
			}
			last = state
		}
		END { exit bad }'
}

while_others_allocate() {
	begin && free 256 2000 && free 3000 1500 && free 6000 1200 || return
	tell 700 0 && tell 500 8 && tell 300 8 && tell 900 0 &&
		all_as_probe || return
	! $traced || trace_begins
	cma_test churn "$AREA" 4 "$(long 5 20)" >/tmp/refused &
	churn=$!
	rm -f /tmp/torn
	while kill -0 $churn 2>/dev/null; do
		cma_test read "$watch" || echo torn >/tmp/torn
	done
	# All that the tasks held is free: then some of it is taken, step by step.
	wait $churn && all_as_probe && take 1100 0 && take 1100 0 &&
		take 1100 0 && all_as_probe && take 300 0 && all_as_probe
	churn_status=$?
	[ ! -e /tmp/torn ] || churn_status=1
	for nr in 0 1 2 3; do
		stat_of "watch_${nr}_broken" >/tmp/broken.$nr
		told $nr >/tmp/told
		expect " broken $(cat /tmp/broken.$nr) time" /tmp/told ||
			churn_status=1
	done
	all_broken=$(cat /tmp/broken.? | awk '{ n += $1 } END { print n }')
	if $traced; then
		trace_ends || churn_status=1
		all_broken=0
		agrees 0 700 0 && agrees 1 500 8 && agrees 2 300 8 &&
			agrees 3 900 0 || churn_status=1
	fi
	echo "# $all_broken breaks, $(cat /tmp/refused) requests were refused"
	# At the end three of them were, for certain.
	[ "$all_broken" -ge 3 ] || { echo "too few breaks"; return 1; }
	[ $churn_status -eq 0 ]
	release_all
}

# unload_broken ROUND - at several moments of the worker's second.
unload_broken() {
	watch_window && tell 10000K && tell 456 && break_both || return
	sleep 0.$(($1 * 3 % 10))
	[ $(($1 % 2)) -eq 0 ] || mend_both || return
	rmmod cma_diag && [ ! -e "$DIAG" ]
}

# They go while they are broken, and the worker looks and tells.
unloads() {
	for round in $(seq "$rounds"); do
		if ! unload_broken "$round"; then
			echo "round $round"
			return 1
		fi
	done
	load_diag && says_what_to_write
	release_all
}

unloads_under_load() {
	shape drop "$AREA"
	cma_test churn "$AREA" 4 100000 >/dev/null &
	churn=$!
	churn_status=0
	for round in $(seq "$rounds"); do
		unload_diag && load_diag && tell 700 0 && tell 500 8 &&
			tell 2000 0 && tell 300 && sleep 1 &&
			cma_test read "$watch" && rmmod cma_diag && continue
		echo "round $round"
		churn_status=1
		break
	done
	kill -0 $churn || { echo "the tasks died"; churn_status=1; }
	killall cma_test
	wait
	wait_released cma_shape && load cma_diag && says_what_to_write &&
		[ $churn_status -eq 0 ]
	release_all
}

by_the_log() {
	unload_diag && insmod "$CMA_DIAG_KO" source=log || return
	for text in "300 8" 456 clear; do
		dmesg -c >/dev/null
		refused "Operation not supported" tell "$text" &&
			is "sentences in the kernel log" "$(sentences)" 1 ||
			return
	done
	is "the file" "$(tr -s '\n ' ' ' <"$watch")" \
		"$AREA: no watch can be set why the kernel's log tells of failures alone (see \"seen by\" in summary) " &&
		is watches "$(stat_of watches)" 0
}

load cma_shape
traced=true
[ -z "$(missing tracefs)" ] || traced=false
rounds=$(long 6 60 3)
steps=$(long 1500 20000 300)

check "$steps random steps, 4 watches: every break is counted, and whose it was" \
	on_empty cma_test watch "$steps" "$AREA" 0 "$AREA_PFN:$AREA_PAGES"
check "an area of larger units, and of several ranges" in_large_units
check "where none is set it says what to write" on_empty says_what_to_write
check "who broke it, what was left, and that it fits again" shows_who
check "stats has each of them" counts_in_stats
check "a fifth, one that is there, and what can never fit are refused" refuses
check "what is no question is refused, said so at debug level, and changes nothing" \
	refuses_no_question
check "clear removes them, and what is set then begins anew" clears
check "the kernel log says who broke it, and, when nobody reads, that it fits again" \
	logs
if $traced; then
	check "cma_watch: one event for each break, and for each time it fits again" \
		traces
	check "... also for what only the worker sees" traces_release
else
	skip "cma_watch: one event for each break, and for each time it fits again" \
		"$(missing tracefs)"
	skip "... also for what only the worker sees" "$(missing tracefs)"
fi
check "4 tasks allocate: at rest it is as probe has it, and no break is lost" \
	while_others_allocate
check "$rounds times rmmod while they are broken" unloads
check "$rounds times rmmod while 4 tasks allocate" unloads_under_load
check "from the kernel's log none can be seen to break, and it says so" by_the_log
test_end
