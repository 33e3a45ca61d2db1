#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The last source: what the kernel logs and counts of failures. What it tells is
# right, what it does not is said, and whoever prints is never held up.
cd "$(dirname "$0")" || exit 1
. ./guest.sh
needs root debugfs reload shape cma_test
needs_areas "$AREA"

load cma_shape
with_log() {
	insmod "$CMA_DIAG_KO" source=log
}

page() {
	printf '0x%x' $((AREA_PFN + $1))
}

stat() {
	sed -n "s/^$2 //p" "$DIAG/${1:+$1/}stats"
}

# soon COMMAND... - within 10 s, since a worker is to see it.
soon() {
	for _ in $(seq 100); do
		"$@" >/tmp/soon && return
		sleep 0.1
	done
	cat /tmp/soon
	return 1
}

# The kernel's line is printed ten times in 5 s, and then no more.
may_log() {
	sleep 5
}

# Up to 5.11 the kernel's line does not name the area.
is_named() {
	case $(uname -r) in
	5.10.*) return 1 ;;
	esac
}

# From 6.15 on -16 may be "no place", and up to 6.14 -12.
busy_is_told() {
	case $(uname -r) in
	5.* | 6.[0-9].* | 6.1[0-4].*) ;;
	*) return 1 ;;
	esac
}

says_what_it_is() {
	mark_log
	with_log && expect_log "cma_diag: failures are seen by what the kernel logs of them, and later" &&
		expect "seen by   what the kernel logs of them, and its counter" \
			$DIAG/summary &&
		expect "not seen  the moment: " $DIAG/summary &&
		expect "others are not seen with this source" \
			"$DIAG/$AREA/requests"
}
check "source=log: what is not seen is said, at load and in summary" \
	says_what_it_is

has_failures() {
	[ "$(stat "$AREA" failures)" -ge "$1" ]
}

# logged COUNT ALIGN NR - a request fails, and is failure NR.
logged() {
	refused "Cannot allocate memory" shape hold "$AREA" "$1" "$2" &&
		soon has_failures "$3" && last_failure >/tmp/block &&
		unwrapped=$(sed 's/^  [a-z ]\{8\}  //' /tmp/block | tr '\n' ' ') &&
		echo "$unwrapped" >/tmp/unwrapped
}

# Each request has the alignment that a DMA caller would ask for.
tells_verdicts() {
	shape hold "$AREA" "$AREA_PAGES" 0
	logged 64 6 1 && expect "#1 $AREA: exhausted" /tmp/block &&
		expect " 64 pages (256 KiB) at align 6 (64 pages), assumed (not known) 0 of 8192 pages are free, 0 < 64 " /tmp/unwrapped || return
	shape free "$AREA" "$(page 16)" 511
	logged 456 8 2 && expect "#2 $AREA: misaligned" /tmp/block &&
		expect " largest free run is 511 pages at 16, but aligned to 256 it starts at 256 and leaves 271 < 456 " /tmp/unwrapped &&
		expect " freeing 16 pages (64 KiB) at 0 would make it fit at 0 " /tmp/unwrapped || return
	shape free "$AREA" "$(page 1024)" 300
	logged 600 8 3 && expect "#3 $AREA: fragmented" /tmp/block &&
		expect " 811 pages are free in 2 runs, but the largest run is 511 pages at 16: 511 < 600 " /tmp/unwrapped || return
	shape drop "$AREA"
}

says_what_is_assumed() {
	expect " align 8 is what a DMA caller asks for with so many pages " \
		/tmp/unwrapped &&
		expect "busy retries unknown" /tmp/block &&
		! grep -qE 'took|stack' /tmp/block &&
		expect_log "cma_diag: $AREA: 600 pages at align 8, assumed: fragmented: " &&
		grep -E 'the bitmap was looked at [0-9]+\.[0-9] ms after the kernel logged the failure' /tmp/unwrapped
}

tells_busy() {
	shape pin "$AREA" "$(page 5000)" 1
	logged "$AREA_PAGES" 0 4 || return
	shape unpin "$AREA" "$(page 5000)" 1
	if busy_is_told; then
		expect "#4 $AREA: busy" /tmp/block
	else
		expect "#4 $AREA: unknown" /tmp/block &&
			expect "its errno is that of \"no place\" and of one that was tried, and the bitmap was looked at later" \
				/tmp/unwrapped
	fi
}

# A caller that steps down; the kernel's limit has room for these.
tells_story() {
	may_log
	shape hold "$AREA" "$AREA_PAGES" 0
	cma_test step_down "$AREA" 500 64 300 >/tmp/steps &&
		expect "failed 4, the last 308" /tmp/steps &&
		soon has_failures 8 || return
	shape drop "$AREA"
	last_failure >/tmp/block
	expect "#5 $AREA: exhausted" /tmp/block &&
		sed 's/^  [a-z ]\{8\}  //' /tmp/block | tr '\n' ' ' >/tmp/unwrapped &&
		grep -E ' 4 failures from 500 down to 308 pages in [0-9.]* m?s: perhaps a caller stepping down; the last was exhausted: ' /tmp/unwrapped
}

counts_late() {
	[ "$(stat "$AREA" failures)" -eq 8 ] &&
		[ "$(stat "$AREA" late_failures)" -eq 8 ] &&
		[ "$(stat "$AREA" requests_failed)" -eq 8 ] &&
		[ "$(stat "$AREA" requests_succeeded)" -eq 0 ] &&
		[ "$(stat "" log_lines_missed)" -eq 0 ] &&
		grep -qE '^unknown +0 +8$' "$DIAG/$AREA/requests"
}

may_log
if is_named; then
	check "exhausted, misaligned, fragmented: the text is that of the moment" \
		tells_verdicts
	check "... and says what is assumed, what is not known, and how late it is" \
		says_what_is_assumed
	check "busy, where the errno tells it; else unknown, and why" tells_busy
	check "a caller that steps down is one story" tells_story
	check "all are counted as late" counts_late
else
	unattributed() {
		[ "$(stat "" failures_unattributed)" -ge "$1" ]
	}
	counts_unnamed() {
		refused "" shape hold "$AREA" 100000 0
		shape hold "$AREA" "$AREA_PAGES" 0
		for i in 1 2 3; do
			refused "Cannot allocate memory" shape hold "$AREA" 64 0 &&
				soon unattributed "$i" || return
		done
		shape drop "$AREA"
		[ "$(stat "$AREA" failures)" -eq 0 ]
	}
	check "this kernel names no area: with several, failures are counted alone" \
		counts_unnamed
fi

# Only the kernel writes lines of its own facility.
believes_no_other() {
	before=$(stat "$AREA" failures)
	for prefix in "<3>" "<11>" ""; do
		echo "${prefix}cma: cma_alloc: $AREA: alloc failed, req-size: 4 pages, ret: -12" \
			>/dev/kmsg
	done
	sleep 2
	[ "$(stat "$AREA" failures)" -eq "$before" ]
}
check "what user space writes to the log is no failure" believes_no_other

# No line comes to a console, and the log has no times.
does_without_bell() {
	may_log
	before=$(stat "$AREA" failures)
	level=$(cut -f 1 /proc/sys/kernel/printk)
	echo 1 >/proc/sys/kernel/printk
	echo N >/sys/module/printk/parameters/time
	shape hold "$AREA" "$AREA_PAGES" 0
	logged 64 6 $((before + 1))
	bell_status=$?
	echo "$level" >/proc/sys/kernel/printk
	echo Y >/sys/module/printk/parameters/time
	shape drop "$AREA"
	[ $bell_status -eq 0 ] && expect "#$((before + 1)) $AREA: exhausted" /tmp/block &&
		expect " the bitmap was looked at after the kernel logged the failure, up to a second " /tmp/unwrapped
}
if is_named; then
	check "a quiet console and a log without times: seen nevertheless" \
		does_without_bell
fi

# Five in a row that are seen in less than half a second are not chance; where the
# machine is slow, they may be the next time.
rings() {
	shape hold "$AREA" "$AREA_PAGES" 0
	level=$(cut -f 1 /proc/sys/kernel/printk)
	echo 8 >/proc/sys/kernel/printk
	for _ in 1 2 3 4 5; do
		may_log
		for _ in 1 2 3 4 5; do
			logged 64 6 $(($(stat "$AREA" failures) + 1)) || break
			late=${unwrapped#*was looked at }
			echo "${late%%.*}"
		done >/tmp/late
		tr '\n' ' ' </tmp/late
		awk '$1 < 500 { n++ } END { exit n != 5 }' /tmp/late && break
	done
	ring_status=$?
	echo "$level" >/proc/sys/kernel/printk
	shape drop "$AREA"
	return $ring_status
}
if is_named; then
	check "a line on a console is looked at at once" rings
fi

kernels_failures() {
	sed -n 's/^cma_alloc_fail //p' /proc/vmstat
}

# fill asks for less and less, and for no warning.
counts_silent() {
	kernels=$(kernels_failures)
	before=$(stat "" failures_not_logged)
	shape fill "$AREA"
	shape drop "$AREA"
	kernels=$(($(kernels_failures) - kernels))
	echo "# the kernel counted $kernels"
	[ $kernels -gt 5 ] &&
		[ $(($(stat "" failures_not_logged) - before)) -eq $kernels ] &&
		expect "failures that the kernel counted and did not log: " \
			$DIAG/summary
}
if [ -n "$(kernels_failures)" ]; then
	check "failures of callers that ask for no warning are counted" counts_silent
else
	skip "failures of callers that ask for no warning are counted" \
		"this kernel has no counter cma_alloc_fail"
fi
unload_diag

# Of a kernel without a counter; it has no limit for these lines either, and about
# 1000 of them are all that fits into the log.
in_dmesg() {
	log_since_mark | grep -c 'cma: .*cma_alloc.*: alloc failed, req-size: 64 pages'
}

# All of them are recorded, or counted as not logged; or, where the kernel counts
# none, each that is in the log is.
recorded_all() {
	if [ -n "$(kernels_failures)" ]; then
		[ $(($(stat "$AREA" failures) + $(stat "" failures_not_logged))) \
			-eq $(($(kernels_failures) - kernels)) ]
	else
		[ "$(stat "" failures_unattributed)" -eq "$(in_dmesg)" ]
	fi
}

seconds=$(long 15 120)
pause_us=1000
if [ -z "$(kernels_failures)" ]; then
	seconds=15
	pause_us=60000
fi
# 4 tasks, a console that takes 5 ms for each line, all of them printed.
stands_slow_console() {
	rmmod cma_shape && load_shape slow_console=5 && with_log || return
	shape hold "$AREA" "$AREA_PAGES" 0
	kernels=$(kernels_failures)
	level=$(cut -f 1 /proc/sys/kernel/printk)
	mark_log
	echo 8 >/proc/sys/kernel/printk
	cma_test fail "$AREA" 4 64 6 "$seconds" "$pause_us"
	status=$?
	echo "$level" >/proc/sys/kernel/printk
	[ $status -eq 0 ] && soon recorded_all || return
	recorded=$(($(stat "$AREA" failures) + $(stat "" failures_unattributed)))
	echo "# $recorded were recorded, $(stat "" failures_not_logged) counted"
	[ "$recorded" -ge 10 ] && [ "$(stat "" log_lines_missed)" -eq 0 ]
}
check "loglevel 8, a slow console, 4 tasks that fail: all recorded or counted" \
	stands_slow_console

# So many that the console, which each insmod waits for, keeps up with the lines:
# up to 5.13 the kernel has no limit for them.
loads_under_load() {
	unload_diag
	cma_test fail "$AREA" 4 64 6 100000 200000 &
	for i in $(seq "$rounds"); do
		with_log && rmmod cma_diag && continue
		echo "round $i"
		killall cma_test
		return 1
	done
	kill -0 $! || { echo "the failing tasks died"; return 1; }
	killall cma_test
	wait
	wait_released cma_shape
}
rounds=$(long 10 100 3)
level=$(cut -f 1 /proc/sys/kernel/printk)
echo 8 >/proc/sys/kernel/printk
check "$rounds times insmod and rmmod meanwhile" loads_under_load
echo "$level" >/proc/sys/kernel/printk
rmmod cma_shape

# Where others have all breakpoints, and there is nothing better than the log.
falls_back() {
	unload_diag
	load_shape breakpoints=5 && mark_log && insmod "$CMA_DIAG_KO" &&
		expect_log "cma_diag: no hardware breakpoints can be set (-28): others use them" &&
		expect_log "cma_diag: failures are seen by what the kernel logs" &&
		expect "seen by   what the kernel logs" $DIAG/summary
}
is_default() {
	mark_log
	insmod "$CMA_DIAG_KO" &&
		expect_log "cma_diag: failures are seen by what the kernel logs of them, and later; CONFIG_FTRACE would give tracepoints, CONFIG_PERF_EVENTS on arm64 hardware breakpoints" &&
		expect "seen by   what the kernel logs" $DIAG/summary
}
case $(uname -r) in
*-imx-bare)
	check "without CONFIG_FTRACE and CONFIG_PERF_EVENTS it is the log" \
		is_default
	;;
*-imx-stock)
	check "where others use all breakpoints, the log is what is left" \
		falls_back
	;;
esac
test_end
