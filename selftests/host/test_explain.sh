#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# tools/cma-explain: from a log to the row and the words that it must give.
set -eu
cd "$(dirname "$0")"
. ../ktap.sh

tools=$PWD/../../tools
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
explain() {
	"$tools/cma-explain-sanitized" "$@"
}

rows() {
	# shellcheck disable=SC2086 # a list of keys
	explain --json "$@" >"$work/json" &&
		explain/rows.pl ${keys:-} <"$work/json"
}

# gives ROW... - the log that comes in gives just these rows; a blank for a tab.
gives() {
	cat >"$work/log"
	printf '%s\n' "$@" | tr ' ' '\t' >"$work/rows"
	# shellcheck disable=SC2086 # a list of options
	rows ${options:-} "$work/log" | diff "$work/rows" -
}

# says LABEL TEXT - the text of the last log has that, its lines joined.
says() {
	# shellcheck disable=SC2086 # a list of options
	explain ${options:-} "$work/log" >"$work/text"
	awk -v label="$1" '
		/^#/ || /^  [a-z]/ { on = $1 == label; sub(/^  [a-z]+ +/, "") }
		on { sub(/^ +/, ""); printf "%s%s", sep, $0; sep = " " }
		/^$/ { sep = "\n" }
		END { print "" }
	' "$work/text" >"$work/said"
	grep -qF -- "$2" "$work/said" || {
		cat "$work/text"
		return 1
	}
}

public_reports() {
	tail -n +2 logs/EXPECTED.tsv >"$work/expected"
	for log in logs/*.log; do
		rows "$log" | sed "s|^|${log##*/}	|"
	done | LC_ALL=C sort | diff "$work/expected" - &&
		[ -s "$work/expected" ]
}

# random ORDER_PER_BIT BASE_PFN
random() (
	keys=to_free
	"$tools/random_logs" "$work/log" "$work/rows" "$1" "$2"
	bases=$2,$2,$2,$2,$2,$2,$2,$2
	rows --order-per-bit "$1" --base-pfn "$bases" "$work/log" |
		diff "$work/rows" - && [ -s "$work/rows" ]
)

with_name() {
	gives 'linux,cma 456 8 yes -12 misaligned 1024 511 1 511 256 yes' <<-'EOF' &&
		[    1.0] cma: cma_alloc: linux,cma: alloc failed, req-size: 456 pages, ret: -12
		[    1.0] cma: number of available pages: 511@1=> 511 free of 1024 total pages
	EOF
		says why 'largest free run is 511 pages at 1, but aligned to 256 it starts at 256 and leaves 256 < 456' &&
		says help '456 pages fit at align 5 (32 pages) or lower; at align 8 at most 256 pages fit now' &&
		says cheapest 'freeing 1 page (4 KiB) at 0 would make it fit at 0' &&
		says assumed 'align 8 is what a DMA caller asks for'
}

from_6_12() {
	gives 'reserved 100 7 yes -12 exhausted 128 28 1 28 0 yes' <<-'EOF'
		[    1.0] cma: __cma_alloc: reserved: alloc failed, req-size: 100 pages, ret: -12
		[    1.0] cma: number of available pages: 28@100=> 28 free of 128 total pages
	EOF
}

from_7_0() {
	gives 'linux,cma 456 8 yes -16 misaligned 16384 511 1 511 256 yes' <<-'EOF' &&
		[    2.8] cma: __cma_alloc_frozen: linux,cma: alloc failed, req-size: 456 pages, ret: -16
		[    2.8] cma: number of available pages: 
		[    2.8] cma: range 0: +511@8193
		[    2.8] cma: 
		[    2.8] => 511 free of 16384 total pages
	EOF
		says kernel 'errno -16, of Linux 6.15 or newer'
}

by_ranges() {
	gives 'r 300 8 yes -16 fragmented 1000 510 3 210 200 yes' <<-'EOF' &&
		cma: __cma_alloc_frozen: r: alloc failed, req-size: 300 pages, ret: -16
		cma: number of available pages: 
		cma: range 0: 200@0
		cma: 
		cma: range 1: +100@256+210@390
		cma: 
		=> 510 free of 1000 total pages
	EOF
		says why '510 pages are free in 3 runs, but the largest run is 210 pages at 390 of range 1: 210 < 300' &&
		! says cheapest freeing >"$work/none"
}

# The memory of 1000 pages lies at one end, for all that the log tells.
ranges_of_unknown_size() {
	gives 'r 950 8 yes -16 too-big 1000 200 2 100 100 yes' <<-'EOF' &&
		cma: __cma_alloc: r: alloc failed, req-size: 950 pages, ret: -16
		cma: number of available pages: 
		cma: range 0: 100@0
		cma: range 1: 100@0
		=> 200 free of 1000 total pages
	EOF
		says why "the largest of the area's 2 ranges has 900 at most"
}

name_with_newline() {
	gives 'cma0 456 8 yes -12 unknown - - - - - no' <<-'EOF'
		[    1.0] cma: cma_alloc: cma0
		[    1.0] : alloc failed, req-size: 456 pages, ret: -12
	EOF
}

split_by_printk() {
	gives '- 8 3 yes -12 fragmented 256 10 4 4 0 yes' <<-'EOF'
		[    1.0] [2: Binder:714_1: 744] cma: cma_alloc: alloc failed, req-size: 8 pages, ret: -12
		[    1.0] [2: Binder:714_1: 744] cma: number of available pages: 1@1+2@5
		[    1.0] [0: swapper/0: 0] usb 1-1: new device 3@4
		[    1.0] [2: Binder:714_1: 744] +4@9
		[    1.0] [2: Binder:714_1: 744] +3@33=> 10 free of 256 total pages
	EOF
}

wrapped_by_mail() {
	gives '- 8 3 yes -12 fragmented 256 10 4 4 0 yes' <<-'EOF'
		> [    1.0] cma: cma_alloc: alloc failed, req-size: 8 pages, ret:
		> -12
		> [    1.0] cma: number of available pages:
		> 1@1+2@5+4@9+3@33=> 10 free
		> of 256 total pages
	EOF
}

two_tasks() {
	gives 'a 64 6 yes -12 exhausted 256 3 2 2 0 yes' \
		'a 9 4 yes -12 fragmented 256 10 2 7 0 yes' <<-'EOF'
		[    1.0][   T11] cma: cma_alloc: a: alloc failed, req-size: 64 pages, ret: -12
		[    1.0][   T12] cma: cma_alloc: a: alloc failed, req-size: 9 pages, ret: -12
		[    1.0][   T12] cma: number of available pages: 3@1
		[    1.0][   T11] cma: number of available pages: 1@1
		[    1.0][   T12] +7@33=> 10 free of 256 total pages
		[    1.0][   T11] +2@33=> 3 free of 256 total pages
	EOF
}

two_without_tags() {
	gives 'a 64 6 yes -12 exhausted 256 3 2 2 0 yes' \
		'a 9 4 yes -12 fragmented 256 10 2 7 0 yes' <<-'EOF' &&
		[    1.0] cma: cma_alloc: a: alloc failed, req-size: 64 pages, ret: -12
		[    1.0] cma: cma_alloc: a: alloc failed, req-size: 9 pages, ret: -12
		[    1.0] cma: number of available pages: 1@1+2@33=> 3 free of 256 total pages
		[    1.0] cma: number of available pages: 3@1+7@33=> 10 free of 256 total pages
	EOF
		says why 'several failed at a time: their lists are taken in order'
}

order_per_bit() {
	gives '- 600 8 yes -12 fragmented 4096 768 2 512 384 yes' <<-'EOF' &&
		cma: cma_alloc: alloc failed, req-size: 600 pages, ret: -12
		cma: number of available pages: 512@2+256@14=> 768 free of 4096 total pages
	EOF
		says assumed 'a bit stands for 64 pages'
}

cut_but_decided() {
	gives '- 256 8 yes -12 fragmented 2048 357 - - - no' <<-'EOF' &&
		cma: cma_alloc: alloc failed, req-size: 256 pages, ret: -12
		cma: number of available pages: 4@572+166@1114+... => 357 free of 2048
	EOF
		says why '357 of 2048 pages are free; the list has 170, in runs of at most 166 pages (at 1114) < 256, and what it lacks, 187, is less, too' &&
		! says cheapest freeing >"$work/none"
}

cut_and_open() {
	gives '- 64 6 yes -12 unknown 2048 357 - - - no' <<-'EOF' &&
		cma: cma_alloc: alloc failed, req-size: 64 pages, ret: -12
		cma: number of available pages: 4@572+7@585+... => 357 free of 2048 total pages
	EOF
		says why 'the list lacks 346 free pages, in which the request may fit' &&
		says help 'add the lines from "number of available pages"'
}

totals_alone() {
	gives 'a 500 8 yes -16 exhausted 2048 357 - - - no' <<-'EOF' &&
		cma: __cma_alloc_frozen: a: alloc failed, req-size: 500 pages, ret: -16
		=> 357 free of 2048 total pages
	EOF
		says why '357 of 2048 pages are free, 357 < 500' &&
		says help 'free or add at least 143 pages (572 KiB)'
}

mismatch() {
	gives '- 64 6 yes -12 exhausted 2048 12 - 7 - no' <<-'EOF' &&
		cma: cma_alloc: alloc failed, req-size: 64 pages, ret: -12
		cma: number of available pages: 4@572+7@585=> 12 free of 2048 total pages
	EOF
		says why 'the list adds up to 11 pages, but the kernel printed 12 free'
}

list_alone() {
	gives '- - - - - unknown 2048 11 2 7 - yes' <<-'EOF' &&
		cma: number of available pages: 4@572+7@585=> 11 free of 2048 total pages
	EOF
		says why 'the log does not have the line that says how many pages were asked'
}

debug_lines() {
	gives '- 456 3 no -16 busy - - - - - no' <<-'EOF' &&
		cma: cma_alloc(cma ffffffc012345678, count 456, align 3)
		cma: cma_alloc(): memory range at ffffffbf00123400 is busy, retrying
		alloc_contig_range: [2f100, 2f30a) PFNs busy
		cma: cma_alloc: alloc failed, req-size: 456 pages, ret: -16
		cma: cma_alloc(): returned (null)
	EOF
		says why 'the log has 2 lines of busy places before it, the last of pfns 0x2f100 to 0x2f309'
}

# The same errno, of either side of the change, with a list that has room.
side_of_the_change() {
	gives 'a 4 2 yes -12 low-memory 64 8 1 8 8 yes' \
		'a 4 2 yes -12 low-memory 64 8 1 8 8 yes' \
		'a 4 2 yes -16 busy 64 8 1 8 8 yes' <<-'EOF' &&
		cma: cma_alloc: a: alloc failed, req-size: 4 pages, ret: -12
		cma: number of available pages: 8@16=> 8 free of 64 total pages
		cma: __cma_alloc_frozen: a: alloc failed, req-size: 4 pages, ret: -12
		cma: number of available pages: 
		cma: range 0: +8@16
		=> 8 free of 64 total pages
		cma: __cma_alloc_frozen: a: alloc failed, req-size: 4 pages, ret: -16
		cma: number of available pages: 
		cma: range 0: +8@16
		=> 8 free of 64 total pages
	EOF
		says why 'inferred from errno -16 and a list that has room, 8 pages at 16, at the assumed align: were they freed just then, it was raced' &&
		says why 'inferred from errno -12' &&
		[ "$(grep -c inferred "$work/said")" -eq 2 ]
}

# __cma_alloc is of both sides; the kernel's version elsewhere tells.
version_tells() {
	gives 'a 4 2 yes -16 unknown - - - - - no' <<-'EOF' &&
		cma: __cma_alloc: a: alloc failed, req-size: 4 pages, ret: -16
	EOF
		says why 'the log does not tell which this is' &&
		gives 'a 4 2 yes -16 busy - - - - - no' <<-'EOF'
		[    0.0] Linux version 6.12.57 (gcc) #1 SMP
		cma: __cma_alloc: a: alloc failed, req-size: 4 pages, ret: -16
	EOF
}

remainders() {
	gives 'a 300 8 yes -12 fragmented 3072 848 4 212 0 yes' <<-'EOF' &&
		cma: cma_alloc: a: alloc failed, req-size: 300 pages, ret: -12
		cma: number of available pages: 212@300+212@812+212@1324+212@1836=> 848 free of 3072 total pages
	EOF
		says why '4 of 4 free runs begin with what alignment to 256 leaves behind a buffer, 848 pages in all; 4 of these buffers have 44 pages more than a multiple of 256' &&
		says help 'make the sizes of buffers multiples of 256 pages'
}

given_by_options() (
	cat >"$work/given" <<-'EOF'
		cma: cma_alloc(cma (____ptrval____), count 20, align 5)
		cma: cma_alloc: alloc failed, req-size: 20 pages, ret: -12
		cma: number of available pages: 22@11=> 22 free of 64 total pages
	EOF
	gives '- 20 5 no -12 misaligned 64 22 1 22 1 yes' <"$work/given" &&
		options='--align 4 --base-pfn 0x1000' &&
		gives '- 20 4 no -12 misaligned 64 22 1 22 17 yes' \
			<"$work/given" &&
		options='--align 4 --base-pfn 5' &&
		gives '- 20 4 no -12 low-memory 64 22 1 22 22 yes' \
			<"$work/given" &&
		options='--order-per-bit 1' &&
		gives '- 20 5 no -12 misaligned 64 22 1 22 12 yes' \
			<"$work/given" &&
		sed 1d "$work/given" >"$work/without" &&
		options='--cma-alignment 2' &&
		gives '- 20 2 yes -12 low-memory 64 22 1 22 21 yes' \
			<"$work/without"
)

staircase() {
	for pages in 1024 512 256 128; do
		echo "cma: cma_alloc: alloc failed, req-size: $pages pages, ret: -12"
		echo "cma: number of available pages: 7@585=> 7 free of 2048 total pages"
	done >"$work/steps"
	echo "DMA: preallocated 256 KiB GFP_KERNEL pool for atomic allocations" \
		>>"$work/steps"
	gives '- 1024 8 yes -12 exhausted 2048 7 1 7 0 yes' \
		'- 512 8 yes -12 exhausted 2048 7 1 7 0 yes' \
		'- 256 8 yes -12 exhausted 2048 7 1 7 0 yes' \
		'- 128 7 yes -12 exhausted 2048 7 1 7 0 yes' <"$work/steps" &&
		says story '4 requests for less and less, up to line 7, as a caller makes that tries again: 1024 pages exhausted, 512 pages exhausted, 256 pages exhausted, 128 pages exhausted' &&
		says caller 'DMA: preallocated 256 KiB' &&
		[ "$(grep -c '^#' "$work/text")" -eq 1 ]
}

outcome() {
	gives '- 2025 8 yes -12 unknown - - - - - no' <<-'EOF' &&
		cma: cma_alloc: alloc failed, req-size: 2025 pages, ret: -12
		mxc-isi 32e00000.isi: dma alloc of size 8294400 failed
	EOF
		says caller 'mxc-isi 32e00000.isi: dma alloc of size 8294400 failed' &&
		says why 'the caller did not get by without CMA' &&
		gives '- 2025 8 yes -12 unknown - - - - - no' <<-'EOF' &&
		cma: cma_alloc: alloc failed, req-size: 2025 pages, ret: -12
		mxc-isi 32e00000.isi: dma alloc of size 4096 failed
		------------[ cut here ]------------
		WARNING: CPU: 0 PID: 61 at mm/page_alloc.c:4738 __alloc_pages_nodemask+0x1f4/0xd10
	EOF
		says caller 'WARNING: CPU: 0 PID: 61 at mm/page_alloc.c:4738'
}

# Saved bitmaps: the answer to a question is as the oracle says.
bitmaps() (
	keys=to_free
	mkdir "$work/bitmaps"
	"$tools/random_bitmaps" "$work/bitmaps" 150 >"$work/questions"
	nr=0
	while read -r question row; do
		printf '%s\n' "$row" >>"$work/bitmap_rows"
		rows --bitmap "$work/bitmaps/$nr" --probe "$question" || return
		nr=$((nr + 1))
	done <"$work/questions" >"$work/answers"
	[ $nr -eq 150 ] && diff "$work/bitmap_rows" "$work/answers"
)

# With the words of the module's file probe.
probe_said() {
	"$tools/random_bitmaps" "$work" 1 >"$work/questions"
	explain --bitmap "$work/0" --probe 1 >"$work/text"
	grep -q '^linux,cma: [a-z]' "$work/text" &&
		grep -qE '^  request   1 pages \(4 KiB\) at align 0, assumed$' \
			"$work/text" &&
		grep -qE '^  at once   [0-9]+ such buffers? fit$' "$work/text"
}

damaged_bitmaps() {
	"$tools/random_bitmaps" "$work" 1 >"$work/questions"
	head -c 100 "$work/0" >"$work/short"
	head -c 140 "$work/0" >"$work/shorter"
	printf 'XXXXXXXX' | cat - "$work/0" >"$work/other"
	is_wrong 'is no bitmap of cma_diag' --bitmap "$work/short" --probe 1 &&
		is_wrong 'is cut short' --bitmap "$work/shorter" --probe 1 &&
		is_wrong 'is no bitmap of cma_diag' --bitmap "$work/other" \
			--probe 1 &&
		is_wrong 'COUNT must be pages' --bitmap "$work/0" --probe x &&
		is_wrong 'go together' --bitmap "$work/0"
}

# In a terminal: the signs of what is used, free, skipped, and best.
map_in_characters() {
	cat >"$work/log" <<-'EOF'
		cma: cma_alloc: alloc failed, req-size: 40 pages, ret: -12
		cma: number of available pages: 60@2=> 60 free of 128 total pages
	EOF
	explain --align 5 --map - "$work/log" >"$work/text"
	grep -A1 '^       0 ' "$work/text" >"$work/drawn"
	diff - "$work/drawn" <<-'EOF'
		       0 ##------------------------------@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@##
		      64 ################################################################
	EOF
}

# Every second page of an area of NXP's size: well-formed, and small.
map_as_svg() {
	awk 'BEGIN {
		printf "cma: cma_alloc: alloc failed, req-size: 4 pages, ret: -12\n"
		printf "cma: number of available pages: 1@0"
		for (i = 2; i < 120000; i += 2)
			printf "+1@%d", i
		printf "+200@130000=> 60200 free of 245760 total pages\n"
	}' >"$work/log"
	explain --map "$work/svg" "$work/log" >"$work/text"
	[ "$(wc -c <"$work/svg")" -lt 20000 ] &&
		grep -q 'best place: 4 pages at 130000' "$work/svg" &&
		[ "$(grep -c '<path fill' "$work/svg")" -eq 5 ] &&
		tail -n 1 "$work/svg" | grep -qx '</svg>'
}

is_80_columns() {
	explain logs/*.log >"$work/text" && [ -s "$work/text" ] &&
		! grep -E '.{80}' "$work/text"
}

# is_wrong TEXT ARGUMENT... - status 2, and one sentence.
is_wrong() {
	text=$1
	shift
	status=0
	explain "$@" >"$work/out" 2>"$work/err" </dev/null || status=$?
	[ $status -eq 2 ] && [ ! -s "$work/out" ] &&
		grep -qF -- "$text" "$work/err"
}

bad_usage() {
	is_wrong '--align is an order, 0 to 63, not "x"' --align x &&
		is_wrong 'not "64"' --align 64 &&
		is_wrong '--base-pfn is a pfn for each range' --base-pfn 1,,2 &&
		is_wrong '--page-size is 4096, 16384 or 65536, not "5"' \
			--page-size 5 &&
		is_wrong 'Try "cma-explain --help"' --unknown &&
		is_wrong 'cannot read /nonexistent: No such file' /nonexistent
}

status_of_none() {
	status=0
	echo "alloc_contig_range: [2f100, 2f30a) PFNs busy" |
		explain >"$work/out" 2>"$work/err" || status=$?
	[ $status -eq 1 ] && [ ! -s "$work/out" ] &&
		grep -q 'there is no failed CMA allocation .* 1 line' \
			"$work/err"
}

# A list on one line that is longer than any buffer.
long_line() {
	awk 'BEGIN {
		printf "cma: cma_alloc: alloc failed, req-size: 4 pages, ret: -12\n"
		printf "cma: number of available pages: 1@0"
		for (i = 2; i < 200000; i += 2)
			printf "+1@%d", i
		printf "=> 100000 free of 245760 total pages\n"
	}' >"$work/long"
	gives '- 4 2 yes -12 fragmented 245760 100000 100000 1 1 yes' \
		<"$work/long"
}

help_fits_a_screen() {
	[ "$(explain --help | wc -l)" -le 24 ] &&
		! explain --help | grep -E '.{81}'
}

# Each option of --help has its paragraph in the manual, and none is missing.
manual_has_each_option() {
	explain --help | grep -oE '^  --[a-z-]+' | tr -d ' ' | sort >"$work/help"
	grep -A1 '^.TP' "$tools/cma-explain.1" | sed 's,[\],,g' |
		grep -oE -- '--[a-z-]+' | sort >"$work/manual"
	[ -s "$work/help" ] && diff "$work/help" "$work/manual"
}

check "public reports give their rows" public_reports
check "6000 random failures, in every format, are as the oracle says" \
	random 0 0
check "... with an area that begins at any page" random 0 74565
check "... with bits that stand for several pages" random 3 74565
check "5.12: with the area's name" with_name
check "6.12: __cma_alloc" from_6_12
check "7.0: __cma_alloc_frozen, a line for the range" from_7_0
check "a line for each range" by_ranges
check "ranges of which the log does not tell the size" ranges_of_unknown_size
check "an area's name that ends its line" name_with_newline
check "a list in records, others between them" split_by_printk
check "a mail that has wrapped all lines" wrapped_by_mail
check "two tasks whose lists are mixed" two_tasks
check "two tasks that the log does not tell apart" two_without_tags
check "order per bit, inferred" order_per_bit
check "a list that was cut, and yet decides" cut_but_decided
check "a list that was cut, and does not" cut_and_open
check "totals without a list" totals_alone
check "a list that does not add up" mismatch
check "a list without its failure" list_alone
check "align, and busy places, of the debug lines" debug_lines
check "errno -12 and -16 of either side of 6.15" side_of_the_change
check "the kernel's version decides where the format does not" version_tells
check "remainders of alignment are named" remainders
check "what options say outranks the log" given_by_options
check "a staircase of requests is one story" staircase
check "whether the caller got by" outcome
check "150 saved bitmaps answer as the oracle says" bitmaps
check "... in the words of the module" probe_said
check "... and say what is wrong with them" damaged_bitmaps
check "a map in characters" map_in_characters
check "a map as SVG, of 245760 pages" map_as_svg
check "the text has 80 columns" is_80_columns
check "a list of 100000 runs in one line" long_line
check "what is wrong with the command line is said" bad_usage
check "a log without a failure: status 1, and why" status_of_none
check "--help fits a screen" help_fits_a_screen
check "the manual has each option" manual_has_each_option
ktap_end
