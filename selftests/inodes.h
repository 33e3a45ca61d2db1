/* SPDX-License-Identifier: GPL-2.0-only */
/* The inodes of a dma-heap's buffers, against those of the open files. */
#ifndef INODES_H
#define INODES_H

int inodes(int argc, char **argv);

#endif
