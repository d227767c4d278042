// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A handler that allocates, fired thousands of times a second at a program that does. That is not
 * allowed, but programs do it, and with an allocator that can take it (bump.c) they work: the
 * recorder must not be what breaks them.
 */
#include <signal.h>
#include <stdlib.h>
#include <sys/time.h>

static volatile sig_atomic_t fired;

static void handler(int number)
{
	(void)number;
	free(malloc(32));
	fired++;
}

int main(void)
{
	struct itimerval timer = { { 0, 200 }, { 0, 200 } };

	signal(SIGALRM, handler);
	setitimer(ITIMER_REAL, &timer, NULL);
	while (fired < 500)
		free(malloc(64));
	return 0;
}
