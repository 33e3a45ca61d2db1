#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# make shell: a shell on a serial port of its own, and something to try.
cd /selftests/cma_diag || exit 1
. ./guest.sh

load cma_diag && load cma_shape || exit
cd "$DIAG" || exit
PS1='\w # '
export PS1
exec >/dev/ttyS1 2>&1
stty -F /dev/ttyS1 sane
cat <<-END

	To leave: exit, or Ctrl-D. Linux $(uname -r), in QEMU, with cma_diag and a
	test module. To try:

	  cat summary
	  echo hold linux,cma 1000 8 > $SHAPE     takes 1000 pages, align 8
	  echo hold linux,cma 16000 0 > $SHAPE    fails
	  cat failures
	  (echo 3110400B >&0; cat) <>linux,cma/probe
	  cat linux,cma/pages
	  echo drop linux,cma > $SHAPE            gives all back

END
setsid -c sh -i </dev/ttyS1
