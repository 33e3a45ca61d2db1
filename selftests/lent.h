/* SPDX-License-Identifier: GPL-2.0-only */
/* What an area's free pages are lent to. */
#ifndef LENT_H
#define LENT_H

int lent(int argc, char **argv);

#endif
