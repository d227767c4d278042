/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Multi objects: multi.c is what callers see, pointers included; multi_kernel.c and multi_local.c
 * are the two worlds, multi_blocks.c, multi_choose.c and multi_wait.c blocks of the latter.
 */
#ifndef MEMRIG_MULTI_H
#define MEMRIG_MULTI_H

#include "local.h"
#include "mrig_rules.h"

/**
 * struct multi_ops - a world; all return 0 or -errno and fill in the out members, reasons included
 * @fd: descriptor; NULL: -EOPNOTSUPP
 * @attach: the same object as a new client; NULL: -EOPNOTSUPP
 * @close: give it up and free the handle
 * @add: MEMRIG_IOC_MULTI_ADD
 * @remove: MEMRIG_IOC_MULTI_REMOVE
 * @rules: MEMRIG_IOC_MULTI_RULES
 * @choose: a function for rules; NULL: -EOPNOTSUPP
 * @alloc: MEMRIG_IOC_MULTI_ALLOC
 * @free: MEMRIG_IOC_MULTI_FREE
 * @realloc: MEMRIG_IOC_MULTI_REALLOC
 * @stat: MEMRIG_IOC_MULTI_STAT
 * @watch: MEMRIG_IOC_MULTI_WATCH; NULL: -EOPNOTSUPP
 * @heap: a reference to a member's heap, the same as long as it is a member; @block: offset of a
 *	block that this object has in it, or NULL
 * @find: whose memory an address is: member and offset
 */
struct multi_ops {
	int (*fd)(const struct memrig_multi *multi);
	int (*attach)(struct memrig_multi *multi, struct memrig_multi **other);
	void (*close)(struct memrig_multi *multi);
	int (*add)(struct memrig_multi *multi, struct memrig_heap *heap, uint64_t attrs,
		   uint32_t *member);
	int (*remove)(struct memrig_multi *multi, uint32_t member);
	int (*rules)(struct memrig_multi *multi, const struct memrig_rule *rules, uint32_t count);
	int (*choose)(struct memrig_multi *multi, memrig_choose_fn choose, void *arg);
	int (*alloc)(struct memrig_multi *multi, struct memrig_multi_alloc *args);
	int (*free)(struct memrig_multi *multi, uint32_t member, uint64_t offset);
	int (*realloc)(struct memrig_multi *multi, struct memrig_multi_realloc *args);
	int (*stat)(struct memrig_multi *multi, struct memrig_multi_stat *args);
	int (*watch)(struct memrig_multi *multi, struct memrig_multi_watch *args);
	int (*heap)(struct memrig_multi *multi, uint32_t member, const uint64_t *block,
		    struct memrig_heap **heap);
	int (*find)(struct memrig_multi *multi, const void *ptr, uint32_t *member,
		    uint64_t *offset);
};

/**
 * struct memrig_multi - a multi object; embedded in the structure of its world
 * @ops: its world
 */
struct memrig_multi {
	const struct multi_ops *ops;
};

/**
 * struct multi_span - where the blocks of a member are
 * @heap: a reference
 * @id: number of the heap in the kernel, 0 for those of the process
 * @region_id: of its region
 * @start: first byte that the heap manages, in its region
 * @length: bytes from there on
 */
struct multi_span {
	struct memrig_heap *heap;
	uint64_t id;
	uint64_t region_id;
	uint64_t start;
	uint64_t length;
};

int mrig_multi_span_init(struct multi_span *span, struct memrig_heap *heap);
/* Does @ptr lie there? False, too, when the heap was never used through pointers. */
bool mrig_multi_span_has(const struct multi_span *span, const void *ptr, uint64_t *offset);

/* ---- run by the library -------------------------------------------------------------- */

/**
 * struct multi_member - a member
 * @span: its heap
 * @number: by which callers know it
 * @node: NUMA node, MEMRIG_NODE_ANY: wherever it is touched
 * @cpus: CPUs that are near, of the first 64
 * @dma_bits: address bits that a device needs to reach its region; 0: that is not known
 * @attrs: all it has
 * @busy: calls that wait for it
 * @live: blocks that came through this object
 * @allocs: blocks given
 * @frees: blocks that came back
 * @failures: requests it could not serve
 */
struct multi_member {
	struct multi_span span;
	uint32_t number;
	int32_t node;
	uint64_t cpus;
	uint32_t dma_bits;
	uint64_t attrs;
	atomic_uint busy;
	atomic_llong live;
	atomic_ullong allocs;
	atomic_ullong frees;
	atomic_ullong failures;
};

/**
 * struct multi_rule_count - what a rule did
 * @matched: requests that it matched
 * @allocs: those of them that it served
 */
struct multi_rule_count {
	atomic_ullong matched;
	atomic_ullong allocs;
};

/**
 * struct local_multi - a multi object of the library
 * @multi: handle
 * @lock: held for reading by requests, for writing by those who change the tables
 * @members: in the order they were added
 * @nr: their number
 * @rules: in order
 * @counts: of each
 * @nr_rules: their number
 * @choose: instead of rules, or NULL
 * @arg: goes with it
 * @allocs: successful so far
 * @frees: likewise
 * @failures: refused allocations
 * @moves: reallocations to another member
 * @polling: protects @polls
 * @polls: requests that wait for memory behind descriptors too, in the order to be served
 */
struct local_multi {
	struct memrig_multi multi;
	pthread_rwlock_t lock;
	struct multi_member **members;
	uint32_t nr;
	struct mrig_rule *rules;
	struct multi_rule_count *counts;
	uint32_t nr_rules;
	memrig_choose_fn choose;
	void *arg;
	atomic_ullong allocs;
	atomic_ullong frees;
	atomic_ullong failures;
	atomic_ullong moves;
	struct mrig_lock polling;
	struct mrig_waitq polls;
};

static inline struct local_multi *to_local_multi(struct memrig_multi *multi)
{
	return (struct local_multi *)multi;
}

/**
 * struct multi_wish - what a member is to be like
 * @with: attributes it has
 * @without: attributes it has not
 * @match: MEMRIG_MATCH_*
 * @dma_bits: address bits of the device that has to reach it
 * @node: NUMA node that it is on
 */
struct multi_wish {
	uint64_t with;
	uint64_t without;
	uint32_t match;
	uint32_t dma_bits;
	int32_t node;
};

/* 0, -EOPNOTSUPP, -EINVAL, as the kernel checks what it can. */
int mrig_multi_check_match(uint32_t match, uint32_t dma_bits, int32_t node);

/**
 * struct multi_place - a member that a request may wait for
 * @wait: its place there; first
 * @args: request and answer
 * @member: the member
 * @rule: by which it came
 * @eye: another client of its heap in the kernel, to poll with; NULL: one of this process
 * @done: nothing comes from there any more
 */
struct multi_place {
	struct local_wait wait;
	struct memrig_alloc args;
	struct multi_member *member;
	uint32_t rule;
	struct memrig_heap *eye;
	bool done;
};

/* multi_wait.c; called with no lock held, the members are busy. */
int mrig_multi_wait(struct local_multi *local, struct multi_place *places, uint32_t nr,
		    struct memrig_multi_alloc *args, struct multi_place **winner);

int mrig_multi_local_alloc(struct memrig_multi *multi, struct memrig_multi_alloc *args);
int mrig_multi_local_free(struct memrig_multi *multi, uint32_t number, uint64_t offset);
int mrig_multi_local_realloc(struct memrig_multi *multi, struct memrig_multi_realloc *args);

/* With the lock held. */
struct multi_member *mrig_multi_member(struct local_multi *local, uint32_t number);
bool mrig_multi_matches(const struct multi_member *member, const struct multi_wish *wish);
int mrig_multi_choose_alloc(struct local_multi *local, struct memrig_multi_alloc *args);

#endif /* MEMRIG_MULTI_H */
