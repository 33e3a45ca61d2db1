#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# For a module that was built with this kernel's own mm/cma.h.
. ./guest.sh

insmod "$MODULES/cma_diag.ko" && insmod "$MODULES/cma_shape.ko" || exit 1
expect "struct cma from mm/cma.h of the build tree, proven" $DIAG/summary &&
	cma_test predict 10 10 "$AREA" 0 "$AREA_PFN:$AREA_PAGES" &&
	unload
