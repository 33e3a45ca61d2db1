// SPDX-License-Identifier: GPL-2.0-only
/* "COUNT [ALIGN]", or a word, as it is written to a file. */
#define DEBUG /* a question that is not understood is logged at that level */
#include "log.h"

#include <linux/err.h>
#include <linux/mm.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "areas.h"
#include "core/sentences.h"
#include "debugfs/question.h"
#include "kernel/cma_config.h"

static int parse(const struct cd_area *area, const char *file_name,
		 const char *text, struct cd_request *question)
{
	struct cd_request parsed;
	const char *complaint;
	int err = cd_parse_question(text, PAGE_SHIFT, cd_cma_align_cap(),
				    &parsed, &complaint);

	if (err)
		pr_debug("%s/%s: %s\n", area->dir_name, file_name, complaint);
	else
		*question = parsed;
	return err;
}

/**
 * cd_question_read() - read a question that a user wrote
 * @area: whose file
 * @file_name: which file, for the complaint in the log
 * @buf: what was written
 * @size: of @buf
 * @question: result; untouched when there is none
 *
 * Context: process, may sleep.
 *
 * Return: 0; -EINVAL or -ERANGE when it is no question, -EFAULT, -ENOMEM.
 */
int cd_question_read(const struct cd_area *area, const char *file_name,
		     const char __user *buf, size_t size,
		     struct cd_request *question)
{
	char *text;
	int err;

	if (size > CD_QUESTION_MAX) {
		pr_debug("%s/%s: a question has at most %d characters\n",
			 area->dir_name, file_name, CD_QUESTION_MAX);
		return -EINVAL;
	}
	text = memdup_user_nul(buf, size);
	if (IS_ERR(text))
		return PTR_ERR(text);
	if (strlen(text) < size) {
		pr_debug("%s/%s: a question has no NUL in it\n",
			 area->dir_name, file_name);
		err = -EINVAL;
	} else {
		err = parse(area, file_name, text, question);
	}
	kfree(text);
	return err;
}

/**
 * cd_word_read() - is a word what a user wrote?
 * @buf: what was written
 * @size: of @buf
 * @word: the word; a newline behind it does not matter
 * @is_word: result
 *
 * Context: process, may sleep. Return: 0 or -EFAULT.
 */
int cd_word_read(const char __user *buf, size_t size, const char *word,
		 bool *is_word)
{
	char text[16] = "";

	*is_word = false;
	if (size >= sizeof(text))
		return 0;
	if (copy_from_user(text, buf, size))
		return -EFAULT;
	*is_word = strlen(text) == size && sysfs_streq(text, word);
	return 0;
}

/**
 * cd_question_show() - what was asked, as "456 pages (1.8 MiB) at align 8 ..."
 * @file: where to; the line goes on
 * @question: the question
 */
void cd_question_show(struct seq_file *file,
		      const struct cd_request *question)
{
	char size[32];

	cd_say_pages(question->nr_pages, PAGE_SHIFT, size, sizeof(size));
	seq_printf(file, "%lu pages (%s) at align %u", question->nr_pages, size,
		   question->align);
	if (question->align_assumed)
		seq_puts(file, ", as a DMA caller asks");
	else if (question->align)
		seq_printf(file, " (%lu pages)", 1UL << question->align);
}
