#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# For a module that was built with the mm/cma.h of another kernel: its layout is
# wrong, the proof must say so, and nothing may be left behind.
cd /selftests/cma_diag || exit 1
. ./guest.sh

mark_log
refused "Invalid argument" load_diag &&
	expect_log "cma_diag: not loaded: struct cma as mm/cma.h of the build tree describes it is not this kernel's: " &&
	[ ! -e $DIAG ] && [ ! -e /sys/module/cma_diag ]
