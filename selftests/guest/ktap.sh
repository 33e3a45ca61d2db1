# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# Sourced by scripts that test: results in KTAP.

ktap_out=$(mktemp)
ktap_nr=0
ktap_failed=0

# ktap_begins NR NAME - a test begins; who wants to know defines this anew.
ktap_begins() {
	:
}

# ktap_result STATUS NAME - the result of one test.
ktap_result() {
	ktap_nr=$((ktap_nr + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $ktap_nr - $2"
	else
		echo "not ok $ktap_nr - $2"
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
	echo "ok $ktap_nr - $1 # SKIP $2"
}

ktap_end() {
	rm -f "$ktap_out"
	echo "1..$ktap_nr"
	[ $ktap_failed -eq 0 ]
}
