#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Runs tests of the guest, one subtest of KTAP a script: TESTS, with commas
# between. With SOAK=MINUTES again and again, for so long, each round with other
# random numbers.
cd /selftests || exit 1
. ./guest.sh

uptime() {
	cut -d. -f1 /proc/uptime
}

run() {
	echo "KTAP version 1"
	start=$(uptime)
	status=0
	"./$1" || status=$?
	echo "# took $(($(uptime) - start)) s"
	return $status
}

# run_round WORDS - every test; the words are added to its name.
run_round() {
	for test in $(echo "$TESTS" | tr , ' '); do
		GUEST_SCRIPT=$((ktap_nr + 1))
		export GUEST_SCRIPT
		ktap_begins 0 "$test$1"
		subtests "$test$1" run "$test"
	done
}

echo "KTAP version 1"
run_round ""
ROUND=1
export ROUND
while [ "$(uptime)" -lt $((${SOAK:-0} * 60)) ]; do
	ROUND=$((ROUND + 1))
	run_round ", round $ROUND"
done
ktap_end
