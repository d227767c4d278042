// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A thread with a cancellation pending that allocates and frees: neither is a cancellation point,
 * so it must come to its end, and others must be able to allocate after it.
 */
#include <pthread.h>
#include <stdlib.h>

#define ROUNDS 400000 /* several windows of the trace */

static int done;

static void *work(void *arg)
{
	int i;

	pthread_cancel(pthread_self());
	for (i = 0; i < ROUNDS; i++)
		free(malloc(32));
	done = 1;
	pthread_testcancel();
	return arg;
}

int main(void)
{
	pthread_t thread;
	void *end;

	if (pthread_create(&thread, NULL, work, NULL) || pthread_join(thread, &end))
		return 1;
	free(malloc(32));
	return done && end == PTHREAD_CANCELED ? 0 : 2;
}
