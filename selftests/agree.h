/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel's own figures of an area, and ours. */
#ifndef AGREE_H
#define AGREE_H

int agree(int argc, char **argv);

#endif
