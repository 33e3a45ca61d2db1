#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# For a kernel that has CMA, and no area.
cd /selftests/cma_diag || exit 1
. ./guest.sh

mark_log
refused "No such device" load_diag &&
	expect_log "cma_diag: not loaded: this system has no CMA area in use" &&
	[ ! -e $DIAG ] && [ ! -e /sys/module/cma_diag ]
