/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What a replay writes into a block: 64-bit words that depend on a key and on their place in the
 * block, so that a stray write, a block given out twice and a wrong copy all show.
 *
 * Blocks are aligned to 8 bytes. Only plain 64-bit and 8-bit accesses: the memory may be uncached.
 */
#ifndef MEMRIG_REPLAY_PATTERN_H
#define MEMRIG_REPLAY_PATTERN_H

#include <stdint.h>

/**
 * replay_pattern_key() - key of the n-th block
 * @n: number of the operation that allocated it
 *
 * Return: the key.
 */
uint64_t replay_pattern_key(uint64_t n);

/**
 * replay_pattern_fill() - write part of a block
 * @block: its first byte
 * @from: first byte to write
 * @to: first byte not to write
 * @key: of the block
 */
void replay_pattern_fill(uint8_t *block, uint64_t from, uint64_t to, uint64_t key);

/**
 * replay_pattern_check() - read a block
 * @block: its first byte
 * @bytes: to read
 * @key: of the block
 *
 * Return: the first byte that is wrong, @bytes when none is.
 */
uint64_t replay_pattern_check(const uint8_t *block, uint64_t bytes, uint64_t key);

/**
 * replay_pattern_byte() - what a byte should be
 * @at: its place in the block
 * @key: of the block
 *
 * Return: its value.
 */
uint8_t replay_pattern_byte(uint64_t at, uint64_t key);

#endif /* MEMRIG_REPLAY_PATTERN_H */
