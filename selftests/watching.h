/* SPDX-License-Identifier: GPL-2.0-only */
/* Requests that are watched, against an oracle. */
#ifndef WATCHING_H
#define WATCHING_H

int watch(int argc, char **argv);

#endif
