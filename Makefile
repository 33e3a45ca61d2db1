# SPDX-License-Identifier: GPL-2.0-only
#
# make			the module, for the kernel whose build tree is KDIR
# make modules_install	install the module, for that kernel
# make install		... and cma-explain, and the manual pages of both
# make uninstall	remove what install installed
# make clean		remove what was built of the module
# make tools		cma-explain, which explains kernel logs
# make demo		see it work on a stock arm64 kernel, in QEMU
# make shell		a guest with the module loaded, and a shell
# make check		all tests, on the kernels of scripts/kernels.tsv
# make check-imx	the guest tests, on kernels configured as NXP ships them
# make check-debug	the guest tests, on a kernel built to catch mistakes
# make soak		what runs for long, on the same kernels
# make bench		how fast figures are counted, and logs read; what an
#			allocation costs more with the module
# make help		this
#
# Where it is built, and for what:
#   KDIR=DIR		the kernel's build tree, or KERNEL_SRC=DIR; by default
#			/lib/modules/RELEASE/build of the running kernel
#   ARCH=arm64 CROSS_COMPILE=aarch64-linux-gnu-
#			as for the kernel; cma-explain is then for arm64, too
#   CMA_H=FILE		mm/cma.h of a kernel without BTF
# Where it is installed:
#   PREFIX=DIR		cma-explain and the manual pages; /usr/local by default
#   DESTDIR=DIR		the root of all that, for a package or an image
#   INSTALL_MOD_PATH=DIR	the root of the module; DESTDIR by default
# What is tested:
#   SUITES="host 6.12"	of check and soak
#   TESTS="probe load"	of check and soak: these tests, and no others
#   SOURCE=breakpoints	of check and soak: guests load the module with this source
#   SUITE=5.10		of shell: the kernel
#   BOARD=imx8mp-evk	of demo: NXP's board, as QEMU has it
#   DEBUG=kcsan		of check-debug: data races, instead of KASAN, lockdep, ...
#   MINUTES=60		of soak
#   JSON=FILE		of bench: the figures once more, as JSON
#   CACHE=DIR		what is downloaded and built for tests; by default
#			${XDG_CACHE_HOME:-~/.cache}/cma_diag

KDIR ?= $(or $(KERNEL_SRC),/lib/modules/$(shell uname -r)/build)
PREFIX ?= /usr/local
INSTALL_MOD_PATH ?= $(DESTDIR)
export CACHE INSTALL_MOD_PATH

modules clean:
	$(MAKE) -C $(KDIR) M=$(CURDIR) $@

# Who installs a package runs depmod.
modules_install: modules
	$(MAKE) -C $(KDIR) M=$(CURDIR) $(if $(DESTDIR),DEPMOD=true) $@

bin = $(DESTDIR)$(PREFIX)/bin
man = $(DESTDIR)$(PREFIX)/share/man
module = $(INSTALL_MOD_PATH)/lib/modules/$$release
read_release = release=$$(cat $(or $(O),$(KDIR))/include/config/kernel.release)
ifeq ($(INSTALL_MOD_PATH),)
depmod = $(read_release) && depmod $$release
endif

# The kernel's own modules_install leaves depmod out where there is no System.map,
# as in a distribution's headers.
install: modules_install tools
	install -d $(bin) $(man)/man1 $(man)/man4
	install tools/cma-explain $(bin)
	install -m 644 tools/cma-explain.1 $(man)/man1
	install -m 644 Documentation/cma_diag.4 $(man)/man4
	$(depmod)

# The folder is "extra" on older kernels, "updates" on newer ones.
uninstall:
	rm -f $(bin)/cma-explain $(man)/man1/cma-explain.1 $(man)/man4/cma_diag.4
	$(read_release) && rm -f $(foreach dir,$(or $(INSTALL_MOD_DIR),extra updates),\
		$(module)/$(dir)/cma_diag.ko*)
	$(depmod)

export BOARD
demo:
	@scripts/demo

export TESTS SOURCE
check:
	@scripts/check $(SUITES)

DEBUG = debug
check-debug:
	@scripts/check 6.12-$(DEBUG)

check-imx:
	@scripts/check 6.12-imx-stock 6.1-imx-stock
	@TESTS=log scripts/check 6.12-imx-bare
	@scripts/boot 6.12-imx-nosyms 8G scripts/guest-areas.dts \
		/guest/without_symbols.sh hugetlb_cma=1G

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

help:
	@expand Makefile | sed '1,2d; /^$$/q; s/^# \{0,1\}//'

.PHONY: modules modules_install install uninstall clean demo check check-debug check-imx \
	soak shell tools bench help
