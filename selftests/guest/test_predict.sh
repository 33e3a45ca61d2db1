#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Predict and try: the core, an oracle and cma_alloc() itself must agree.
. ./guest.sh

load cma_diag
load cma_shape

check "200 random shapes, 5 requests each: prediction, outcome and text agree" \
	cma_test predict "$AREA" 0 200 5 "$AREA_PFN:$AREA_PAGES"

# The area for huge pages: a bit is 512 pages, but in 5.10 one page; from 6.15
# on it has two ranges here, since no 2 GiB lie together (see guest-areas.dts).
# If the order were not as the summary says, predictions would fail.
huge=hugetlb0
order=0
grep -q '512 pages to a bit' $DIAG/$huge/summary && order=9
nr_ranges=$(ranges $huge | wc -l)
# shellcheck disable=SC2046 # one word a range
check "order_per_bit $order, $nr_ranges ranges: 3 random shapes, 30 requests each" \
	cma_test predict $huge $order 3 30 $(ranges $huge)

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
