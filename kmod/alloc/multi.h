/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Multi objects: heaps of any kind behind one choice function.
 *
 * A *multi object* has *members*, each a heap with attributes, and a table of rules that says which
 * members a request is offered to, and in which order. A *file* of it is a client of each member
 * that it has used: a client is made, and paid for, by who first needs it, so that neither members
 * nor files cost anybody else. Blocks are those of the heaps: nothing here knows where they are.
 *
 * Life: files hold the object, the object holds its members' heaps. A file's clients are references
 * that it may share with files of the heaps themselves (MULTI_MEMBER).
 *
 * Locks: multi->lock, outside heap->lock. Held for reading by who uses members and rules, for
 * writing by who changes them; never while waiting for memory: members that a call waits for, or
 * has taken a block of and not told its owner, are busy and stay.
 *
 * poll() cannot sleep on the heaps' own wait queues: a member may leave, and its heap go, while
 * somebody polls. So each member has an entry in the queue of its heap, which passes wake-ups on to
 * the queue of the object, and leaves with the member.
 */
#ifndef MRIG_ALLOC_MULTI_H
#define MRIG_ALLOC_MULTI_H

#include <linux/atomic.h>
#include <linux/bitmap.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/poll.h>
#include <linux/rwsem.h>
#include <linux/wait.h>
#include <linux/xarray.h>

#include "alloc/heap.h"

/**
 * struct mrig_member - a heap that is part of a multi object
 * @entry: in multi->members, in the order of adding
 * @multi: whose
 * @heap: a reference
 * @poke: in heap->pollers, to wake multi->pollers
 * @id: its number; that of one that has left may be given again
 * @serial: unique while the module is loaded
 * @attrs: of its region, and those it has here besides
 * @dma_bits: address bits that a device needs to reach its region
 * @node: of its region
 * @busy: calls that are not done with it
 * @allocs: blocks it gave
 * @frees: blocks that came back
 * @failures: requests it refused
 */
struct mrig_member {
	struct list_head entry;
	struct mrig_multi *multi;
	struct mrig_heap_obj *heap;
	wait_queue_entry_t poke;
	u32 id;
	u64 serial;
	u64 attrs;
	u32 dma_bits;
	int node;
	atomic_t busy;
	atomic64_t allocs;
	atomic64_t frees;
	atomic64_t failures;
};

/**
 * struct mrig_rule - a line of the table
 * @is: as set
 * @uid: @is.uid; invalid: of any
 * @matched: requests that matched
 * @allocs: those of them that it served
 */
struct mrig_rule {
	struct memrig_rule is;
	kuid_t uid;
	atomic64_t matched;
	atomic64_t allocs;
};

/**
 * struct mrig_rules - the table
 * @count: lines, never 0
 * @implied: there are no rules: the one line matches everything
 * @id: tells tables of one object apart
 * @rule: the lines
 */
struct mrig_rules {
	u32 count;
	bool implied;
	u64 id;
	struct mrig_rule rule[];
};

/**
 * struct mrig_multi - see the top of this file
 * @ref: one per file
 * @id: unique while the module is loaded
 * @creator: who may change it
 * @allocs: successful allocations
 * @frees: successful frees
 * @failures: refused allocations
 * @moves: reallocations that went to another member
 * @pollers: those in poll()
 * @lock: protects everything below
 * @ids: members by number
 * @members: the same, in the order of adding
 * @nmembers: their number
 * @rules: the table
 * @files: files
 * @nfiles: their number
 */
struct mrig_multi {
	struct kref ref;
	u64 id;
	kuid_t creator;
	atomic64_t allocs;
	atomic64_t frees;
	atomic64_t failures;
	atomic64_t moves;
	wait_queue_head_t pollers;

	struct rw_semaphore lock;	/* protects all that follows */
	struct xarray ids;
	struct list_head members;
	u32 nmembers;
	struct mrig_rules *rules;
	struct list_head files;
	u32 nfiles;
};

/**
 * struct mrig_request - what is asked of a multi object
 * @bytes: wanted
 * @align: 0, a power of two, or align | rewind
 * @with: attributes that the member must have
 * @without: attributes that it must not have
 * @priority: of the request
 * @match: MEMRIG_MATCH_*: which of the following count
 * @dma_bits: address bits of the device that has to reach the member
 * @node: that the member is on
 */
struct mrig_request {
	u64 bytes;
	u64 align;
	u64 with;
	u64 without;
	s32 priority;
	u32 match;
	u32 dma_bits;
	s32 node;
};

/**
 * struct mrig_multi_file - one open file description of a multi object
 * @multi: a reference
 * @entry: in multi->files
 * @clients: by number of the member, for those that were used
 * @watch: what poll() is about; multi->lock
 */
struct mrig_multi_file {
	struct mrig_multi *multi;
	struct list_head entry;
	struct xarray clients;
	struct mrig_request watch;
};

/**
 * struct mrig_choice - members for a request, one after the other (multi_rules.c)
 * @multi: the object
 * @request: the request
 * @cpu: on which it is made
 * @counted: rules that match count it
 * @rule: the rule that chose @member
 * @member: the member that was chosen last; NULL at first
 * @entered: @rule has been found to match
 * @tried: members that were chosen already
 */
struct mrig_choice {
	struct mrig_multi *multi;
	const struct mrig_request *request;
	unsigned int cpu;
	bool counted;
	u32 rule;
	struct mrig_member *member;
	bool entered;
	DECLARE_BITMAP(tried, MEMRIG_MULTI_MAX);
};

/**
 * struct mrig_taken - a block that a multi object gave, or why it did not
 * @member: whose it is; busy until mrig_multi_settle()
 * @client: its owner
 * @rule: that chose; ~0: there are none
 * @table: id of the table it is in
 * @grant: the block, or the refusal
 */
struct mrig_taken {
	struct mrig_member *member;
	struct mrig_client *client;
	u32 rule;
	u64 table;
	struct mrig_grant grant;
};

/**
 * struct mrig_moved - a reallocation
 * @from: where the block was
 * @offset: its offset there
 * @to: where it is; the same unless @moved
 * @moved: both places are busy until mrig_multi_realloc_settle()
 */
struct mrig_moved {
	struct mrig_taken from;
	u64 offset;
	struct mrig_taken to;
	bool moved;
};

/* multi.c: objects and files */
struct mrig_multi_file *mrig_multi_create(void);
struct mrig_multi_file *mrig_multi_attach(struct mrig_multi *multi);
void mrig_multi_release(struct mrig_multi_file *file);
bool mrig_multi_may_change(const struct mrig_multi *multi);

/* multi_member.c: members */
void mrig_member_free(struct mrig_member *member);
int mrig_multi_add(struct mrig_multi_file *file, struct mrig_heap_obj *heap, u64 *attrs,
		   u32 *number, u64 *serial);
int mrig_multi_remove(struct mrig_multi_file *file, u32 number);
void mrig_multi_undo_add(struct mrig_multi_file *file, u32 number, u64 serial);
struct mrig_client *mrig_multi_client(struct mrig_multi_file *file, u32 number);
int mrig_multi_join_locked(struct mrig_multi_file *file, struct mrig_member *member,
			   struct mrig_client **client);
int mrig_multi_find_locked(struct mrig_multi_file *file, u32 number, struct mrig_member **member,
			   struct mrig_client **client);

/* multi_rules.c: the choice function */
struct mrig_rules *mrig_rules_new(u32 count);
int mrig_rules_set(struct mrig_multi *multi, struct mrig_rules *rules);
int mrig_request_check(const struct mrig_request *request);
bool mrig_member_fits(const struct mrig_member *member, const struct mrig_request *request);
struct mrig_member *mrig_choice_next_locked(struct mrig_choice *choice);

/* multi_alloc.c, multi_realloc.c: blocks */
int mrig_multi_alloc_begin(struct mrig_multi_file *file, const struct mrig_request *request,
			   u64 *timeout_ns, struct mrig_taken *taken);
void mrig_multi_settle(struct mrig_multi *multi, struct mrig_taken *taken, bool keep);
int mrig_multi_pin(struct mrig_multi_file *file, u32 number, struct mrig_taken *taken);
void mrig_multi_unpin(struct mrig_taken *taken);
int mrig_multi_free(struct mrig_multi_file *file, u32 number, u64 offset);
int mrig_multi_realloc_begin(struct mrig_multi_file *file, u32 number, u64 offset,
			     const struct mrig_request *request, bool in_place,
			     struct mrig_moved *move);
void mrig_multi_realloc_settle(struct mrig_multi *multi, struct mrig_moved *move, bool keep);

/* multi_watch.c: poll() */
int mrig_multi_watch(struct mrig_multi_file *file, const struct mrig_request *request);
__poll_t mrig_multi_poll(struct mrig_multi_file *file);
void mrig_multi_poke(struct mrig_multi *multi);
int mrig_member_poke(struct wait_queue_entry *entry, unsigned int mode, int flags, void *key);

/* multi_stat.c: figures */
void mrig_multi_stat(struct mrig_multi *multi, struct memrig_multi_stat *stat);
u32 mrig_multi_member_stats(struct mrig_multi *multi, struct memrig_multi_member_stat *out,
			    u32 room);
u32 mrig_multi_rule_stats(struct mrig_multi *multi, struct memrig_multi_rule_stat *out, u32 room);

#endif /* MRIG_ALLOC_MULTI_H */
