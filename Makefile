# SPDX-License-Identifier: GPL-2.0-only
#
# make			the module, for the kernel whose build tree is $(KDIR)
# make modules_install	install it there
# make demo		see it work on a stock arm64 kernel, in QEMU; with
#			BOARD=imx8mp-evk on that board
# make check		all tests, on stock kernels
# make soak		what runs for long, on stock kernels
# make tools		tools/cma-explain, which explains kernel logs, for this machine
# make bench		how fast the figures of a bitmap are counted, and logs read;
#			with JSON=FILE the former also as JSON
# make shell		a guest with the module loaded, and a shell
# make check-debug	the same on a kernel built to catch mistakes: with KASAN,
#			lockdep and their like; with DEBUG=kcsan for data races
#
# demo and check keep what they download and build in
# ${XDG_CACHE_HOME:-~/.cache}/cma_diag, or in CACHE=DIR.

KDIR ?= $(or $(KERNEL_SRC),/lib/modules/$(shell uname -r)/build)
export CACHE

modules modules_install clean:
	$(MAKE) -C $(KDIR) M=$(CURDIR) $@

modules_install: modules

export BOARD
demo:
	@scripts/demo

# make check SUITES="style host 6.12"; make check TESTS="verdicts probe"
export TESTS
check:
	@scripts/check $(SUITES)

DEBUG = debug
check-debug:
	@scripts/check 6.12-$(DEBUG)

MINUTES = 10
soak:
	@SOAK=$(MINUTES) scripts/check $(SUITES)

tools:
	@$(MAKE) -s -C tools

export JSON
bench:
	@scripts/bench

SUITE = 6.12
shell:
	@scripts/shell $(SUITE)

.PHONY: modules modules_install clean demo check check-debug soak shell tools bench
