# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# Sourced by what runs suites: which tests each suite has, and which of them
# are wanted. TESTS="NAME..." are those; all by default. With SOAK=MINUTES it
# is those that have a long form, and they run in that.

GUEST_TESTS=$TOP/selftests

# names_of KIND - the guest's tests in files KIND_NAME.sh. What has been leaked is
# asked after all others, see check-kernel.
names_of() {
	for file in "$GUEST_TESTS/$1"_*.sh; do
		name=${file##*/"$1"_}
		[ "$name" = leaks.sh ] || echo "${name%.sh}"
	done
}

# board_tests - those of the guest that run on the board, too, with a stock kernel;
# board_tests imx - with one that is configured as NXP's.
board_tests() {
	case ${1:-stock} in
	stock) printf '%s\n' probe trace verdicts ;;
	imx) printf '%s\n' heap sources verdicts ;;
	esac
}

# names_in SUITE - all that it has, and that can be told apart.
names_in() {
	case $1 in
	build | style) ;;
	host) printf '%s\n' core blame results explain fuzz ;;
	board) { echo examples && board_tests && board_tests imx; } | sort -u ;;
	install) printf '%s\n' make manual dkms yocto guest ;;
	*) names_of test && names_of pressure ;;
	esac
}

# is_wanted NAME
is_wanted() {
	case " ${TESTS:-$1} " in
	*" $1 "*) ;;
	*) return 1 ;;
	esac
}

# wanted - of the names that come in, those that are.
wanted() {
	while read -r name; do
		! is_wanted "$name" || echo "$name"
	done
}

# has_long_form FILE
has_long_form() {
	grep -qE '\$\(long [0-9]' "$1"
}

# wanted_files KIND - the guest's tests of a kind that are wanted.
wanted_files() {
	names_of "$1" | wanted | while read -r name; do
		if [ -z "${SOAK:-}" ] ||
			has_long_form "$GUEST_TESTS/$1_$name.sh"; then
			echo "$1_$name.sh"
		fi
	done
}
