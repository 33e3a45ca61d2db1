/* SPDX-License-Identifier: GPL-2.0-only */
/* The places of an area that the allocator would try for a request. */
#ifndef CD_PLACE_H
#define CD_PLACE_H

#include "verdict.h"

bool cd_first_place(const struct cd_bitmap *bm,
		    const struct cd_request *request, unsigned long *pfn);
bool cd_next_place(const struct cd_bitmap *bm,
		   const struct cd_request *request, unsigned long *pfn);

#endif
