#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Runs every test of the guest. One subtest of KTAP a script.
cd /selftests || exit 1
echo "KTAP version 1"
nr=0
failed=0
[ $# -gt 0 ] || set -- test_*.sh
echo "1..$#"
for test; do
	nr=$((nr + 1))
	echo "    KTAP version 1"
	start=$(cut -d. -f1 /proc/uptime)
	if ./"$test" >/tmp/results 2>&1; then
		result=ok
	else
		result="not ok"
		failed=1
	fi
	sed 's/^/    /' /tmp/results
	echo "    # took $(($(cut -d. -f1 /proc/uptime) - start)) s"
	echo "$result $nr - $test"
done
exit $failed
