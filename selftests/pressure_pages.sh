#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# <area>/pages: what the area's free pages are lent to.
cd "$(dirname "$0")" || exit 1
. ./guest.sh
needs root debugfs module shape cma_test disks
needs_areas pool@4e000000
pool=pool@4e000000

load cma_diag
load cma_shape
check "a file system on a disk" mount_disk /dev/vda
check "pages: every number is what the kernel's own flags give" \
	cma_test lent /mnt/file /tmp/shared $pool "$(ranges $pool)"
umount /mnt

check "what is no question is refused, said so at debug level, and changes nothing" \
	refuses_garbage $pool pages
test_end
