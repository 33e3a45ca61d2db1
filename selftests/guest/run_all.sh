#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Runs every test of the guest. One subtest of KTAP a script. TESTS names others.
cd /selftests || exit 1
. ./guest.sh

run() {
	echo "KTAP version 1"
	start=$(cut -d. -f1 /proc/uptime)
	status=0
	"./$1" || status=$?
	echo "# took $(($(cut -d. -f1 /proc/uptime) - start)) s"
	return $status
}

echo "KTAP version 1"
for test in ${TESTS:-test_*.sh}; do
	GUEST_SCRIPT=$((ktap_nr + 1))
	export GUEST_SCRIPT
	ktap_begins 0 "$test"
	subtests "$test" run "$test"
done
ktap_end
