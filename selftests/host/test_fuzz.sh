#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# test_fuzz.sh SECONDS
#
# tools/fuzz_*.c under libFuzzer, AddressSanitizer and UBSan, each for so long
# and from its corpus, to which inputs are added: run it in a copy. What is
# found is shown, and the input that does it, in base64.
set -eu
cd "$(dirname "$0")"
. ../ktap.sh

seconds=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd ../../tools

# Without /proc, the sanitizers cannot say where an address lies.
export ASAN_OPTIONS=symbolize=0

# with_lines FUZZER - a report with the lines of our own functions, inlined ones
# too; the callers in libFuzzer and in the C library are left out.
with_lines() {
	while IFS= read -r line; do
		case $line in
		'    #'*'(/proc/self/exe+0x'* | '    #'*"/$1+0x"*)
			address=${line##*+}
			addr2line -Cfipse "$1" "${address%%)*}" 2>/dev/null |
				sed -n '/:?$/!s/^/    /p'
			;;
		'    #'*) ;;
		*) printf '%s\n' "$line" ;;
		esac
	done
}

# show_finding FUZZER - its report up to the bytes in memory, and the input.
show_finding() {
	sed '/^Shadow bytes/,$d; /^MS: /,$d; /^INFO: /d; /^SUMMARY: /d
		/==WARNING: /d; /^===*$/d' "$work/log" |
		with_lines "$1" | head -n 50
	for input in "$work/$1"-*; do
		[ -e "$input" ] || continue
		echo "once more: base64 -d >input; tools/$1 input"
		base64 -w 0 "$input"
		echo
	done
}

finds_nothing() {
	if ! "./$1" -seed=1 -max_total_time="$seconds" -timeout=30 \
		-rss_limit_mb=1024 -verbosity=0 -print_funcs=0 \
		-print_final_stats=1 -artifact_prefix="$work/$1-" \
		"corpus/${1#fuzz_}" >"$work/log" 2>&1; then
		show_finding "$1"
		return 1
	fi
	sed -n 's/^stat::number_of_executed_units: */# inputs tried: /p' \
		"$work/log"
}

check "the fuzzers build without a warning" \
	make -s clean fuzz_log fuzz_bitmap
check "logs: nothing found in $seconds s" finds_nothing fuzz_log
check "saved bitmaps: nothing found in $seconds s" finds_nothing fuzz_bitmap
ktap_end
