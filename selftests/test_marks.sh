#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The marks of an area: how full it has been, and how large it should be for what
# was asked of it, in the file, in summary and in stats.
cd "$(dirname "$0")" || exit 1
. ./guest.sh
needs root debugfs reload shape cma_test
needs_areas "$AREA" hugetlb0

marks=$DIAG/$AREA/marks
# The name of the tasks that the shell makes.
comm=$(cat /proc/$$/comm)

page() {
	printf '0x%x' $((AREA_PFN + $1))
}

# tell TEXT - writes to the file.
tell() {
	(echo "$*" >"$marks")
}

# tell_bytes - what is read, as it is and in one piece.
tell_bytes() {
	dd of="$marks" bs=4M count=1 conv=notrunc
}

# sentences - how many there are in the kernel log, at debug level, of refusals.
sentences() {
	dmesg -r | grep -c "^<7>.*cma_diag: $AREA/marks: "
}

stat_of() {
	sed -n "s/^$1 //p" "$DIAG/$AREA/stats"
}

# is WHAT IS MUST - fails, and says so, when they differ.
is() {
	[ "$2" = "$3" ] && return
	echo "$1 is '$2', must be '$3'"
	return 1
}

# stats_are KEY VALUE... - these, in stats.
stats_are() {
	while [ $# -gt 0 ]; do
		is "$1" "$(stat_of "$1")" "$2" || return
		shift 2
	done
}

# told - the file in one line, without its dates.
told() {
	tr -s '\n ' ' ' <"$marks" |
		sed -E 's/[0-9]+-[0-9]+-[0-9]+ [0-9]+:[0-9]+:[0-9]+/DATE/g
			s/, for [0-9]+ s /, for N s /'
	echo
}

# told_is TEXT... - it has each text.
told_is() {
	told >/tmp/told
	for text; do
		expect "$text" /tmp/told || return
	done
}

# told_not TEXT
told_not() {
	told >/tmp/told
	! grep -F -- "$1" /tmp/told
}

# states - the file, but for the age of the marks.
states() {
	sed 's/, for [0-9]* s$//' "$marks"
}

# take COUNT ALIGN - by a task of its own, $taker; what fits may be busy for a
# moment.
take() {
	for _ in $(seq 50); do
		echo "hold $AREA $1 $2" 2>/dev/null >"$SHAPE" &
		taker=$!
		! wait $taker || return 0
		sleep 0.1
	done
	echo "cannot take $1 pages at align $2"
	return 1
}

# begin - the module anew, and all of the area held.
begin() {
	unload_diag && load_diag || return
	shape drop "$AREA" && take "$AREA_PAGES" 0
}

# begin_with PAGE COUNT... - of it these are free, and the marks begin.
begin_with() {
	begin && free_all "$@" && tell reset
}

free_all() {
	while [ $# -gt 0 ]; do
		shape free "$AREA" "$(page "$1")" "$2" || return
		shift 2
	done
}

# release_all - the area is empty again; fails as the command before it did.
release_all() {
	status=$?
	shape drop "$AREA"
	return $status
}

# on_empty COMMAND... - with the module loaded anew, and the area empty after.
on_empty() {
	unload_diag && load_diag && "$@"
	release_all
}

# in_large_units - likewise for the area for huge pages, in its units and ranges.
in_large_units() {
	unload_diag && load_diag || return
	huge_ranges=$(ranges hugetlb0)
	order=0
	! grep -q '512 pages to a bit' "$DIAG/hugetlb0/summary" || order=9
	# shellcheck disable=SC2086 # one word a range
	cma_test marks "$(long 300 3000 200)" hugetlb0 $order $huge_ranges
	status=$?
	shape drop hugetlb0
	return $status
}

# asks COUNT ALIGN - by a task of its own, in vain.
asks() {
	refused "Cannot allocate memory" shape hold "$AREA" "$1" "$2"
}

# asks_in_turn "COUNT ALIGN"... - by one task, each in vain.
asks_in_turn() {
	(
		for request; do
			if echo "hold $AREA $request" >"$SHAPE"; then
				echo "had: $request" >>/tmp/had
			fi
		done
	) 2>/dev/null
	[ ! -e /tmp/had ] && return
	cat /tmp/had
	rm -f /tmp/had
	return 1
}

# lacked NR DISTINCT REPEATED STEPS ELSEWHY - what failed, in stats and in words.
lacked() {
	if [ "$1" -eq 0 ]; then
		words="nothing for want of room"
	else
		words="$1 request"
		[ "$1" -eq 1 ] || words="${words}s"
		words="$words for want of room"
	fi
	if [ "$2" -ne "$1" ]; then
		words="$words: $2 distinct"
		[ "$3" -eq 0 ] || words="$words, $3 repeated"
		[ "$4" -eq 0 ] || words="$words, $4 steps down"
		words=$(echo "$words" | sed 's/ 1 steps/ 1 step/')
	fi
	[ "$5" -eq 0 ] || words="$words; $5 for other reasons"
	stats_are lacked_room "$1" lacked_room_distinct "$2" &&
		told_is " failed $words size "
}

# in_words PAGES - of whole MiB
in_words() {
	echo "$1 pages ($(($1 / 256)) MiB)"
}

# needs_pages ENOUGH APART [ENOUGH_ALL APART_ALL] - something failed: the sizes, in
# stats and in words.
needs_pages() {
	stats_are enough_pages "$1" apart_pages "$2" \
		enough_all_pages "${3:-$1}" apart_all_pages "${4:-$2}" || return
	enough=" size $(in_words "$1") would do for all that was asked"
	apart=" apart or $(in_words "$2") for what failed alone, and this area as it is"
	[ "${3:-$1}" -eq "$1" ] ||
		enough="$enough; $(in_words "$3"), if each repeat was for another buffer"
	[ "${4:-$2}" -eq "$2" ] ||
		apart="$apart; $(in_words "$4"), if each repeat was for another buffer"
	told_is "$enough$apart"
}

# would_have_done PAGES - nothing failed: likewise.
would_have_done() {
	stats_are enough_pages "$1" enough_all_pages "$1" apart_pages 0 \
		apart_all_pages 0 &&
		told_is " size $(in_words "$1") would have done: what is behind them was not used " &&
		told_not " apart " && told_not " cap "
}

all_needed() {
	stats_are enough_pages $AREA_PAGES apart_pages 0 &&
		told_is " size all of it was needed: 8192 pages (32 MiB) " &&
		told_not " apart " && told_not " cap "
}

# Of the area, as it is at load, pages 1024 to 1423 and 3000 to 3599 are free.
found_at_load() {
	begin && free_all 1024 400 3000 600 && unload_diag && load_diag "$@" ||
		return
	is "the file" "$(told)" "$AREA: marks since DATE, for N s peak 7192 of 8192 pages (28.1 MiB) used, found so DATE lowest a run of 528 pages at most at align 8, found so DATE failed nothing for want of room size all of it was needed: 8192 pages (32 MiB) "
}

changes_marks() {
	take 600 0 || return
	first=$taker
	text="peak 7792 of 8192 pages (30.4 MiB) used, DATE, by ${comm}[$first] lowest a run of 400 pages at most at align 8, DATE, by ${comm}[$first] failed "
	told_is "$text" && free_all 3000 600 && told_is "$text" || return
	# Less is used now, and what is left is no less than it was.
	take 300 0 && told_is "$text" &&
		stats_are peak_used_pages 7792 lowest_run_pages 400
}

found_and_changed() {
	found_at_load "$@" && changes_marks && cma_test read "$marks"
	release_all
}

# The last 3192 pages have not been used since: 5120 are 5 times 1024.
what_is_behind() {
	begin_with 100 100 5000 3192 || return
	would_have_done 5120 && take 100 0 && would_have_done 5120 &&
		take 121 0 && would_have_done 6144 || return
	# It was used, though it is no more.
	shape drop "$AREA" && would_have_done 6144 && tell reset &&
		stats_are enough_pages 0
	release_all
}

# Nobody reads meanwhile; less is used than was, and the largest run is elsewhere:
# that the end was used is known from the allocation alone.
what_was_at_the_end() {
	begin_with 0 3000 6000 2192 || return
	free_all 5000 1000 && take 900 12 && free_all 7168 900 || return
	told_is " peak 3000 of 8192 pages (11.7 MiB) used, found so DATE lowest a run of 3000 pages at most at align 8, found so DATE " &&
		all_needed
	release_all
}

when_exhausted() {
	begin_with || return
	lacked 0 0 0 0 0 && all_needed && asks 64 0 && lacked 1 1 0 0 0 &&
		needs_pages 9216 1024 || return
	# 64 pages, 192 to the next multiple of 256, 300 pages.
	asks 300 8 && lacked 2 2 0 0 0 && needs_pages 9216 1024 || return
	# With 256 more for what then lies elsewhere, 9216; 9217; and 1025 apart.
	asks 212 0 && lacked 3 3 0 0 0 && needs_pages 9216 1024 &&
		asks 1 0 && lacked 4 4 0 0 0 && needs_pages 10240 1024 &&
		asks 256 0 && lacked 5 5 0 0 0 && needs_pages 10240 2048 &&
		told_not " cap "
	release_all
}

# 556 pages, 4 to the next multiple of 8, 8193 pages.
when_too_big() {
	begin_with || return
	asks 556 0 && asks 8193 3 && lacked 2 2 0 0 0 &&
		needs_pages 17408 9216 && told_not " cap "
	release_all
}

when_fragmented() {
	begin_with 1024 300 2048 200 || return
	asks 400 0 && lacked 1 1 0 0 0 && needs_pages 9216 1024 &&
		told_not " cap "
	release_all
}

# Pages 8 to 518: at order 3 they have room for 511, at 4 for 503, at 5 for 487, at
# 6 for 455, at 8 for 263.
when_misaligned() {
	begin_with 8 511 || return
	asks 450 8 && lacked 1 1 0 0 0 && needs_pages 9216 1024 &&
		told_is " cap or CONFIG_CMA_ALIGNMENT 6 instead of 8: 1 of 1 would have had room " ||
		return
	asks 505 5 && asks 600 8 && lacked 3 3 0 0 0 &&
		told_is " cap or CONFIG_CMA_ALIGNMENT 6 instead of 8: 1 of 3 would have had room " ||
		return
	asks 480 8 && asks 470 8 &&
		told_is " cap or CONFIG_CMA_ALIGNMENT 5 instead of 8: 3 of 5 would have had room "
	release_all
}

# A DMA caller's order is no higher than the cap.
no_cap_helps() {
	begin_with 0 1500 || return
	asks 1400 12 && lacked 1 1 0 0 0 && told_not " cap " || return
	# 4096 pages more; of an area apart, which begins at a multiple of 1024, 3072.
	needs_pages 14336 5120
	release_all
}

who_repeats() {
	begin_with || return
	asks_in_turn "1000 0" "1000 0" "1000 0" && lacked 3 1 2 0 0 &&
		needs_pages 10240 1024 12288 3072 || return
	# Another task; another alignment.
	asks 1000 0 && lacked 4 2 2 0 0 && needs_pages 11264 2048 13312 4096 &&
		asks_in_turn "1000 0" "1000 3" && lacked 6 4 2 0 0 &&
		needs_pages 13312 4096 15360 6144
	release_all
}

# 2000, 1900, ... 1500: the first is what was wanted.
who_steps_down() {
	begin_with || return
	cma_test step_down "$AREA" 2000 100 1500 >/tmp/steps &&
		expect "failed 6, the last 1500" /tmp/steps &&
		lacked 6 1 0 5 0 && needs_pages 11264 2048 || return
	# A story, a size that was asked before, and another's.
	tell reset && lacked 0 0 0 0 0 &&
		asks_in_turn "1000 0" "1000 0" "900 0" "1000 0" &&
		lacked 4 1 2 1 0 && asks 300 8 && lacked 5 2 2 1 0 &&
		needs_pages 10240 2048 12288 4096 && cma_test read "$marks"
	release_all
}

# A page that cannot be moved.
when_busy() {
	unload_diag && shape drop "$AREA" && load_diag &&
		shape pin "$AREA" "$(page 5000)" 1 || return
	asks 8192 0 && lacked 0 0 0 0 1 && asks 8192 0 && lacked 0 0 0 0 2 &&
		asks 8193 0 && lacked 1 1 0 0 2 &&
		told_is " peak 0 of 8192 pages (0 KiB) used, found so DATE "
	busy_status=$?
	shape unpin "$AREA" "$(page 5000)" 1
	[ $busy_status -eq 0 ]
	release_all
}

# Seconds since 1970 of the file's nth date.
date_of() {
	date -u -d "$(grep -oE '[0-9]+-[0-9]+-[0-9]+ [0-9]+:[0-9]+:[0-9]+' \
		/tmp/file | sed -n "$1p")" +%s
}

# near WHAT IS MUST - two readings of two clocks may differ by a second.
near() {
	[ $(($2 - $3)) -ge -1 ] && [ $(($2 - $3)) -le 1 ] && return
	echo "$1 is $2, must be $3"
	return 1
}

as_in_stats() {
	begin_with 1024 400 3000 600 || return
	take 600 0 && asks 700 8 && cat "$marks" >/tmp/file &&
		stats_are marks_known 1 peak_used_pages 7792 \
			lowest_run_pages 400 lacked_room 1 \
			lacked_room_distinct 1 enough_pages 9216 \
			enough_all_pages 9216 apart_pages 1024 \
			apart_all_pages 1024 &&
		near marks_since "$(stat_of marks_since)" "$(date_of 1)" &&
		near peak_used_time "$(stat_of peak_used_time)" "$(date_of 2)" &&
		near lowest_run_time "$(stat_of lowest_run_time)" "$(date_of 3)"
	release_all
}

# How old they are, and a second by which dates may differ, aside.
without_dates() {
	sed -E 's/[0-9]+-[0-9]+-[0-9]+ [0-9]+:[0-9]+:[0-9]+/DATE/g
		s/, for [0-9]+ s$//'
}

as_in_summary() {
	begin_with 16 511 || return
	asks 456 8 && asks_in_turn "1000 0" "1000 0" || return
	sed 1d "$marks" | grep '^  ' | without_dates >/tmp/must
	grep -A "$(wc -l </tmp/must)" '^marks since ' "$DIAG/$AREA/summary" |
		without_dates >/tmp/is
	[ "$(wc -l </tmp/must)" -ge 6 ] || { cat "$marks"; return 1; }
	is "the heading" "$(head -n 1 /tmp/is)" "marks since DATE" &&
		sed 1d /tmp/is | diff /tmp/must -
	release_all
}

begins_anew() {
	begin_with 1024 400 || return
	asks 500 0 && lacked 1 1 0 0 0 && take 400 0 || return
	told_is " peak 8192 of 8192 pages (32 MiB) used, DATE, by ${comm}[$taker] " &&
		free_all 4000 4192 && tell reset && lacked 0 0 0 0 0 &&
		told_is " peak 4000 of 8192 pages (15.6 MiB) used, found so DATE lowest a run of 4096 pages at most at align 8, found so DATE " &&
		would_have_done 4096 && take 4192 0 &&
		told_is " peak 8192 of 8192 pages (32 MiB) used, DATE, by ${comm}[$taker] " ||
		return
	# Without a newline, and of a full area.
	printf reset | tell_bytes && lacked 0 0 0 0 0 && all_needed &&
		told_is " peak 8192 of 8192 pages (32 MiB) used, found so DATE lowest no run at align 8, found so DATE "
	release_all
}

# refuses_bytes - what is read is refused, with a sentence at debug level, and
# changes nothing.
refuses_bytes() {
	cat >/tmp/question
	dmesg -c >/dev/null
	refused "Invalid argument" tell_bytes </tmp/question &&
		is "sentences in the kernel log" "$(sentences)" 1 &&
		is "the file" "$(states | without_dates)" "$before" && return
	echo "that was written:"
	hexdump -C /tmp/question | head -n 4
	return 1
}

refuses_all_else() {
	begin_with 1024 400 && asks 500 0 && take 400 0 || return
	is "mode" "$(stat -c %a "$marks")" 600 || return
	before=$(states | without_dates)
	for garbage in "" resets rese RESET clear 0 "300 8" "reset 1" \
		"reset reset"; do
		echo "$garbage" | refuses_bytes || return
	done
	printf '\377\376' | refuses_bytes &&
		{ printf reset; head -c 1 /dev/zero; echo 8; } | refuses_bytes &&
		head -c 64 /dev/zero | refuses_bytes &&
		head -c 4194304 /dev/zero | tr '\0' 1 | refuses_bytes
	release_all
}

# sample - the figures of one moment; what only grows does, what only falls does.
sample() {
	cat "$DIAG/$AREA/stats" >/tmp/stats
	awk -v last="$last" '
		{ is[$1] = $2 }
		END {
			split(last, was, " ")
			used = is["pages"] - is["free_pages"]
			if (was[4] > used)
				used = was[4]
			print is["peak_used_pages"], is["lowest_run_pages"],
				is["lacked_room"], used
			if (is["peak_used_pages"] < was[1] ||
			    is["lowest_run_pages"] > was[2] ||
			    is["lacked_room"] < was[3] ||
			    is["peak_used_pages"] > is["pages"])
				exit 1
		}' /tmp/stats >/tmp/sample && last=$(cat /tmp/sample) && return
	echo "peak, lowest, lacked and used were $last, are $(cat /tmp/sample)" |
		tee /tmp/torn
	return 1
}

# Of what is used, 4 tasks may have claimed 1000 pages each, and not get them.
claimed=4000

while_others_allocate() {
	unload_diag && shape drop "$AREA" && load_diag && tell reset || return
	last="0 $AREA_PAGES 0 0"
	rm -f /tmp/torn
	cma_test churn "$AREA" 4 "$(long 5 20)" >/tmp/refused &
	churn=$!
	while kill -0 $churn 2>/dev/null; do
		sample
		cma_test read "$marks" || echo torn >/tmp/torn
	done
	wait $churn && [ ! -e /tmp/torn ] && sample || return
	echo "# peak, lowest, lacked, the most used that was seen: $last; $(cat /tmp/refused) were refused"
	# shellcheck disable=SC2086 # words
	set -- $last
	[ $(($1 + claimed)) -ge "$4" ] ||
		{ echo "a peak of $1, and $4 were used"; return 1; }
	[ "$2" -le "$(stat_of usable_pages_8)" ] ||
		{ echo "the lowest is $2, now there are $(stat_of usable_pages_8)"; return 1; }
	elsewhy=$(told | sed -n 's/.*; \([0-9]*\) for reasons that.*/\1/p')
	is "what failed" "$(($3 + ${elsewhy:-0}))" "$(stat_of failures)" ||
		return
	# What they held is free: then all of it is taken.
	take "$AREA_PAGES" 0 && stats_are lowest_run_pages 0 peak_used_pages 8192 ||
		return
	tell reset && told_is " peak 8192 of 8192 pages (32 MiB) used, found so DATE " &&
		lacked 0 0 0 0 0
	release_all
}

resets_meanwhile() {
	unload_diag && shape drop "$AREA" && load_diag || return
	cma_test churn "$AREA" 4 "$(long 3 20)" >/dev/null &
	churn=$!
	meanwhile=0
	while kill -0 $churn 2>/dev/null; do
		tell reset && cma_test read "$marks" || meanwhile=1
	done
	wait $churn && [ $meanwhile -eq 0 ] && tell reset &&
		told_is " peak 0 of 8192 pages (0 KiB) used, found so DATE " &&
		lacked 0 0 0 0 0 && take "$AREA_PAGES" 0 &&
		told_is " peak 8192 of 8192 pages (32 MiB) used, DATE, by ${comm}[$taker] lowest no run at align 8, DATE, by ${comm}[$taker] "
	release_all
}

by_the_log() {
	unload_diag && insmod "$CMA_DIAG_KO" source=log || return
	for text in reset clear; do
		dmesg -c >/dev/null
		refused "Operation not supported" tell $text &&
			is "sentences in the kernel log" "$(sentences)" 1 ||
			return
	done
	asks 8193 0
	is "the file" "$(tr -s '\n ' ' ' <"$marks")" \
		"$AREA: no marks why the kernel's log tells of failures alone (see \"seen by\" in summary) " &&
		stats_are marks_known 0 marks_since 0 peak_used_pages 0 \
			peak_used_time 0 lowest_run_pages 0 lowest_run_time 0 \
			lacked_room 0 lacked_room_distinct 0 enough_pages 0 \
			enough_all_pages 0 apart_pages 0 apart_all_pages 0 &&
		! grep '^marks since' "$DIAG/$AREA/summary"
}

load cma_shape
steps=$(long 1500 20000 300)

check "$steps random steps: every mark, whose it is, and what size it makes" \
	on_empty cma_test marks "$steps" "$AREA" 0 "$AREA_PFN:$AREA_PAGES"
check "an area of larger units, and of several ranges" in_large_units
check "found so at load; then whose allocation set it" found_and_changed
check "... without a ledger, too" found_and_changed ledger=0
check "nothing failed: what is behind the last page used would not be missed" \
	what_is_behind
check "... though nobody looked while it was used" what_was_at_the_end
check "exhausted: the area and what failed, each at its alignment" when_exhausted
check "too-big: likewise" when_too_big
check "fragmented: likewise" when_fragmented
check "misaligned: and what a lower CONFIG_CMA_ALIGNMENT would have let through" \
	when_misaligned
check "... none, for who asks for more; and its alignment is added" no_cap_helps
check "who asks for the same again is counted once, and as if it was for more" \
	who_repeats
check "who steps down wanted what was asked first" who_steps_down
check "busy: for another reason than room" when_busy
check "stats has each figure" as_in_stats
check "summary has the same lines" as_in_summary
check "reset: they begin anew, with the area as it is" begins_anew
check "what is no reset is refused, said so at debug level, and changes nothing" \
	refuses_all_else
check "4 tasks allocate: the peak only rises, the lowest only falls" \
	while_others_allocate
check "... and are reset meanwhile" resets_meanwhile
check "from the kernel's log there are none, and it says so" by_the_log
test_end
