// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pages on raw flash, as a log. A page that is written goes to the next free slot; where it was
 * before is garbage from then on. When free blocks get few, the block with the least in it that is
 * needed is emptied: its pages are written to the log again.
 *
 * Nothing of that is noted on the device. The map from locations to slots is in memory, and what
 * was written is lost with it: this is a place to page to, not a filesystem.
 *
 * Room: FLASH_RESERVE free blocks are kept, so that emptying a block always finds a place for what
 * is in it, also if a block fails meanwhile. Since at least FLASH_SPARE blocks are not needed to
 * hold all pages, there is a block that has garbage in it whenever free ones are short.
 *
 * Wear: of the free blocks the least worn is opened next. A block whose pages do not change is
 * never garbage, so when one lags behind the most worn one by FLASH_GAP erases, its pages are
 * moved, too.
 *
 * Reading needs no more than a spinlock for a moment. A page that is moved meanwhile can still be
 * read where it was, as a block is not erased while it has readers.
 */
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/lockdep.h>
#include <linux/mm.h>
#include <linux/mtd/mtd.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <memrig/paging.h>

#include "flash.h"

#define FLASH_GFP	(GFP_KERNEL_ACCOUNT | __GFP_NOWARN | __GFP_RETRY_MAYFAIL)
#define FLASH_RESERVE	3
#define FLASH_SPARE	5
#define FLASH_SPARE_OF	16	/* one of so many is spare, if that is more */
#define FLASH_GAP	8
#define FLASH_ROUNDS	8	/* blocks that are emptied for one page */

/* Slot @slot has the content of @location from now on. */
static void slot_settle(struct mrig_flash *flash, u32 location, u32 slot)
{
	u32 before;

	spin_lock(&flash->lock);
	before = flash->where[location];
	if (before != MRIG_FLASH_NONE) {
		flash->what[before] = MRIG_FLASH_NONE;
		flash->blocks[before / flash->slots].live--;
	}
	flash->where[location] = slot;
	flash->what[slot] = location;
	flash->blocks[slot / flash->slots].live++;
	spin_unlock(&flash->lock);
}

/* Writes what is in @slot again, somewhere else, unless nobody needs it any more. */
static int slot_move_locked(struct mrig_flash *flash, u32 slot)
{
	u32 location = READ_ONCE(flash->what[slot]), to;
	int err;

	lockdep_assert_held(&flash->write);
	if (location == MRIG_FLASH_NONE)
		return 0;
	if (mrig_flash_fetch(flash, slot, flash->buffer))
		return -EBADMSG;
	err = mrig_flash_append_locked(flash, flash->buffer, &to);
	if (err)
		return err;
	spin_lock(&flash->lock);
	/* It may have been forgotten meanwhile. */
	if (flash->what[slot] == location) {
		flash->what[slot] = MRIG_FLASH_NONE;
		flash->blocks[slot / flash->slots].live--;
		flash->where[location] = to;
		flash->what[to] = location;
		flash->blocks[to / flash->slots].live++;
		flash->moves++;
	}
	spin_unlock(&flash->lock);
	return 0;
}

/* All that is needed goes elsewhere. A block that cannot be read is not touched any more. */
static int block_empty_locked(struct mrig_flash *flash, u32 block)
{
	u32 slot = block * flash->slots;
	u32 end = slot + flash->slots;
	int err;

	lockdep_assert_held(&flash->write);
	for (; slot < end; slot++) {
		err = slot_move_locked(flash, slot);
		if (err == -EBADMSG) {
			flash->blocks[block].state = MRIG_BLOCK_OUT;
			return 0;
		}
		if (err)
			return err;
		cond_resched();
	}
	mrig_flash_free_locked(flash, block);
	return 0;
}

/* The full block with the least in it, or with the fewest erases; NONE: there is none. */
static u32 full_block_locked(struct mrig_flash *flash, bool worn_least)
{
	const struct mrig_block *block, *best = NULL;
	u32 i;

	lockdep_assert_held(&flash->write);
	for (i = 0; i < flash->nblocks; i++) {
		block = &flash->blocks[i];
		if (block->state != MRIG_BLOCK_FULL)
			continue;
		if (!best || (worn_least ? block->erases < best->erases :
					   READ_ONCE(block->live) < READ_ONCE(best->live)))
			best = block;
	}
	return best ? best - flash->blocks : MRIG_FLASH_NONE;
}

static bool open_has_room_locked(const struct mrig_flash *flash)
{
	lockdep_assert_held(&flash->write);
	return flash->open != MRIG_FLASH_NONE && flash->next < flash->slots;
}

/* Sees to it that there are free blocks, as far as that takes a while and no longer. */
static void make_room_locked(struct mrig_flash *flash)
{
	unsigned int round;
	u32 block;

	lockdep_assert_held(&flash->write);
	for (round = 0; flash->nfree < FLASH_RESERVE && round < FLASH_ROUNDS; round++) {
		block = full_block_locked(flash, false);
		if (block == MRIG_FLASH_NONE ||
		    READ_ONCE(flash->blocks[block].live) == flash->slots)
			return;
		if (block_empty_locked(flash, block))
			return;
	}
}

/* One block with pages that do not change is brought into use again, if that is due. */
static void level_locked(struct mrig_flash *flash)
{
	u32 block = full_block_locked(flash, true);

	lockdep_assert_held(&flash->write);
	if (flash->nfree >= 2 && block != MRIG_FLASH_NONE &&
	    flash->blocks[block].erases + FLASH_GAP < flash->most)
		block_empty_locked(flash, block);
}

static int write_locked(struct mrig_flash *flash, const void *from, u32 *slot)
{
	lockdep_assert_held(&flash->write);
	if (!open_has_room_locked(flash)) {
		make_room_locked(flash);
		level_locked(flash);
	}
	/* The last free block is for emptying another one. */
	if (!open_has_room_locked(flash) && flash->nfree < 2)
		return -ENOSPC;
	return mrig_flash_append_locked(flash, from, slot);
}

/**
 * mrig_flash_write() - write a page
 * @flash: flash
 * @location: which one
 * @from: its content
 *
 * Context: may sleep.
 * Return: 0; -ENOSPC: so many blocks have failed that there is no room; -EIO. With an error what
 *	was there before is there still.
 */
int mrig_flash_write(struct mrig_flash *flash, u32 location, const void *from)
{
	u32 slot;
	int err;

	mutex_lock(&flash->write);
	err = write_locked(flash, from, &slot);
	if (!err)
		slot_settle(flash, location, slot);
	mutex_unlock(&flash->write);
	return err;
}

/**
 * mrig_flash_read() - read a page
 * @flash: flash
 * @location: which one; it is not written or forgotten meanwhile
 * @to: out: its content
 *
 * Context: may sleep.
 * Return: 0; -EIO: it cannot be read, or was never written.
 */
int mrig_flash_read(struct mrig_flash *flash, u32 location, void *to)
{
	struct mrig_block *block;
	u32 slot;
	int err;

	spin_lock(&flash->lock);
	slot = flash->where[location];
	if (slot == MRIG_FLASH_NONE) {
		spin_unlock(&flash->lock);
		return -EIO;
	}
	block = &flash->blocks[slot / flash->slots];
	block->readers++;
	spin_unlock(&flash->lock);

	err = mrig_flash_fetch(flash, slot, to);

	spin_lock(&flash->lock);
	if (!--block->readers)
		wake_up_all(&flash->idle);
	spin_unlock(&flash->lock);
	return err;
}

/**
 * mrig_flash_forget() - a page is not needed any more
 * @flash: flash
 * @location: which one; perhaps it was never written
 *
 * Context: any but interrupts.
 */
void mrig_flash_forget(struct mrig_flash *flash, u32 location)
{
	u32 slot;

	spin_lock(&flash->lock);
	slot = flash->where[location];
	flash->where[location] = MRIG_FLASH_NONE;
	if (slot != MRIG_FLASH_NONE) {
		flash->what[slot] = MRIG_FLASH_NONE;
		flash->blocks[slot / flash->slots].live--;
	}
	spin_unlock(&flash->lock);
}

/**
 * mrig_flash_wear() - what has been done to the device
 * @flash: flash
 * @wear: out
 */
void mrig_flash_wear(struct mrig_flash *flash, struct mrig_store_wear *wear)
{
	spin_lock(&flash->lock);
	wear->erases = flash->erases;
	wear->moves = flash->moves;
	wear->most = flash->most;
	spin_unlock(&flash->lock);
}

static int flash_shape(struct mrig_flash *flash)
{
	struct mtd_info *mtd = flash->mtd;
	u64 nblocks;

	/* Blocks of one size, which can be erased, and hold a page. */
	if (!mtd->erasesize || !mtd->writesize || mtd->numeraseregions > 1)
		return -EINVAL;
	flash->slot_bytes = roundup(PAGE_SIZE, mtd->writesize);
	flash->slots = mtd->erasesize / flash->slot_bytes;
	if (!flash->slots)
		return -EINVAL;
	nblocks = mtd_div_by_eb(mtd->size, mtd);
	if (nblocks * flash->slots >= MRIG_FLASH_NONE)
		return -EFBIG;
	flash->nblocks = nblocks;
	return 0;
}

static int flash_alloc(struct mrig_flash *flash)
{
	flash->blocks = kvcalloc(flash->nblocks, sizeof(*flash->blocks), FLASH_GFP);
	flash->where = kvmalloc_array(flash->pages, sizeof(*flash->where), FLASH_GFP);
	flash->what = kvmalloc_array(flash->nblocks * flash->slots, sizeof(*flash->what),
				     FLASH_GFP);
	flash->buffer = kzalloc(flash->slot_bytes, FLASH_GFP);
	if (!flash->blocks || !flash->where || !flash->what || !flash->buffer)
		return -ENOMEM;
	memset32(flash->where, MRIG_FLASH_NONE, flash->pages);
	memset32(flash->what, MRIG_FLASH_NONE, flash->nblocks * flash->slots);
	return 0;
}

/* Which blocks can be used. */
static int flash_scan(struct mrig_flash *flash)
{
	u32 i;
	int bad;

	for (i = 0; i < flash->nblocks; i++) {
		bad = mtd_block_isbad(flash->mtd, (u64)i * flash->mtd->erasesize);
		if (bad < 0)
			return -EIO;
		flash->blocks[i].state = bad ? MRIG_BLOCK_OUT : MRIG_BLOCK_FREE;
		flash->nfree += !bad;
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
	}
	return 0;
}

static bool flash_holds(const struct mrig_flash *flash, u32 blocks, u64 pages)
{
	u32 spare = max_t(u32, FLASH_SPARE, blocks / FLASH_SPARE_OF);

	return blocks > spare && pages <= (u64)(blocks - spare) * flash->slots;
}

static int flash_build(struct mrig_flash *flash, u64 pages)
{
	int err = flash_shape(flash);

	if (err)
		return err;
	/* Also so that no more memory is asked for than the device is worth. */
	if (!flash_holds(flash, flash->nblocks, pages))
		return -ENOSPC;
	flash->pages = pages;
	err = flash_alloc(flash);
	if (err)
		return err;
	err = flash_scan(flash);
	if (err)
		return err;
	return flash_holds(flash, flash->nfree, pages) ? 0 : -ENOSPC;
}

/**
 * mrig_flash_create() - get ready to put pages on a device
 * @mtd: the device, all of it; outlives the flash
 * @pages: how many
 *
 * Context: process context of whoever pays. May sleep.
 * Return: the flash, or ERR_PTR: -EINVAL: such a device will not do; -EFBIG: it is too large;
 *	-ENOSPC: too small; -EIO, -ENOMEM; -EINTR: the caller is being killed.
 */
struct mrig_flash *mrig_flash_create(struct mtd_info *mtd, u64 pages)
{
	struct mrig_flash *flash = kzalloc(sizeof(*flash), FLASH_GFP);
	int err;

	if (!flash)
		return ERR_PTR(-ENOMEM);
	mutex_init(&flash->write);
	spin_lock_init(&flash->lock);
	init_waitqueue_head(&flash->idle);
	flash->mtd = mtd;
	flash->open = MRIG_FLASH_NONE;
	err = flash_build(flash, pages);
	if (!err)
		return flash;
	mrig_flash_destroy(flash);
	return ERR_PTR(err);
}

/**
 * mrig_flash_destroy() - the end
 * @flash: nobody uses it
 *
 * Context: may sleep.
 */
void mrig_flash_destroy(struct mrig_flash *flash)
{
	kvfree(flash->blocks);
	kvfree(flash->where);
	kvfree(flash->what);
	kfree(flash->buffer);
	mutex_destroy(&flash->write);
	kfree(flash);
}
