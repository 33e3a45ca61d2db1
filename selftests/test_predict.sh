#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Predict and try: the core, an oracle and cma_alloc() itself must agree.
cd "$(dirname "$0")" || exit 1
. ./guest.sh
needs root debugfs module shape cma_test
needs_areas "$AREA" hugetlb0

load cma_diag
load cma_shape

shapes=$(long 100 200 30)
check "$shapes random shapes, 5 requests each: prediction, outcome and text agree" \
	cma_test predict "$shapes" 5 "$AREA" 0 "$AREA_PFN:$AREA_PAGES"

# The area for huge pages: a bit is 512 pages, but in 5.10 one page; from 6.15
# on it has two ranges here, since no 2 GiB lie together (see guest-areas.dts).
# If the order were not as the summary says, predictions would fail. A kernel
# with instruments takes a minute for each of its shapes.
huge=hugetlb0
order=0
grep -q '512 pages to a bit' $DIAG/$huge/summary && order=9
nr_ranges=$(ranges $huge | wc -l)
nr_shapes=$(long 3 3 1)
# shellcheck disable=SC2046 # one word a range
check "order_per_bit $order, $nr_ranges ranges: $nr_shapes random shapes, 30 requests each" \
	cma_test predict "$nr_shapes" 30 $huge $order $(ranges $huge)

has_units_and_ranges() {
	case $(uname -r) in
	5.10.*) [ $order = 0 ] && [ "$nr_ranges" = 1 ] ;;
	6.*) [ $order = 9 ] && [ "$nr_ranges" = 1 ] ;;
	*) [ $order = 9 ] && [ "$nr_ranges" = 2 ] ;;
	esac
}
# Where there are several ranges, "at N" alone would not tell where.
places_name_their_range() {
	sed '/^last failure/,$d' $DIAG/$huge/summary >/tmp/places
	nr_places=$(grep -c ' at [0-9]' /tmp/places)
	nr_named=$(grep -c ' at [0-9]* of range [0-9]$' /tmp/places)
	[ "$nr_places" -ge 2 ] || return
	[ "$nr_ranges" -gt 1 ] || nr_places=0
	[ "$nr_named" -eq "$nr_places" ]
}
check "a place in an area of several ranges names its range" \
	places_name_their_range

check "the area for huge pages has the units and ranges meant to be tested" \
	has_units_and_ranges

test_end
