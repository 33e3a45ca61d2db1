/* SPDX-License-Identifier: GPL-2.0-only */
/* A disk whose I/O can be held back, by the kernel's device mapper. */
#ifndef HELD_DISK_H
#define HELD_DISK_H

#define HELD_DISK "/dev/dm-0"

int held_disk(int argc, char **argv);
void held_disk_hold(void);
void held_disk_let_go(void);

#endif
