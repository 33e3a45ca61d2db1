/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A watch: does a request still fit, and if not, whose allocation was it that
 * broke it?
 *
 * Of a request that fits, one place is remembered, the witness: as long as
 * nobody is given pages in it the request fits, whatever else is allocated.
 * Releases need not be seen. An allocation broke it if the request does not fit
 * with it, and would without it; so that one that found it broken tells, too,
 * that it had fitted again in between.
 *
 * Bits that others have claimed for requests under way may be given back. While
 * there are any, what does not fit is not known to be broken.
 */
#ifndef CD_WATCH_H
#define CD_WATCH_H

#include "ledger.h"
#include "verdict.h"

/* Frames of who broke it; those of our own probe come first. */
#define CD_GRANT_DEPTH 24U

/**
 * enum cd_watch_state - what is known of a request that is watched
 * @CD_WATCH_OPEN: nothing: since it was set, or its witness was hit, nobody has
 *                 seen that it fits, nor that it does not while no request
 *                 was under way
 * @CD_WATCH_FITS: it fits
 * @CD_WATCH_BROKEN: it does not
 */
enum cd_watch_state { CD_WATCH_OPEN, CD_WATCH_FITS, CD_WATCH_BROKEN };

/* What there is to tell of a watch, together. */
#define CD_WATCH_FITS_AGAIN 1U
#define CD_WATCH_BREAKS 2U

/**
 * struct cd_grant - an allocation
 * @request: what was asked; nr_pages 0 means that there is none
 * @pfn: the first page that was had
 * @number: which of all of the area, counted by the caller from 1 on
 * @time_ns: when, by a clock of the caller's
 * @pid: the task
 * @comm: its name
 * @nr_frames: entries of @frames
 * @frames: its stack, innermost first
 */
struct cd_grant {
	struct cd_request request;
	unsigned long pfn;
	unsigned long long number;
	unsigned long long time_ns;
	int pid;
	char comm[CD_COMM_LEN];
	unsigned int nr_frames;
	unsigned long frames[CD_GRANT_DEPTH];
};

/**
 * struct cd_watch - a request that is watched
 * @request: what would be asked
 * @state: what is known of it
 * @witness: the place, or where it last was while the state is open; nr_pages 0
 *           when there is none
 * @set_ns: when it was set
 * @judged: its state has been known
 * @newest: number of the last allocation of which cd_watch_hit() was told
 * @known: what @newest was when its state was last known; what is known takes
 *         in all allocations up to there
 * @nr_broken: how often it broke
 * @broken_ns: when it last did; or when it was seen not to fit, as it was set
 * @fits_ns: when it was last seen to fit again
 * @breaker: the allocation that broke it last; none when that was not seen
 * @largest: the largest run at its alignment when it was last seen to be broken
 * @suspect: while its state is open: the allocation that broke it, if it broke
 */
struct cd_watch {
	struct cd_request request;
	enum cd_watch_state state;
	struct cd_run witness;
	unsigned long long set_ns;
	bool judged;
	unsigned long long newest;
	unsigned long long known;
	unsigned long nr_broken;
	unsigned long long broken_ns;
	unsigned long long fits_ns;
	struct cd_grant breaker;
	unsigned long largest;
	struct cd_grant suspect;
};

/**
 * struct cd_look - what a bitmap tells of a watch
 * @place: the last place that is free; nr_pages 0 when it does not fit
 * @fitted: it would fit without the allocation that was asked about
 * @largest: if it does not: the largest run at its alignment
 */
struct cd_look {
	struct cd_run place;
	bool fitted;
	unsigned long largest;
};

void cd_watch_set(struct cd_watch *watch, const struct cd_request *request,
		  unsigned long long now_ns);
bool cd_watch_wants_look(const struct cd_watch *watch, unsigned long pfn,
			 unsigned long nr_pages);
void cd_watch_hit(struct cd_watch *watch, const struct cd_grant *grant);
void cd_watch_acquit(struct cd_watch *watch, const struct cd_grant *grant);
struct cd_run cd_grant_place(const struct cd_bitmap *bm,
			     const struct cd_grant *grant);
void cd_watch_look(const struct cd_request *request,
		   const struct cd_bitmap *bm, const struct cd_grant *grant,
		   struct cd_look *look);
unsigned int cd_watch_judge(struct cd_watch *watch, const struct cd_look *look,
			    const struct cd_grant *grant, bool is_newest,
			    bool at_rest, unsigned long long now_ns);
void cd_say_grant(const struct cd_grant *grant, const struct cd_bitmap *bm,
		  unsigned int page_shift, char *buf, size_t size);
void cd_say_broken(const struct cd_watch *watch, const struct cd_bitmap *bm,
		   char *buf, size_t size);
void cd_say_fits_again(const struct cd_watch *watch, const struct cd_bitmap *bm,
		       char *buf, size_t size);

#endif
