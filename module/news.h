/* SPDX-License-Identifier: GPL-2.0-only */
/* Tells those who wait for failures that there is one. */
#ifndef CD_NEWS_H
#define CD_NEWS_H

#include <linux/wait.h>

void cd_news_announce(void);
wait_queue_head_t *cd_news_waiting(void);
void cd_news_flush(void);

#endif
