# SPDX-License-Identifier: GPL-2.0-only
#
# What NXP's configuration lacks, and the module sees more by; it works without,
# too. The file is in scripts/configs of the project that this layer is part of.
FILESEXTRAPATHS:prepend := "${THISDIR}/../../../../../scripts/configs:"
SRC_URI += "file://cma-diag.cfg"
# NXP's own layer, meta-imx, merges what this names, and no other fragment.
DELTA_KERNEL_DEFCONFIG:append = " cma-diag.cfg"
