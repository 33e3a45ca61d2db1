#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# For a module that was built with this kernel's own mm/cma.h.
cd /selftests/cma_diag || exit 1
. ./guest.sh

load cma_diag && load cma_shape || exit 1
expect "struct cma from mm/cma.h of the build tree, proven" $DIAG/summary &&
	cma_test predict 10 10 "$AREA" 0 "$AREA_PFN:$AREA_PAGES" &&
	unload
