#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# busy, in the ways in which it really comes about: the page and what it is.
cd "$(dirname "$0")" || exit 1
. ./guest.sh
needs root debugfs module shape cma_test disks
needs_areas pool@4e000000
pool=pool@4e000000

# So that what is taken comes from an area, and not from the thousands of free
# pages that a CPU keeps for itself from 6.7 on.
keep_few_pages() {
	few=/proc/sys/vm/percpu_pagelist_high_fraction
	[ ! -e $few ] || echo 1000 >$few
}

# So that a file is written when we say so, and not before. An inode has a block
# for itself, since inodes are what is metadata and movable on all kernels.
prepare_files() {
	echo 0 >/proc/sys/vm/dirty_writeback_centisecs
	mount_disk /dev/dm-0 -I 4096 -i 65536 && sync
}

blocked_by() {
	cma_test blocked "$1" $pool "$(ranges $pool)"
}

load cma_diag
load cma_shape
prepare_disk() {
	load_guest_modules && cma_test held_disk /dev/vdc
}

check "CPUs keep few free pages for themselves" keep_few_pages
check "a disk whose I/O can be held back" prepare_disk
check "busy: a driver holds a page of a process" blocked_by reference
check "an mlocked page is moved; busy: a driver holds one" blocked_by mlock
check "busy: vmsplice() put a page into a pipe" blocked_by vmsplice
check "busy: direct I/O is to write into a page" blocked_by direct-io
check "a file system on that disk" prepare_files
check "busy: a driver holds a dirty page of a file" blocked_by dirty-file
check "busy: a driver holds a page of a file system's metadata" \
	blocked_by device
check "busy: a driver holds a page of shared memory" blocked_by shared-memory
check "a request waits for write-back, and succeeds" blocked_by writeback-alone
check "... and is busy if a driver holds the page" \
	blocked_by writeback-and-reference
umount /mnt
test_end
