/* SPDX-License-Identifier: GPL-2.0-only */
/* A page of the area that cannot be moved, and whose page it is. */
#ifndef BLOCKED_H
#define BLOCKED_H

int blocked(int argc, char **argv);

#endif
