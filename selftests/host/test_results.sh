#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# scripts/kselftest-results and scripts/count-results: what kselftest's runner
# printed in a guest is read, and each result is counted once.
set -eu
cd "$(dirname "$0")"
. ../ktap.sh

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# ran NAME RUNNER - what a guest prints of a script, its own output on stdin; then
# the runner's result, if any.
ran() {
	echo "@@begins $1"
	echo "TAP version 13"
	echo "1..1"
	echo "# timeout set to 0"
	echo "# selftests: cma_diag: $1"
	sed 's/^/# /'
	[ -z "$2" ] || echo "$2"
	echo "@@took 3"
}

ok="ok 1 selftests: cma_diag: test_a.sh"
passes() {
	ran test_a.sh "$ok" <<-'EOF'
		TAP version 13
		ok 1 it loads
		not a result: ok 7
		# ok 8 neither
		ok 2 it reads: too little memory # SKIP
		1..2
	EOF
}

# read_as LINE... - read, these are the results, but for what explains them.
read_as() {
	../../scripts/kselftest-results "$work/output" >"$work/results"
	grep -vE '^ *(#|KTAP|1\.\.)' "$work/results" >"$work/verdicts" || true
	printf '%s\n' "$@" | diff - "$work/verdicts"
}

counted() {
	../../scripts/count-results "$work/results" >"$work/count" || true
	echo "$1" | diff - "$work/count"
}

explained() {
	grep -qF "    # $1" "$work/results" || { cat "$work/results"; return 1; }
}

reads_both_ways() {
	{
		passes
		ran test_b.sh "$ok" <<-'EOF'
			KTAP version 1
			ok 1 - it loads
			1..1
		EOF
	} >"$work/output"
	read_as '    ok 1 - it loads' \
		'    ok 2 - it reads: too little memory # SKIP' \
		'ok 1 - test_a.sh' '    ok 1 - it loads' 'ok 2 - test_b.sh' &&
		counted "2 passed, 0 failed, 1 skipped" &&
		explained "took 3 s" && explained "ok 8 neither"
}

counts_failure() {
	passes | sed 's/^# ok 1/# not ok 1/' >"$work/output"
	read_as '    not ok 1 - it loads' \
		'    ok 2 - it reads: too little memory # SKIP' \
		'not ok 1 - test_a.sh' &&
		counted "0 passed, 1 failed, 1 skipped"
}

# fails_without WHY PATTERN - a script that passes but for the lines that match.
fails_without() {
	passes | sed "/$2/d" >"$work/output"
	../../scripts/kselftest-results "$work/output" >"$work/results"
	grep -q '^not ok 1 - test_a.sh' "$work/results" && explained "$1" &&
		! ../../scripts/count-results "$work/results" >"$work/count" &&
		grep -q ' 1 failed' "$work/count"
}

fails_by_exit_status() {
	passes | sed 's/^ok 1 selft.*/not & # exit=1/' >"$work/output"
	read_as '    ok 1 - it loads' \
		'    ok 2 - it reads: too little memory # SKIP' \
		'not ok 1 - test_a.sh' &&
		counted "1 passed, 1 failed, 1 skipped" &&
		explained "none of its tests failed, but the script did: not ok 1"
}

fails_when_skipped() {
	ran test_a.sh "$ok # SKIP" >"$work/output" <<-'EOF'
		TAP version 13
		1..0 # SKIP no area shape
	EOF
	read_as 'not ok 1 - test_a.sh' &&
		counted "0 passed, 1 failed, 0 skipped" &&
		explained "all of it was skipped: no area shape"
}

leaves_unfinished() {
	passes | sed '/@@took/d' >"$work/output"
	read_as '    ok 1 - it loads' '    ok 2 - it reads: too little memory # SKIP'
}

# A result of three levels, as make check has them, sums up and is not counted.
counts_levels() {
	cat >"$work/results" <<-'EOF'
		    KTAP version 1
		        ok 1 - a
		        not ok 2 - b
		    not ok 1 - test_a.sh
		        ok 1 - c # SKIP why
		    ok 2 - test_b.sh
		        ok 1 - d
		    not ok 3 - test_c.sh
		    not ok 4 - test_d.sh
		not ok 1 - guest
		ok 2 - style
	EOF
	counted "3 passed, 3 failed, 1 skipped"
}

check "results of the tree's helpers and of ours are read alike, and counted" \
	reads_both_ways
check "a test that failed fails its script, whatever the runner says" \
	counts_failure
check "a script without a plan fails" \
	fails_without "results: 2, planned: not told" '^# 1\.\.2'
check "... one that ends early" \
	fails_without "results: 1, planned: 2" '^# ok 2'
check "... one that has no results" \
	fails_without "results: 0, planned: not told" '^# [o1]'
check "... one of whose results is lost" \
	fails_without "its results are not numbered from 1" '^# ok 1'
check "... one that the runner has no result of" \
	fails_without "the runner has 0 results" '^ok 1 selftests'
check "... one that only its exit status says of" fails_by_exit_status
check "... one that is skipped as a whole, which is told why" fails_when_skipped
check "a script in which the guest died is left to scripts/blame" \
	leaves_unfinished
check "of nested results each is counted once" counts_levels
ktap_end
