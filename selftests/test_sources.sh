#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# What allocations are seen by: each source that this kernel has tells the same of
# the same requests, and none is missed.
cd "$(dirname "$0")" || exit 1
. ./guest.sh
needs root debugfs reload shape cma_test README.md
needs_areas "$AREA"

page() {
	printf '0x%x' $((AREA_PFN + $1))
}

unload_diag
refuses_unknown() {
	mark_log
	refused "Invalid argument" insmod "$CMA_DIAG_KO" source=nonsense &&
		expect_log "cma_diag: not loaded: source=nonsense names none; there are:"
}
check "an unknown source is refused with the names that exist" refuses_unknown
# insmod may have tried twice.
sources=$(log_since_mark | sed -n 's/.* names none; there are: //p' |
	tail -n 1)
echo "# this kernel has: $sources"
# The last, which every kernel has, is test_log.sh's.
sources=${sources%log}

load cma_shape
with_source() {
	insmod "$CMA_DIAG_KO" "source=$1"
}

# What all sources can tell of a failure, and does not change with time; each
# field in one line. They look at the allocator in different places.
stays() {
	awk '
		/^            / { sub(/^ +/, " "); printf "%s", $0; next }
		{ printf "%s%s", sep, $0; sep = "\n" }
		END { print "" }' |
		grep -vE '^  (time|page|help|memory) ' |
		sed -e 's/; pfn 0x[0-9a-f]* stopped 1 of them//' \
			-e 's/, took .*//' -e 's/\[[0-9]*\]//g' \
			-e 's/\(cma_alloc[_a-z]*\)+[^ ]*/\1/g'
}

# Requests that end in all the ways that can be arranged for certain.
make_requests() {
	shape drop "$AREA"
	shape hold "$AREA" "$AREA_PAGES" 0
	shape hold "$AREA" 64 0
	shape free "$AREA" "$(page 16)" 511
	shape hold "$AREA" 456 8
	shape hold "$AREA" 8193 0
	shape free "$AREA" "$(page 1024)" 300
	shape hold "$AREA" 600 0
	shape hold "$AREA" 200 4
	shape drop "$AREA"
	shape pin "$AREA" "$(page 5000)" 1
	shape hold "$AREA" "$AREA_PAGES" 0
	shape unpin "$AREA" "$(page 5000)" 1
} 2>/dev/null

tells() {
	with_source "$1" && make_requests || return
	expect "  seen by   " $DIAG/summary &&
		grep '^requests ' "$DIAG/$AREA/requests" &&
		stays <"$DIAG/$AREA/failures" >"/tmp/failures.$1" || return
	grep -c '^#' "/tmp/failures.$1"
	[ "$(grep -c '^#' "/tmp/failures.$1")" -eq 5 ] &&
		grep -q '^requests  *2  *5$' "$DIAG/$AREA/requests"
}
for source in $sources; do
	check "$source: two of seven requests have their pages, five fail" \
		tells "$source"
	unload_diag
done

same_as_other() {
	diff "/tmp/failures.$1" "/tmp/failures.$2"
}
# shellcheck disable=SC2086 # words
set -- $sources
if [ $# -eq 2 ]; then
	check "$1 and $2 tell the same, to the letter" same_as_other "$1" "$2"
else
	skip "all sources tell the same" "there is one: $sources"
fi

# By the kernel's own count, of 6.12 on for each failure.
counts_as_kernel() {
	with_source "$1" || return
	kernels=$(sed -n 's/^cma_alloc_fail //p' /proc/vmstat)
	cma_test churn "$AREA" 4 "$(long 3 60)" >/tmp/refused || return
	ours=$(sed -n 's/^failures //p' "$DIAG/$AREA/stats")
	echo "# $(cat /tmp/refused) refused, $ours seen"
	grep -E "no free slot|without a bitmap" $DIAG/summary && return 1
	[ "$(cat /tmp/refused)" -gt 0 ] && [ "$ours" = "$(cat /tmp/refused)" ] ||
		return
	[ -z "$kernels" ] || [ "$ours" -eq $(($(sed -n 's/^cma_alloc_fail //p' \
		/proc/vmstat) - kernels)) ]
}
for source in $sources; do
	check "$source: 4 tasks allocate and free: each failure is seen" \
		counts_as_kernel "$source"
	unload_diag
done

has_breakpoints() {
	case " $sources " in
	*" breakpoints "*) ;;
	*) return 1 ;;
	esac
}
# What the README shows, of this kernel; the release is in another line.
as_in_readme() {
	load cma_diag &&
		sed -n '/^    cma_diag on Linux/,/^$/s/^    //p' \
			from_project/README.md | sed 1d >/tmp/shown &&
		sed -e 1d -e '/^$/,$d' -e '/^  note /d' $DIAG/summary |
		diff /tmp/shown - && [ -s /tmp/shown ]
}
case $(uname -r) in
6.12.*-imx-stock)
	check "summary is what the README shows of NXP's configuration" \
		as_in_readme
	unload_diag
	;;
esac

if ! has_breakpoints; then
	skip "hardware breakpoints" "no CONFIG_PERF_EVENTS, or not arm64"
	test_end
	exit
fi

# What is on its way when they are set or go is done by hand no more.
loads_under_load() {
	cma_test churn "$AREA" 4 100000 &
	for i in $(seq "$rounds"); do
		with_source breakpoints && rmmod cma_diag && continue
		echo "round $i"
		killall cma_test
		return 1
	done
	kill -0 $! || { echo "the allocating tasks died"; return 1; }
	killall cma_test
	wait
	wait_released cma_shape
}
rounds=$(long 20 200 3)
shape drop "$AREA"
check "$rounds times insmod and rmmod while 4 tasks allocate" loads_under_load
# What they held when they were killed.
rmmod cma_shape && load cma_shape

online() {
	echo "$1" >/sys/devices/system/cpu/cpu1/online
}

fails_on() {
	taskset "$1" sh -c "echo 'hold $AREA 1000000 0' >$SHAPE"
}

# Failures of tasks bound to each CPU.
sees_both_cpus() {
	before=$(sed -n 's/^failures //p' "$DIAG/$AREA/stats")
	refused "Cannot allocate memory" fails_on 1 &&
		refused "Cannot allocate memory" fails_on 2 || return
	after=$(sed -n 's/^failures //p' "$DIAG/$AREA/stats")
	echo "# $before, then $after"
	[ $((after - before)) -eq 2 ]
}

follows_cpus() {
	with_source breakpoints && sees_both_cpus && online 0 && online 1 &&
		sees_both_cpus || return
	# The second comes when the module is there already.
	rmmod cma_diag && online 0 && with_source breakpoints && online 1 &&
		sees_both_cpus
}
if [ -w /sys/devices/system/cpu/cpu1/online ]; then
	check "a CPU goes and comes back: what fails there is seen" follows_cpus
	unload_diag
else
	skip "a CPU goes and comes back" "the kernel has no CONFIG_HOTPLUG_CPU"
fi

# Others have all but so many of the six that this CPU has.
takes_all_but() {
	rmmod cma_shape && load_shape breakpoints=$((6 - $1))
}

does_without_places() {
	takes_all_but 4 && mark_log && with_source breakpoints &&
		expect_log "cma_diag: there are not enough hardware breakpoints for all: the places that are tried are not seen" &&
		expect "errno, busy retries: " $DIAG/summary || return
	shape hold "$AREA" "$AREA_PAGES" 0
	refused "Cannot allocate memory" shape hold "$AREA" 64 0
	shape drop "$AREA"
	last_failure >/tmp/block
	expect "$AREA: exhausted" /tmp/block
}
check "others use some breakpoints: the places are not seen, and that is said" \
	does_without_places
unload_diag

refuses_without() {
	takes_all_but 1 && mark_log &&
		refused "No space left on device" with_source breakpoints &&
		expect_log "cma_diag: no hardware breakpoints can be set (-28): others use them, perf or a debugger" &&
		expect_log "cma_diag: not loaded: " && [ ! -e "$DIAG" ]
}
check "others use nearly all of them: refused, with a sentence" refuses_without
rmmod cma_shape

# As with nodebugmon: they are set, and nothing comes of it.
refuses_silent() {
	echo N >$DEBUGFS/debug_enabled || return
	mark_log
	refused "Input/output error" with_source breakpoints
	silent_status=$?
	echo Y >$DEBUGFS/debug_enabled
	[ $silent_status -eq 0 ] &&
		expect_log "cma_diag: no hardware breakpoints can be set (-5): they do not fire" &&
		[ ! -e "$DIAG" ]
}
check "breakpoints that do not fire: refused, with a sentence" refuses_silent

finds_by_walk() {
	load_diag walk_symbols=1 &&
		expect "symbols   by sprint_symbol(), function by function" \
			$DIAG/summary
}
check "the kernel's functions are found without a kprobe, too" finds_by_walk
test_end
