#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Every command that the README has for a board, in its order.
cd "$(dirname "$0")" || exit 1
. ./guest.sh
needs root debugfs reload shape trace-cmd README.md
needs_areas linux,cma

load cma_shape
awk '/^```console/ { on = 1; next } /^```/ { on = 0 } on' \
	from_project/README.md | sed -n 's/^# //p' >/tmp/commands
cd "$(dirname "$CMA_DIAG_KO")" || exit 1

has_commands() {
	[ "$(wc -l </tmp/commands)" -ge 8 ]
}

# A failure happens once the module is loaded, as the README says.
let_fail() {
	refused "Cannot allocate memory" sh -c \
		"echo 'hold linux,cma 1000000 0' >$SHAPE"
}

check "the README has commands for a board" has_commands
has_hist() {
	[ -e $TRACING/events/cma_diag/cma_failure/hist ]
}
while read -r command <&3; do
	case $command in
	*/sys/kernel/tracing* | trace-cmd*)
		if [ -n "$(missing tracefs)" ]; then
			skip "$command" "$(missing tracefs)"
			continue
		fi
		;;
	esac
	case $command in
	*hist*)
		if ! has_hist; then
			skip "$command" "no CONFIG_HIST_TRIGGERS in this kernel"
			continue
		fi
		;;
	esac
	case $command in
	*/fdinfo/*)
		skip "$command" "of a dma-buf, which test_heap.sh has"
		continue
		;;
	esac
	check "$command" sh -e -c "$command"
	case $command in
	insmod*) check "... let the failure happen" let_fail ;;
	esac
done 3</tmp/commands

test_end
