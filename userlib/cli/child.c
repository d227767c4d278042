// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Running a command with inherited descriptors, and holding objects.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"

int child_inherit(const char *variable, int fd)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", fd);
	if (fcntl(fd, F_SETFD, 0) || setenv(variable, text, 1))
		return fail("cannot pass a descriptor on: %s", strerror(errno));
	return 0;
}

int child_run(char **argv)
{
	int status, error;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid < 0)
		return fail("cannot start %s: %s", argv[0], strerror(errno));
	if (!pid) {
		execvp(argv[0], argv);
		error = errno;
		fail("cannot run %s: %s", argv[0], strerror(error));
		_exit(error == ENOENT ? 127 : 126);
	}
	/* The terminal sends its signals to the command too; whoever ends, it ends first. */
	signal(SIGINT, SIG_IGN);
	signal(SIGQUIT, SIG_IGN);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return fail("lost %s: %s", argv[0], strerror(errno));
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void hold(void)
{
	sigset_t set;
	int got;

	fflush(stdout);
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	sigwait(&set, &got);
}

bool child_command(struct argp_state *state, char ***command)
{
	if (!state->quoted || state->next <= state->quoted)
		return false;
	*command = state->argv + state->next - 1;
	state->next = state->argc;
	return true;
}
