// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Running a program with the recorder preloaded, and collecting the traces it left.
 */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <libgen.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "preload.h"
#include "record_run.h"
#include "util.h"

#define EXIT_NOT_RUN 127

int record_set_path(struct record_request *request, const char *name)
{
	char *copy = strdup(name), *base = strdup(name);
	char dir[PATH_MAX];
	int len = -1;

	if (copy && base && realpath(dirname(copy), dir))
		len = snprintf(request->path, sizeof(request->path), "%s/%s",
			       strcmp(dir, "/") ? dir : "", basename(base));
	else
		fail("%s: %s", name, strerror(errno));
	free(copy);
	free(base);
	if (len < 0)
		return EXIT_FAILURE;
	if ((size_t)len >= sizeof(request->path))
		return fail("%s: the name is too long", name);
	return 0;
}

/* ---- traces of that name ------------------------------------------------------------- */

/* The trace itself, and those of children: PATH.PID and PATH.PID.N. */
static int find_traces(const char *path, glob_t *found)
{
	char *escaped = malloc(2 * strlen(path) + 16);
	char *out = escaped;
	int ret;

	if (!escaped)
		return GLOB_NOSPACE;
	for (; *path; path++) {
		if (strchr("*?[\\", *path))
			*out++ = '\\';
		*out++ = *path;
	}
	*out = '\0';
	ret = glob(escaped, 0, NULL, found);
	strcpy(out, ".[0-9]*");
	if (!ret || ret == GLOB_NOMATCH)
		ret = glob(escaped, found->gl_pathc ? GLOB_APPEND : 0, NULL, found);
	free(escaped);
	return ret == GLOB_NOMATCH ? 0 : ret;
}

static bool is_trace(const char *path)
{
	char magic[sizeof(MEMRIG_TRACE_MAGIC) - 1];
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	bool yes;

	if (fd < 0)
		return false;
	yes = read(fd, magic, sizeof(magic)) == (ssize_t)sizeof(magic) &&
	      !memcmp(magic, MEMRIG_TRACE_MAGIC, sizeof(magic));
	close(fd);
	return yes;
}

/* Only what is a trace is removed; anything else of that name stops us. */
static int remove_traces(const char *path)
{
	glob_t found = { 0 };
	int ret = 0;
	size_t i;

	if (find_traces(path, &found))
		return fail("%s: cannot list its directory", path);
	for (i = 0; !ret && i < found.gl_pathc; i++) {
		if (is_trace(found.gl_pathv[i]))
			ret = unlink(found.gl_pathv[i]);
		else if (!strcmp(found.gl_pathv[i], path))
			ret = fail("%s is there and is no trace; try: another name", path);
	}
	if (ret < 0)
		ret = fail("%s: cannot be replaced: %s", found.gl_pathv[i - 1], strerror(errno));
	globfree(&found);
	return ret;
}

/* The recorder can only keep silent in the middle of a program that was started in vain. */
static int try_create(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0)
		return fail("%s cannot be created: %s; try: -o with a name where you may write",
			    path, strerror(errno));
	close(fd);
	unlink(path);
	return 0;
}

int record_each(const struct record_request *request,
		void (*visit)(void *arg, const char *path, const struct replay_trace *trace,
			      bool running),
		void *arg)
{
	struct replay_trace trace;
	glob_t found = { 0 };
	char why[256];
	int count = 0;
	size_t i;

	if (find_traces(request->path, &found)) {
		fail("%s: cannot list its directory", request->path);
		return -1;
	}
	for (i = 0; count >= 0 && i < found.gl_pathc; i++) {
		const char *path = found.gl_pathv[i];
		bool running;
		int ret;

		if (!is_trace(path))
			continue;
		ret = replay_trace_load(path, &trace, why, sizeof(why));
		/* A process that still runs goes on recording: its file stays open-ended. */
		running = !ret && !trace.commit.sealed &&
			  (!kill((pid_t)trace.header.pid, 0) || errno == EPERM);
		if (!ret && !running)
			ret = replay_trace_seal(path, &trace.commit, why, sizeof(why));
		if (ret) {
			fail("%s %s", path, why);
			count = -1;
			break;
		}
		visit(arg, path, &trace, running);
		replay_trace_free(&trace);
		count++;
	}
	globfree(&found);
	return count;
}

/* ---- the program --------------------------------------------------------------------- */

static int set_environment(const struct record_request *request)
{
	if (preload_set("libmemrig-record.so", "MEMRIG_RECORD_LIB"))
		return EXIT_FAILURE;
	if (setenv("MEMRIG_TRACE", request->path, 1) ||
	    setenv("MEMRIG_TRACE_CHILDREN", request->only_first ? "0" : "1", 1))
		return fail("out of memory");
	return 0;
}

static void unset_environment(const char *preload)
{
	unsetenv("MEMRIG_TRACE");
	unsetenv("MEMRIG_TRACE_CHILDREN");
	if (preload)
		setenv("LD_PRELOAD", preload, 1);
	else
		unsetenv("LD_PRELOAD");
}

static int spawn(const struct record_request *request, pid_t *pid)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	sigset_t defaults;
	int ret;

	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attr);
	sigemptyset(&defaults);
	sigaddset(&defaults, SIGINT);
	sigaddset(&defaults, SIGQUIT);
	posix_spawnattr_setsigdefault(&attr, &defaults);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGDEF);
	if (request->quiet)
		posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	ret = posix_spawnp(pid, request->argv[0], &actions, &attr, request->argv, environ);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&actions);
	if (!ret)
		return 0;
	fail("cannot run %s: %s", request->argv[0], strerror(ret));
	return EXIT_NOT_RUN;
}

int record_run(const struct record_request *request, int *status)
{
	const char *old = getenv("LD_PRELOAD");
	char *preload = old ? strdup(old) : NULL;
	sighandler_t on_int, on_quit;
	pid_t pid;
	int ret;

	ret = remove_traces(request->path);
	ret = ret ? ret : try_create(request->path);
	ret = ret ? ret : set_environment(request);
	/* An interrupt from the keyboard is meant for the program; we still want its trace. */
	on_int = signal(SIGINT, SIG_IGN);
	on_quit = signal(SIGQUIT, SIG_IGN);
	ret = ret ? ret : spawn(request, &pid);
	unset_environment(preload);
	free(preload);
	while (!ret && waitpid(pid, status, 0) < 0) {
		if (errno != EINTR)
			ret = fail("waiting for %s: %s", request->argv[0], strerror(errno));
	}
	signal(SIGINT, on_int);
	signal(SIGQUIT, on_quit);
	return ret;
}
