// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is done to the device: slots are written one after the other in the open block, blocks are
 * erased before they are opened, the least worn free one first. Where something fails, the block is
 * taken out of use and the next one tried. It is not marked bad on the device: that would outlive
 * the window, and is up to whoever owns the flash.
 */
#include <linux/lockdep.h>
#include <linux/mtd/mtd.h>
#include <linux/string.h>

#include "flash.h"

/* Blocks that may fail while one page is written. */
#define APPEND_TRIES	8

static loff_t slot_offset(const struct mrig_flash *flash, u32 slot)
{
	return (u64)(slot / flash->slots) * flash->mtd->erasesize +
	       (u64)(slot % flash->slots) * flash->slot_bytes;
}

/**
 * mrig_flash_fetch() - read a page from where it is
 * @flash: flash
 * @slot: written before, in a block that is not erased meanwhile
 * @to: a page of bytes
 *
 * Context: may sleep.
 * Return: 0, also when bits had to be corrected; -EIO.
 */
int mrig_flash_fetch(struct mrig_flash *flash, u32 slot, void *to)
{
	size_t done = 0;
	int err = mtd_read(flash->mtd, slot_offset(flash, slot), PAGE_SIZE, &done, to);

	if (err && !mtd_is_bitflip(err))
		return -EIO;
	return done == PAGE_SIZE ? 0 : -EIO;
}

static int slot_write_locked(struct mrig_flash *flash, u32 slot, const void *from)
{
	size_t done = 0;
	int err;

	lockdep_assert_held(&flash->write);
	if (flash->slot_bytes > PAGE_SIZE && from != flash->buffer) {
		memcpy(flash->buffer, from, PAGE_SIZE);
		from = flash->buffer;
	}
	err = mtd_write(flash->mtd, slot_offset(flash, slot), flash->slot_bytes, &done, from);
	return err || done != flash->slot_bytes ? -EIO : 0;
}

static int block_erase_locked(struct mrig_flash *flash, u32 number)
{
	struct mrig_block *block = &flash->blocks[number];
	struct erase_info erase = {
		.addr = (u64)number * flash->mtd->erasesize,
		.len = flash->mtd->erasesize,
	};
	int err;

	lockdep_assert_held(&flash->write);
	/* Those who found a page here before it was moved. New ones do not come. */
	wait_event(flash->idle, !READ_ONCE(block->readers));
	err = mtd_erase(flash->mtd, &erase);
	spin_lock(&flash->lock);
	block->erases++;
	flash->erases++;
	flash->most = max(flash->most, block->erases);
	spin_unlock(&flash->lock);
	return err;
}

static u32 least_worn_free_locked(struct mrig_flash *flash)
{
	u32 found = MRIG_FLASH_NONE;
	u32 i;

	lockdep_assert_held(&flash->write);
	for (i = 0; i < flash->nblocks; i++) {
		if (flash->blocks[i].state != MRIG_BLOCK_FREE)
			continue;
		if (found == MRIG_FLASH_NONE ||
		    flash->blocks[i].erases < flash->blocks[found].erases)
			found = i;
	}
	return found;
}

/* Opens the next block. */
static int block_open_locked(struct mrig_flash *flash)
{
	u32 number;

	lockdep_assert_held(&flash->write);
	if (flash->open != MRIG_FLASH_NONE)
		flash->blocks[flash->open].state = MRIG_BLOCK_FULL;
	flash->open = MRIG_FLASH_NONE;
	while ((number = least_worn_free_locked(flash)) != MRIG_FLASH_NONE) {
		flash->nfree--;
		flash->blocks[number].state = MRIG_BLOCK_OUT;
		if (block_erase_locked(flash, number))
			continue;
		flash->blocks[number].state = MRIG_BLOCK_OPEN;
		flash->open = number;
		flash->next = 0;
		return 0;
	}
	return -ENOSPC;
}

/**
 * mrig_flash_append_locked() - write a page to the next free slot
 * @flash: flash
 * @from: a page of bytes, or @flash->buffer
 * @slot: out: where it is; nothing points there yet
 *
 * Context: may sleep.
 * Return: 0; -ENOSPC: there is no free block; -EIO: one after the other failed.
 */
int mrig_flash_append_locked(struct mrig_flash *flash, const void *from, u32 *slot)
{
	unsigned int tries;
	int err;

	lockdep_assert_held(&flash->write);
	for (tries = 0; tries < APPEND_TRIES; tries++) {
		if (flash->open == MRIG_FLASH_NONE || flash->next == flash->slots) {
			err = block_open_locked(flash);
			if (err)
				return err;
		}
		*slot = flash->open * flash->slots + flash->next++;
		if (!slot_write_locked(flash, *slot, from))
			return 0;
		flash->blocks[flash->open].state = MRIG_BLOCK_OUT;
		flash->open = MRIG_FLASH_NONE;
	}
	return -EIO;
}

/**
 * mrig_flash_free_locked() - a block may be erased
 * @flash: flash
 * @block: nothing in it is needed
 */
void mrig_flash_free_locked(struct mrig_flash *flash, u32 block)
{
	lockdep_assert_held(&flash->write);
	flash->blocks[block].state = MRIG_BLOCK_FREE;
	flash->nfree++;
}
