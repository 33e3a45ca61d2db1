#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# No false accusation: what fails, and why, is arranged, and memory is short.
. ./guest.sh
small=small@5fc00000
requests=${REQUESTS:-2500}
[ ! -e "$KMEMLEAK" ] || requests=500

load cma_diag
load cma_shape
check "a file system on a disk" mount_disk /dev/vda
check "$requests requests and more: every verdict is what was arranged" \
	cma_test accuse "$requests" /mnt/file $small 0 "$(ranges $small)"
umount /mnt
test_end
