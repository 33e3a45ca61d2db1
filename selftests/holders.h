/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HOLDERS_H
#define HOLDERS_H

int holders(int argc, char **argv);

#endif
