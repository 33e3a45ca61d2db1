#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# A client of a dma-heap, as media frameworks are: what it is told when it gets
# nothing.
cd "$(dirname "$0")" || exit 1
. ./guest.sh
needs root debugfs module cma_test fill README.md
needs_areas linux,cma
AREA=linux,cma
HEAP=/dev/dma_heap/$AREA

load cma_diag
if [ ! -e "$HEAP" ]; then
	skip "a client of a dma-heap" \
		"no $HEAP: CONFIG_DMABUF_HEAPS_CMA is not set"
	test_end
	exit
fi
where=$(ranges $AREA)
client() {
	cma_test heap "$1" "$HEAP" $AREA "$where"
}

# What does not differ from one run to the next.
stays() {
	sed 's/^#[0-9]* //; s/\[[0-9]*\]/[PID]/' | grep -vE '^```|^  (time|caller|kernel) |\+0x|^$'
}

is_as_in_readme() {
	# shellcheck disable=SC2016 # backticks are Markdown's
	sed -n '/^## On an i.MX board/,/^## /p' from_project/README.md |
		sed -n '/^```text/,/^```/p' | stays >/tmp/shown
	last_failure | stays | diff /tmp/shown - && [ -s /tmp/shown ]
}

watch_is_as_in_readme() {
	sed -n '/^linux,cma: 1 watch of /,/^```/p' from_project/README.md |
		stays | grep -vE '^  (state|broken) ' >/tmp/shown
	stays <"$DIAG/$AREA/watch" | grep -vE '^  (state|broken|again) ' |
		diff /tmp/shown - && [ -s /tmp/shown ]
}

# But for when.
marks() {
	stays | sed 's/[0-9-]\{10\} [0-9:]\{8\}/WHEN/; s/, for [0-9]* s$//'
}

marks_are_as_in_readme() {
	sed -n '/^linux,cma: marks since /,/^```/p' from_project/README.md |
		marks >/tmp/shown
	marks <"$DIAG/$AREA/marks" | diff /tmp/shown - && [ -s /tmp/shown ]
}

check "exhausted: buffers of 1 MiB until there are no more, then a 1080p frame" \
	client exhausted
echo reset >"$DIAG/$AREA/marks"
check "exhausted: by another client, that leaks; not when that is gone" \
	client leak
on_board() {
	[ "${where#*:}" = 245760 ] && [ -e from_project/README.md ]
}
if on_board; then
	check "... and what was watched is what the README shows of the board" \
		watch_is_as_in_readme
	check "... and its marks, too" marks_are_as_in_readme
fi
check "fragmented: by what alignment leaves behind buffers of 300 pages" \
	client remainders
if on_board; then
	check "... and it is what the README shows of the board" is_as_in_readme
else
	skip "what the README shows" "this is not the board's area"
fi
# arm64 has kretprobes wherever it has kprobes.
if [ -d $DEBUGFS/kprobes ]; then
	check "the summary says that inodes are told" \
		expect "  dma-bufs  of the dma-heap, by dma_buf_export() (kretprobe)" \
		"$DIAG/summary"
	load cma_shape
	nr=$(long 400 100000 100)
	who_keeps=$(sed -n 's/^# \(grep .*fdinfo.*\)/\1/p' from_project/README.md)
	check "$nr steps: each buffer's place has the inode of its open file" \
		cma_test inodes 1 "$nr" "$HEAP" $AREA "$where" "$who_keeps"
	check "four tasks at once: none has another's" \
		cma_test inodes 4 "$nr" "$HEAP" $AREA "$where" "$who_keeps"
else
	skip "inodes of dma-bufs" "this kernel has no kretprobes"
fi
check "fragmented: by every second buffer that was given back" client holes
check "misaligned: 456 pages, in a run of 512" client misaligned
check "too-big: one page more than the area has" client too-big
test_end
