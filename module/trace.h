/* SPDX-License-Identifier: GPL-2.0-only */
/* Trace events: cma_failure, cma_alloc, cma_dma and cma_watch. */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM cma_diag

#if !defined(CD_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define CD_TRACE_H

#include <linux/math64.h>
#include <linux/string.h>
#include <linux/tracepoint.h>

#include "core/verdict.h"
#include "core/watch.h"
#include "history.h"
#include "kernel/cma_area.h"
#include "requests.h"

/* So that user space can print a verdict as its word. */
TRACE_DEFINE_ENUM(CD_UNKNOWN);
TRACE_DEFINE_ENUM(CD_TOO_BIG);
TRACE_DEFINE_ENUM(CD_EXHAUSTED);
TRACE_DEFINE_ENUM(CD_FRAGMENTED);
TRACE_DEFINE_ENUM(CD_MISALIGNED);
TRACE_DEFINE_ENUM(CD_BUSY);
TRACE_DEFINE_ENUM(CD_LOW_MEMORY);
TRACE_DEFINE_ENUM(CD_INTERRUPTED);
TRACE_DEFINE_ENUM(CD_RACED);
TRACE_DEFINE_ENUM(CD_FITS);

/*
 * A histogram prints a key as it is stored, and takes no other: hence the
 * verdict as a word, too, and the comm. -1 is a count or a time not seen, 0 a
 * blocking page not seen. late_us is 0 where the bitmap is that of the moment,
 * and -1 where it is not, and by how much is not known.
 */
TRACE_EVENT(cma_failure,
	    TP_PROTO(const char *name, const struct cd_failure *failure),
	    TP_ARGS(name, failure),
	    TP_STRUCT__entry(__array(char, name, CD_NAME_MAX)
			     __array(char, verdict_word, CD_WORD_MAX)
			     __array(char, comm, TASK_COMM_LEN)
			     __field(unsigned long, count)
			     __field(unsigned int, align)
			     __field(int, errno)
			     __field(unsigned int, verdict)
			     __field(unsigned long, total)
			     __field(unsigned long, free)
			     __field(unsigned long, nr_runs)
			     __field(unsigned long, largest)
			     __field(unsigned long, largest_aligned)
			     __field(long, retries)
			     __field(s64, latency_us)
			     __field(unsigned long, blocking_pfn)
			     __field(bool, align_assumed)
			     __field(s64, late_us)),
	    TP_fast_assign(memcpy(__entry->name, name, CD_NAME_MAX);
			   strscpy_pad(__entry->verdict_word,
				       cd_verdict_word(failure->diag.verdict),
				       CD_WORD_MAX);
			   memcpy(__entry->comm, failure->comm, TASK_COMM_LEN);
			   __entry->count = failure->diag.request.nr_pages;
			   __entry->align = failure->diag.request.align;
			   __entry->errno = failure->kernel_errno;
			   __entry->verdict = failure->diag.verdict;
			   __entry->total = failure->diag.nr_pages;
			   __entry->free = failure->diag.nr_free;
			   __entry->nr_runs = failure->diag.nr_runs;
			   __entry->largest = failure->diag.largest.nr_pages;
			   __entry->largest_aligned =
				failure->diag.usable.nr_pages;
			   __entry->retries =
				!failure->diag.attempt.nr_busy_known ? -1 :
				(long)failure->diag.attempt.nr_busy;
			   __entry->latency_us =
				!failure->latency_known ? -1 :
				(s64)div_u64(failure->latency_ns, 1000);
			   __entry->blocking_pfn =
				failure->diag.attempt.blocking.worst.page.pfn;
			   __entry->align_assumed =
				failure->diag.request.align_assumed;
			   __entry->late_us =
				!failure->diag.late ? 0 :
				!failure->late_known ? -1 :
				(s64)div_u64(failure->late_ns, 1000);),
	    TP_printk("name=%s count=%lu align=%u errno=%d verdict=%s total=%lu free=%lu nr_runs=%lu largest=%lu largest_aligned=%lu retries=%ld latency_us=%lld blocking_pfn=0x%lx align_assumed=%d late_us=%lld",
		      __entry->name, __entry->count, __entry->align,
		      __entry->errno,
		      __print_symbolic(__entry->verdict,
				       { CD_UNKNOWN, CD_WORD_UNKNOWN },
				       { CD_TOO_BIG, CD_WORD_TOO_BIG },
				       { CD_EXHAUSTED, CD_WORD_EXHAUSTED },
				       { CD_FRAGMENTED, CD_WORD_FRAGMENTED },
				       { CD_MISALIGNED, CD_WORD_MISALIGNED },
				       { CD_BUSY, CD_WORD_BUSY },
				       { CD_LOW_MEMORY, CD_WORD_LOW_MEMORY },
				       { CD_INTERRUPTED, CD_WORD_INTERRUPTED },
				       { CD_RACED, CD_WORD_RACED },
				       { CD_FITS, CD_WORD_FITS }),
		      __entry->total, __entry->free, __entry->nr_runs,
		      __entry->largest, __entry->largest_aligned,
		      __entry->retries, __entry->latency_us,
		      __entry->blocking_pfn, __entry->align_assumed,
		      __entry->late_us)
);

/* Every request that ended, also one that had its pages. */
TRACE_EVENT(cma_alloc,
	    TP_PROTO(const char *name, const struct cd_ended *ended,
		     unsigned long pfn, int error),
	    TP_ARGS(name, ended, pfn, error),
	    TP_STRUCT__entry(__array(char, name, CD_NAME_MAX)
			     __field(unsigned long, count)
			     __field(unsigned int, align)
			     __field(bool, failed)
			     __field(int, errno)
			     __field(unsigned long, pfn)
			     __field(long, retries)
			     __field(s64, latency_us)),
	    TP_fast_assign(memcpy(__entry->name, name, CD_NAME_MAX);
			   __entry->count = ended->request.nr_pages;
			   __entry->align = ended->request.align;
			   __entry->failed = ended->failed;
			   __entry->errno = error;
			   __entry->pfn = ended->failed ? 0 : pfn;
			   __entry->retries =
				!ended->nr_busy_known ? -1 :
				(long)ended->nr_busy;
			   __entry->latency_us =
				!ended->latency_known ? -1 :
				(s64)div_u64(ended->latency_ns, 1000);),
	    TP_printk("name=%s count=%lu align=%u result=%s errno=%d pfn=0x%lx retries=%ld latency_us=%lld",
		      __entry->name, __entry->count, __entry->align,
		      __print_symbolic(__entry->failed, { 0, "succeeded" },
				       { 1, "failed" }),
		      __entry->errno, __entry->pfn, __entry->retries,
		      __entry->latency_us)
);

/*
 * The call of the DMA layer that a failure was part of has ended. area is where
 * the memory lies that its caller was given, "-" for none, and "?" for what is
 * not known.
 */
TRACE_EVENT(cma_dma,
	    TP_PROTO(const char *name, unsigned long nr_pages,
		     const struct cd_dma_call *call, const char *area),
	    TP_ARGS(name, nr_pages, call, area),
	    TP_STRUCT__entry(__array(char, name, CD_NAME_MAX)
			     __array(char, device, CD_DEVICE_LEN)
			     __array(char, area, CD_NAME_MAX)
			     __field(unsigned long, count)
			     __field(bool, rescued)),
	    TP_fast_assign(memcpy(__entry->name, name, CD_NAME_MAX);
			   strscpy_pad(__entry->device, call->device,
				       CD_DEVICE_LEN);
			   strscpy_pad(__entry->area, area, CD_NAME_MAX);
			   __entry->count = nr_pages;
			   __entry->rescued = call->rescued;),
	    TP_printk("name=%s device=%s count=%lu outcome=%s area=%s",
		      __entry->name, __entry->device, __entry->count,
		      __print_symbolic(__entry->rescued, { 0, "fatal" },
				       { 1, "rescued" }),
		      __entry->area)
);

/*
 * A request that is watched does not fit any more, or fits again. What begins
 * with by_ is the allocation that broke it, and comm and pid are whose; all of
 * them are 0 when that was not seen, or it fits.
 */
TRACE_EVENT(cma_watch,
	    TP_PROTO(const char *name, const struct cd_watch *watch,
		     bool is_broken),
	    TP_ARGS(name, watch, is_broken),
	    TP_STRUCT__entry(__array(char, name, CD_NAME_MAX)
			     __array(char, comm, TASK_COMM_LEN)
			     __field(unsigned long, count)
			     __field(unsigned int, align)
			     __field(bool, is_broken)
			     __field(int, pid)
			     __field(unsigned long, by_count)
			     __field(unsigned int, by_align)
			     __field(unsigned long, by_pfn)
			     __field(unsigned long, largest_aligned)),
	    TP_fast_assign(memcpy(__entry->name, name, CD_NAME_MAX);
			   strscpy_pad(__entry->comm,
				       is_broken ? watch->breaker.comm : "",
				       TASK_COMM_LEN);
			   __entry->count = watch->request.nr_pages;
			   __entry->align = watch->request.align;
			   __entry->is_broken = is_broken;
			   __entry->pid = is_broken ? watch->breaker.pid : 0;
			   __entry->by_count = is_broken ?
				watch->breaker.request.nr_pages : 0;
			   __entry->by_align = is_broken ?
				watch->breaker.request.align : 0;
			   __entry->by_pfn = is_broken ?
				watch->breaker.pfn : 0;
			   __entry->largest_aligned = is_broken ?
				watch->largest : 0;),
	    TP_printk("name=%s count=%lu align=%u state=%s comm=%s pid=%d by_count=%lu by_align=%u by_pfn=0x%lx largest_aligned=%lu",
		      __entry->name, __entry->count, __entry->align,
		      __print_symbolic(__entry->is_broken, { 0, "fits" },
				       { 1, "broken" }),
		      __entry->comm, __entry->pid, __entry->by_count,
		      __entry->by_align, __entry->by_pfn,
		      __entry->largest_aligned)
);

#endif

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
