/* SPDX-License-Identifier: GPL-2.0-only */
/* A reader that keeps a file of failures open. */
#ifndef FOLLOW_H
#define FOLLOW_H

int follow(int argc, char **argv);

#endif
