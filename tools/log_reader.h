/* SPDX-License-Identifier: GPL-2.0-only */
/* A file, cut into lines. */
#ifndef LOG_READER_H
#define LOG_READER_H

#include "log_parser.h"

int log_read(int fd, struct log_parser *parser);

#endif
