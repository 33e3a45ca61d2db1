/* SPDX-License-Identifier: GPL-2.0-only */
/* No false accusation. */
#ifndef ACCUSE_H
#define ACCUSE_H

int accuse(int argc, char **argv);

#endif
