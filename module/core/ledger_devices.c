// SPDX-License-Identifier: GPL-2.0-only
/* For which devices the blocks of a ledger are, and as what exported. */
#include "ledger_tables.h"

/**
 * cd_fit_device() - a device's name, cut to fit
 * @name: the name
 * @fit: result; its end where it is too long, since that tells it from others:
 *       the names of its parents come first
 *
 * Context: any; pure.
 */
void cd_fit_device(const char *name, char fit[CD_DEVICE_LEN])
{
	size_t len = strlen(name), at = 0;

	if (len >= CD_DEVICE_LEN) {
		memcpy(fit, "...", 3);
		at = 3;
		name += len - (CD_DEVICE_LEN - 1 - at);
		len = CD_DEVICE_LEN - 1 - at;
	}
	memcpy(fit + at, name, len);
	fit[at + len] = '\0';
}

/* The index of a name, or 0. */
static unsigned char find_device(const struct cd_ledger *ledger,
				 const char *name)
{
	unsigned int i;

	for (i = 1; i < CD_MAX_DEVICES; i++)
		if (!strcmp(ledger->devices[i].name, name))
			return (unsigned char)i;
	return 0;
}

/* In the place of one that no block is for. */
static unsigned char add_device(struct cd_ledger *ledger, const char *name)
{
	unsigned int i;

	for (i = 1; i < CD_MAX_DEVICES; i++) {
		if (ledger->devices[i].nr_blocks)
			continue;
		memcpy(ledger->devices[i].name, name, strlen(name) + 1);
		return (unsigned char)i;
	}
	return 0;
}

/* The block that is just so, or NULL. */
static struct cd_block *find_block(const struct cd_ledger *ledger,
				   const struct cd_block *block)
{
	unsigned int position = find_position(ledger, block->start);
	struct cd_block *there;

	if (position == ledger->nr_blocks)
		return NULL;
	there = block_at(ledger, position);
	return there->start == block->start && there->end == block->end &&
	       there->pid == block->pid ? there : NULL;
}

/**
 * cd_ledger_name_device() - a block that was added is for this device
 * @ledger: where it is
 * @block: its bits, and its task; no other is taken for it
 * @name: the device's, not empty
 *
 * Context: any; touches nothing else. Time grows with log(@nr_blocks).
 *
 * Return: false when there is no such block; or no room for the name, and then
 * its device is not known.
 */
bool cd_ledger_name_device(struct cd_ledger *ledger,
			   const struct cd_block *block, const char *name)
{
	struct cd_block *there = find_block(ledger, block);
	char fit[CD_DEVICE_LEN];

	if (!there)
		return false;
	cd_fit_device(name, fit);
	ledger->devices[there->device].nr_blocks--;
	there->device = find_device(ledger, fit);
	if (!there->device)
		there->device = add_device(ledger, fit);
	ledger->devices[there->device].nr_blocks++;
	return there->device;
}

/**
 * cd_ledger_name_inode() - a block that was added is exported as a dma-buf
 * @ledger: where it is
 * @block: its bits, and its task; no other is taken for it
 * @inode: the dma-buf's
 *
 * Context: any; touches nothing else. Time grows with log(@nr_blocks).
 *
 * Return: false when there is no such block.
 */
bool cd_ledger_name_inode(struct cd_ledger *ledger,
			  const struct cd_block *block, unsigned long inode)
{
	struct cd_block *there = find_block(ledger, block);

	if (there)
		there->inode = inode;
	return there;
}

/**
 * cd_ledger_last_of() - what a task has allocated last
 * @ledger: where to look
 * @pid: the task
 * @time_ns: result: when that was; where it is not known, no earlier than that
 *           may have been, and 0 when there cannot have been any
 *
 * Context: any; pure. Time grows with log(@nr_blocks).
 *
 * Return: the block, until the ledger is changed; or NULL when it is not in the
 * ledger any more, or not among the last CD_NR_RECENT that were added.
 */
const struct cd_block *cd_ledger_last_of(const struct cd_ledger *ledger,
					 int pid, unsigned long long *time_ns)
{
	const struct cd_block *block;
	unsigned int i;

	*time_ns = 0;
	for (i = 1; i <= CD_NR_RECENT && i <= ledger->nr_added; i++) {
		unsigned int at = (unsigned int)(ledger->nr_added - i) %
				  CD_NR_RECENT;
		unsigned int start = ledger->recent[at].start;

		*time_ns = ledger->recent[at].time_ns;
		if (ledger->recent[at].pid != pid)
			continue;
		block = cd_ledger_find(ledger, start);
		return block && block->start == start && block->pid == pid ?
		       block : NULL;
	}
	if (ledger->nr_added <= CD_NR_RECENT)
		*time_ns = 0;
	return NULL;
}

/**
 * cd_ledger_device() - the name of a device
 * @ledger: where to look
 * @i: below CD_MAX_DEVICES, as a block has it
 *
 * Context: any; pure.
 *
 * Return: its name, cut to fit; empty for 0. Until the ledger is changed.
 */
const char *cd_ledger_device(const struct cd_ledger *ledger, unsigned int i)
{
	return ledger->devices[i].name;
}
