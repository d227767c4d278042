// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A window: 4 MiB of addresses on 256 KiB of frames, the rest compressed. Write all of it, read it
 * back, say what that took. Run "memrig window top" beside it, or give it a number of seconds to
 * stay and look at it by "memrig window map".
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <memrig/window.h>

#define PAGES  1024
#define FRAMES 64

static int explain(void)
{
	char text[512];

	memrig_explain(NULL, text, sizeof(text));
	fprintf(stderr, "%s\n", text);
	return EXIT_FAILURE;
}

static int use(memrig_window_t *window)
{
	struct memrig_window_stat stat = { .size = sizeof(stat) };
	size_t page = memrig_window_length(window) / PAGES, i, wrong = 0;
	void *addr;
	char *at;

	if (memrig_window_map(window, 0, 0, PROT_READ | PROT_WRITE, &addr))
		return explain();
	at = addr;
	for (i = 0; i < PAGES; i++)
		memset(at + i * page, 'a' + i % 26, page);
	for (i = 0; i < PAGES; i++)
		wrong += at[i * page] != (char)('a' + i % 26);
	if (memrig_window_stat(window, 0, &stat))
		return explain();
	printf("window %llu: %d pages on %d frames, %zu wrong; %llu faults, %llu pages read back, "
	       "%llu written, %llu bytes in the store\n",
	       (unsigned long long)stat.id, PAGES, FRAMES, wrong, (unsigned long long)stat.faults,
	       (unsigned long long)stat.page_ins, (unsigned long long)stat.page_outs,
	       (unsigned long long)stat.stored_bytes);
	return wrong ? EXIT_FAILURE : EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	struct memrig_window_create args = MEMRIG_WINDOW_DEFAULTS;
	memrig_window_t *window;
	memrig_t *rig;
	int ret;

	args.pages = PAGES;
	args.frames = FRAMES;
	args.store = MEMRIG_STORE_COMPRESSED;
	if (memrig_open(&rig))
		return explain();
	if (memrig_window_create(rig, NULL, &args, &window)) {
		memrig_close(rig);
		return explain();
	}
	ret = use(window);
	fflush(stdout);
	if (!ret && argc > 1)
		sleep((unsigned int)strtoul(argv[1], NULL, 10));
	memrig_window_close(window);
	memrig_close(rig);
	return ret;
}
