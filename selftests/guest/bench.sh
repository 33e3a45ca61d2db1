#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# What the module costs an allocation and its release, without it and loaded in
# each way. The clock counts instructions (ICOUNT=1 of scripts/boot). Prints
#
#   PARAMETERS WHAT INSTRUCTIONS SPREAD
#   memory AREAS KIB CORE
#   held BYTES HELD MEMCPY HELD_UP
#
# the median of the rounds, and what the middle half of them lies within; areas
# that are watched, what the module says that it uses for them, and the KiB of
# its code and tables; of an area full of buffers, the bytes of its bitmap, how
# long its lock was held to copy it and what memcpy() of so many bytes takes, and
# how long a request that failed was held up. WORK=memory prints only the second
# line, WORK=held the third.
#
# A round is so many allocations, each with its release, and the fewest of their
# instructions. An allocation drains the pages that processes freed to the CPU
# before it, which are more or fewer by hundreds of instructions' worth: that is
# the first of a round, and the others find none. One that fails drains nothing,
# and is a round.
cd /selftests/cma_diag || exit 1
. ./guest.sh
nr_rounds=21
round_len=16

# round COUNT - one, in ns; fails as it does.
round() (
	status=0
	echo "time $AREA $1 0 $round_len" >&0 || status=1
	head -n 1
	exit $status
) <>"$SHAPE" 2>/dev/null

# rounds COUNT fits|fails - each in decimal; each must end so.
rounds() {
	for _ in $(seq $nr_rounds); do
		if ns=$(round "$1"); then
			ended=fits
		else
			ended=fails
		fi
		[ $ended = "$2" ] || { echo "a round: $ended" >&2; exit 1; }
		echo $((ns))
	done
}

# measure PARAMETERS WHAT COUNT fits|fails
measure() {
	rounds "$3" "$4" >/tmp/rounds || exit
	sort -n /tmp/rounds | awk -v what="$1 $2" '
		{ ns[NR] = $1 }
		END {
			quarter = int((NR + 3) / 4)
			print what, ns[int((NR + 1) / 2)],
				ns[NR + 1 - quarter] - ns[quarter]
		}'
}

# Runs of 4 pages, and as many used between them.
fragment() {
	pfn=$((AREA_PFN))
	while [ $pfn -lt $((AREA_PFN + AREA_PAGES)) ]; do
		shape free "$AREA" $pfn 4 || exit
		pfn=$((pfn + 8))
	done
}

# measure_all PARAMETERS
measure_all() {
	shape drop "$AREA"
	measure "$1" 1-page 1 fits
	measure "$1" 64-pages 64 fits
	shape fill "$AREA"
	measure "$1" full 64 fails
	fragment
	measure "$1" 1024-runs 64 fails
}

print_memory() {
	echo memory "$(log_since_mark |
		sed -n 's/.*cma_diag: watching \([0-9]*\) area.*, using \([0-9]*\) KiB.*/\1 \2/p')" \
		$(($(cat /sys/module/cma_diag/coresize) / 1024))
}

sources() {
	mark_log
	insmod "$CMA_DIAG_KO" source=nonsense 2>/dev/null
	log_since_mark | sed -n 's/.* names none; there are: //p' | tail -n 1
}

# measure_with PARAMETER...
measure_with() {
	mark_log
	insmod "$CMA_DIAG_KO" "$@" || exit
	[ -n "${memory_known:-}" ] || print_memory
	memory_known=yes
	measure_all "$(echo "$*" | tr ' ' ,)"
	rmmod cma_diag
}

# measure_watched PARAMETER PAGES WHAT - of an area of which the last page is in use
# it is watched whether so many fit, and they do or do not, as WHAT says.
measure_watched() {
	shape drop "$AREA"
	insmod "$CMA_DIAG_KO" "$1" && shape hold "$AREA" "$AREA_PAGES" 0 &&
		shape free "$AREA" "$AREA_PFN" $((AREA_PAGES - 1)) &&
		echo "$2" 0 >"$DIAG/$AREA/watch" || exit
	measure "$1,watch:$3" 1-page 1 fits
	measure "$1,watch:$3" 64-pages 64 fits
	rmmod cma_diag
}

stat() {
	sed -n "s/^$1 //p" "$DIAG/reserved/stats"
}

# answer_to COMMAND... - what cma_shape answers, in decimal.
answer_to() {
	echo $(($( (echo "$*" >&0 && head -n 1) <>"$SHAPE")))
}

# An area as a pipeline leaves it: buffers of 300 pages, holes between them.
print_held() {
	load_shape && insmod "$CMA_DIAG_KO" || exit
	while shape hold reserved 300 8 >/dev/null 2>&1; do
		:
	done
	refused "Cannot allocate memory" shape time reserved 600 8 1 || exit
	size=$(($(stat pages) / 8))
	held=$(stat lock_held_max_ns)
	least=$(answer_to copy reserved $size 16)
	held_up=$(stat held_up_max_ns)
	[ "$held" -gt 0 ] && [ "$least" -gt 0 ] && [ "$held_up" -gt 0 ] || exit
	echo held $size "$held" "$least" "$held_up"
}

if [ "${WORK:-}" = memory ]; then
	mark_log
	insmod "$CMA_DIAG_KO" && print_memory
	exit
fi
if [ "${WORK:-}" = held ]; then
	print_held
	exit
fi
# shellcheck disable=SC2119 # without parameters
load_shape && measure_all none
for source in $(sources); do
	measure_with "source=$source"
	if [ "$source" != log ]; then
		measure_with "source=$source" ledger=0
		measure_watched "source=$source" 300 fits
		measure_watched "source=$source" "$AREA_PAGES" broken
	fi
	[ "$source" != tracepoints ] ||
		measure_with "source=$source" recorder=1
done
