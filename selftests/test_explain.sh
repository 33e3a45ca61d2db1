#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# What cma-explain says of this kernel's log is what the module says of the same
# failure, as far as the log has it.
cd "$(dirname "$0")" || exit 1
. ./guest.sh
needs root debugfs module shape cma-explain
needs_areas "$AREA"

page() {
	printf '0x%x' $((AREA_PFN + $1))
}

# key NAME - of the one failure in the log.
key() {
	sed -n "s/.*\"$1\":\"\\([^\"]*\\)\".*/\\1/p; t
		s/.*\"$1\":\\([^,}]*\\).*/\\1/p" /tmp/json
}

# same WHAT MODULES EXPLAINS
same() {
	[ "$2" = "$3" ] && return
	echo "$1: the module says '$2', cma-explain '$3'"
	return 1
}

# words LABEL - of the newest failure, in one piece.
words() {
	awk -v label="$1" '
		/^  [a-z]/ { on = $1 == label; sub(/^  [a-z]+ +/, "") }
		on { sub(/^ +/, ""); printf "%s%s", sep, $0; sep = " " }
	' /tmp/block
}

figures() {
	sed -n 's/^  figures   //p' /tmp/block
}

agree_on_figures() {
	cheapest=$(words cheapest)
	same evidence "$(words why)" "$(key evidence)" &&
		same cheapest "${cheapest:-null}" "$(key cheapest)" &&
		same figures "$(figures)" "total $(key total), free $(key free), runs $(key nr_runs), largest $(key largest), aligned $(key largest_aligned)"
}

# fails_logged COUNT ALIGN - the kernel logs ten failures in five seconds, and
# perhaps others have had them.
fails_logged() {
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		dmesg -c >/dev/null
		refused "Cannot allocate memory" shape hold "$AREA" "$1" "$2" ||
			return
		dmesg >/tmp/log
		grep -q "alloc failed" /tmp/log && return
		sleep 1
	done
	echo "the kernel has not logged it:"
	cat /tmp/log
	return 1
}

# agree VERDICT COUNT ALIGN - of a request that fails now.
agree() {
	fails_logged "$2" "$3" || return
	last_failure >/tmp/block
	expect " $AREA: $1" /tmp/block || return
	from_project/cma-explain --json --align "$3" --base-pfn $AREA_PFN \
		/tmp/log >/tmp/json || { cat /tmp/log; return 1; }
	cat /tmp/json
	[ "$(wc -l </tmp/json)" -eq 1 ] &&
		same count "$2" "$(key count)" &&
		same errno "$(sed -n 's/^  kernel    errno \([-0-9]*\),.*/\1/p' \
			/tmp/block)" "$(key errno)" || return
	if ! grep -q "number of available pages" /tmp/log; then
		echo "# this kernel lists no free runs: $(key verdict)"
		same "complete" false "$(key complete)" || return
		# An errno of -16 says enough, up to 6.14.
		[ "$(key verdict)" = unknown ] ||
			same verdict "$1" "$(key verdict)"
		return
	fi
	same verdict "$1" "$(key verdict)" || return
	[ "$1" = busy ] || agree_on_figures
}

load cma_diag
load cma_shape
hold_all() {
	shape drop "$AREA"
	shape hold "$AREA" "$AREA_PAGES" 0
}

hold_all
check "exhausted: a full area" agree exhausted 64 0
shape free "$AREA" "$(page 16)" 511
check "misaligned: a run of 511 pages" agree misaligned 456 8
shape free "$AREA" "$(page 1024)" 300
check "fragmented: two runs" agree fragmented 600 0
hold_all
for i in $(seq 0 15); do
	shape free "$AREA" "$(page $((i * 512 + 300)))" 212
done
check "fragmented: by what alignment left behind" agree fragmented 300 8
hold_all
shape free "$AREA" "$(page 2048)" 2048
check "misaligned: where pages and pfns differ" agree misaligned 1500 12
shape drop "$AREA"
shape pin "$AREA" "$(page 5000)" 1
check "busy: a page that cannot be moved" agree busy 8192 0
shape unpin "$AREA" "$(page 5000)" 1
test_end
