/* SPDX-License-Identifier: GPL-2.0-only */
/* What-if questions, and really trying. */
#ifndef ASK_H
#define ASK_H

int ask(int argc, char **argv);
int ask_garbage(int argc, char **argv);

#endif
