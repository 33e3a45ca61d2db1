/* SPDX-License-Identifier: GPL-2.0-only */
/* Looks at any page, without a reference to it. */
#ifndef CD_KERNEL_PAGE_H
#define CD_KERNEL_PAGE_H

#include "core/page.h"

void cd_page_read(unsigned long pfn, struct cd_page *page);
bool cd_page_is_free(unsigned long pfn);
bool cd_page_owner_is_on(void);

#endif
