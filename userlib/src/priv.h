/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What the files of the library share: the handles and the two worlds a heap may live in.
 *
 * A heap handle is a set of operations on offsets (struct heap_ops) plus the translation to
 * pointers, which is the same for both worlds. The operations take the structures of the uapi, so
 * the kernel world is one ioctl per operation.
 *
 * Lock: memrig_region.lock protects the members behind it. The handles themselves do not change
 * after creation, but for memrig_heap.base, which is set once.
 */
#ifndef MEMRIG_PRIV_H
#define MEMRIG_PRIV_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include <memrig/memrig.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/**
 * struct memrig - a session
 * @fd: of the device
 */
struct memrig {
	int fd;
};

/**
 * struct memrig_region - a region
 * @refs: handles given out and heaps on it
 * @fd: of the region
 * @length: bytes
 * @read_only: opened so
 * @lock: protects what follows
 * @map: its address in this process, NULL: not mapped
 * @maps: users of the mapping: heaps, and those of memrig_region_map()
 * @user_maps: the latter alone
 */
struct memrig_region {
	atomic_uint refs;
	int fd;
	uint64_t length;
	bool read_only;
	pthread_mutex_t lock;
	void *map;
	unsigned int maps;
	unsigned int user_maps;
};

struct heap_ops;

/**
 * struct memrig_heap - a heap; embedded in the structure of its world
 * @ops: its world
 * @refs: handles given out, and multi objects of the library that it is a member of
 * @region: what it is on, a reference; NULL: memory of the process
 * @base: address of offset 0; 0: region not mapped by this heap yet
 */
struct memrig_heap {
	const struct heap_ops *ops;
	atomic_uint refs;
	struct memrig_region *region;
	atomic_uintptr_t base;
};

/**
 * struct heap_ops - a world; all return 0 or -errno and fill in the out members, reasons included
 * @fd: descriptor; NULL: -EOPNOTSUPP
 * @attach: the same heap as a new client; NULL: -EOPNOTSUPP
 * @close: give up the heap and free the handle; the front end drops base and region afterwards
 * @alloc: MEMRIG_IOC_ALLOC
 * @free: MEMRIG_IOC_FREE
 * @realloc: MEMRIG_IOC_REALLOC
 * @usable: MEMRIG_IOC_USABLE
 * @watch: MEMRIG_IOC_WATCH; NULL: -EOPNOTSUPP
 * @blocks_get: MEMRIG_IOC_BLOCKS_GET
 * @blocks_free: MEMRIG_IOC_BLOCKS_FREE
 * @blocks_is_free: MEMRIG_IOC_BLOCKS_IS_FREE
 * @send: MEMRIG_IOC_SEND
 * @receive: MEMRIG_IOC_RECEIVE
 * @track_list: MEMRIG_IOC_TRACK_LIST; NULL: -EOPNOTSUPP
 * @alloc_batch: MEMRIG_IOC_ALLOC_BATCH
 * @free_batch: MEMRIG_IOC_FREE_BATCH
 * @stat: MEMRIG_IOC_HEAP_STAT
 * @reset_max: MEMRIG_IOC_HEAP_RESET_MAX
 * @walk: MEMRIG_IOC_HEAP_WALK
 * @validate: MEMRIG_IOC_HEAP_VALIDATE
 * @give: MEMRIG_IOC_GIVE; NULL: -EOPNOTSUPP
 * @keep: MEMRIG_IOC_KEEP; NULL: -EOPNOTSUPP
 */
struct heap_ops {
	int (*fd)(const struct memrig_heap *heap);
	int (*attach)(struct memrig_heap *heap, struct memrig_heap **other);
	void (*close)(struct memrig_heap *heap);
	int (*alloc)(struct memrig_heap *heap, struct memrig_alloc *args);
	int (*free)(struct memrig_heap *heap, uint64_t offset);
	int (*realloc)(struct memrig_heap *heap, struct memrig_realloc *args);
	int (*usable)(struct memrig_heap *heap, struct memrig_usable *args);
	int (*watch)(struct memrig_heap *heap, struct memrig_watch *args);
	int (*blocks_get)(struct memrig_heap *heap, struct memrig_blocks_get *args);
	int (*blocks_free)(struct memrig_heap *heap, struct memrig_blocks_free *args);
	int (*blocks_is_free)(struct memrig_heap *heap, struct memrig_blocks_is_free *args);
	int (*send)(struct memrig_heap *heap, struct memrig_send *args);
	int (*receive)(struct memrig_heap *heap, struct memrig_receive *args);
	int (*track_list)(struct memrig_heap *heap, struct memrig_track_list *args);
	int (*alloc_batch)(struct memrig_heap *heap, struct memrig_alloc_batch *args);
	int (*free_batch)(struct memrig_heap *heap, struct memrig_free_batch *args);
	int (*stat)(struct memrig_heap *heap, struct memrig_heap_stat *args);
	int (*reset_max)(struct memrig_heap *heap);
	int (*walk)(struct memrig_heap *heap, struct memrig_heap_walk *args);
	int (*validate)(struct memrig_heap *heap, struct memrig_heap_validate *args);
	int (*give)(struct memrig_heap *heap, struct memrig_give *args);
	int (*keep)(struct memrig_heap *heap, struct memrig_keep *args);
};

/**
 * struct fail_info - what a failing call knows beyond its errno
 * @reason: enum memrig_reason
 * @detail: goes with it
 * @wanted: bytes asked for
 * @name: object concerned or NULL
 */
struct fail_info {
	uint32_t reason;
	uint64_t detail;
	uint64_t wanted;
	const char *name;
};

int mrig_fail_with(const char *call, int error, const struct fail_info *info);

/* Records the failure of the calling public function and returns its (negative) error. */
#define FAIL(error) mrig_fail_with(__func__, (error), NULL)
#define FAIL_NAME(error, who) \
	mrig_fail_with(__func__, (error), &(struct fail_info){ .name = (who) })

/* ioctl() in the manner of this library: 0 or -errno, errno unchanged. */
int mrig_ioctl(int fd, unsigned long command, void *args);
/* close() that leaves errno alone. */
void mrig_close_fd(int fd);

void mrig_heap_handle_init(struct memrig_heap *heap, const struct heap_ops *ops,
			   struct memrig_region *region);
void mrig_heap_get(struct memrig_heap *heap);
/* Address of offset 0. Maps the region at the first use, for as long as the heap lives. */
int mrig_heap_base(struct memrig_heap *heap, char **base);
/* -ENOENT for what is outside of it. */
int mrig_heap_ptr_to_offset(struct memrig_heap *heap, const void *ptr, uint64_t *offset);
/* memrig_heap_from_fd() without the note of its failure. */
int mrig_heap_wrap(int fd, struct memrig_heap **heap);

int mrig_region_wrap(int fd, uint64_t length, bool read_only, struct memrig_region **out);
void mrig_region_get(struct memrig_region *region);
void mrig_region_put(struct memrig_region *region);
int mrig_region_map(struct memrig_region *region, void **addr);
void mrig_region_unmap(struct memrig_region *region);

#endif /* MEMRIG_PRIV_H */
