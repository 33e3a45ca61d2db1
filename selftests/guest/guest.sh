# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# Sourced by the tests of the guest: what they all need.

. ./ktap.sh

# Which test runs, on the console: what the kernel reports of itself from there
# on is that test's (see scripts/blame).
ktap_begins() {
	echo "<1>selftest ${GUEST_SCRIPT:-0}.$1: $2" >/dev/kmsg
}

DIAG=/sys/kernel/debug/cma_diag
SHAPE=/sys/kernel/debug/cma_shape
TRACING=/sys/kernel/tracing
MODULES=/lib/modules
KMEMLEAK=/sys/kernel/debug/kmemleak
export DIAG SHAPE TRACING MODULES KMEMLEAK

# expect TEXT FILE - the file has a line with this text.
expect() {
	grep -qF -- "$1" "$2" && return
	echo "no '$1' in $2:"
	tail -n 40 "$2"
	return 1
}

# mark_log - what the kernel logs from here on is log_since_mark's to print.
mark_log() {
	log_mark="mark $(cat /proc/sys/kernel/random/uuid)"
	echo "$log_mark" >/dev/kmsg
}

log_since_mark() {
	dmesg | sed "1,/$log_mark/d"
}

# expect_log TEXT - soon, since lines are logged by a worker.
expect_log() {
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		log_since_mark >/tmp/log
		grep -qF -- "$1" /tmp/log && return
		sleep 0.2
	done
	expect "$1" /tmp/log
}

# long SHORT LONG - how many: LONG in make soak. What is given as "$(long" and
# two numbers is found there.
long() {
	if [ -n "${SOAK:-}" ]; then
		echo "$2"
	else
		echo "$1"
	fi
}

# load NAME - insmod, if it is not there yet.
load() {
	[ -d "/sys/module/$1" ] || insmod "$MODULES/$1.ko"
}

# load_guest_modules - disks, and what the tests use of them; what is a module on a
# stock kernel is built into the others.
load_guest_modules() {
	if [ ! -e "$MODULES/guest/order" ] || [ -e /dev/vda ]; then
		return
	fi
	while read -r guest_module; do
		insmod "$MODULES/guest/$guest_module" || return
	done <"$MODULES/guest/order"
}

# mount_disk DISK [OPTION...] - with an empty file system, on /mnt.
mount_disk() {
	disk=$1
	shift
	load_guest_modules && mke2fs -b 4096 "$@" "$disk" >/dev/null &&
		mkdir -p /mnt && mount -t ext4 "$disk" /mnt
}

# refuses_garbage AREA FILE - what is no question, said so at debug level.
refuses_garbage() {
	dmesg -c >/dev/null
	cma_test ask_garbage "$1" "$2" || return
	dmesg -r | grep -c "^<7>.*cma_diag: $1/$2: " >/tmp/complaints
	[ "$(cat /tmp/complaints)" -eq 15 ] ||
		{ echo "$(cat /tmp/complaints) sentences in the kernel log"; return 1; }
}

# refused ERROR COMMAND... - the command fails, and says so in these words.
refused() {
	refused_error=$1
	shift
	if "$@" >/tmp/refused.out 2>&1; then
		echo "was not refused: $*"
		return 1
	fi
	expect "$refused_error" /tmp/refused.out
}

shape() {
	echo "$*" >"$SHAPE"
}

# The area made for the tests; see guest-areas.dts.
AREA=shape@68400000
AREA_PFN=0x68400
AREA_PAGES=8192
export AREA AREA_PFN AREA_PAGES

# last_failure - the newest block of the area's failures.
last_failure() {
	awk '/^#/ { block = "" } { block = block $0 "\n" }
	     END { printf "%s", block }' "$DIAG/$AREA/failures"
}

# ranges AREA - its ranges as PFN:PAGES, from its summary.
ranges() {
	sed -n 's/^  range .*: pfn \(0x[0-9a-f]*\), \([0-9]*\) pages.*/\1:\2/p' \
		"$DIAG/$1/summary"
}

unload_diag() {
	[ ! -d /sys/module/cma_diag ] || rmmod cma_diag
}

unload() {
	unload_diag && { [ ! -d /sys/module/cma_shape ] || rmmod cma_shape; }
}

# kmemleak suspects what is 5 s old and was the same in two scans.
finds_no_leak() {
	sleep 6
	echo scan >"$KMEMLEAK" && echo scan >"$KMEMLEAK" || return
	[ -z "$(cat "$KMEMLEAK")" ] && return
	cat "$KMEMLEAK"
	echo clear >"$KMEMLEAK"
	return 1
}

lockdep_is_on() {
	expect "debug_locks:                             1" /proc/lockdep_stats
}

# KCSAN counts the accesses that it has watched.
kcsan_is_on() {
	grep '^setup_watchpoints: [1-9]' /sys/kernel/debug/kcsan
}

# test_end - how every script ends: the modules go, nothing of them stays, and
# what watched them was awake.
test_end() {
	check "the modules unload" unload
	[ ! -e "$KMEMLEAK" ] || check "no memory is leaked" finds_no_leak
	[ ! -e /proc/lockdep_stats ] || check "lockdep is on" lockdep_is_on
	[ ! -e /sys/kernel/debug/kcsan ] || check "KCSAN is on" kcsan_is_on
	ktap_end
}
