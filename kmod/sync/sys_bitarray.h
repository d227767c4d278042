/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * sys_bitarray: Zephyr's array of bits that threads and interrupts share. Each call does all of
 * what it says or nothing, under one lock; what concerns a region takes a step per 32 bits of it.
 */
#ifndef SYS_BITARRAY_H
#define SYS_BITARRAY_H

#include "k_heap.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * struct sys_bitarray - an array of bits
 * @num_bits: how many
 * @num_bundles: words of @bundles
 * @bundles: the bits, the lowest of the first word first; those beyond @num_bits stay 0
 * @lock: of @bundles
 */
struct sys_bitarray {
	uint32_t num_bits;
	uint32_t num_bundles;
	uint32_t *bundles;
	struct k_spinlock lock;
};

typedef struct sys_bitarray sys_bitarray_t;

int sys_bitarray_set_bit(sys_bitarray_t *bitarray, size_t bit);
int sys_bitarray_clear_bit(sys_bitarray_t *bitarray, size_t bit);
int sys_bitarray_test_bit(sys_bitarray_t *bitarray, size_t bit, int *val);
int sys_bitarray_test_and_set_bit(sys_bitarray_t *bitarray, size_t bit, int *prev_val);
int sys_bitarray_test_and_clear_bit(sys_bitarray_t *bitarray, size_t bit, int *prev_val);
int sys_bitarray_alloc(sys_bitarray_t *bitarray, size_t num_bits, size_t *offset);
int sys_bitarray_free(sys_bitarray_t *bitarray, size_t num_bits, size_t offset);
bool sys_bitarray_is_region_set(sys_bitarray_t *bitarray, size_t num_bits, size_t offset);
bool sys_bitarray_is_region_cleared(sys_bitarray_t *bitarray, size_t num_bits, size_t offset);
int sys_bitarray_set_region(sys_bitarray_t *bitarray, size_t num_bits, size_t offset);
int sys_bitarray_clear_region(sys_bitarray_t *bitarray, size_t num_bits, size_t offset);
int sys_bitarray_test_and_set_region(sys_bitarray_t *bitarray, size_t num_bits, size_t offset,
				     bool to_set);
int sys_bitarray_popcount_region(sys_bitarray_t *bitarray, size_t num_bits, size_t offset,
				 size_t *count);
int sys_bitarray_find_nth_set(sys_bitarray_t *bitarray, size_t n, size_t num_bits, size_t offset,
			      size_t *found_at);
int sys_bitarray_xor(sys_bitarray_t *dst, sys_bitarray_t *other, size_t num_bits, size_t offset);

#define MRIG_BITARRAY_BUNDLES(bits)	(((bits) + 31) / 32)
#define MRIG_BITARRAY_WORDS(name, bits)						\
	static uint32_t _sys_bitarray_bundles_##name[MRIG_BITARRAY_BUNDLES(bits)]
#define MRIG_BITARRAY_ITSELF(name, bits)					\
	struct sys_bitarray name = {						\
		(bits), MRIG_BITARRAY_BUNDLES(bits), _sys_bitarray_bundles_##name, { } \
	}

/* At file scope: bits that are clear, with a lock that is free. */
#define SYS_BITARRAY_DEFINE(name, total_bits)					\
	MRIG_BITARRAY_WORDS(name, total_bits);					\
	MRIG_BITARRAY_ITSELF(name, total_bits)
#define SYS_BITARRAY_DEFINE_STATIC(name, total_bits)				\
	MRIG_BITARRAY_WORDS(name, total_bits);					\
	static MRIG_BITARRAY_ITSELF(name, total_bits)

#ifdef __cplusplus
}
#endif

#endif /* SYS_BITARRAY_H */
