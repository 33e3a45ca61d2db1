/* SPDX-License-Identifier: GPL-2.0-only */
/* The file requests, against every request that was made. */
#ifndef TALLY_H
#define TALLY_H

int tally(int argc, char **argv);

#endif
