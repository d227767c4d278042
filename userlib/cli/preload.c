// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Finding a library to preload, and naming it to the dynamic linker.
 */
#include <dlfcn.h>
#include <errno.h>
#include <libgen.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "preload.h"
#include "util.h"

static bool try_place(const char *file, const char *below, const char *library, char out[PATH_MAX])
{
	char dir[PATH_MAX], name[PATH_MAX + 64];

	snprintf(dir, sizeof(dir), "%s", file);
	snprintf(name, sizeof(name), "%s/%s%s", dirname(dir), below, library);
	return realpath(name, out);
}

/* Where the variable says; beside this command; beside libmemrig; in ../lib. */
static int find_library(const char *library, const char *variable, char out[PATH_MAX])
{
	const char *given = getenv(variable);
	char exe[PATH_MAX];
	Dl_info self;
	ssize_t len;

	if (given && realpath(given, out))
		return 0;
	if (given)
		return fail("%s=%s: %s", variable, given, strerror(errno));
	len = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	if (len < 0)
		return fail("/proc/self/exe: %s", strerror(errno));
	exe[len] = '\0';
	if (try_place(exe, "", library, out))
		return 0;
	if (dladdr(memrig_version, &self) && try_place(self.dli_fname, "", library, out))
		return 0;
	if (try_place(exe, "../lib/", library, out))
		return 0;
	return fail("%s is neither beside this program, nor beside libmemrig, nor in ../lib; "
		    "try: set %s to its place",
		    library, variable);
}

int preload_set(const char *library, const char *variable)
{
	const char *preload = getenv("LD_PRELOAD");
	char path[PATH_MAX];
	char *list;
	int ret;

	if (find_library(library, variable, path))
		return EXIT_FAILURE;
	if (strpbrk(path, ": "))
		return fail("%s: LD_PRELOAD cannot hold a name with blanks or colons", path);
	if (asprintf(&list, "%s%s%s", path, preload ? ":" : "", preload ? preload : "") < 0)
		return fail("out of memory");
	ret = setenv("LD_PRELOAD", list, 1);
	free(list);
	return ret ? fail("out of memory") : 0;
}
