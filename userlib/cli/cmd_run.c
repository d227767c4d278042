// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * memrig run: a program that knows nothing of memrig, with its heap on memory of the user's choice.
 *
 * The program gets a library preloaded, two descriptors and one variable: see malloc/page.h. What
 * is to be said afterwards goes to standard error, as standard output belongs to the program; with
 * --json it follows on standard output.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "child.h"
#include "commands.h"
#include "page.h"
#include "record_run.h"
#include "region_args.h"
#include "preload.h"
#include "run_report.h"
#include "run_window.h"
#include "util.h"

#define FD_LOW	     100 /* below are numbers that scripts like to use */
#define EXIT_NOT_RUN 126 /* this or the next: a shell says that a command cannot be run */

enum { OPT_HARDENING = 0x4000, OPT_STATS, OPT_CHILDREN, OPT_RECORD };

static const struct argp_option options[] = {
	{ "size", 's', "BYTES", 0, "Of the heap (default 64M; of memory 1G)", 1 },
	{ "attr", 'a', "ATTR", 0,
	  "cached (default), wc, uncached, wt, device; or memory: the program's own, for which no "
	  "device is needed",
	  1 },
	{ "kind", 'k', "KIND", 0, "pages (default), coherent", 1 },
	{ "placement", 'p', "WHERE", 0,
	  "Headers: oob (default, in memory of the program) or inband (between the blocks)", 1 },
	{ "hardening", OPT_HARDENING, "LEVEL", 0,
	  "0 to 4: none, basic (default), moderate, full, extreme", 1 },
	{ "children", OPT_CHILDREN, NULL, 0, "Programs that it starts get a region each", 1 },
	{ "record", OPT_RECORD, "FILE", 0,
	  "With --window: record what happens in it, as memrig window record does", 1 },
	{ "stats", OPT_STATS, NULL, 0, "Afterwards, say what the heap was used for", 1 },
	{ 0 }
};

/**
 * struct run_args - the command line
 * @region: to be made
 * @window: to be made over it, if it has a length
 * @memory: none is to be made
 * @kind: --kind was given
 * @placement: enum memrig_placement
 * @hardening: level
 * @children: a region for each program
 * @stats: say more
 * @argv: the program
 */
struct run_args {
	struct region_args region;
	struct run_window window;
	bool memory;
	bool kind;
	uint32_t placement;
	uint32_t hardening;
	bool children;
	bool stats;
	char **argv;
};

static void parse_attr(struct run_args *args, const char *text, const struct argp_state *state)
{
	args->memory = !strcmp(text, "memory");
	args->region.create.attr = memrig_attr_value(text);
	if (!args->memory && !args->region.create.attr)
		argp_error(state,
			   "--attr: '%s' is none of cached, wc, uncached, wt, device, memory",
			   text);
}

/* What describes a region and no window. */
static void check_window(const struct run_args *args, const struct argp_state *state)
{
	if (args->region.create.length)
		argp_error(state, "--size is for regions; a window has --window and --frames");
	if (args->kind)
		argp_error(state, "--kind: frames of windows are always pages");
	if (args->memory)
		argp_error(state,
			   "--attr memory has no window: its pages are those of the program");
	if (args->children)
		argp_error(state, "--children is for regions: a window is for one program");
}

static void check_args(const struct run_args *args, const struct argp_state *state)
{
	if (!args->argv)
		argp_error(state, "no program to run; example: memrig run --attr uncached -- ls");
	if (args->window.args.bytes)
		check_window(args, state);
	else if (args->window.record_file)
		argp_error(state, "--record is for windows; try: --window BYTES");
	if (args->memory && args->kind)
		argp_error(state, "--kind is for regions, and --attr memory makes none");
	if (args->memory && args->children)
		argp_error(state, "--children is for regions; with --attr memory it is always so");
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct run_args *args = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &args->window.args;
		break;
	case 's':
		args->region.create.length = size_option(state, "--size", arg);
		if (!args->region.create.length)
			argp_error(state, "--size: a heap has at least one page");
		break;
	case 'a':
		parse_attr(args, arg, state);
		break;
	case 'k':
		args->kind = true;
		args->region.create.kind = memrig_kind_value(arg);
		if (!args->region.create.kind)
			argp_error(state, "--kind: '%s' is none of pages, coherent", arg);
		break;
	case 'p':
		args->placement = memrig_placement_value(arg);
		if (!args->placement)
			argp_error(state, "--placement: '%s' is neither oob nor inband", arg);
		break;
	case OPT_HARDENING:
		args->hardening = hardening_option(state, arg);
		break;
	case OPT_CHILDREN:
		args->children = true;
		break;
	case OPT_RECORD:
		args->window.record_file = arg;
		break;
	case OPT_STATS:
		args->stats = true;
		break;
	case ARGP_KEY_ARG:
		args->argv = state->argv + state->next - 1;
		state->next = state->argc;
		break;
	case ARGP_KEY_END:
		check_args(args, state);
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static const struct argp_child children[] = { { &window_argp, 0, NULL, 0 },
					      { &common_argp, 0, NULL, 0 },
					      { 0 } };

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.args_doc = "[--] PROGRAM [ARGUMENT...]",
	.doc = "Run PROGRAM with its heap (malloc and kin) on a fresh region, or in a window.\v"
	       "PROGRAM is not changed: a library is preloaded into it. A forked child goes on with "
	       "a private copy in ordinary memory. Programs that it starts have heaps in ordinary "
	       "memory, unless --children is given. The exit status is that of PROGRAM, 128 + n "
	       "when signal n killed it, 127 when it is not found, 1 when it did not use the heap.",
	.children = children,
};

/* ---- what is handed down ------------------------------------------------------------- */

/* A duplicate that is inherited, at a number where it is in nobody's way. */
static int hand_down(int fd)
{
	int copy = fcntl(fd, F_DUPFD, FD_LOW);

	return copy >= 0 ? copy : fcntl(fd, F_DUPFD, 0);
}

static int make_page(struct malloc_page **page)
{
	int fd = memfd_create("memrig-run", MFD_CLOEXEC), copy = -1;
	void *map = MAP_FAILED;

	if (fd >= 0 && !ftruncate(fd, sizeof(**page)))
		map = mmap(NULL, sizeof(**page), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (map != MAP_FAILED)
		copy = hand_down(fd);
	if (fd >= 0)
		close(fd);
	if (copy < 0) {
		fail("no page to share with the program: %s", strerror(errno));
		return -1;
	}
	*page = map;
	(*page)->magic = MALLOC_PAGE_MAGIC;
	return copy;
}

static int make_region(memrig_t *rig, struct run_args *args)
{
	struct memrig_region_create *create = &args->region.create;
	memrig_region_t *region;
	int fd;

	if (!create->kind)
		create->kind = MEMRIG_KIND_PAGES;
	if (region_args_create(rig, &args->region, &region))
		return -1;
	fd = hand_down(memrig_region_fd(region));
	if (fd < 0)
		fail("cannot pass the region on: %s", strerror(errno));
	memrig_region_close(region);
	return fd;
}

static int make_window(memrig_t *rig, struct run_args *args)
{
	int fd;

	if (window_args_create(rig, &args->region, &args->window.args, &args->window.window))
		return -1;
	fd = hand_down(memrig_window_fd(args->window.window));
	if (fd < 0)
		fail("cannot pass the window on: %s", strerror(errno));
	return fd;
}

/* What the heap is to be on: a descriptor for the program, or -1 after saying why there is none. */
static int make_memory(struct run_args *args)
{
	memrig_t *rig;
	int fd;

	if (open_rig(&rig)) {
		fail("memory of the program needs no device; try: --attr memory");
		return -1;
	}
	fd = args->window.args.bytes ? make_window(rig, args) : make_region(rig, args);
	memrig_close(rig);
	return fd;
}

static int set_environment(const struct run_args *args, int page_fd, int memory_fd)
{
	const struct memrig_region_create *create = &args->region.create;
	uint64_t window = args->window.args.bytes;
	const char *attr = args->memory || window ? "memory" : memrig_attr_name(create->attr);
	char memory[96] = "";
	char *conf;
	int ret;

	if (window)
		snprintf(memory, sizeof(memory), ",window=%d", memory_fd);
	else if (memory_fd >= 0)
		snprintf(memory, sizeof(memory), ",kind=%s,region=%d",
			 memrig_kind_name(create->kind), memory_fd);
	ret = asprintf(&conf, "attr=%s,size=%llu,placement=%s,hardening=%u,page=%d%s%s%s%s%s", attr,
		       (unsigned long long)(window ? window : create->length),
		       memrig_placement_name(args->placement), args->hardening, page_fd, memory,
		       args->children ? ",children" : "", args->stats ? ",stats" : "",
		       common.device ? ",device=" : "", common.device ? common.device : "");
	if (ret < 0)
		return fail("out of memory");
	ret = setenv(MALLOC_ENV, conf, 1);
	free(conf);
	if (ret)
		return fail("out of memory");
	return preload_set("libmemrig-malloc.so", "MEMRIG_MALLOC_LIB");
}

/* A program that was not there says so itself; one that was there should have used the heap. */
static int judge(const struct run_args *args, const struct malloc_page *page, int status)
{
	char why[PATH_MAX + 256];

	if (page->owner) {
		run_report(page, args->window.window ? &args->window : NULL, status, args->stats);
		return status;
	}
	if (status == EXIT_NOT_RUN || status == EXIT_NOT_RUN + 1)
		return status;
	record_why_nothing(args->argv[0], "allocates nothing, or brings its own allocator", why,
			   sizeof(why));
	return fail("the heap was not used: %s", why);
}

/* The program, recorded if that is wanted. */
static int run(struct run_args *args)
{
	struct run_window *window = &args->window;
	int status;

	if (!window->record_file)
		return child_run(args->argv);
	if (window_record_start(&window->record, window->record_file,
				memrig_window_fd(window->window)))
		return -1;
	status = child_run(args->argv);
	if (window_record_stop(&window->record))
		return -1;
	window_record_report(&window->record);
	return status;
}

int cmd_run(int argc, char **argv)
{
	struct run_args args = {
		.region.create = {
			.size = sizeof(args.region.create),
			.node = MEMRIG_NODE_ANY,
		},
		.placement = MEMRIG_PLACEMENT_OOB,
		.hardening = 1,
	};
	int page_fd, memory_fd = -1, status;
	struct malloc_page *page;

	argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, &args);
	args.stats |= common.json;
	if (!args.region.create.length && !args.window.args.bytes)
		args.region.create.length = args.memory ? RUN_DEFAULT_MEMORY : RUN_DEFAULT_REGION;
	if (!args.memory) {
		memory_fd = make_memory(&args);
		if (memory_fd < 0)
			return EXIT_FAILURE;
	}
	page_fd = make_page(&page);
	if (page_fd < 0 || set_environment(&args, page_fd, memory_fd))
		return EXIT_FAILURE;
	status = run(&args);
	return status < 0 ? EXIT_FAILURE : judge(&args, page, status);
}
