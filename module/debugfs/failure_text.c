// SPDX-License-Identifier: GPL-2.0-only
/* A failure as a block of text, at most 80 columns wide. */
#include <linux/math64.h>
#include <linux/seq_file.h>
#include <linux/string.h>
#include <linux/time64.h>

#include "areas.h"
#include "core/sentences.h"
#include "debugfs/failure_text.h"
#include "debugfs/lines.h"
#include "history.h"

static void show_heading(struct seq_file *file, const char *area_name,
			 const struct cd_failure *failure)
{
	u32 rest_ns;
	u64 seconds = div_u64_rem(failure->boot_ns, NSEC_PER_SEC, &rest_ns);

	seq_printf(file, "#%llu %s: %s\n", failure->seq, area_name,
		   cd_verdict_word(failure->diag.verdict));
	cd_show_label(file, "time");
	cd_show_time(file, failure->time_ns);
	seq_printf(file, " UTC, [%5llu.%06lu] in the kernel log\n", seconds,
		   rest_ns / NSEC_PER_USEC);
}

static void show_request(struct seq_file *file,
			 const struct cd_failure *failure)
{
	const struct cd_diagnosis *diag = &failure->diag;
	char size[32];

	cd_say_pages(diag->request.nr_pages, diag->page_shift, size,
		     sizeof(size));
	cd_show_label(file, "request");
	seq_printf(file, "%lu pages (%s) at align %u", diag->request.nr_pages,
		   size, diag->request.align);
	if (diag->request.align && diag->request.align < BITS_PER_LONG)
		seq_printf(file, " (%lu pages)", 1UL << diag->request.align);
	seq_puts(file, diag->request.align_assumed ? ", assumed\n" : "\n");
	cd_show_label(file, "caller");
	if (failure->pid)
		seq_printf(file, "%s[%d]\n", failure->comm, failure->pid);
	else
		seq_printf(file, "%s\n", failure->comm);
}

static void show_story(struct seq_file *file, const struct cd_failure *failure)
{
	char sentence[CD_SENTENCE_MAX];

	cd_say_story(&failure->story, &failure->diag.request, sentence,
		     sizeof(sentence));
	if (*sentence)
		cd_show_wrapped(file, "story", sentence);
}

/* What became of the caller, as far as the DMA layer tells. */
static void show_call(struct seq_file *file, const struct cd_dma_call *call)
{
	char sentence[CD_SENTENCE_MAX];

	if (!call->seen)
		return;
	cd_show_label(file, "device");
	seq_printf(file, "%s\n", call->device);
	if (!call->rescued)
		snprintf(sentence, sizeof(sentence),
			 "fatal: the DMA layer gave the driver nothing");
	else if (call->in_area)
		snprintf(sentence, sizeof(sentence),
			 "rescued: the DMA layer gave the driver pages of %s instead",
			 call->in_area->dir_name);
	else
		snprintf(sentence, sizeof(sentence),
			 "rescued: the DMA layer gave the driver other memory%s",
			 call->outside ? ", outside CMA" : "");
	cd_show_wrapped(file, "outcome", sentence);
}

static void show_attempt(struct seq_file *file,
			 const struct cd_failure *failure)
{
	const struct cd_attempt *attempt = &failure->diag.attempt;

	cd_show_label(file, "kernel");
	seq_puts(file, "errno ");
	if (failure->kernel_errno)
		seq_printf(file, "%d", failure->kernel_errno);
	else
		seq_puts(file, "unknown");
	seq_puts(file, ", busy retries ");
	if (attempt->nr_busy_known)
		seq_printf(file, "%lu", attempt->nr_busy);
	else
		seq_puts(file, "unknown");
	if (failure->latency_known)
		seq_printf(file, ", took %llu us",
			   div_u64(failure->latency_ns, NSEC_PER_USEC));
	seq_putc(file, '\n');
}

/* What is told later than it was so, and what nobody told. */
static void show_late(struct seq_file *file, const struct cd_failure *failure)
{
	const struct cd_diagnosis *diag = &failure->diag;
	char sentence[CD_SENTENCE_MAX];
	u32 us;
	u64 ms;

	if (!diag->late)
		return;
	if (failure->late_known) {
		ms = div_u64_rem(div_u64(failure->late_ns, NSEC_PER_USEC),
				 USEC_PER_MSEC, &us);
		snprintf(sentence, sizeof(sentence),
			 "the bitmap was looked at %llu.%u ms after the kernel logged the failure",
			 ms, us / 100);
	} else {
		snprintf(sentence, sizeof(sentence),
			 "the bitmap was looked at after the kernel logged the failure, up to a second");
	}
	cd_show_wrapped(file, "late", sentence);
	if (!diag->request.align_assumed)
		return;
	snprintf(sentence, sizeof(sentence),
		 "align %u is what a DMA caller asks for with so many pages",
		 diag->request.align);
	cd_show_wrapped(file, "assumed", sentence);
}

/* The page that stopped most places, and those of the first and last place. */
static void show_blocking(struct seq_file *file,
			  const struct cd_blocking *blocking)
{
	char sentence[CD_SENTENCE_MAX];

	if (!blocking->seen || !blocking->nr_places)
		return;
	cd_say_page(&blocking->worst.page, sentence, sizeof(sentence));
	cd_show_wrapped(file, "page", sentence);
	if (blocking->first_pfn == blocking->last_pfn)
		return;
	cd_show_label(file, "pages");
	seq_printf(file, "first stopped by pfn 0x%lx, last by pfn 0x%lx\n",
		   blocking->first_pfn, blocking->last_pfn);
}

static void show_memory(struct seq_file *file, const struct cd_memory *memory)
{
	if (!memory->seen)
		return;
	cd_show_label(file, "memory");
	seq_printf(file, "free %lu, of it CMA %lu; min watermark %lu;\n",
		   memory->nr_free, memory->nr_free_cma, memory->nr_min);
	cd_show_label(file, "");
	seq_printf(file, "available %lu of %lu, swap free %lu\n",
		   memory->nr_available, memory->nr_ram,
		   memory->nr_swap_free);
}

/**
 * cd_failure_show() - a failure as a block of text, closed by an empty line
 * @file: where to
 * @area_name: the area's directory name
 * @failure: the failure, its stack named
 *
 * Context: process.
 */
void cd_failure_show(struct seq_file *file, const char *area_name,
		     const struct cd_failure *failure)
{
	show_heading(file, area_name, failure);
	show_request(file, failure);
	show_story(file, failure);
	show_call(file, &failure->dma);
	cd_show_diagnosis(file, &failure->diag);
	if (failure->diag.has_bitmap && !failure->locked)
		cd_show_wrapped(file, "",
				"unlocked: the bitmap was copied without the area's lock");
	show_late(file, failure);
	show_attempt(file, failure);
	show_blocking(file, &failure->diag.attempt.blocking);
	show_memory(file, &failure->diag.memory);
	cd_show_stack(file, failure->names);
	seq_putc(file, '\n');
}
