#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Runs tests of the guest with kselftest's runner: TESTS, with commas between. With
# SOAK=MINUTES again and again, for so long, each round with other random numbers.
# scripts/kselftest-results reads what it prints.
cd /selftests || exit 1

uptime() {
	cut -d. -f1 /proc/uptime
}

# run TEST NAME - the runner opens its own output once more, which loses lines
# of a file, and none of a pipe.
run() {
	GUEST_SCRIPT=$((${GUEST_SCRIPT:-0} + 1))
	export GUEST_SCRIPT
	echo "<1>selftest $GUEST_SCRIPT.0: $2" >/dev/kmsg
	echo "@@begins $2"
	start=$(uptime)
	./run_kselftest.sh -t "cma_diag:$1" 2>&1 | cat
	echo "@@took $(($(uptime) - start))"
}

# run_round WORDS - every test; the words are added to its name.
run_round() {
	for test in $(echo "$TESTS" | tr , ' '); do
		run "$test" "$test$1"
	done
}

run_round ""
ROUND=1
export ROUND
while [ "$(uptime)" -lt $((${SOAK:-0} * 60)) ]; do
	ROUND=$((ROUND + 1))
	run_round ", round $ROUND"
done
