/* SPDX-License-Identifier: GPL-2.0-only */
/* An area full of buffers of one size. */
#ifndef BUFFERS_H
#define BUFFERS_H

int buffers(int argc, char **argv);

#endif
