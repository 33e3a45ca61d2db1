/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The ledger of an area: who has which of its pages, from the allocations that
 * were seen.
 *
 * Releases need not be seen. Where an allocation is added nobody else can have
 * pages any more, so that it takes the place of whatever the ledger had there;
 * and what is free in the bitmap is nobody's. So a used bit is the last block's
 * that was added over it.
 *
 * Places are bits of the area's bitmap, counted on from one range to the next.
 * A ledger is one piece of memory without pointers, and can be copied. Who
 * calls sees to it that nobody else does meanwhile.
 */
#ifndef CD_LEDGER_H
#define CD_LEDGER_H

#include "free_runs.h"

/* TASK_COMM_LEN */
#define CD_COMM_LEN 16
#define CD_CALLER_DEPTH 16U
#define CD_NO_HOLDER 0xffffU
/* Devices of an area that are told apart; index 0 is one that is not known. */
#define CD_MAX_DEVICES 32U
#define CD_DEVICE_LEN 40U
/* Allocations of which it is remembered which task's last one it was. */
#define CD_NR_RECENT 64U
#define CD_MAX_BLOCKS 0xfff0U
#define CD_MAX_HOLDERS 0xfff0U

/**
 * struct cd_caller - who allocated
 * @comm: the task's name; all of it is compared
 * @nr_frames: entries of @frames
 * @frames: its stack, innermost first
 */
struct cd_caller {
	char comm[CD_COMM_LEN];
	unsigned int nr_frames;
	unsigned long frames[CD_CALLER_DEPTH];
};

/**
 * struct cd_block - an allocation, or what is left of it
 * @start: first bit
 * @end: the bit after the last; of the same range
 * @holder: whose, for cd_ledger_holder(); CD_NO_HOLDER when there were too many
 * @align: the order that was asked
 * @device: for which device, for cd_ledger_device(); 0 when that is not known
 * @pid: the task
 * @inode: of the dma-buf that it was exported as; 0 when that is not known
 * @time_ns: when, by a clock of the caller's
 */
struct cd_block {
	unsigned int start;
	unsigned int end;
	unsigned short holder;
	unsigned char align;
	unsigned char device;
	int pid;
	unsigned long inode;
	unsigned long long time_ns;
};

/**
 * struct cd_holder - all blocks of one caller
 * @caller: who; the same name and the same stack
 * @nr_blocks: blocks that the ledger has of it; 0 when it is not in use
 * @serial: which of all holders there ever were, from 1
 * @nr_grown: blocks that were added since it was last seen that anything it had
 *            was released
 * @grown_bits: bits of these
 * @grown_ns: when the first of them was allocated
 * @hash: of @caller
 * @next: the next with the same head; or free
 */
struct cd_holder {
	struct cd_caller caller;
	unsigned int nr_blocks;
	unsigned int serial;
	unsigned int nr_grown;
	unsigned int grown_bits;
	unsigned long long grown_ns;
	unsigned int hash;
	unsigned short next;
};

/**
 * struct cd_ledger - the head of it; its tables follow in memory
 * @max_blocks: as many it has room for
 * @max_holders: likewise
 * @nr_blocks: that it has
 * @nr_holders: likewise
 * @nr_added: allocations, ever; one that is added again for want of room is one
 * @nr_lost: how often there was no room: for an allocation in the end, or for
 *           what another left of one on both of its sides. Whose these bits
 *           are is not known
 * @devices: their names, and how many blocks are for each; private
 * @recent: where the last allocations began, whose they were, and when; private
 * @not_kept: what the last call of cd_ledger_add() had no room for; private
 * @nr_heads: of holders by their hash; private
 * @last_serial: of the newest holder; private
 * @free_block: the first of the blocks that are not in use; private
 * @free_holder: likewise
 */
struct cd_ledger {
	unsigned int max_blocks;
	unsigned int max_holders;
	unsigned int nr_blocks;
	unsigned int nr_holders;
	unsigned long long nr_added;
	unsigned long long nr_lost;
	struct {
		char name[CD_DEVICE_LEN];
		unsigned int nr_blocks;
	} devices[CD_MAX_DEVICES];
	struct {
		unsigned int start;
		int pid;
		unsigned long long time_ns;
	} recent[CD_NR_RECENT];
	struct cd_block not_kept;
	unsigned int nr_heads;
	unsigned int last_serial;
	unsigned short free_block;
	unsigned short free_holder;
};

/**
 * struct cd_held - used bits that belong together; { 0 } is where a walk begins
 * @start: first bit
 * @end: the bit after the last; of the same range
 * @block: which block they are of; NULL when that is not known
 */
struct cd_held {
	unsigned int start;
	unsigned int end;
	const struct cd_block *block;
};

/**
 * struct cd_holding - what somebody has at one moment
 * @nr_blocks: blocks with used bits; where they are not known, runs of them
 * @nr_bits: used bits
 * @oldest_ns: when the first of these blocks was allocated
 * @newest_ns: when the last was
 * @nr_covered: bits of all blocks, those that are free by now, too; 0 where
 *              they are not known
 * @devices: for which devices its blocks are: bit i for device i
 */
struct cd_holding {
	unsigned long nr_blocks;
	unsigned long nr_bits;
	unsigned long long oldest_ns;
	unsigned long long newest_ns;
	unsigned long nr_covered;
	unsigned int devices;
};

/* Blocks of a place that are told; the rest is counted. */
#define CD_NR_WHOSE 4U

/**
 * struct cd_whose - who has used pages of a place
 * @seen: the rest holds
 * @doubtful: some of it may be another's; for the caller to say
 * @nr_blocks: blocks with used pages there
 * @blocks: the first of them: whose, and all used pages of the block, in the
 *          place and beside it
 * @nr_unknown: used pages there that are of no block, or were not yet
 */
struct cd_whose {
	bool seen;
	bool doubtful;
	unsigned int nr_blocks;
	struct {
		char comm[CD_COMM_LEN];
		int pid;
		struct cd_run run;
	} blocks[CD_NR_WHOSE];
	unsigned long nr_unknown;
};

size_t cd_ledger_bytes(unsigned int max_blocks, unsigned int max_holders);
void cd_ledger_init(struct cd_ledger *ledger, unsigned int max_blocks,
		    unsigned int max_holders);
bool cd_ledger_add(struct cd_ledger *ledger, const struct cd_block *block,
		   const struct cd_caller *caller);
bool cd_ledger_name_device(struct cd_ledger *ledger,
			   const struct cd_block *block, const char *name);
bool cd_ledger_name_inode(struct cd_ledger *ledger,
			  const struct cd_block *block, unsigned long inode);
const struct cd_block *cd_ledger_last_of(const struct cd_ledger *ledger,
					 int pid, unsigned long long *time_ns);
void cd_fit_device(const char *name, char fit[CD_DEVICE_LEN]);
void cd_ledger_sweep(struct cd_ledger *ledger, const struct cd_bitmap *bm);
const struct cd_block *cd_ledger_find(const struct cd_ledger *ledger,
				      unsigned int bit);
const struct cd_holder *cd_ledger_holder(const struct cd_ledger *ledger,
					 unsigned int i);
const char *cd_ledger_device(const struct cd_ledger *ledger, unsigned int i);
bool cd_next_held(const struct cd_ledger *ledger, const struct cd_bitmap *bm,
		  struct cd_held *held);
void cd_count_holdings(const struct cd_ledger *ledger,
		       const struct cd_bitmap *bm,
		       struct cd_holding *holdings);
void cd_find_whose(const struct cd_ledger *ledger, const struct cd_bitmap *bm,
		   const struct cd_run *place, unsigned long long at_ns,
		   struct cd_whose *whose);
unsigned int cd_nr_grown(const struct cd_holder *holder,
			 const struct cd_holding *holding);
struct cd_run cd_run_without(const struct cd_ledger *ledger,
			     const struct cd_bitmap *bm, unsigned int holder,
			     unsigned int order, unsigned long *words);
bool cd_bit_of_pfn(const struct cd_bitmap *bm, unsigned long pfn,
		   unsigned int *bit);
struct cd_run cd_run_of_bits(const struct cd_bitmap *bm, unsigned int start,
			     unsigned int end);

#endif
