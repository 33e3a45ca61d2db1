/* SPDX-License-Identifier: GPL-2.0-only */
/* What this kernel was configured to have of CMA. */
#ifndef CD_CMA_CONFIG_H
#define CD_CMA_CONFIG_H

unsigned int cd_cma_align_cap(void);
unsigned long cd_cma_size_step(void);

#endif
