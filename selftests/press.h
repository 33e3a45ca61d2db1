/* SPDX-License-Identifier: GPL-2.0-only */
/* Tasks that keep memory short. */
#ifndef PRESS_H
#define PRESS_H

void press_begin(const char *file);
void press_end(void);

#endif
