#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# A kernel that was built to catch mistakes has what it catches them with; were
# something missing, the other tests would pass all the same.
cd "$(dirname "$0")" || exit 1
. ./guest.sh
needs root debugfs
needs_areas "$AREA"

has_symbol() {
	grep " $1\$" /proc/kallsyms
}

has_own_figures() {
	[ -d "/sys/kernel/debug/cma/$AREA" ] && [ -d "/sys/kernel/mm/cma/$AREA" ]
}

instruments="KASAN, UBSAN, lockdep, kmemleak, fault injection, CMA's own figures"
case $(uname -r) in
*-debug) check "KASAN is built in" has_symbol kasan_report ;;
*-kcsan) check "KCSAN is on" grep '^enabled: 1' /sys/kernel/debug/kcsan ;;
*)
	skip "$instruments" "a stock kernel"
	test_end
	exit
	;;
esac
check "UBSAN is built in" has_symbol __ubsan_handle_out_of_bounds
check "lockdep is on" lockdep_is_on
check "kmemleak can scan" sh -c "echo scan >$KMEMLEAK"
check "atomic sleeps are reported" has_symbol __might_resched
check "faults can be injected" [ -e /proc/self/fail-nth ]
check "the kernel has its own figures of an area" has_own_figures
check "a dma-heap hands out the area of DMA callers" ls /dev/dma_heap/linux,cma
test_end
