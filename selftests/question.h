/* SPDX-License-Identifier: GPL-2.0-only */
/* Files that a question is written to, and its answer read from. */
#ifndef QUESTION_H
#define QUESTION_H

#include <stddef.h>

int open_question(const char *area, const char *file);
void read_answer(int fd, char *text, size_t size);
void ask_question(int fd, const char *question, char *text, size_t size);

#endif
