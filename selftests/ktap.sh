# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# Sourced by scripts that test: results in KTAP. How a line reads is said by the
# functions that kselftest/ktap_helpers.sh of a kernel tree has, too: where there
# is one, guest.sh takes its.

ktap_out=$(mktemp)
ktap_nr=0
ktap_failed=0

ktap_print_header() {
	echo "KTAP version 1"
}

ktap_set_plan() {
	echo "1..$1"
}

# ktap_skip_all WHY - none of the script's tests can be run here.
ktap_skip_all() {
	echo "1..0 # SKIP $*"
}

ktap_test_pass() {
	echo "ok $ktap_nr - $1"
}

ktap_test_fail() {
	echo "not ok $ktap_nr - $1"
}

ktap_test_skip() {
	echo "ok $ktap_nr - $1 # SKIP"
}

# ktap_begins NR NAME - a test begins; who wants to know defines this anew.
ktap_begins() {
	:
}

# ktap_result STATUS NAME - the result of one test.
ktap_result() {
	ktap_nr=$((ktap_nr + 1))
	if [ "$1" -eq 0 ]; then
		ktap_test_pass "$2"
	else
		ktap_test_fail "$2"
		ktap_failed=$((ktap_failed + 1))
	fi
}

# check NAME COMMAND... - passes when the command succeeds.
check() {
	ktap_name=$1
	shift
	ktap_begins $((ktap_nr + 1)) "$ktap_name"
	# What fails is shown; so are the figures of what passes.
	if "$@" >"$ktap_out" 2>&1; then
		ktap_status=0
		sed -n '/^# /p' "$ktap_out"
	else
		ktap_status=1
		sed 's/^/# /' "$ktap_out" | head -n 60
	fi
	ktap_result $ktap_status "$ktap_name"
}

# subtests NAME COMMAND... - the command prints results of its own, and passes
# when it succeeds.
subtests() {
	ktap_name=$1
	shift
	{
		ktap_status=0
		"$@" 2>&1 || ktap_status=$?
		echo $ktap_status >"$ktap_out"
	} | sed 's/^/    /'
	ktap_result "$(cat "$ktap_out")" "$ktap_name"
}

# skip NAME WHY - a test that cannot be run here.
skip() {
	ktap_nr=$((ktap_nr + 1))
	ktap_test_skip "$1: $2"
}

ktap_end() {
	rm -f "$ktap_out"
	ktap_set_plan $ktap_nr
	[ $ktap_failed -eq 0 ]
}
