#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# scripts/blame: what a guest's kernel reports fails the test that it came in.
set -eu
cd "$(dirname "$0")"
. ../ktap.sh

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# blame - on the console of a guest that runs three tests in two scripts, and
# their results. Who calls it sets, in a subshell, what the console has besides
# (at_boot, in_unloads, in_b, in_fails), that the guest died in the last test,
# and which result was lost then.
blame() {
	cat >"$work/console" <<-EOF
		[    0.0] Booting Linux${at_boot:-}
		[    1.0] selftest 1.0: test_a.sh
		[    1.0] selftest 1.1: it loads
		[    1.1] cma: alloc failed, req-size: 8 pages, ret: -12
		[    1.2] selftest 1.2: it unloads${in_unloads:-}
		[    2.0] selftest 2.0: test_b.sh${in_b:-}
		[    2.0] selftest 2.1: it fails${in_fails:-}
	EOF
	cat >"$work/results" <<-EOF
		KTAP version 1
		    KTAP version 1
		    ok 1 - it loads
		    ok 2 - it unloads
		    1..2
		ok 1 - test_a.sh
	EOF
	[ -z "${lost:-}" ] || sed -i "/$lost/d" "$work/results"
	[ -n "${died:-}" ] || cat >>"$work/results" <<-EOF
		    KTAP version 1
		    # why
		    not ok 1 - it fails
		    1..1
		not ok 2 - test_b.sh
		1..2
	EOF
	../../scripts/blame "$work/console" "$work/results" >"$work/blamed" &&
		return
	grep -v '# ' "$work/blamed" | grep 'ok' >"$work/verdicts"
	return 1
}

# results LINE... - just these results, in this order.
results() {
	printf '%s\n' "$@" | diff - "$work/verdicts"
}

sound_is_unchanged() {
	blame && cmp "$work/results" "$work/blamed"
}

# names REPORT - a line that each instrument has printed, as it did.
names() (
	in_unloads="
[    1.3] $1
[    1.4] Call trace:"
	! blame && results '    ok 1 - it loads' '    not ok 2 - it unloads' \
		'not ok 1 - test_a.sh' '    not ok 1 - it fails' \
		'not ok 2 - test_b.sh' &&
		grep -qF "    # [    1.3] $1" "$work/blamed" &&
		grep -qF "    # [    1.4] Call trace:" "$work/blamed"
)

names_script() (
	in_b="
[    2.0] WARNING: possible recursive locking detected"
	! blame && results '    ok 1 - it loads' '    ok 2 - it unloads' \
		'ok 1 - test_a.sh' '    not ok 1 - it fails' \
		'not ok 2 - test_b.sh' &&
		grep -q '^# .*recursive locking' "$work/blamed"
)

names_boot() (
	at_boot="
[    0.1] BUG: KASAN: slab-out-of-bounds in start_kernel+0x4/0x8"
	! blame && results '    ok 1 - it loads' '    ok 2 - it unloads' \
		'ok 1 - test_a.sh' '    not ok 1 - it fails' \
		'not ok 2 - test_b.sh' 'not ok 3 - the kernel boots'
)

names_death() (
	died=yes
	in_fails="
[    2.1] Kernel panic - not syncing: kernel: panic_on_warn set ..."
	! blame && results '    ok 1 - it loads' '    ok 2 - it unloads' \
		'ok 1 - test_a.sh' '    not ok 1 - it fails' \
		'not ok 2 - test_b.sh' &&
		grep -q 'died or hung in this test' "$work/blamed" &&
		grep -q '^    # .*panic_on_warn' "$work/blamed"
)

names_silent_death() (
	died=yes
	! blame && results '    ok 1 - it loads' '    ok 2 - it unloads' \
		'ok 1 - test_a.sh' '    not ok 1 - it fails' \
		'not ok 2 - test_b.sh'
)

tells_lost() (
	died=yes lost='it unloads'
	! blame && results '    ok 1 - it loads' 'ok 1 - test_a.sh' \
		'    not ok 1 - it fails' 'not ok 2 - test_b.sh' &&
		grep -q '# lost .* the result of 1.2, it unloads' "$work/blamed"
)

check "a sound kernel: the results stay as they are" sound_is_unchanged
while read -r line <&3; do
	check "$line" names "$line"
done 3<<-'EOF'
	BUG: KASAN: slab-use-after-free in cd_history_append+0x5c/0x130 [cma_diag]
	UBSAN: array-index-out-of-bounds in module/areas.c:88:9
	BUG: KCSAN: data-race in cd_inflight_busy [cma_diag] / cd_inflight_busy [cma_diag]
	WARNING: possible recursive locking detected
	WARNING: possible circular locking dependency detected
	WARNING: suspicious RCU usage
	BUG: sleeping function called from invalid context at mm/slab.h:337
	BUG: scheduling while atomic: cma_test/51/0x00000002
	kmemleak: 3 new suspected memory leaks (see /sys/kernel/debug/kmemleak)
	WARNING: CPU: 1 PID: 51 at mm/cma.c:300 cma_release+0x18/0x40
	Unable to handle kernel NULL pointer dereference at virtual address 0000000000000008
	ODEBUG: free active (active state 0) object type: work_struct
	rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:
EOF
check "between tests: the script is to blame" names_script
check "while booting: the boot is to blame" names_boot
check "the guest dies: the test that had begun is to blame" names_death
check "... even when nothing was reported" names_silent_death
check "... and results that were lost with it are named" tells_lost
ktap_end
