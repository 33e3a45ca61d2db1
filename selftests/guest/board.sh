#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# On a board, with one of dts-examples/ in its device tree: the areas are there,
# and a client has what it gets with them. CASE says which.
cd /selftests/cma_diag || exit 1
. ./guest.sh
VPU=/soc@0/video-codec@38300000

is_the_board() {
	expect "NXP i.MX8MPlus EVK board" /proc/device-tree/model
}

# What the kernel said of an area when it made it, as PFN:PAGES.
kernel_says() {
	dmesg | grep -B 1 "initialized node $1," |
		sed -n 's/.*created CMA memory pool at \(0x[0-9a-f]*\), size \([0-9]*\) MiB$/\1 \2/p' |
		while read -r base mib; do
			printf '0x%x:%d\n' $((base >> 12)) $((mib << 8))
		done
}

# is_where_kernel_says AREA PAGES
is_where_kernel_says() {
	echo "# $1: $(ranges "$1")"
	[ "$(ranges "$1")" = "$(kernel_says "$1")" ] &&
		expect ", $2 pages (" "$DIAG/$1/summary" &&
		grep -q "^$1  *$2 " "$DIAG/summary"
}

# What others do to the area that all share: buffers of 1 MiB, and every second
# one freed. Half of it is free, and nothing longer than 256 pages.
others_fragment() {
	all=$(kernel_says linux,cma)
	load cma_shape && shape fill linux,cma || return
	pfn=$((${all%:*}))
	end=$((pfn + ${all#*:}))
	while [ $pfn -lt $end ]; do
		# What something else of the kernel holds is not ours to free.
		shape free linux,cma $pfn 256 2>/dev/null
		pfn=$((pfn + 512))
	done
}

is_fragmented() {
	summary=$(grep '^linux,cma ' "$DIAG/summary")
	echo "# $summary"
	# shellcheck disable=SC2086 # words
	set -- $summary
	[ "$3" -gt 100000 ] && [ "$5" -eq 256 ]
}

# The decoder's driver is loaded: four buffers of 8 MiB.
decoder_loads() {
	insmod test_modules/cma_client.ko node=$VPU bytes=8388608 count=4
}

decoder_fails_as() {
	refused "Cannot allocate memory" decoder_loads || return
	cat "$DIAG/failures"
	expect "linux,cma: $1" "$DIAG/failures" &&
		expect "request   2048 pages (8 MiB) at align 8" "$DIAG/failures" &&
		expect "dma_alloc_attrs+" "$DIAG/failures" &&
		expect "[cma_client]" "$DIAG/failures"
}

# Its pool has the buffers, and no request of anybody has failed.
decoder_has_its_buffers() {
	decoder_loads && expect "no failure since" "$DIAG/failures" &&
		grep '^vpu-pool  *16384  *8192 ' "$DIAG/summary" &&
		rmmod cma_client && grep '^vpu-pool  *16384  *16384 ' "$DIAG/summary"
}

# The pool has the buffers, but not where the device reaches them.
decoder_fails_unseen() {
	refused "Cannot allocate memory" decoder_loads &&
		expect "no failure since" "$DIAG/failures" &&
		grep '^requests  *[1-9][0-9]*  *0$' "$DIAG/vpu-pool/requests"
}

# is_below_4_gib AREA
is_below_4_gib() {
	range=$(ranges "$1")
	[ $((${range%:*} + ${range#*:})) -le $((0x100000)) ]
}

is_above_4_gib() {
	range=$(ranges "$1")
	[ $((${range%:*})) -ge $((0x100000)) ]
}

# Files in tmpfs take 500 MiB of the memory.
files_take_memory() {
	mkdir -p /mnt && mount -t tmpfs -o size=600m files /mnt &&
		dd if=/dev/zero of=/mnt/file bs=1M count=500
}

# pages_of_files - of the area.
pages_of_files() {
	sed -n 's/^shared memory (tmpfs)  *\([0-9]*\) .*/\1/p' \
		"$DIAG/linux,cma/pages"
}

most_lie_in_the_area() {
	lent=$(pages_of_files)
	echo "# of 128000 pages $lent"
	[ "$lent" -gt 100000 ]
}

few_lie_in_the_area() {
	lent=$(pages_of_files)
	echo "# of 128000 pages $lent"
	[ "$lent" -lt 30000 ]
}

ktap_print_header
check "the machine is the board" is_the_board
case $CASE in
shared-default | dedicated-pool)
	check "others take buffers of 1 MiB, and give every second one back" \
		others_fragment
	;;
esac
check "the module loads" load cma_diag
case $CASE in
shared-default)
	check "the area is where the kernel made it, with 960 MiB" \
		is_where_kernel_says linux,cma 245760
	check "half of it is free, in runs of 1 MiB" is_fragmented
	check "the decoder gets nothing: fragmented" decoder_fails_as fragmented
	;;
shared-default,cma=320M)
	check "with cma= on the command line the kernel passes over the node" \
		[ ! -e "$DIAG/linux,cma" ]
	check "... and makes an area of its own, of that size" \
		grep '^reserved  *81920 ' "$DIAG/summary"
	;;
dedicated-pool)
	check "the shared area is where the kernel made it, with 896 MiB" \
		is_where_kernel_says linux,cma 229376
	check "the pool is where the kernel made it, with 64 MiB" \
		is_where_kernel_says vpu-pool 16384
	check "half of the shared area is free, in runs of 1 MiB" is_fragmented
	check "the decoder has its buffers, from its pool" \
		decoder_has_its_buffers
	;;
low-32bit,without)
	check "without alloc-ranges the pool is above 4 GiB" \
		is_above_4_gib vpu-pool
	check "the decoder gets nothing, though no request fails" \
		decoder_fails_unseen
	;;
low-32bit)
	check "the pool is where the kernel made it, with 64 MiB" \
		is_where_kernel_says vpu-pool 16384
	check "... and below 4 GiB" is_below_4_gib vpu-pool
	check "the decoder has its buffers, from its pool" \
		decoder_has_its_buffers
	;;
smaller-area)
	check "the area is where the kernel made it, with 256 MiB" \
		is_where_kernel_says linux,cma 65536
	check "files take memory" files_take_memory
	check "... most of it outside the area" \
		few_lie_in_the_area
	umount /mnt
	;;
smaller-area,768M)
	check "the area is where the kernel made it, with 768 MiB" \
		is_where_kernel_says linux,cma 196608
	check "files take memory" files_take_memory
	check "... almost all of it in the area" \
		most_lie_in_the_area
	umount /mnt
	;;
esac
test_end
