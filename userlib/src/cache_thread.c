// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * What threads have of caches, from their first request to their end.
 *
 * A thread's parts hang on a list of its own as well as on that of each cache, both under the
 * registry lock: whichever ends first, thread or cache, takes the part off the other's list. So
 * does fork(): it takes every lock, and in the child nothing is idle and nobody else is there.
 */
#include "cache.h"

#include <errno.h>
#include <stdlib.h>

/**
 * struct cache_owner - a thread that uses caches
 * @caches: its parts
 */
struct cache_owner {
	struct cache_threads caches;
};

static pthread_mutex_t registry = PTHREAD_MUTEX_INITIALIZER;
static LIST_HEAD(, memrig_cache) caches = LIST_HEAD_INITIALIZER(caches);
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t owner_key;
static int setup_error;

/* ---- counters ------------------------------------------------------------------------ */

void mrig_cache_count(struct cache_counters *to, const struct cache_counters *from)
{
	to->allocs += from->allocs;
	to->hits += from->hits;
	to->frees += from->frees;
	to->direct += from->direct;
	to->fills += from->fills;
	to->drains += from->drains;
	to->reclaims += from->reclaims;
	to->rejects += from->rejects;
}

/* ---- threads ------------------------------------------------------------------------- */

/* Off both lists, everything given back, gone. The registry is locked, and so is the cache. */
static void end_part_locked(struct cache_thread *thread)
{
	pthread_mutex_lock(&thread->lock);
	mrig_cache_drain_all_locked(thread);
	mrig_cache_count(&thread->cache->past, &thread->counters);
	pthread_mutex_unlock(&thread->lock);
	LIST_REMOVE(thread, of_cache);
	LIST_REMOVE(thread, of_thread);
	pthread_mutex_destroy(&thread->lock);
	free(thread);
}

static void thread_ends(void *arg)
{
	struct cache_owner *owner = arg;
	struct cache_thread *thread;
	struct memrig_cache *cache;
	int saved = errno;

	pthread_mutex_lock(&registry);
	while ((thread = LIST_FIRST(&owner->caches))) {
		cache = thread->cache;
		/* A destructor that runs after this one may use the cache again. */
		pthread_setspecific(cache->key, NULL);
		pthread_mutex_lock(&cache->lock);
		end_part_locked(thread);
		pthread_mutex_unlock(&cache->lock);
	}
	pthread_mutex_unlock(&registry);
	free(owner);
	errno = saved;
}

static int owner_of_this_thread(struct cache_owner **out)
{
	struct cache_owner *owner = pthread_getspecific(owner_key);

	if (!owner) {
		owner = malloc(sizeof(*owner));
		if (!owner)
			return -ENOMEM;
		LIST_INIT(&owner->caches);
		if (pthread_setspecific(owner_key, owner)) {
			free(owner);
			return -ENOMEM;
		}
	}
	*out = owner;
	return 0;
}

/* The part and room for the offsets of its classes, two batches each, in one piece. */
static struct cache_thread *new_part(struct memrig_cache *cache, struct cache_owner *owner)
{
	struct cache_thread *thread;
	size_t offsets = 0;
	unsigned int i;
	uint64_t *room;

	for (i = 0; i < cache->classes; i++)
		offsets += 2 * cache->batch[i];
	thread = calloc(1, sizeof(*thread) + offsets * sizeof(*room));
	if (!thread)
		return NULL;
	room = (uint64_t *)(thread + 1);
	for (i = 0; i < cache->classes; i++) {
		thread->classes[i].idle = room;
		thread->classes[i].next = 1;
		room += 2 * cache->batch[i];
	}
	thread->cache = cache;
	thread->owner = owner;
	pthread_mutex_init(&thread->lock, NULL);
	return thread;
}

int mrig_cache_thread(struct memrig_cache *cache, struct cache_thread **out)
{
	struct cache_thread *thread = pthread_getspecific(cache->key);
	struct cache_owner *owner;
	int ret;

	if (thread) {
		*out = thread;
		return 0;
	}
	ret = owner_of_this_thread(&owner);
	if (ret)
		return ret;
	thread = new_part(cache, owner);
	if (!thread)
		return -ENOMEM;
	if (pthread_setspecific(cache->key, thread)) {
		pthread_mutex_destroy(&thread->lock);
		free(thread);
		return -ENOMEM;
	}
	pthread_mutex_lock(&registry);
	pthread_mutex_lock(&cache->lock);
	LIST_INSERT_HEAD(&cache->threads, thread, of_cache);
	LIST_INSERT_HEAD(&owner->caches, thread, of_thread);
	pthread_mutex_unlock(&cache->lock);
	pthread_mutex_unlock(&registry);
	*out = thread;
	return 0;
}

void mrig_cache_reclaim(struct memrig_cache *cache)
{
	struct cache_thread *thread;

	pthread_mutex_lock(&cache->lock);
	LIST_FOREACH(thread, &cache->threads, of_cache)
	{
		pthread_mutex_lock(&thread->lock);
		mrig_cache_drain_all_locked(thread);
		pthread_mutex_unlock(&thread->lock);
	}
	pthread_mutex_unlock(&cache->lock);
}

/* ---- fork ---------------------------------------------------------------------------- */

static void before_fork(void)
{
	struct memrig_cache *cache;
	struct cache_thread *thread;

	pthread_mutex_lock(&registry);
	LIST_FOREACH(cache, &caches, link)
	{
		pthread_mutex_lock(&cache->lock);
		LIST_FOREACH(thread, &cache->threads, of_cache)
		pthread_mutex_lock(&thread->lock);
	}
}

static void after_fork_in_parent(void)
{
	struct memrig_cache *cache;
	struct cache_thread *thread;

	LIST_FOREACH(cache, &caches, link)
	{
		LIST_FOREACH(thread, &cache->threads, of_cache)
		pthread_mutex_unlock(&thread->lock);
		pthread_mutex_unlock(&cache->lock);
	}
	pthread_mutex_unlock(&registry);
}

/* Only this thread is there; and nothing is idle, for what was is the parent's. */
static void forget(struct cache_thread *thread)
{
	unsigned int i;

	for (i = 0; i < thread->cache->classes; i++) {
		thread->classes[i].count = 0;
		thread->classes[i].next = 1;
	}
	thread->idle_bytes = 0;
	if (thread->owner == pthread_getspecific(owner_key))
		return;
	mrig_cache_count(&thread->cache->past, &thread->counters);
	LIST_REMOVE(thread, of_cache);
	LIST_REMOVE(thread, of_thread);
	if (LIST_EMPTY(&thread->owner->caches))
		free(thread->owner);
	pthread_mutex_unlock(&thread->lock);
	pthread_mutex_destroy(&thread->lock);
	free(thread);
}

/* The kernel has wiped the tables of states already. */
static void after_fork_in_child(void)
{
	struct cache_thread *thread, *next;
	struct memrig_cache *cache;

	LIST_FOREACH(cache, &caches, link)
	{
		for (thread = LIST_FIRST(&cache->threads); thread; thread = next) {
			next = LIST_NEXT(thread, of_cache);
			forget(thread);
		}
	}
	after_fork_in_parent();
}

/* ---- the registry -------------------------------------------------------------------- */

static void setup(void)
{
	setup_error = -pthread_key_create(&owner_key, thread_ends);
	if (!setup_error)
		setup_error =
			-pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child);
}

int mrig_cache_publish(struct memrig_cache *cache)
{
	int ret;

	pthread_once(&once, setup);
	/* Each cache has one of the process's keys; a part is freed by owner_key's destructor. */
	ret = setup_error ? setup_error : -pthread_key_create(&cache->key, NULL);
	if (ret)
		return ret;
	pthread_mutex_init(&cache->lock, NULL);
	LIST_INIT(&cache->threads);
	pthread_mutex_lock(&registry);
	LIST_INSERT_HEAD(&caches, cache, link);
	pthread_mutex_unlock(&registry);
	return 0;
}

void mrig_cache_unpublish(struct memrig_cache *cache)
{
	struct cache_thread *thread;

	pthread_mutex_lock(&registry);
	pthread_mutex_lock(&cache->lock);
	while ((thread = LIST_FIRST(&cache->threads)))
		end_part_locked(thread);
	pthread_mutex_unlock(&cache->lock);
	LIST_REMOVE(cache, link);
	pthread_key_delete(cache->key);
	pthread_mutex_unlock(&registry);
	pthread_mutex_destroy(&cache->lock);
}
