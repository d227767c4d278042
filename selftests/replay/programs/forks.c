// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Processes: forked, cloned behind the C library's back, and forked while another thread is inside
 * the allocator. Each child makes 100 allocations and frees one block it inherited.
 */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define FORKS 10

static atomic_int done;

static void *churn(void *arg)
{
	while (!atomic_load(&done))
		free(malloc(100));
	return arg;
}

static void child(void *inherited)
{
	int i;

	for (i = 0; i < 100; i++)
		free(malloc(50));
	free(inherited);
	_exit(0);
}

static int wait_for(pid_t pid)
{
	int status;

	return pid < 0 || waitpid(pid, &status, 0) != pid || status;
}

int main(void)
{
	void *inherited = malloc(10);
	pthread_t thread;
	int i, bad = 0;
	pid_t pid;

	/* Without other threads: the child of a bare clone() must not need their locks. */
	pid = (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
	if (!pid)
		child(inherited);
	bad |= wait_for(pid);
	if (pthread_create(&thread, NULL, churn, NULL))
		return 1;
	for (i = 0; i < FORKS; i++) {
		pid = fork();
		if (!pid)
			child(inherited);
		bad |= wait_for(pid);
	}
	atomic_store(&done, 1);
	pthread_join(thread, NULL);
	free(inherited);
	return bad;
}
