// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Life of caches, and looking at them.
 */
#include "cache.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

static int check_config(const struct memrig_cache_config *config)
{
	if (config->size < sizeof(*config) || config->reserved ||
	    config->batch > MEMRIG_CACHE_BATCH_MAX || config->largest > MEMRIG_CACHE_LARGEST_MAX)
		return -EINVAL;
	return config->size > sizeof(*config) ? -E2BIG : 0;
}

static void configure(struct memrig_cache *cache, const struct memrig_cache_config *config)
{
	uint32_t largest = config->largest ? config->largest : MEMRIG_CACHE_LARGEST;
	uint32_t batch = config->batch ? config->batch : MEMRIG_CACHE_BATCH;
	uint64_t most;
	unsigned int i;

	cache->thread_bytes =
		config->thread_bytes ? config->thread_bytes : MEMRIG_CACHE_THREAD_BYTES;
	cache->classes = mrig_cache_class(largest) + 1;
	for (i = 0; i < cache->classes; i++) {
		most = cache->thread_bytes / 4 / mrig_cache_class_bytes(i);
		cache->batch[i] = most < batch ? most : batch;
		if (!cache->batch[i])
			cache->batch[i] = 1;
	}
}

/* Where the heap lies, and a table for it that costs what is used of it. */
static int map_states(struct memrig_cache *cache)
{
	struct memrig_heap_stat stat = { .size = sizeof(stat) };
	size_t bytes;
	void *table;
	int ret;

	ret = cache->heap->ops->stat(cache->heap, &stat);
	if (ret)
		return ret;
	cache->span = stat.offset;
	cache->length = stat.length;
	bytes = stat.length / CACHE_UNIT + 1;
	table = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (table == MAP_FAILED)
		return -ENOMEM;
	if (madvise(table, bytes, MADV_WIPEONFORK)) {
		ret = -errno;
		munmap(table, bytes);
		return ret;
	}
	cache->states = table;
	return 0;
}

static int open_cache(struct memrig_cache *cache, const struct memrig_cache_config *config)
{
	int ret;

	configure(cache, config);
	ret = map_states(cache);
	if (ret)
		return ret;
	ret = mrig_cache_publish(cache);
	if (ret)
		munmap((void *)cache->states, cache->length / CACHE_UNIT + 1);
	return ret;
}

int memrig_cache_create(memrig_heap_t *heap, const struct memrig_cache_config *config,
			memrig_cache_t **cache)
{
	static const struct memrig_cache_config defaults = { .size = sizeof(defaults) };
	struct memrig_cache *new;
	int saved = errno;
	int ret;

	if (!config)
		config = &defaults;
	ret = check_config(config);
	if (ret)
		return FAIL(ret);
	new = calloc(1, sizeof(*new));
	if (!new)
		return FAIL(-ENOMEM);
	new->heap = heap;
	ret = open_cache(new, config);
	errno = saved;
	if (ret) {
		free(new);
		return FAIL(ret);
	}
	*cache = new;
	return 0;
}

void memrig_cache_close(memrig_cache_t *cache)
{
	int saved = errno;

	if (!cache)
		return;
	mrig_cache_unpublish(cache);
	munmap((void *)cache->states, cache->length / CACHE_UNIT + 1);
	free(cache);
	errno = saved;
}

int memrig_cache_flush(memrig_cache_t *cache)
{
	struct cache_thread *thread = pthread_getspecific(cache->key);

	if (!thread)
		return 0;
	pthread_mutex_lock(&thread->lock);
	mrig_cache_drain_all_locked(thread);
	pthread_mutex_unlock(&thread->lock);
	return 0;
}

int memrig_cache_flush_all(memrig_cache_t *cache)
{
	mrig_cache_reclaim(cache);
	return 0;
}

int memrig_cache_stat(memrig_cache_t *cache, struct memrig_cache_stat *stat)
{
	struct cache_counters sum;
	struct cache_thread *thread;
	unsigned int i;

	if (stat->size != sizeof(*stat))
		return FAIL(stat->size < sizeof(*stat) ? -EINVAL : -E2BIG);
	*stat = (struct memrig_cache_stat){ .size = sizeof(*stat) };
	pthread_mutex_lock(&cache->lock);
	sum = cache->past;
	LIST_FOREACH(thread, &cache->threads, of_cache)
	{
		pthread_mutex_lock(&thread->lock);
		stat->threads++;
		stat->idle_bytes += thread->idle_bytes;
		for (i = 0; i < cache->classes; i++)
			stat->idle_blocks += thread->classes[i].count;
		mrig_cache_count(&sum, &thread->counters);
		pthread_mutex_unlock(&thread->lock);
	}
	pthread_mutex_unlock(&cache->lock);
	stat->allocs = sum.allocs;
	stat->hits = sum.hits;
	stat->frees = sum.frees;
	stat->direct = sum.direct;
	stat->fills = sum.fills;
	stat->drains = sum.drains;
	stat->reclaims = sum.reclaims;
	stat->rejects = sum.rejects;
	return 0;
}
