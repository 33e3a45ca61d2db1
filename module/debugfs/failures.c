// SPDX-License-Identifier: GPL-2.0-only
/*
 * failures, <area>/failures: the last failures, oldest first, and then news.
 *
 * A reader gets what is kept when the file is opened, then an end of file;
 * then, when it reads on, what has come since, and so forth: also a story that
 * has gone on, once more and whole. poll() waits for news. Each piece is
 * gathered whole, as a view is, and can be read again until the next is taken;
 * what was overwritten before it was read is counted.
 */
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/poll.h>
#include <linux/seq_file.h>
#include <linux/sort.h>

#include "areas.h"
#include "debugfs/failure_text.h"
#include "debugfs/files.h"
#include "name_stacks.h"
#include "news.h"

/* A failure and the area it happened in. */
struct entry {
	const struct cd_area *area;
	struct cd_failure failure;
};

/*
 * A piece of the file: what had come until it was gathered.
 * @news: not the first piece
 * @nr_lost: failures that it should have and has not, since they were
 *           overwritten; in the first piece, all that are older
 * @next: for each area, the first record that comes after it
 */
struct piece {
	bool news;
	u64 nr_lost;
	u64 next[CD_MAX_AREAS];
	unsigned int nr;
	struct entry entries[];
};

/*
 * An open file.
 * @only: the area, or NULL for all of them
 * @next: for each area, the first record that is yet to be shown
 * @seen: the number up to which changes have been shown
 * @start: where in the file the piece begins
 * @unread: some of the piece is not read yet
 * @ended: the reader has had the piece's end of file
 * @piece: what is shown now
 */
struct stream {
	/* Threads that read at the same time have the rest in turn. */
	struct mutex lock;
	struct cd_area *only;
	u64 *next;
	u64 seen;
	loff_t start;
	bool unread;
	bool ended;
	struct piece *piece;
};

static unsigned int nr_areas_of(const struct stream *stream)
{
	return stream->only ? 1 : cd_areas_count();
}

static struct cd_area *area_of(const struct stream *stream, unsigned int i)
{
	return stream->only ?: cd_areas_get(i);
}

static int compare_seq(const void *a, const void *b)
{
	const struct entry *left = a, *right = b;

	return left->failure.seq < right->failure.seq ? -1 :
	       left->failure.seq > right->failure.seq;
}

static int add_entry(struct piece *piece, const struct cd_area *area)
{
	struct entry *entry = &piece->entries[piece->nr];

	if (cd_name_stack(&entry->failure))
		return -ENOMEM;
	entry->area = area;
	piece->nr++;
	return 0;
}

/* Stories that were shown, and have gone on since: of records before @next. */
static int gather_grown(struct piece *piece, struct cd_area *area, u64 next,
			u64 seen)
{
	u64 i = next - min_t(u64, next, CD_NR_GROWING);

	for (; i < next; i++) {
		struct cd_failure *failure = &piece->entries[piece->nr].failure;

		if (!cd_history_get(&area->history, i, failure))
			continue;
		if (failure->change > seen) {
			if (add_entry(piece, area))
				return -ENOMEM;
		} else {
			cd_history_put(failure);
		}
	}
	return 0;
}

/*
 * Appends the failures of an area, as far as they are numbered up to @last_seq,
 * from *@next on, which is moved past them. The history is locked for one
 * record at a time: failures that come meanwhile are not held up, and may push
 * the oldest out.
 */
static int gather_area(struct piece *piece, struct cd_area *area, u64 *next,
		       u64 last_seq)
{
	u64 end = cd_history_end(&area->history);
	unsigned int nr_kept = 0;
	u64 i = *next;

	if (end - i > CD_HISTORY_LEN)
		i = end - CD_HISTORY_LEN;
	for (; i < end; i++) {
		struct cd_failure *failure = &piece->entries[piece->nr].failure;

		if (!cd_history_get(&area->history, i, failure))
			continue;
		if (failure->seq > last_seq) {
			cd_history_put(failure);
			break;
		}
		if (add_entry(piece, area))
			return -ENOMEM;
		nr_kept++;
	}
	piece->nr_lost += i - *next - nr_kept;
	*next = i;
	return 0;
}

static void put_entries(struct piece *piece, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		cd_history_put(&piece->entries[i].failure);
}

static void free_piece(struct piece *piece)
{
	if (!piece)
		return;
	put_entries(piece, piece->nr);
	kvfree(piece);
}

/* Of all areas together, the first piece has as many as are kept of one. */
static void keep_newest(struct piece *piece)
{
	unsigned int drop;

	if (piece->nr <= CD_HISTORY_LEN)
		return;
	drop = piece->nr - CD_HISTORY_LEN;
	put_entries(piece, drop);
	piece->nr = CD_HISTORY_LEN;
	piece->nr_lost += drop;
	memmove(piece->entries, piece->entries + drop,
		piece->nr * sizeof(struct entry));
}

/*
 * Pieces follow each other in the order in which failures are numbered, over
 * all areas: one that is numbered by now is in its history by the time that is
 * looked at, and one that is numbered later is left to the next piece. A story
 * that changes meanwhile may be in both.
 */
static struct piece *gather_piece(struct stream *stream, bool news)
{
	unsigned int i, nr_areas = nr_areas_of(stream);
	u64 last_seq = cd_history_last_seq();
	u64 last_change = cd_history_last_change();
	struct piece *piece;

	cd_name_stacks();
	piece = kvzalloc(struct_size(piece, entries,
				     nr_areas * (CD_HISTORY_LEN +
						 CD_NR_GROWING)), GFP_KERNEL);
	if (!piece)
		return NULL;
	piece->news = news;
	for (i = 0; i < nr_areas; i++) {
		struct cd_area *area = area_of(stream, i);

		piece->next[i] = stream->next[i];
		if (gather_grown(piece, area, stream->next[i], stream->seen) ||
		    gather_area(piece, area, &piece->next[i], last_seq)) {
			free_piece(piece);
			return NULL;
		}
	}
	memcpy(stream->next, piece->next, nr_areas * sizeof(u64));
	stream->seen = last_change;
	sort(piece->entries, piece->nr, sizeof(struct entry), compare_seq,
	     NULL);
	if (!news)
		keep_newest(piece);
	return piece;
}

static int show_piece(struct seq_file *file, void *unused)
{
	const struct stream *stream = file->private;
	const struct piece *piece = stream->piece;
	unsigned int i;

	if (!piece->news && !piece->nr)
		seq_puts(file, "no failure since the module was loaded\n");
	if (piece->nr_lost)
		seq_printf(file, "%llu %s\n\n", piece->nr_lost,
			   piece->news ?
			   "failures were overwritten before they were read" :
			   "older failures are no longer kept");
	for (i = 0; i < piece->nr; i++)
		cd_failure_show(file, piece->entries[i].area->dir_name,
				&piece->entries[i].failure);
	return 0;
}

static void free_stream(struct stream *stream)
{
	if (!stream)
		return;
	free_piece(stream->piece);
	kvfree(stream->next);
	kvfree(stream);
}

static struct stream *alloc_stream(struct cd_area *only)
{
	struct stream *stream = kvzalloc(sizeof(*stream), GFP_KERNEL);

	if (!stream)
		return NULL;
	mutex_init(&stream->lock);
	stream->only = only;
	stream->unread = true;
	stream->next = kvcalloc(nr_areas_of(stream), sizeof(u64), GFP_KERNEL);
	if (stream->next)
		stream->piece = gather_piece(stream, false);
	if (stream->piece)
		return stream;
	free_stream(stream);
	return NULL;
}

/* Room for a failure's text, mostly; seq_file finds more where it is needed. */
#define FAILURE_TEXT_SIZE 1536UL

static int open_failures(struct inode *inode, struct file *file)
{
	struct stream *stream = alloc_stream(inode->i_private);
	int err;

	if (!stream)
		return -ENOMEM;
	err = single_open_size(file, show_piece, stream, PAGE_SIZE +
			       stream->piece->nr * FAILURE_TEXT_SIZE);
	if (err)
		free_stream(stream);
	return err;
}

static int release_failures(struct inode *inode, struct file *file)
{
	struct seq_file *seq = file->private_data;

	free_stream(seq->private);
	return single_release(inode, file);
}

static bool has_news(const struct stream *stream)
{
	unsigned int i;

	for (i = 0; i < nr_areas_of(stream); i++) {
		struct cd_history *history = &area_of(stream, i)->history;

		if (cd_history_news(history) > stream->seen ||
		    cd_history_end(history) > stream->next[i])
			return true;
	}
	return false;
}

/* The next piece begins where the one before ended. */
static int take_news(struct stream *stream, loff_t start)
{
	struct piece *piece = gather_piece(stream, true);

	if (!piece)
		return -ENOMEM;
	free_piece(stream->piece);
	stream->piece = piece;
	stream->start = start;
	stream->unread = true;
	stream->ended = false;
	return 0;
}

/* seq_read() makes the text anew when it is read from its start. */
static ssize_t read_piece(struct file *file, struct stream *stream,
			  char __user *buf, size_t size, loff_t *pos)
{
	struct seq_file *seq = file->private_data;
	loff_t in_piece = *pos - stream->start;
	ssize_t got;

	if (in_piece < 0)
		return -EINVAL;
	got = seq_read(file, buf, size, &in_piece);
	if (got < 0)
		return got;
	*pos = stream->start + in_piece;
	stream->unread = seq->count;
	return got;
}

static ssize_t read_failures(struct file *file, char __user *buf, size_t size,
			     loff_t *pos)
{
	struct seq_file *seq = file->private_data;
	struct stream *stream = seq->private;
	ssize_t got;

	if (!size)
		return 0;
	mutex_lock(&stream->lock);
	got = read_piece(file, stream, buf, size, pos);
	if (!got && stream->ended && has_news(stream)) {
		got = take_news(stream, *pos);
		if (!got)
			got = read_piece(file, stream, buf, size, pos);
	}
	if (!got)
		stream->ended = true;
	mutex_unlock(&stream->lock);
	return got;
}

/*
 * Who polls knows that an end of file is not the end, and need not read one
 * before the news.
 */
static __poll_t poll_failures(struct file *file, poll_table *table)
{
	struct seq_file *seq = file->private_data;
	struct stream *stream = seq->private;
	bool readable;

	poll_wait(file, cd_news_waiting(), table);
	mutex_lock(&stream->lock);
	if (!stream->unread)
		stream->ended = true;
	readable = stream->unread || has_news(stream);
	mutex_unlock(&stream->lock);
	return readable ? EPOLLIN | EPOLLRDNORM : 0;
}

/* What is before the piece is gone. */
static loff_t seek_failures(struct file *file, loff_t offset, int whence)
{
	struct seq_file *seq = file->private_data;
	struct stream *stream = seq->private;
	loff_t to = whence == SEEK_CUR ? file->f_pos + offset : offset;

	mutex_lock(&stream->lock);
	if (to < stream->start) {
		to = -EINVAL;
	} else {
		to = no_seek_end_llseek(file, offset, whence);
		stream->unread = true;
		stream->ended = false;
	}
	mutex_unlock(&stream->lock);
	return to;
}

const struct file_operations cd_failures_fops = {
	.owner = THIS_MODULE,
	.open = open_failures,
	.read = read_failures,
	.poll = poll_failures,
	.llseek = seek_failures,
	.release = release_failures,
};
