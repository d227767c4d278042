// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Why a program was not reached by a preloaded library: what can be told from its file.
 */
#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "record_run.h"

bool record_find_program(const char *program, char path[PATH_MAX])
{
	const char *dirs = getenv("PATH"), *end;

	if (strchr(program, '/')) {
		snprintf(path, PATH_MAX, "%s", program);
		return !access(path, X_OK);
	}
	for (; dirs && *dirs; dirs = *end ? end + 1 : end) {
		end = strchrnul(dirs, ':');
		snprintf(path, PATH_MAX, "%.*s/%s", (int)(end - dirs), dirs, program);
		if (!access(path, X_OK))
			return true;
	}
	return false;
}

static bool is_privileged(const char *path)
{
	struct stat st;

	if (!stat(path, &st) && st.st_mode & (S_ISUID | S_ISGID))
		return true;
	return getxattr(path, "security.capability", NULL, 0) > 0;
}

/* "is ..." of an ELF file of this machine's kind; NULL: nothing is wrong with it. */
static const char *judge_headers(int fd, const Elf64_Ehdr *elf)
{
	Elf64_Phdr segment;
	unsigned int i;

	for (i = 0; i < elf->e_phnum; i++) {
		off_t at = (off_t)(elf->e_phoff + (uint64_t)i * elf->e_phentsize);

		if (pread(fd, &segment, sizeof(segment), at) != (ssize_t)sizeof(segment))
			return "has damaged program headers";
		if (segment.p_type == PT_INTERP)
			return NULL;
	}
	return "is statically linked: there is no dynamic linker to preload a library";
}

static const char *judge_file(int fd)
{
	Elf64_Ehdr self = { 0 }, elf = { 0 };
	int own = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	ssize_t got = read(fd, &elf, sizeof(elf));

	if (own >= 0) {
		if (read(own, &self, sizeof(self)) != (ssize_t)sizeof(self))
			memset(&self, 0, sizeof(self));
		close(own);
	}
	if (got >= 2 && !memcmp(&elf, "#!", 2))
		return "is a script whose interpreter loads no such library; try: name the "
		       "interpreter itself";
	if (got != (ssize_t)sizeof(elf) || memcmp(elf.e_ident, ELFMAG, SELFMAG))
		return "is no ELF program";
	if (elf.e_ident[EI_CLASS] != self.e_ident[EI_CLASS] || elf.e_machine != self.e_machine)
		return "is a program for another kind of processor than the library";
	return judge_headers(fd, &elf);
}

void record_why_nothing(const char *program, const char *otherwise, char *text, size_t len)
{
	const char *flaw = NULL;
	char path[PATH_MAX];
	int fd;

	if (!record_find_program(program, path)) {
		snprintf(text, len, "%s cannot be found to say why", program);
		return;
	}
	if (is_privileged(path))
		flaw = "is setuid, setgid or has file capabilities: the dynamic linker preloads "
		       "nothing into it; try: run a copy without them";
	fd = flaw ? -1 : open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		flaw = judge_file(fd);
		close(fd);
	}
	snprintf(text, len, "%s %s", path, flaw ? flaw : otherwise);
}
