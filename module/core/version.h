/* SPDX-License-Identifier: GPL-2.0-only */
/* The version of the module and of cma-explain. */
#ifndef CD_VERSION_H
#define CD_VERSION_H

#define CD_VERSION "0.1.0"

#endif
