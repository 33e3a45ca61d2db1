/* SPDX-License-Identifier: GPL-2.0-only */
/* What is told of DMA buffers, against what devices were really given. */
#ifndef DEVICES_H
#define DEVICES_H

int devices(int argc, char **argv);

#endif
