/* SPDX-License-Identifier: GPL-2.0-only */
/* The marks of an area, against an oracle. */
#ifndef MARKING_H
#define MARKING_H

int marks(int argc, char **argv);

#endif
