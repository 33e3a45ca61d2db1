# SPDX-License-Identifier: GPL-2.0-only
SUMMARY = "Says why a CMA allocation failed, at the moment it fails"
DESCRIPTION = "A kernel module that looks at the bitmap of a CMA area when an \
allocation fails, and says which it was, with the figures that prove it."
LICENSE = "GPL-2.0-only"
LIC_FILES_CHKSUM = "file://LICENSE;md5=b234ee4d69f5fce4486a80fdaf4a4263"

inherit module

# The project that this layer is a folder of, as it is checked out. BitBake looks
# at these files, and builds anew when one changes.
PV = "0.1.0+git"
FILESEXTRAPATHS:prepend := "${THISDIR}/../../..:"
SRC_URI = " \
    file://Kbuild;subdir=${BP} \
    file://LICENSE;subdir=${BP} \
    file://Makefile;subdir=${BP} \
    file://module;subdir=${BP} \
"

# Failures are seen from the load on: it is loaded at boot.
KERNEL_MODULE_AUTOLOAD += "cma_diag"
KERNEL_MODULE_PROBECONF += "cma_diag"
module_conf_cma_diag ?= "options cma_diag recorder=0"
