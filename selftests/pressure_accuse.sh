#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# No false accusation: what fails, and why, is arranged, and memory is short.
cd "$(dirname "$0")" || exit 1
. ./guest.sh
needs root debugfs module shape cma_test disks
needs_areas pool@4e000000 small@5fc00000
small=small@5fc00000
pool=pool@4e000000
requests=$(long 400 2500 200)

# pages is read meanwhile, of areas of which every page changes its use.
accuse() {
	touch /tmp/reading
	while [ -e /tmp/reading ]; do
		cma_test read $DIAG/$small/pages || touch /tmp/torn
		cat $DIAG/$pool/pages >/tmp/pages || touch /tmp/torn
		echo >>/tmp/reads
		sleep 2
	done &
	cma_test accuse "$requests" /mnt/file $small 0 "$(ranges $small)"
	accuse_status=$?
	rm /tmp/reading
	wait
	echo "# pages was read $(wc -l </tmp/reads) times meanwhile"
	[ ! -e /tmp/torn ] && return $accuse_status
}

load cma_diag
load cma_shape
check "a file system on a disk" mount_disk /dev/vda
check "$requests requests and more: every verdict is what was arranged" \
	accuse
umount /mnt
test_end
