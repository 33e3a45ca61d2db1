// SPDX-License-Identifier: GPL-2.0-only
/* For which devices the blocks of a ledger are, and as what exported. */
#include "ledger_tables.h"

/* A name that is too long is cut. */
static bool is_named(const char *device, const char *name)
{
	return !strncmp(device, name, CD_DEVICE_LEN - 1);
}

/* Those that no block is for may have the place of another. */
static void forget_unused(struct cd_ledger *ledger)
{
	unsigned int i, used = 0;

	for (i = 0; i < ledger->nr_blocks; i++)
		used |= 1U << block_at(ledger, i)->device;
	for (i = 1; i < CD_MAX_DEVICES; i++)
		if (!(used & 1U << i))
			ledger->devices[i][0] = '\0';
}

/* The index of a name, or 0; that of the empty name is the first free one. */
static unsigned char find_device(const struct cd_ledger *ledger,
				 const char *name)
{
	unsigned int i;

	for (i = 1; i < CD_MAX_DEVICES; i++)
		if (is_named(ledger->devices[i], name))
			return (unsigned char)i;
	return 0;
}

static unsigned char add_device(struct cd_ledger *ledger, const char *name)
{
	unsigned char i = find_device(ledger, "");
	size_t len = strnlen(name, CD_DEVICE_LEN - 1);

	if (!i) {
		forget_unused(ledger);
		i = find_device(ledger, "");
	}
	if (!i)
		return 0;
	memcpy(ledger->devices[i], name, len);
	ledger->devices[i][len] = '\0';
	return i;
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
 * Context: any; touches nothing else. Time grows with log(@nr_blocks), and with
 * the blocks where more devices come than are told apart.
 *
 * Return: false when there is no such block, or no room for the name.
 */
bool cd_ledger_name_device(struct cd_ledger *ledger,
			   const struct cd_block *block, const char *name)
{
	struct cd_block *there = find_block(ledger, block);
	unsigned char i;

	if (!there)
		return false;
	i = find_device(ledger, name) ?: add_device(ledger, name);
	there->device = i;
	return i;
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
 *
 * Context: any; pure. Time grows with log(@nr_blocks).
 *
 * Return: the block, until the ledger is changed; or NULL when it is not in the
 * ledger any more, or not among the last CD_NR_RECENT that were added.
 */
const struct cd_block *cd_ledger_last_of(const struct cd_ledger *ledger,
					 int pid)
{
	const struct cd_block *block;
	unsigned int i;

	for (i = 1; i <= CD_NR_RECENT && i <= ledger->nr_added; i++) {
		unsigned int at = (unsigned int)(ledger->nr_added - i) %
				  CD_NR_RECENT;

		if (ledger->recent[at].pid != pid)
			continue;
		block = cd_ledger_find(ledger, ledger->recent[at].start);
		return block && block->start == ledger->recent[at].start &&
		       block->pid == pid ? block : NULL;
	}
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
	return ledger->devices[i];
}
