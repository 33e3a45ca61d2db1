# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# Sourced by the tests, in their folder: what they all need. They run in a guest
# of the bench, and on any machine that has what they need.

. ./ktap.sh
if [ -r ../kselftest/ktap_helpers.sh ]; then
	# shellcheck source=/dev/null
	. ../kselftest/ktap_helpers.sh
fi

# Which test runs, on the console: what the kernel reports of itself from there
# on is that test's (see scripts/blame). The bench gives the script its number.
ktap_begins() {
	[ -z "${GUEST_SCRIPT:-}" ] ||
		echo "<1>selftest $GUEST_SCRIPT.$1: $2" >/dev/kmsg
}

DEBUGFS=/sys/kernel/debug
DIAG=$DEBUGFS/cma_diag
SHAPE=$DEBUGFS/cma_shape
TRACING=/sys/kernel/tracing
KMEMLEAK=$DEBUGFS/kmemleak
# The module under test: this file, or what modprobe would load.
CMA_DIAG_KO=${CMA_DIAG_KO:-$(modinfo -n cma_diag 2>/dev/null)}
CMA_SHAPE_KO=$PWD/test_modules/cma_shape.ko
PATH=$PWD:$PATH
export DIAG SHAPE TRACING KMEMLEAK CMA_DIAG_KO CMA_SHAPE_KO PATH

is_loaded() {
	[ -d "/sys/module/$1" ]
}
found_loaded=
! is_loaded cma_diag || found_loaded=yes

is_mounted() {
	grep -qs " $2 $1 " /proc/mounts
}

# missing WHAT - why a script that needs this cannot run here; nothing if it can.
missing() {
	case $1 in
	root)
		[ "$(id -u)" -eq 0 ] || echo "not root"
		;;
	debugfs)
		is_mounted debugfs $DEBUGFS || echo "no debugfs on $DEBUGFS"
		;;
	tracefs)
		is_mounted tracefs $TRACING ||
			echo "no tracefs on $TRACING: this kernel has no CONFIG_FTRACE, or it is not mounted"
		;;
	module)
		is_loaded cma_diag || missing reload
		;;
	reload)
		[ -e "$CMA_DIAG_KO" ] ||
			echo "no cma_diag.ko: neither CMA_DIAG_KO=FILE nor modprobe has it"
		;;
	shape)
		is_loaded cma_shape || [ -e "$CMA_SHAPE_KO" ] ||
			echo "no test_modules/cma_shape.ko: build with KDIR=DIR"
		;;
	cma_test)
		[ -x cma_test ] ||
			echo "no cma_test: build with CMA_DIAG_SRC=DIR"
		;;
	disks)
		[ -n "${CMA_DIAG_ERASE_DISKS:-}" ] ||
			echo "erases /dev/vda, vdb and vdc: only with CMA_DIAG_ERASE_DISKS=1"
		;;
	fill)
		[ -n "${CMA_DIAG_FILL_AREA:-}" ] ||
			echo "takes all of the area linux,cma: only with CMA_DIAG_FILL_AREA=1"
		;;
	trace-cmd)
		command -v trace-cmd >/dev/null || echo "no trace-cmd"
		;;
	*)
		[ -e "from_project/$1" ] ||
			echo "no from_project/$1: build with CMA_DIAG_SRC=DIR"
		;;
	esac
}

skip_all() {
	ktap_skip_all "$1"
	rm -f "$ktap_out"
	exit 4
}

# needs WHAT... - how a script begins: with these, or it is skipped.
needs() {
	ktap_print_header
	for need; do
		why=$(missing "$need")
		[ -z "$why" ] || skip_all "$why"
	done
}

# has_area NAME - the device tree says so, or for huge pages the command line.
has_area() {
	case $1 in
	hugetlb0) grep -q 'hugetlb_cma=' /proc/cmdline ;;
	*) [ -d "/proc/device-tree/reserved-memory/$1" ] ;;
	esac
}

# needs_areas AREA... - likewise.
needs_areas() {
	for need; do
		has_area "$need" || skip_all "no area $need"
	done
}

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

# long SHORT LONG [SLOW] - how many: LONG in make soak; else SLOW, where that is
# given, on a kernel whose instruments make it many times slower. What is given as
# "$(long" and a number is found by make soak.
long() {
	if [ -n "${SOAK:-}" ]; then
		echo "$2"
	elif [ -e "$KMEMLEAK" ]; then
		echo "${3:-$1}"
	else
		echo "$1"
	fi
}

# load_shape [PARAMETER...] - the test module.
# shellcheck disable=SC2120 # called with them elsewhere
load_shape() {
	insmod "$CMA_SHAPE_KO" "$@" \
		"lookup=0x$(sed -n 's/ [Tt] kallsyms_lookup_name$//p' /proc/kallsyms)"
}

# load_diag [PARAMETER...] - the module under test, with the source that the bench
# asks for.
# shellcheck disable=SC2120 # called with them elsewhere
load_diag() {
	# shellcheck disable=SC2086 # one word or none
	insmod "$CMA_DIAG_KO" ${CMA_DIAG_SOURCE:+source=$CMA_DIAG_SOURCE} "$@"
}

# load NAME - insmod, if it is not there yet.
load() {
	is_loaded "$1" && return
	# shellcheck disable=SC2119 # without parameters
	case $1 in
	cma_diag) load_diag ;;
	cma_shape) load_shape ;;
	esac
}

# load_guest_modules - disks, and what the tests use of them; what is a module on a
# stock kernel is built into the others.
load_guest_modules() {
	if [ ! -e /lib/modules/guest/order ] || [ -e /dev/vda ]; then
		return
	fi
	while read -r guest_module; do
		insmod "/lib/modules/guest/$guest_module" || return
	done </lib/modules/guest/order
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

# shape COMMAND... - by a task of its own: several are no caller's story.
shape() {
	(echo "$*" >"$SHAPE")
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

# wait_released MODULE - until nobody has a file of the module open: a task that
# was killed closes its files when it gets to it, not when it is waited for.
wait_released() {
	for _ in $(seq 300); do
		[ "$(cat "/sys/module/$1/refcnt")" -ne 0 ] || return 0
		sleep 0.1
	done
	echo "$1 is still in use"
	return 1
}

# sees_pages - which page keeps a place from being taken is seen on this kernel.
sees_pages() {
	! grep -q "which page was busy" "$DIAG/summary"
}

unload_diag() {
	! is_loaded cma_diag || rmmod cma_diag
}

unload() {
	unload_diag && { ! is_loaded cma_shape || rmmod cma_shape; }
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
	if [ -z "$(missing reload)" ]; then
		check "the modules unload" unload
	else
		skip "the modules unload" "$(missing reload)"
		! is_loaded cma_shape || rmmod cma_shape
	fi
	[ ! -e /proc/lockdep_stats ] || check "lockdep is on" lockdep_is_on
	[ ! -e /sys/kernel/debug/kcsan ] || check "KCSAN is on" kcsan_is_on
	# As it was found.
	[ -z "$found_loaded" ] || load cma_diag
	ktap_end
}
