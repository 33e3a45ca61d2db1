# SPDX-License-Identifier: GPL-2.0-only
#
# make			the module, for the kernel whose build tree is $(KDIR)
# make modules_install	install it there
# make demo		see it work on a stock arm64 kernel, in QEMU
# make check		all tests, on stock kernels
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

demo:
	@scripts/demo

# make check SUITES="style host 6.12"
check:
	@scripts/check $(SUITES)

DEBUG = debug
check-debug:
	@scripts/check 6.12-$(DEBUG)

.PHONY: modules modules_install clean demo check check-debug
