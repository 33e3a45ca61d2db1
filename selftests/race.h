/* SPDX-License-Identifier: GPL-2.0-only */
/* Two tasks that want the same pages. */
#ifndef RACE_H
#define RACE_H

int race(int argc, char **argv);

#endif
