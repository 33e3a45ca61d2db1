#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Each verdict that the bitmap decides, provoked for real: the text people see.
cd "$(dirname "$0")" || exit 1
. ./guest.sh
needs root debugfs reload shape cma_test
needs_areas "$AREA" small@6ac00000

# The errno of "no place in the bitmap": mm/cma.c changed it in 6.15.
case $(uname -r) in
5.* | 6.[0-9].* | 6.1[0-4].*) no_place=-12 ;;
*) no_place=-16 ;;
esac

page() {
	printf '0x%x' $((AREA_PFN + $1))
}

# is_failure VERDICT WHY HELP FIGURES [CHEAPEST] - the newest failure reads just
# so, and names no cheapest way out but this; whose pages those are is test_holders'.
is_failure() {
	last_failure >/tmp/block
	sed '/^  whose /d; s/^  [a-z ]\{8\}  //' /tmp/block | tr '\n' ' ' >/tmp/unwrapped
	head -n 1 /tmp/block | grep -q "^#[0-9]* $AREA: $1\$" &&
		grep -qF -- "$2 $3 ${5:+$5 }$4 " /tmp/unwrapped && return
	echo "must be: $1: $2 $3 ${5:+$5 }$4"
	cat /tmp/block
	return 1
}

no_events=$(missing tracefs)
events=$TRACING/events/cma_diag

# The request fails, the kernel log and the trace event say why.
fails_as() {
	mark_log
	[ -n "$no_events" ] || echo >$TRACING/trace
	refused "Cannot allocate memory" shape hold "$AREA" "$1" "$2" || return
	is_failure "$3" "$4" "$5" "$6" "${7:-}" || return
	expect_log "cma_diag: $AREA: $1 pages at align $2: $3: $4" || return
	[ -z "$no_events" ] || return 0
	cat $TRACING/trace >/tmp/trace
	expect "cma_failure: name=$AREA count=$1 align=$2 errno=" /tmp/trace &&
		expect " verdict=$3 " /tmp/trace &&
		expect "\"$3\"" $events/cma_failure/format
}

has_errno() {
	last_failure >/tmp/block
	expect "errno $1, busy retries 0" /tmp/block
}

load cma_diag
load cma_shape
hold_all() {
	shape hold "$AREA" "$AREA_PAGES" 0
}
[ -n "$no_events" ] || echo 1 >$events/cma_failure/enable

hold_all
check "exhausted: a full area" \
	fails_as 64 0 exhausted \
	"0 of 8192 pages are free, 0 < 64" \
	"free or add at least 64 pages (256 KiB); at align 0 nothing fits now" \
	"total 8192, free 0, runs 0, largest 0, aligned 0"
check "exhausted: the errno is this kernel's for no place ($no_place)" \
	has_errno $no_place

shape free "$AREA" "$(page 16)" 511
check "misaligned: a run of 511 pages, 271 of them aligned to 256" \
	fails_as 456 8 misaligned \
	"largest free run is 511 pages at 16, but aligned to 256 it starts at 256 and leaves 271 < 456" \
	"456 pages fit at align 6 (64 pages) or lower; at align 8 at most 271 pages fit now; 8 is the cap that CONFIG_CMA_ALIGNMENT sets for DMA callers: 6 would let this through" \
	"total 8192, free 511, runs 1, largest 511, aligned 271" \
	"freeing 16 pages (64 KiB) at 0 would make it fit at 0"
check "misaligned: the errno is the same as exhausted's ($no_place)" \
	has_errno $no_place

shape free "$AREA" "$(page 1024)" 300
check "fragmented: 811 pages free in two runs" \
	fails_as 600 0 fragmented \
	"811 pages are free in 2 runs, but the largest run is 511 pages at 16: 511 < 600" \
	"89 more pages free next to the largest run would do at align 0; at align 0 at most 511 pages fit now; keep small long-lived buffers out of this area, or add 600 pages (2.3 MiB) to it" \
	"total 8192, free 811, runs 2, largest 511, aligned 511" \
	"freeing 89 pages (356 KiB) in 2 runs, 16 at 0 and 73 at 527, would make it fit at 0"
check "fragmented: the errno is the same as exhausted's ($no_place)" \
	has_errno $no_place

check "too-big: more than the area has" \
	fails_as 8193 0 too-big \
	"8193 pages are asked, the whole area has 8192" \
	"ask for at most 8192 pages (32 MiB), or give the area at least 8193 pages (32 MiB)" \
	"total 8192, free 811, runs 2, largest 511, aligned 511"

# As sixteen buffers of 300 pages leave it, each at a multiple of 512.
shape drop "$AREA"
hold_all
for i in $(seq 0 15); do
	shape free "$AREA" "$(page $((i * 512 + 300)))" 212
done
check "fragmented: by what alignment leaves behind buffers of 300 pages" \
	fails_as 300 8 fragmented \
	"3392 pages are free in 16 runs, but the largest run is 212 pages at 300: 212 < 300; 16 of 16 free runs begin with what alignment to 256 leaves behind a buffer, 3392 pages in all; 16 of these buffers have 44 pages more than a multiple of 256" \
	"88 more pages free next to the largest run would do at align 0; at align 8 nothing fits now; make the sizes of buffers multiples of 256 pages: 44 pages less in each of 16 would free as many blocks of 256, 212 pages more in each take nothing from others; CONFIG_CMA_ALIGNMENT 4 instead of 8 would leave at most 64 of these 3392 pages behind; or add 300 pages (1.2 MiB) to the area" \
	"total 8192, free 3392, runs 16, largest 212, aligned 0" \
	"freeing 88 pages (352 KiB) in 2 runs, 44 at 256 and 44 at 512, would make it fit at 256"

# The base is pfn 0x68400: page 3072 of the area lies at a multiple of 4096,
# page 4096 does not.
shape drop "$AREA"
hold_all
shape free "$AREA" "$(page 2048)" 2048
check "misaligned: pages and pfns differ, and the pfn is named" \
	fails_as 1500 12 misaligned \
	"largest free run is 2048 pages at 2048, but aligned to 4096 it starts at 3072 (pfn 0x69000) and leaves 1024 < 1500" \
	"1500 pages fit at align 10 (1024 pages) or lower; at align 12 at most 1024 pages fit now" \
	"total 8192, free 2048, runs 1, largest 2048, aligned 1024" \
	"freeing 476 pages (1.9 MiB) at 4096 would make it fit at 3072 (pfn 0x69000)"

shape drop "$AREA"

# A page that cannot be moved: the whole area fits, and is tried, in vain.
shape pin "$AREA" "$(page 5000)" 1
busy="the request fitted, but no place could be emptied: 1 place was given up as busy, the last at pfn 0x68400"
if sees_pages; then
	busy="$busy; pfn 0x69788 stopped 1 of them"
	busy_help="find the driver that keeps pfn 0x69788; such pages do not belong in the area"
else
	busy_help="find who holds pages of the area from pfn 0x68400 on: what cannot be moved now is listed by (echo 8192 0 >&0; cat) <>pages"
fi
check "busy: a page that cannot be moved" \
	fails_as 8192 0 busy "$busy" "$busy_help" \
	"total 8192, free 8192, runs 1, largest 8192, aligned 8192"

tells_tries() {
	[ -n "$no_events" ] || expect " retries=1 " /tmp/trace || return
	last_failure >/tmp/block
	expect "kernel    errno -16, busy retries 1, took " /tmp/block
}
check "busy: the errno and the tries are told" tells_tries

names_the_page() {
	[ -n "$no_events" ] || expect " blocking_pfn=0x69788" /tmp/trace ||
		return
	expect "page      pfn 0x69788: memory of the kernel or of a driver" \
		/tmp/block
}
# The command that the help has.
finds_the_page() {
	command=$(sed 's/^            / /' /tmp/block | tr -d '\n' |
		sed -n 's/.* listed by \((echo .*<>pages\) .*/\1/p')
	echo "# $command"
	(cd "$DIAG/$AREA" && sh -c "$command") >/tmp/pages &&
		expect "pfn 0x69788: memory of the kernel or of a driver" /tmp/pages
}
if sees_pages; then
	check "busy: the page is named" names_the_page
else
	check "busy: the page is found as the help says" finds_the_page
fi
shape unpin "$AREA" "$(page 5000)" 1

who_and_when() {
	last_failure >/tmp/block
	now=$(date -u +'%Y-%m-%d %H:')
	expect "caller    test_verdicts.s" /tmp/block &&
		expect "time      $now" /tmp/block &&
		grep -q 'stack     [_a-z]*cma_alloc' /tmp/block &&
		expect "shape_write+" /tmp/block
}
check "a failure tells who, when and from where" who_and_when

summary_counts() {
	expect "failures  " "$DIAG/$AREA/summary" &&
		expect "2 misaligned" "$DIAG/$AREA/summary" &&
		expect "2 fragmented" "$DIAG/$AREA/summary" &&
		grep -q "^$AREA .* busy\$" "$DIAG/summary"
}
check "summaries count verdicts and show the last" summary_counts

# in_module FUNCTION - the last failure leads through this function, an extended
# regular expression, of the module that is gone by now; all frames have names.
in_module() {
	last_failure >/tmp/block
	grep -qE "^ .* ($1)\+0x[0-9a-f]+/0x[0-9a-f]+ \[cma_shape\]\$" /tmp/block &&
		! grep -E '^  (stack)? +0x[0-9a-f]+' /tmp/block && return
	echo "no '$1' in:"
	cat /tmp/block
	return 1
}

# Its memory is free for the next module, so the next is loaded.
reload_shape() {
	rmmod cma_shape && load_shape "$@"
}

names_gone_module() {
	reload_shape &&
		refused "Cannot allocate memory" shape hold "$AREA" 8193 0 &&
		rmmod cma_shape && in_module shape_write && load cma_shape
}
check "a failure's stack keeps its names when the module that failed is gone" \
	names_gone_module

names_failed_load() {
	refused "Cannot allocate memory" reload_shape \
		"command=\"hold $AREA 8193 0\"" &&
		in_module "cma_shape_init|init_module" && load cma_shape
}
check "... when it is gone since its load failed by this" names_failed_load

names_init_part() {
	reload_shape "command=\"ask $AREA 8193 0\"" &&
		in_module "cma_shape_init|init_module"
}
check "... and when only the part of it is gone that its load needed" \
	names_init_part

# The newest 64 of an area, in order, and how many came before them.
keeps_64() {
	rmmod cma_diag && load cma_diag || return
	hold_all
	for _ in $(seq 70); do
		shape hold "$AREA" 64 0 2>/dev/null
	done
	shape drop "$AREA"
	for file in "$DIAG/failures" "$DIAG/$AREA/failures"; do
		grep '^#' "$file" | sed 's/^#\([0-9]*\) .*/\1/' >/tmp/numbers
		seq 7 70 | cmp - /tmp/numbers &&
			expect "6 older failures are no longer kept" "$file" ||
			return
	done
}
check "the newest 64 failures are kept, oldest first, the rest counted" \
	keeps_64

# On the stock kernels, one request in a hundred to five thousand comes so late.
small=small@6ac00000
races() {
	rmmod cma_diag && load cma_diag &&
		cma_test race 200 $small "$(ranges $small)"
}
check "raced: pages that were freed a moment too late" races

# With the burst over, without another failure and with the module still there.
burst_is_counted() {
	rmmod cma_diag && load cma_diag && mark_log || return
	for _ in $(seq 30); do
		shape hold "$AREA" 1000000 0 2>/dev/null
	done
	for _ in $(seq 60); do
		log_since_mark | grep -q "more failures, see the file" && break
		sleep 0.5
	done
	log_since_mark >/tmp/log
	logged=$(grep -c "cma_diag: $AREA: 1000000 pages" /tmp/log)
	expect "cma_diag: $((30 - logged)) more failures, see the file" /tmp/log
}
check "failures that the rate limit kept from the log are counted there, soon" \
	burst_is_counted

last_line_is_counted() {
	mark_log
	for _ in $(seq 30); do
		shape hold "$AREA" 1000000 0 2>/dev/null
	done
	rmmod cma_diag && expect_log "more failures were not logged"
}
check "... or when the module goes" \
	last_line_is_counted

test_end
