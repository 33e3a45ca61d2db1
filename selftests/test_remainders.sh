#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# What alignment leaves behind buffers: told when it is much of what is free.
cd "$(dirname "$0")" || exit 1
. ./guest.sh
needs root debugfs module shape cma_test
needs_areas "$AREA"

load cma_diag
load cma_shape
check "buffers of 257, 300, 511, 640, 1000 pages fill an area: text and figures" \
	cma_test buffers "$AREA" 0 "$AREA_PFN:$AREA_PAGES"
test_end
