#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Runs every test of the guest with little memory (see pressure-areas.dts).
cd /selftests || exit 1
TESTS=$(echo pressure_*.sh)
export TESTS
exec ./run_all.sh
