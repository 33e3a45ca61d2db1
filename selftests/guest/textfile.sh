#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Prints the metrics of a guest, and nothing else.
cd /selftests/cma_diag || exit 1
. ./guest.sh
load cma_diag
load cma_shape
shape hold "$AREA" 8193 3 2>/dev/null
shape hold "$AREA" 1000 0 2>/dev/null
from_project/cma-diag-textfile
