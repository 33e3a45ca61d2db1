# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# Sourced by every script here: where the cache is, and how we speak.
#
# Everything downloaded or built lives under $CACHE. An entry's name holds a
# key over all that it was made from, and an entry appears by rename() when it
# is complete: what exists under its final name can be used, always.

CACHE=${CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/cma_diag}
export CACHE

SCRIPTS=$(cd "$(dirname "$0")" && pwd)
TOP=$(dirname "$SCRIPTS")
export SCRIPTS TOP

say() {
	printf '%s: %s\n' "${0##*/}" "$*" >&2
}

die() {
	say "$*"
	exit 1
}

# key TEXT... - a short key over the arguments.
key() {
	printf '%s\n' "$@" | sha256sum | cut -c1-12
}

# key_of_files FILE... - a short key over names and contents.
key_of_files() {
	sha256sum "$@" | sha256sum | cut -c1-12
}

# fresh FILE - the file is an answer to today's package lists.
fresh() {
	[ -e "$1" ] &&
		[ -n "$(find "$1" -newer "$CACHE/apt/updated")" ] &&
		[ -n "$(find "$CACHE/apt/updated" -mmin -1440)" ]
}

# locked NAME COMMAND... - one process at a time makes a cache entry.
locked() {
	mkdir -p "$CACHE/locks"
	_lock=$CACHE/locks/$1
	shift
	(
		flock 9
		"$@"
	) 9>"$_lock"
}
