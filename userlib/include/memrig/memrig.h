/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * libmemrig: allocators over real memory, from a C program.
 *
 * Four opaque handles: a *session* (memrig_t), a *region* (memrig_region_t: a span of real memory
 * with one attribute), a *heap* (memrig_heap_t: an allocator of any kind over a region) and a
 * *multi object* (memrig_multi_t: several heaps, and rules that choose among them). The argument
 * structures are those of <linux/memrig.h>; the caller sets their first member to the size it was
 * compiled with:
 *
 *	struct memrig_region_create args = {
 *		.size = sizeof(args), .kind = MEMRIG_KIND_PAGES, .attr = MEMRIG_ATTR_UNCACHED,
 *		.length = 1 << 20, .node = MEMRIG_NODE_ANY,
 *	};
 *
 * Every call that can fail returns 0 (or a count) or a negative errno, and leaves errno alone.
 * memrig_failure() then has the details and memrig_explain() turns them into words.
 *
 * Offsets are bytes from the start of the region, as the kernel counts them. Calls that take or
 * give pointers map the region into the process at their first use; regions that cannot be mapped
 * (KERNEL_ONLY) are used through the calls that end in _at, which know offsets only.
 *
 * All calls are safe to use from several threads at once. A handle must not be closed while
 * another thread uses it.
 */
#ifndef MEMRIG_MEMRIG_H
#define MEMRIG_MEMRIG_H

#include <stddef.h>
#include <stdint.h>
#include <linux/memrig.h>

#ifdef __cplusplus
extern "C" {
#endif

#define MEMRIG_VERSION_STRING "0.1.0"
#define MEMRIG_DEVICE	      "/dev/memrig"

typedef struct memrig memrig_t;
typedef struct memrig_region memrig_region_t;
typedef struct memrig_heap memrig_heap_t;
typedef struct memrig_multi memrig_multi_t;

/* ---- session ------------------------------------------------------------------------- */

/* Opens $MEMRIG_DEVICE, or /dev/memrig. */
int memrig_open(memrig_t **rig);
int memrig_open_path(const char *path, memrig_t **rig);
void memrig_close(memrig_t *rig);
int memrig_fd(const memrig_t *rig);
int memrig_caps(memrig_t *rig, struct memrig_caps *caps);
const char *memrig_version(void);

/* ---- regions ------------------------------------------------------------------------- */

int memrig_region_create(memrig_t *rig, struct memrig_region_create *args,
			 memrig_region_t **region);
int memrig_region_open(memrig_t *rig, const char *name, uint32_t flags, memrig_region_t **region);
int memrig_region_remove(memrig_t *rig, const char *name);

/*
 * One part of the list: number of elements written, 0 at the end. *cursor is 0 to begin. The size
 * member of the first element says how long the caller's elements are.
 */
int memrig_region_list(memrig_t *rig, uint64_t *cursor, struct memrig_region_info *infos,
		       uint32_t count);

/* Adopts a descriptor that was inherited or received; it is closed with the handle. */
int memrig_region_from_fd(int fd, memrig_region_t **region);
void memrig_region_close(memrig_region_t *region);
int memrig_region_fd(const memrig_region_t *region);
uint64_t memrig_region_length(const memrig_region_t *region);
int memrig_region_info(memrig_region_t *region, struct memrig_region_info *info);

/*
 * @addr: where the region is mapped in this process, NULL: nowhere. Touch the page first, a page
 * that was never touched has no attribute yet.
 */
int memrig_region_attr_query(memrig_region_t *region, uint64_t offset, const void *addr,
			     struct memrig_attr_query *query);
int memrig_region_addr(memrig_region_t *region, uint64_t offset, struct memrig_region_addr *addr);

/*
 * A POWERED region off and on again, by its owner or root. While it is off, touching it is SIGBUS
 * in every process, heaps over it go on, and moving a block is -EHOSTDOWN. @flags:
 * MEMRIG_SUSPEND_*.
 */
int memrig_region_suspend(memrig_region_t *region, uint32_t flags);
int memrig_region_resume(memrig_region_t *region);

/* Is the region near to a CPU, or to the one the caller runs on (MEMRIG_CPU_SELF)? */
int memrig_region_near(memrig_region_t *region, uint32_t cpu, struct memrig_region_near *near);

/*
 * Names of the bits of the attribute word, MEMRIG_ATTRS_*. Those of custom bits (32 to 63) can be
 * set, and taken away (NULL), by those who may create named regions.
 */
int memrig_attrs_name_set(memrig_t *rig, uint32_t bit, const char *name);
int memrig_attrs_name_get(memrig_t *rig, uint32_t bit, char name[MEMRIG_NAME_MAX]);
int memrig_attrs_name_find(memrig_t *rig, const char *name, uint32_t *bit);
/* "external,powered,fast,63": names, or numbers, of bits. */
int memrig_attrs_parse(memrig_t *rig, const char *text, uint64_t *attrs);
/* The reverse, as snprintf() does it; numbers for bits without a name. */
int memrig_attrs_text(memrig_t *rig, uint64_t attrs, char *buf, size_t len);

/*
 * The whole region, read-write or, when it was opened so, read-only. Calls nest: all give the same
 * address, the last unmap removes the mapping. A heap used through pointers holds one of them.
 */
int memrig_region_map(memrig_region_t *region, void **addr);
int memrig_region_unmap(memrig_region_t *region);

/* ---- heaps --------------------------------------------------------------------------- */

/* An allocator of args->engine; slabs and blocks want args->block_size, and may have num_blocks. */
int memrig_heap_create(memrig_region_t *region, struct memrig_heap_create *args,
		       memrig_heap_t **heap);
int memrig_heap_from_fd(int fd, memrig_heap_t **heap);
/* The same heap as a client of its own. */
int memrig_heap_attach(memrig_heap_t *heap, memrig_heap_t **other);
/* Frees what this client still holds, if this is its last descriptor. */
void memrig_heap_close(memrig_heap_t *heap);
int memrig_heap_fd(const memrig_heap_t *heap);
/* A reference to the region handle, to be closed. */
int memrig_heap_region(memrig_heap_t *heap, memrig_region_t **region);

/* @align: 0, a power of two, or Zephyr's align|rewind. */
int memrig_heap_alloc(memrig_heap_t *heap, size_t align, size_t bytes, void **ptr);
int memrig_heap_free(memrig_heap_t *heap, void *ptr);
/* *ptr NULL: allocate; bytes 0: free, *ptr becomes NULL; on failure the block is as it was. */
int memrig_heap_realloc(memrig_heap_t *heap, void **ptr, size_t align, size_t bytes);
int memrig_heap_usable(memrig_heap_t *heap, const void *ptr, size_t *usable);

int memrig_heap_ptr(memrig_heap_t *heap, uint64_t offset, void **ptr);
int memrig_heap_offset(memrig_heap_t *heap, const void *ptr, uint64_t *offset);

/* @usable may be NULL. */
int memrig_heap_alloc_at(memrig_heap_t *heap, uint64_t align, uint64_t bytes, uint64_t *offset,
			 uint64_t *usable);
int memrig_heap_free_at(memrig_heap_t *heap, uint64_t offset);
/* @flags: MEMRIG_REALLOC_*; 1 if the block moved, 0 if not. */
int memrig_heap_realloc_at(memrig_heap_t *heap, uint64_t *offset, uint64_t align, uint64_t bytes,
			   uint32_t flags, uint64_t *usable);
int memrig_heap_usable_at(memrig_heap_t *heap, uint64_t offset, uint64_t *usable);

/*
 * @flags: MEMRIG_BATCH_*. @done: elements that succeeded, counted from the first. 0 when all or,
 * without ALL_OR_NONE, some did; see struct memrig_alloc_batch.
 */
int memrig_heap_alloc_batch(memrig_heap_t *heap, struct memrig_alloc_req *reqs, uint32_t count,
			    uint32_t flags, uint32_t *done);
int memrig_heap_free_batch(memrig_heap_t *heap, const uint64_t *offsets, uint32_t count,
			   uint32_t *done);

/*
 * Waiting for memory, up to @timeout_ns, MEMRIG_FOREVER for ever: -ETIMEDOUT in vain, -EINVAL at
 * once for what could never be had. -EINTR: a signal came; the detail of memrig_failure() is what
 * was left of the time. Heaps of this process alone are not interrupted.
 */
int memrig_heap_alloc_wait(memrig_heap_t *heap, size_t align, size_t bytes, uint64_t timeout_ns,
			   void **ptr);
int memrig_heap_alloc_wait_at(memrig_heap_t *heap, uint64_t align, uint64_t bytes,
			      uint64_t timeout_ns, uint64_t *offset, uint64_t *usable);
/*
 * From now on poll() on memrig_heap_fd() reports POLLIN while @bytes could be had, POLLERR when
 * they never can. A hint: nothing is reserved.
 */
int memrig_heap_watch(memrig_heap_t *heap, uint64_t align, uint64_t bytes);

/*
 * Messages: a block leaves its client and waits in the heap's queue, first in, first out, until
 * some client receives it. Over a slab this is a message pool, over a ring a stream. @bytes: how
 * many of them are the message, 0 for all. Receiving waits up to @timeout_ns, 0: not at all
 * (-EAGAIN), MEMRIG_FOREVER for ever; else as memrig_heap_alloc_wait(). A message that waits is
 * -EBUSY for whoever wants to free or change it.
 */
int memrig_heap_send(memrig_heap_t *heap, void *ptr, size_t bytes);
int memrig_heap_send_at(memrig_heap_t *heap, uint64_t offset, uint64_t bytes);
/* @bytes may be NULL. */
int memrig_heap_receive(memrig_heap_t *heap, uint64_t timeout_ns, void **ptr, size_t *bytes);
int memrig_heap_receive_at(memrig_heap_t *heap, uint64_t timeout_ns,
			   struct memrig_receive *message);
/* From now on poll() reports POLLIN while a message waits. */
int memrig_heap_watch_messages(memrig_heap_t *heap);

/*
 * Of a heap of the kernel that was created with MEMRIG_HEAP_TRACK, who asked for which block, when
 * and where; for every process that has the heap. Other heaps take these allocations as any other.
 */
#define MEMRIG_TRACKED_ALLOC(heap, align, bytes, ptr) \
	memrig_heap_tracked_alloc(heap, align, bytes, __FILE__, __LINE__, ptr)
#define MEMRIG_TRACKED_ALLOC_AT(heap, align, bytes, offset) \
	memrig_heap_tracked_alloc_at(heap, align, bytes, __FILE__, __LINE__, offset)
int memrig_heap_tracked_alloc(memrig_heap_t *heap, size_t align, size_t bytes, const char *file,
			      int line, void **ptr);
int memrig_heap_tracked_alloc_at(memrig_heap_t *heap, uint64_t align, uint64_t bytes,
				 const char *file, int line, uint64_t *offset);
/* One part of the live blocks: number written, 0 at the end. *cursor is 0 to begin. */
int memrig_heap_track_list(memrig_heap_t *heap, uint64_t *cursor,
			   struct memrig_track_entry *entries, uint32_t count);

/*
 * Heaps of MEMRIG_ENGINE_BLOCKS, others: -EOPNOTSUPP. @count blocks from that at @offset on: take
 * them, as one allocation; give them back, any part of what one has; 1 if all of them are free,
 * else 0.
 */
int memrig_heap_blocks_get(memrig_heap_t *heap, uint64_t offset, uint64_t count);
int memrig_heap_blocks_free(memrig_heap_t *heap, uint64_t offset, uint64_t count);
int memrig_heap_blocks_is_free(memrig_heap_t *heap, uint64_t offset, uint64_t count);

int memrig_heap_stat(memrig_heap_t *heap, struct memrig_heap_stat *stat);
int memrig_heap_reset_max(memrig_heap_t *heap);
/* One part of the blocks: number written, 0 at the end. *cursor is 0 to begin. */
int memrig_heap_walk(memrig_heap_t *heap, uint64_t *cursor, struct memrig_block *blocks,
		     uint32_t count);
/* 0: asked; *invariant is 0 if the heap is sound, else its number, and *offset says where. */
int memrig_heap_validate(memrig_heap_t *heap, uint32_t *invariant, uint64_t *offset);
int memrig_heap_give(memrig_heap_t *heap, uint64_t offset, uint32_t client);
int memrig_heap_keep(memrig_heap_t *heap, uint64_t offset);

/* ---- heaps of this process alone ----------------------------------------------------- */

/*
 * The same engines, run by the library: no device needed, nothing shared with other processes.
 * Every memrig_heap_*() call works on them but fd, attach, watch, give and keep (-EOPNOTSUPP).
 *
 * memrig_local_create(): over @bytes at @mem, which stay the caller's; @mem NULL: over fresh memory
 * that goes with the heap. Of @args engine, block_size, num_blocks, placement, hardening,
 * search_limit, max_blocks and the STATS flag count; offset and length must be 0.
 *
 * memrig_local_create_over(): over a mapping of @region, whole or args->offset, length bytes of it.
 * In-band headers are then written to that memory: nobody else may write it.
 */
int memrig_local_create(void *mem, size_t bytes, struct memrig_heap_create *args,
			memrig_heap_t **heap);
int memrig_local_create_over(memrig_region_t *region, struct memrig_heap_create *args,
			     memrig_heap_t **heap);

/*
 * What happens when a heap of this process is found corrupted, besides being fenced off. @heap is
 * the engine's address of it, @invariant its number in Documentation/invariants.rst, @offset that
 * of the block from the start of the heap. NULL: a line on stderr, as without this call.
 */
typedef void (*memrig_corruption_fn)(const void *heap, unsigned int invariant, uint64_t offset);
void memrig_on_corruption(memrig_corruption_fn fn);

/*
 * Choose what happens when a slab (k_mem_slab_free()) is given back what is not a block of it that
 * is handed out: @fn, under no lock, after it was refused. @error is -EALREADY for a free block,
 * -EINVAL for an address inside a block, -ENOENT for one elsewhere. Likewise when k_mem_page_in(),
 * k_mem_pin() or k_mem_unpin(), which cannot say so, fail: @object is the window or NULL, @block
 * the address at which it ended. It may abort(). NULL: a line on stderr, as without this call.
 */
typedef void (*memrig_misuse_fn)(const void *object, const void *block, int error);
void memrig_on_misuse(memrig_misuse_fn fn);

/* ---- several heaps behind one call ---------------------------------------------------- */

/*
 * Members are heaps of any engine over any region; rules, or a function, choose one for each
 * request. Rules are described in <linux/memrig.h>.
 */

/* In the kernel: a descriptor that several processes can use. */
int memrig_multi_create(memrig_t *rig, memrig_multi_t **multi);
int memrig_multi_from_fd(int fd, memrig_multi_t **multi);
/* Run by the library: members may be heaps of this process and of the kernel. */
int memrig_multi_local_create(memrig_multi_t **multi);
/* The same object as a client of its own. Not for those of the library: -EOPNOTSUPP. */
int memrig_multi_attach(memrig_multi_t *multi, memrig_multi_t **other);
/* Members that are heaps of this process live on until all handles of theirs are closed. */
void memrig_multi_close(memrig_multi_t *multi);
/* -EOPNOTSUPP for those of the library. */
int memrig_multi_fd(const memrig_multi_t *multi);

/*
 * @attrs: custom attributes it is to have here besides those of its region; of the library, where
 * heaps of this process have no others, any. @member: its number, may be NULL. The handle stays the
 * caller's and may be closed.
 */
int memrig_multi_add(memrig_multi_t *multi, memrig_heap_t *heap, uint64_t attrs, uint32_t *member);
/* -EBUSY while blocks live in it that came through this object. */
int memrig_multi_remove(memrig_multi_t *multi, uint32_t member);
/* Replaces the table. */
int memrig_multi_rules(memrig_multi_t *multi, const struct memrig_rule *rules, uint32_t count);

/*
 * Run by the library only: a function instead of rules, NULL: rules again. It returns the number of
 * the member to try, MEMRIG_MEMBER_ANY when there is none left; @tried counts the members that this
 * request has tried in vain. Called without a lock, and may look at the members.
 */
typedef uint32_t (*memrig_choose_fn)(memrig_multi_t *multi,
				     const struct memrig_multi_alloc *request, uint32_t tried,
				     void *arg);
int memrig_multi_choose(memrig_multi_t *multi, memrig_choose_fn choose, void *arg);

/* The caller sets size, flags, bytes, align, with, without, priority and timeout_ns. */
int memrig_multi_alloc(memrig_multi_t *multi, struct memrig_multi_alloc *args, void **ptr);
int memrig_multi_alloc_at(memrig_multi_t *multi, struct memrig_multi_alloc *args);
int memrig_multi_free(memrig_multi_t *multi, void *ptr);
int memrig_multi_free_at(memrig_multi_t *multi, uint32_t member, uint64_t offset);
/* *ptr stands for args->member and args->offset. 1 if the block moved, 0 if not. */
int memrig_multi_realloc(memrig_multi_t *multi, struct memrig_multi_realloc *args, void **ptr);
int memrig_multi_realloc_at(memrig_multi_t *multi, struct memrig_multi_realloc *args);
/* Where a block is. -ENOENT: in no member. */
int memrig_multi_find(memrig_multi_t *multi, const void *ptr, uint32_t *member, uint64_t *offset);

/* The very client that @multi is of that member, to be closed: all memrig_heap_*() calls do. */
int memrig_multi_member(memrig_multi_t *multi, uint32_t member, memrig_heap_t **heap);
/* stat->members and ->rules: arrays with room for ->member_count and ->rule_count, or 0. */
int memrig_multi_stat(memrig_multi_t *multi, struct memrig_multi_stat *stat);
/* What poll() on its descriptor is about. -EOPNOTSUPP for those of the library. */
int memrig_multi_watch(memrig_multi_t *multi, struct memrig_multi_watch *watch);

/* ---- what failed --------------------------------------------------------------------- */

/**
 * struct memrig_failure - the last failure of a call of this library in this thread
 * @call: name of the function, "" if none failed yet
 * @error: what it returned, a negative errno
 * @reason: enum memrig_reason
 * @detail: what goes with @reason (largest free block, bytes that would still fit)
 * @wanted: bytes that were asked for, 0 where none were
 * @name: object or path concerned, "" if none
 */
struct memrig_failure {
	char call[40];
	int error;
	uint32_t reason;
	uint64_t detail;
	uint64_t wanted;
	char name[64];
};

const struct memrig_failure *memrig_failure(void);

/*
 * One or two sentences on @failure (NULL: the last one): what failed, why, and after "; try: " what
 * to do about it. Returns the length of the text as snprintf() does.
 */
int memrig_explain(const struct memrig_failure *failure, char *buf, size_t len);

/* A sentence fragment such as "no free block is large enough". */
const char *memrig_reason_text(uint32_t reason);
/* What to do about it, "" if nothing helps. */
const char *memrig_reason_advice(uint32_t reason);

/* Short names as the command line writes them; "?" if unknown. */
const char *memrig_kind_name(uint32_t kind);
const char *memrig_attr_name(uint32_t attr);
const char *memrig_memtype_name(uint32_t type);
const char *memrig_placement_name(uint32_t placement);
const char *memrig_engine_name(uint32_t engine);
const char *memrig_reason_name(uint32_t reason);
const char *memrig_policy_name(uint32_t policy);
const char *memrig_store_name(uint32_t store);
const char *memrig_compressor_name(uint32_t compressor);
/* The other way round; 0 if unknown, which is also "default". */
uint32_t memrig_kind_value(const char *name);
uint32_t memrig_attr_value(const char *name);
uint32_t memrig_placement_value(const char *name);
uint32_t memrig_engine_value(const char *name);
uint32_t memrig_policy_value(const char *name);
uint32_t memrig_store_value(const char *name);
uint32_t memrig_compressor_value(const char *name);

#ifdef __cplusplus
}
#endif

#endif /* MEMRIG_MEMRIG_H */
