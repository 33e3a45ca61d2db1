#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Who holds an area's pages, against all that was really allocated and released.
cd "$(dirname "$0")" || exit 1
. ./guest.sh
needs root debugfs reload shape cma_test
needs_areas "$AREA" hugetlb0

# What was in use before is not known; so each case loads the module anew.
# with_ledger all|some LEDGER ALLOCATIONS
with_ledger() {
	unload_diag && cma_test holders "$1" "$2" "$3" "$AREA" 0 \
		"$AREA_PFN:$AREA_PAGES"
	status=$?
	shape drop "$AREA"
	return $status
}

without_ledger() {
	unload_diag && load_diag ledger=0 &&
		expect "loaded with ledger=0" "$DIAG/$AREA/holders"
}

by_the_log() {
	unload_diag && insmod "$CMA_DIAG_KO" source=log &&
		expect "tells of failures alone" "$DIAG/$AREA/holders"
}

# Tasks that allocate and release meanwhile; then nobody holds anything.
while_others_allocate() {
	unload_diag && load_diag || return
	cma_test churn "$AREA" 4 "$(long 5 60)" >/dev/null &
	churn=$!
	while kill -0 $churn 2>/dev/null; do
		cat "$DIAG/$AREA/holders" >/tmp/holders || return
	done
	wait $churn || return
	expect "$AREA: who holds 0 of $AREA_PAGES pages" "$DIAG/$AREA/holders"
	expect "  known     0 pages (0 KiB) in 0 blocks" "$DIAG/$AREA/holders"
}

# in_large_units - likewise for the area for huge pages, in its units and ranges.
in_large_units() {
	huge_ranges=$(ranges hugetlb0)
	order=0
	! grep -q '512 pages to a bit' "$DIAG/hugetlb0/summary" || order=9
	# shellcheck disable=SC2086 # one word a range
	unload_diag &&
		cma_test holders all 2048 200 hugetlb0 $order $huge_ranges
	status=$?
	shape drop hugetlb0
	return $status
}

load cma_shape
nr=$(long 1500 100000 300)
check "$nr allocations, all or part released: every page is who holds it" \
	with_ledger all 2048 "$nr"
check "... room for 20: what is said is so, the rest is not known" \
	with_ledger some 20 "$nr"
check "... room for 1" with_ledger some 1 "$(long 300 10000 100)"
check "while others allocate; when they are gone nobody holds anything" \
	while_others_allocate
check "an area of larger units, and of several ranges" in_large_units
check "ledger=0 keeps none, and says so" without_ledger
check "from the kernel's log nothing is known, and it says so" by_the_log
test_end
