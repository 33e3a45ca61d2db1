/* SPDX-License-Identifier: GPL-2.0-only */
/* A client of a dma-heap. */
#ifndef HEAP_H
#define HEAP_H

int heap(int argc, char **argv);

#endif
