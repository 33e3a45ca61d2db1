#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# What ran before, since the kernel booted, has leaked no memory. It looks over
# all of the memory, for up to a minute: so it comes last.
cd "$(dirname "$0")" || exit 1
. ./guest.sh
needs root debugfs reload
[ -e "$KMEMLEAK" ] || skip_all "no kmemleak in this kernel"

# kmemleak suspects what is 5 s old and was the same in two scans.
finds_no_leak() {
	sleep 6
	echo scan >"$KMEMLEAK" && echo scan >"$KMEMLEAK" || return
	[ -z "$(cat "$KMEMLEAK")" ] && return
	cat "$KMEMLEAK"
	echo clear >"$KMEMLEAK"
	return 1
}

unload || exit 1
check "no memory is leaked" finds_no_leak
test_end
