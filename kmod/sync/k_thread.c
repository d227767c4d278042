// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Threads, as far as Zephyr code around allocators knows them.
 */
#include "k_thread.h"

/**
 * k_current_get() - the calling thread
 *
 * Return: its structure; its address identifies the thread until it ends.
 */
k_tid_t k_current_get(void)
{
	return mrig_self();
}

/**
 * k_thread_priority_get() - priority of a thread
 * @thread: a thread that lives; NULL means the calling one
 *
 * Return: what was set, or what the system says; the lower the number, the more urgent.
 */
int k_thread_priority_get(k_tid_t thread)
{
	return mrig_priority_of(thread ? thread : mrig_self());
}

/**
 * k_thread_priority_set() - choose when a thread is served among those who wait
 * @thread: a thread that lives; NULL means the calling one
 * @prio: any number; the lower, the more urgent
 *
 * Counts when the thread next begins to wait. How the system schedules it does not change.
 */
void k_thread_priority_set(k_tid_t thread, int prio)
{
	mrig_priority_assign(thread ? thread : mrig_self(), prio);
}

/**
 * k_thread_name_get() - name of a thread
 * @thread: a thread that lives; NULL means the calling one
 *
 * Return: what was set last; else, for the calling thread, what the system calls it, and "" for
 * others. Valid until the thread ends or its name is set.
 */
const char *k_thread_name_get(k_tid_t thread)
{
	struct k_thread *self = mrig_self();

	if (!thread)
		thread = self;
	if (thread == self && !self->name[0] && !mrig_thread_shared(self))
		mrig_thread_name(self->name, sizeof(self->name));
	return thread->name;
}

/**
 * k_thread_name_set() - name a thread
 * @thread: a thread that lives; NULL means the calling one
 * @name: cut to MRIG_THREAD_NAME - 1 characters
 *
 * The caller sees to it that nobody reads the name at the same time.
 *
 * Return: 0; -EINVAL if @name is NULL; -EPERM if @thread is no thread of its own.
 */
int k_thread_name_set(k_tid_t thread, const char *name)
{
	size_t i;

	if (!name)
		return -EINVAL;
	if (!thread)
		thread = mrig_self();
	if (mrig_thread_shared(thread))
		return -EPERM;
	for (i = 0; i < sizeof(thread->name) - 1 && name[i]; i++)
		thread->name[i] = name[i];
	thread->name[i] = '\0';
	return 0;
}

/**
 * k_thread_name_copy() - copy the name of a thread
 * @thread: a thread that lives; NULL means the calling one
 * @buf: where to
 * @size: of @buf
 *
 * Return: 0; -EINVAL if @buf is NULL; -ENOSPC if it is too small, which leaves it as it was.
 */
int k_thread_name_copy(k_tid_t thread, char *buf, size_t size)
{
	const char *name = k_thread_name_get(thread);
	size_t n = strlen(name) + 1;

	if (!buf)
		return -EINVAL;
	if (n > size)
		return -ENOSPC;
	memcpy(buf, name, n);
	return 0;
}
