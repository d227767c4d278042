/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Being sure that a thread waits, where the object it waits for does not tell: the kernel does. How
 * long a loaded machine takes to get there does not matter.
 */
#ifndef ASLEEP_H
#define ASLEEP_H

#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "test.h"

/* Called by the thread, right before the call that waits. */
static inline void about_to_wait(int *tid)
{
	__atomic_store_n(tid, (int)syscall(SYS_gettid), __ATOMIC_RELEASE);
}

/* What /proc says of a thread: 'R', 'S'...; 0 if it has ended. */
static inline char thread_state(int tid)
{
	char path[64], line[256] = "", *end;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", tid);
	f = fopen(path, "r");
	if (!f)
		return 0;
	if (!fgets(line, sizeof(line), f))
		line[0] = '\0';
	fclose(f);
	end = strrchr(line, ')');
	return end && end[1] ? end[2] : 0;
}

/* Until a thread sleeps in that call, or has ended; a test that hangs is ended by its runner. */
static inline void until_asleep(const int *tid)
{
	int id;
	char state;

	while (!(id = __atomic_load_n(tid, __ATOMIC_ACQUIRE)))
		nap(200);
	while ((state = thread_state(id)) && state != 'S')
		nap(200);
}

#endif /* ASLEEP_H */
