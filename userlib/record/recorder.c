// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * From calls to records: object numbers, threads, forks, and the lock that orders everything.
 *
 * Two environment variables configure it: MEMRIG_TRACE, the absolute name of the trace, without
 * which nothing is recorded, and MEMRIG_TRACE_CHILDREN=0, which leaves out all processes but the
 * first. A forked child records into a file of its own and starts from nothing: blocks it inherited
 * count as foreign when it frees them.
 */
#include "recorder.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "log.h"
#include "objects.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static bool configured;
static bool enabled;
static uint32_t generation = 1; /* of the process: counts forks */
static uint64_t next_id;
static uint32_t current_thread;	    /* the one the last record came from */
static volatile bool *same_process; /* reads false in a child, however it was made */

/* Built with -ftls-model=initial-exec: other models call malloc on a thread's first access. */
static __thread bool inside;
static __thread int saved_errno;
static __thread uint32_t my_generation;
static __thread uint32_t my_thread;

static void fork_prepare(void)
{
	pthread_mutex_lock(&lock);
}

static void fork_parent(void)
{
	pthread_mutex_unlock(&lock);
}

static void fork_child(void)
{
	mrig_log_forked();
	mrig_objects_clear();
	generation++;
	next_id = 0;
	current_thread = 0;
	lock = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
	*same_process = true;
}

/* A bare clone() runs no fork handlers; its child must not write into the parent's file. */
static bool watch_clones(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	void *map = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (map == MAP_FAILED || madvise(map, page, MADV_WIPEONFORK))
		return false;
	same_process = map;
	*same_process = true;
	return true;
}

/*
 * Done at the first call rather than in a constructor: those of the program's libraries run before
 * that of a preloaded one, and what they allocate belongs into the trace.
 */
static bool configure(void)
{
	const char *path, *children;

	if (!environ)
		return false;
	configured = true;
	path = secure_getenv("MEMRIG_TRACE");
	if (!path || path[0] != '/')
		return false;
	children = secure_getenv("MEMRIG_TRACE_CHILDREN");
	if (!mrig_log_set_path(path, children && !strcmp(children, "0")))
		return false;
	enabled = watch_clones() && !pthread_atfork(fork_prepare, fork_parent, fork_child);
	return enabled;
}

bool mrig_record_enter(void)
{
	int err = errno;

	if (inside) {
		/* By and large this thread holds the lock; a lost count does no harm. */
		mrig_log_counts()->missed++;
		return false;
	}
	if (!enabled) {
		bool on;

		if (configured)
			return false;
		inside = true;
		on = configure();
		inside = false;
		errno = err;
		if (!on)
			return false;
	}
	inside = true;
	saved_errno = err;
	if (!*same_process)
		fork_child();
	pthread_mutex_lock(&lock);
	if (mrig_log_ready())
		return true;
	mrig_record_leave();
	return false;
}

void mrig_record_leave(void)
{
	pthread_mutex_unlock(&lock);
	inside = false;
	errno = saved_errno;
}

static void put(enum memrig_trace_op op, uint64_t a, uint64_t b)
{
	struct memrig_trace_commit *counts = mrig_log_counts();

	if (my_generation != generation) {
		my_generation = generation;
		my_thread = counts->threads;
		if (counts->threads < MEMRIG_TRACE_THREADS - 1)
			counts->threads++;
	}
	if (my_thread != current_thread) {
		current_thread = my_thread;
		mrig_log_put(MEMRIG_TRACE_THREAD, my_thread, 0);
	}
	mrig_log_put(op, a, b);
}

static void count_foreign(void)
{
	mrig_log_counts()->foreign++;
	mrig_log_commit();
}

static void add_object(const void *p, uint64_t id)
{
	uint64_t stale;

	/* Its free went unseen, in a signal handler that interrupted the recorder. */
	if (mrig_objects_take((uintptr_t)p, &stale))
		put(MEMRIG_TRACE_FREE, next_id - stale, 0);
	if (!mrig_objects_add((uintptr_t)p, id))
		mrig_log_stop(MEMRIG_TRACE_STOP_MEM);
}

static void alloc_locked(enum memrig_trace_op op, const void *p, size_t align, size_t size)
{
	if (!p) {
		mrig_log_counts()->refused++;
		mrig_log_commit();
		return;
	}
	add_object(p, next_id);
	if (op == MEMRIG_TRACE_ALLOC_ALIGNED)
		put(op, (uint64_t)__builtin_ctzl(align), size);
	else
		put(op, size, 0);
	next_id++;
}

void mrig_record_alloc(enum memrig_trace_op op, const void *p, size_t align, size_t size)
{
	if (!mrig_record_enter())
		return;
	alloc_locked(op, p, align, size);
	mrig_record_leave();
}

void mrig_record_free(const void *p)
{
	uint64_t id;

	if (!mrig_record_enter())
		return;
	if (mrig_objects_take((uintptr_t)p, &id))
		put(MEMRIG_TRACE_FREE, next_id - id, 0);
	else
		count_foreign();
	mrig_record_leave();
}

void mrig_record_realloc_locked(const void *old, const void *p, size_t size)
{
	uint64_t id;

	/* The result decides, not the size: realloc(p, 0) frees in some libraries only. */
	if (!p && size) {
		mrig_log_counts()->refused++;
		mrig_log_commit();
		return;
	}
	if (!mrig_objects_take((uintptr_t)old, &id)) {
		count_foreign();
		if (p)
			alloc_locked(MEMRIG_TRACE_ALLOC, p, 0, size);
		return;
	}
	if (!p) {
		put(MEMRIG_TRACE_FREE, next_id - id, 0);
		return;
	}
	add_object(p, id);
	put(MEMRIG_TRACE_REALLOC, next_id - id, size);
}
