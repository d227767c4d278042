/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * A set of heaps, of either placement, under one numbering of addresses.
 *
 * What shared_multi_heap, mem_attr_heap and the priority heap have in common: members are asked in
 * a fixed order, those a rule lets through; blocks find their way back by binary search over
 * addresses. Addresses are the caller's: virtual or physical ones, or a region's number and an
 * offset. They are never dereferenced.
 *
 * No function locks; the caller serialises all calls on one set and on the heaps in it. While a
 * heap is a member, blocks come and go through the set only.
 *
 * Feeding is the heap's (mrig_engine.h): after -EAGAIN the heap to feed is that of mrig_set.hungry.
 */
#ifndef MRIG_HEAP_SET_H
#define MRIG_HEAP_SET_H

#include "mrig_engine.h"

/**
 * struct mrig_member_stats - what happened in one member
 * @live: live blocks
 * @allocated: usable bytes in them
 * @max_allocated: largest @allocated ever
 * @allocs: blocks handed out
 * @frees: blocks given back
 * @fails: times it was asked and could not serve
 */
struct mrig_member_stats {
	uint64_t live;
	uint64_t allocated;
	uint64_t max_allocated;
	uint64_t allocs;
	uint64_t frees;
	uint64_t fails;
};

/**
 * struct mrig_member - a heap in a set; the caller's, usually within something larger
 * @heap: the heap
 * @addr: address of its span; @heap aligns blocks by its own base, so both should be equal modulo
 *	the largest alignment asked for
 * @bytes: length of its span
 * @rank: members of higher rank are asked first, those of equal rank in the order they were added
 * @stats: kept by the set, cleared by mrig_set_add()
 * @next: private
 * @base: private
 */
struct mrig_member {
	struct mrig_heap *heap;
	uint64_t addr;
	uint64_t bytes;
	int64_t rank;
	struct mrig_member_stats stats;
	struct mrig_member *next;
	uint64_t base;
};

/**
 * struct mrig_set - the set; private but for @first (and then &mrig_member.next), @nr, @hungry,
 *	@served and @came
 * @first: members in the order they are asked
 * @by_addr: members in order of address
 * @nr: members
 * @room: length of @by_addr
 * @hungry: member whose heap returned -EAGAIN last
 * @served: member the block that came last is from
 * @came: usable bytes of that block
 */
struct mrig_set {
	struct mrig_member *first;
	struct mrig_member **by_addr;
	uint32_t nr;
	uint32_t room;
	struct mrig_member *hungry;
	struct mrig_member *served;
	uint64_t came;
};

/**
 * struct mrig_move - how a block got its new size
 * @from: where it was
 * @to: where it is; @from if it did not move
 * @bytes: if it moved, what the caller has to copy before it frees @from
 */
struct mrig_move {
	uint64_t from;
	uint64_t to;
	uint64_t bytes;
};

/* May a request, described by @arg, be served by this member? */
typedef bool (*mrig_set_rule)(const struct mrig_member *m, const void *arg);

int mrig_set_init(struct mrig_set *set, struct mrig_member **slots, uint32_t room);
int mrig_set_room(struct mrig_set *set, struct mrig_member **slots, uint32_t room);
int mrig_set_add(struct mrig_set *set, struct mrig_member *m);
int mrig_set_del(struct mrig_set *set, struct mrig_member *m);
struct mrig_member *mrig_set_find(const struct mrig_set *set, uint64_t addr);
int mrig_set_alloc(struct mrig_set *set, mrig_set_rule rule, const void *arg, size_t align,
		   size_t bytes, uint64_t *addr);
int mrig_set_free(struct mrig_set *set, uint64_t addr);
int mrig_set_free_from(struct mrig_member *m, uint64_t addr);
int64_t mrig_set_usable(struct mrig_set *set, uint64_t addr);
int mrig_set_realloc(struct mrig_set *set, mrig_set_rule rule, const void *arg, uint64_t addr,
		     size_t align, size_t bytes, struct mrig_move *move);

#endif /* MRIG_HEAP_SET_H */
