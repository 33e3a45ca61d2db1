#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# A load on the area for tests, the same whenever it is run: how much of it failed
# for want of room, and how large the area should be. LOAD=large or LOAD=small.
cd /selftests/cma_diag || exit 1
. ./guest.sh

# Buffers that come and go, as "hold NR PAGES ALIGN" and "free NR".
steps() {
	case ${LOAD:-large} in
	large) max_pages=300 ;;
	*) max_pages=120 ;;
	esac
	awk -v max_pages=$max_pages '
		# The same numbers with every awk.
		function below(n) {
			x = x * 16807 % 2147483647
			return x % n
		}
		# What a DMA caller asks for.
		function order_of(pages, order, block) {
			block = 1
			for (order = 0; order < 8 && block < pages; order++)
				block *= 2
			return order
		}
		BEGIN {
			x = 20261
			for (i = 0; i < 200; i++) {
				if (nr && below(100) < 45) {
					j = below(nr)
					print "free", held[j]
					held[j] = held[--nr]
					continue
				}
				pages = 1 + below(max_pages)
				print "hold", i, pages,
					below(2) ? order_of(pages) : 0
				held[nr++] = i
			}
		}'
}

stat() {
	sed -n "s/^$1 //p" "$DIAG/$AREA/stats"
}

# ask PAGES ALIGN - by a task of its own; prints the pfn.
ask() {
	(echo "hold $AREA $1 $2" >&0 && head -n 1) <>"$SHAPE" 2>/dev/null |
		grep .
}

# hold NR PAGES ALIGN - what fits may be busy for a moment.
hold() {
	lacked=$(stat lacked_room)
	for _ in $(seq 50); do
		if pfn=$(ask "$2" "$3"); then
			echo "$pfn $2" >"/tmp/held.$1"
			return
		fi
		[ "$(stat lacked_room)" -eq "$lacked" ] || return 0
		sleep 0.1
	done
	echo "cannot hold $2 pages at align $3"
	return 1
}

# free NR - what was never had cannot be given back.
free() {
	[ -e "/tmp/held.$1" ] || return 0
	read -r pfn pages <"/tmp/held.$1"
	shape free "$AREA" "$pfn" "$pages"
}

# What others have in the area moves out.
empty() {
	shape fill "$AREA" && shape drop "$AREA"
}

load cma_shape && empty && load cma_diag || exit 1
steps >/tmp/steps || exit
while read -r verb nr pages align <&3; do
	case $verb in
	hold) hold "$nr" "$pages" "$align" || exit ;;
	free) free "$nr" || exit ;;
	esac
done 3</tmp/steps
sed -nE '/^(pages|failures|lacked_room|peak_used_pages|enough_pages) /p' \
	"$DIAG/$AREA/stats"
cat "$DIAG/$AREA/marks"
