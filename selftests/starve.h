/* SPDX-License-Identifier: GPL-2.0-only */
/* Every allocation of memory fails, one after the other. */
#ifndef STARVE_H
#define STARVE_H

int starve(int argc, char **argv);

#endif
