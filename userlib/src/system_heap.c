// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The size of the system heap, from what the parts of a program ask for before main(), and its
 * memory. CONFIG_HEAP_MEM_POOL_SIZE and its kin: see <memrig/zephyr.h>.
 */
#include <pthread.h>
#include <sys/mman.h>
#include "k_malloc.h"
#include "memrig/system_heap.h"

/* What a sys_heap can have: 8 GiB, or a quarter of a small address space. */
#define MOST (~(size_t)0 >> (sizeof(size_t) == 8 ? 31 : 2))

/**
 * struct request - what has been asked for
 * @pool: largest size of memrig_system_heap_pool()
 * @added: sum of memrig_system_heap_add()
 * @exactly: do not heed @added
 * @opts: settings
 */
struct request {
	size_t pool;
	size_t added;
	bool exactly;
	struct sys_heap_opts opts;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct request now = { .opts.hardening = MRIG_HARDEN_BASIC };
static size_t present; /* bytes of the memory it has */

/* Zephyr's rule: the larger of the pool's size and of the sum of what parts ask for. */
static size_t wanted(const struct request *r)
{
	return r->exactly || r->pool > r->added ? r->pool : r->added;
}

/* Make it what @r says; if that fails nothing has changed. */
static int obey(const struct request *r)
{
	size_t size = wanted(r), bytes;
	void *mem, *old;
	int err;

	if (size > MOST)
		return -EINVAL;
	bytes = Z_HEAP_MIN_SIZE_FOR(size);
	mem = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (mem == MAP_FAILED)
		return -ENOMEM;
	err = mrig_system_heap_give(mem, bytes, &r->opts, &old);
	if (err) {
		munmap(mem, bytes);
		return err;
	}
	if (old)
		munmap(old, present);
	present = bytes;
	now = *r;
	return 0;
}

/**
 * memrig_system_heap_pool() - ask for a system heap: CONFIG_HEAP_MEM_POOL_SIZE
 * @bytes: its size; the largest that was asked for counts
 * @ignore_min: do not heed what memrig_system_heap_add() asks for
 *	(CONFIG_HEAP_MEM_POOL_IGNORE_MIN)
 * @opts: settings, of which the last given count, but statistics and listeners stay on; NULL for
 *	no change
 *
 * Return: 0; -EINVAL for a size or settings out of range; -EBUSY while a block of it lives;
 * -ENOMEM. After a failure it is as it was.
 */
int memrig_system_heap_pool(size_t bytes, bool ignore_min, const struct sys_heap_opts *opts)
{
	struct request r;
	int err;

	if (!bytes)
		return -EINVAL;
	pthread_mutex_lock(&lock);
	r = now;
	if (bytes > r.pool)
		r.pool = bytes;
	r.exactly |= ignore_min;
	if (opts) {
		r.opts = *opts;
		r.opts.stats |= now.opts.stats;
		r.opts.listen |= now.opts.listen;
	}
	err = obey(&r);
	pthread_mutex_unlock(&lock);
	return err;
}

/**
 * memrig_system_heap_add() - what one part of a program needs: CONFIG_HEAP_MEM_POOL_ADD_SIZE_*
 * @bytes: added to what others need
 *
 * Return: as memrig_system_heap_pool().
 */
int memrig_system_heap_add(size_t bytes)
{
	struct request r;
	int err = -EINVAL;

	pthread_mutex_lock(&lock);
	r = now;
	if (bytes && !__builtin_add_overflow(r.added, bytes, &r.added))
		err = obey(&r);
	pthread_mutex_unlock(&lock);
	return err;
}
