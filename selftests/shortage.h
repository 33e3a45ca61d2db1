/* SPDX-License-Identifier: GPL-2.0-only */
/* Requests that fit, while memory is short. */
#ifndef SHORTAGE_H
#define SHORTAGE_H

int shortage(int argc, char **argv);

#endif
