/* SPDX-License-Identifier: GPL-2.0-only */
/* Tells those who wait for failures that there is one. */
#ifndef CD_NEWS_H
#define CD_NEWS_H

void cd_news_announce(void);
void cd_news_flush(void);

#endif
