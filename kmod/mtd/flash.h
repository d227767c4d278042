/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Pages on raw flash, as a log: see flash.c.
 */
#ifndef MRIG_FLASH_H
#define MRIG_FLASH_H

#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/wait.h>

struct mrig_store_wear;
struct mtd_info;

#define MRIG_FLASH_NONE	U32_MAX		/* no slot, no block, no location */

/**
 * enum mrig_block_state - what an erase block is for
 * @MRIG_BLOCK_FREE: nothing that is there is needed; to be erased before it is written
 * @MRIG_BLOCK_OPEN: pages are being added
 * @MRIG_BLOCK_FULL: it has no slot left that was not written since it was erased
 * @MRIG_BLOCK_OUT: out of use: bad from the start, or something failed there. What is there already
 *	stays and is read until it is written anew
 */
enum mrig_block_state {
	MRIG_BLOCK_FREE,
	MRIG_BLOCK_OPEN,
	MRIG_BLOCK_FULL,
	MRIG_BLOCK_OUT,
};

/**
 * struct mrig_block - an erase block
 * @erases: how often it was erased, as far as this store knows
 * @live: slots with content that is needed; &mrig_flash.lock
 * @readers: who reads one of its slots; likewise
 * @state: enum mrig_block_state; &mrig_flash.write
 */
struct mrig_block {
	u32 erases;
	u32 live;
	u32 readers;
	u8 state;
};

/**
 * struct mrig_flash - pages on an MTD device
 * @mtd: the device
 * @slot_bytes: of a slot: a page, rounded up to what can be written at once
 * @slots: of an erase block
 * @nblocks: erase blocks
 * @pages: locations
 * @write: held by whoever writes or erases
 * @open: block being written, or MRIG_FLASH_NONE; @write
 * @next: its first slot that was not written; @write
 * @nfree: FREE blocks; @write
 * @buffer: for a slot; @write
 * @lock: of all that follows
 * @blocks: the erase blocks
 * @where: by location, its slot, or MRIG_FLASH_NONE
 * @what: by slot, the location that is there and needed, or MRIG_FLASH_NONE
 * @erases: all so far
 * @moves: pages copied so far
 * @most: erases of the block that has most
 * @idle: for a block that nobody reads any more
 */
struct mrig_flash {
	struct mtd_info *mtd;
	u32 slot_bytes;
	u32 slots;
	u32 nblocks;
	u32 pages;

	struct mutex write;	/* see above */
	u32 open;
	u32 next;
	u32 nfree;
	void *buffer;

	spinlock_t lock;	/* see above */
	struct mrig_block *blocks;
	u32 *where;
	u32 *what;
	u64 erases;
	u64 moves;
	u32 most;
	wait_queue_head_t idle;
};

struct mrig_flash *mrig_flash_create(struct mtd_info *mtd, u64 pages);
void mrig_flash_destroy(struct mrig_flash *flash);
int mrig_flash_write(struct mrig_flash *flash, u32 location, const void *from);
int mrig_flash_read(struct mrig_flash *flash, u32 location, void *to);
void mrig_flash_forget(struct mrig_flash *flash, u32 location);
void mrig_flash_wear(struct mrig_flash *flash, struct mrig_store_wear *wear);

/* flash_log.c: with &mrig_flash.write */
int mrig_flash_append_locked(struct mrig_flash *flash, const void *from, u32 *slot);
int mrig_flash_fetch(struct mrig_flash *flash, u32 slot, void *to);
void mrig_flash_free_locked(struct mrig_flash *flash, u32 block);

#endif /* MRIG_FLASH_H */
