// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The memrig command: a table of subcommands. Each parses its own options with argp.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "util.h"

static int cmd_version(int argc, char **argv);
static int cmd_help(int argc, char **argv);

static const struct command commands[] = {
	{ NULL, "caps", cmd_caps, "what this machine and module can give" },
	{ NULL, "config", cmd_config, "each Zephyr CONFIG_ name and what is in force here" },
	{ "region", "create", cmd_region_create, "take memory, named or for one command" },
	{ "region", "list", cmd_region_list, "regions you own or could open" },
	{ "region", "show", cmd_region_show, "everything about one region" },
	{ "region", "rm", cmd_region_rm, "remove named regions" },
	{ "region", "suspend", cmd_region_suspend, "switch powered ones off: a touch is SIGBUS" },
	{ "region", "resume", cmd_region_resume, "switch them on again" },
	{ "attr", "names", cmd_attr_names, "attributes that regions can be chosen by" },
	{ "attr", "name", cmd_attr_name, "name one of the custom ones" },
	{ "attr", "clear", cmd_attr_clear, "take such a name away" },
	{ "create", "heap", cmd_create, "a sys_heap over a region: held, driven, or inherited" },
	{ "create", "slab", cmd_create, "blocks of one size" },
	{ "create", "blocks", cmd_create, "runs of equal blocks" },
	{ "create", "ring", cmd_create, "for streams: space comes back in order" },
	{ "create", "msgpool", cmd_create, "messages of one size, and their queue" },
	{ "create", "stream", cmd_create, "a ring with its queue: reserve, commit, get, done" },
	{ "create", "first-fit", cmd_create, "the first hole that is large enough, to compare" },
	{ "create", "best-fit", cmd_create, "the smallest hole that is large enough, to compare" },
	{ "create", "multi", cmd_create_multi, "several of these, rules choose" },
	{ "create", "smart", cmd_create_multi, "tiers of slabs with a heap behind them" },
	{ "create", "priority", cmd_create_multi,
	  "levels of memory, urgent requests fall further" },
	{ "create", "shared", cmd_create_multi, "memory by attribute" },
	{ NULL, "drive", cmd_drive, "drive an allocator that is there" },
	{ NULL, "stat", cmd_stat, "figures of one object, or of all" },
	{ NULL, "top", cmd_top, "all objects of all kinds, live" },
	{ NULL, "map", cmd_map, "draw the blocks of an allocator" },
	{ NULL, "leaks", cmd_leaks, "who has which block, since when, and from where" },
	{ "heap", "create", cmd_create, "the same as create heap" },
	{ "heap", "list", cmd_heap_list, "heaps of running processes" },
	{ "heap", "stat", cmd_heap_stat, "figures of a heap of a running process" },
	{ "heap", "map", cmd_map, "draw its blocks" },
	{ "heap", "blocks", cmd_heap_blocks, "list its blocks" },
	{ "heap", "validate", cmd_heap_validate, "check its bookkeeping" },
	{ NULL, "probe", cmd_probe,
	  "attributes asked, as the page tables have them, and measured" },
	{ NULL, "run", cmd_run, "run a program whose heap is on memory of your choice" },
	{ NULL, "record", cmd_record, "run a program and record its allocations" },
	{ NULL, "replay", cmd_replay, "do them again on memory of every attribute, and compare" },
	{ "window", "create", cmd_window_create,
	  "more pages than frames: held, or for one command" },
	{ "window", "list", cmd_window_list, "windows you have made" },
	{ "window", "stat", cmd_window_stat, "figures of one, or of all there were" },
	{ "window", "top", cmd_window_top, "what all of them do, live" },
	{ "window", "map", cmd_window_map, "draw where the pages of one are" },
	{ "window", "hist", cmd_window_hist, "how long choosing, reading, writing takes" },
	{ "window", "policy", cmd_window_policy, "choose which pages leave from now on" },
	{ "window", "kinds", cmd_window_kinds, "policies and stores that there are" },
	{ "window", "record", cmd_window_record, "write down what happens in windows" },
	{ "window", "report", cmd_window_report, "draw what was written down" },
	{ NULL, "evict-sim", cmd_evict_sim, "play page uses to the eviction policies" },
	{ NULL, "demo", cmd_demo, "all of it once: probe, record, replay, draw" },
	{ NULL, "version", cmd_version, "version of the command and of the module" },
	{ NULL, "help", cmd_help, "this overview; memrig COMMAND --help for one command" },
};

/* The commands of one group, or all. */
static void list_commands(FILE *out, const char *group)
{
	char words[32];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		if (group && (!commands[i].group || strcmp(commands[i].group, group)))
			continue;
		snprintf(words, sizeof(words), "%s%s%s", commands[i].group ?: "",
			 commands[i].group ? " " : "", commands[i].name);
		fprintf(out, "  %-17s  %s\n", words, commands[i].summary);
	}
}

static void overview(FILE *out)
{
	fputs("memrig - Zephyr's allocators on real memory\n\n"
	      "usage: memrig COMMAND [OPTION...]\n\n",
	      out);
	list_commands(out, NULL);
	fputs("\nSizes take K, M, G; listings take --json. Status: 0 done, 1 failed, 2 usage.\n",
	      out);
}

static int cmd_help(int argc, char **argv)
{
	overview(stdout);
	return EXIT_SUCCESS;
}

/* Says what it can without a device: its absence is an answer here, not an error. */
static int cmd_version(int argc, char **argv)
{
	static const struct argp argp = {
		.children = common_children,
		.doc = "Print the versions of command, library and module interface.",
	};
	static const struct column columns[] = {
		{ "command", "command", false },
		{ "library", "library", false },
		{ "interface", "interface, as built", false },
		{ "module_interface", "interface, module", false },
	};
	struct memrig_caps caps = { .size = sizeof(caps) };
	struct json_object *record;
	memrig_t *rig;

	argp_parse(&argp, argc, argv, 0, NULL, NULL);
	record = json_object_new_object();
	json_set_text(record, "command", MEMRIG_VERSION_STRING);
	json_set_text(record, "library", memrig_version());
	json_set_u64(record, "interface", MEMRIG_UAPI_VERSION);
	json_set_text(record, "module_interface", NULL);
	if (!(common.device ? memrig_open_path(common.device, &rig) : memrig_open(&rig))) {
		if (!memrig_caps(rig, &caps))
			json_set_u64(record, "module_interface", caps.version);
		memrig_close(rig);
	}
	record_print(record, columns, ARRAY_SIZE(columns));
	return EXIT_SUCCESS;
}

/* The row that the first words name, and how many words those are. */
static const struct command *find_command(int argc, char **argv, int *words)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		const struct command *row = &commands[i];

		*words = row->group ? 2 : 1;
		if (argc <= *words || strcmp(argv[*words], row->name))
			continue;
		if (!row->group || !strcmp(argv[1], row->group))
			return row;
	}
	return NULL;
}

static bool is_group(const char *word)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(commands); i++)
		if (commands[i].group && !strcmp(commands[i].group, word))
			return true;
	return false;
}

/* What was written is no command; with a group alone the rest of it may have been forgotten. */
static int no_command(int argc, char **argv)
{
	const char *second = argc > 2 ? argv[2] : "";
	bool group = is_group(argv[1]);

	if (group && (!strcmp(second, "--help") || !strcmp(second, "-h"))) {
		list_commands(stdout, argv[1]);
		return EXIT_SUCCESS;
	}
	if (group && !*second)
		fail("memrig %s what? one of:", argv[1]);
	else
		fail("there is no command '%s%s%s'; %s", argv[1], *second ? " " : "", second,
		     group ? "there are:" : "see memrig help");
	if (group)
		list_commands(stderr, argv[1]);
	return EXIT_USAGE;
}

static int run(int argc, char **argv)
{
	const struct command *command;
	static char name[64];
	int words;

	if (argc < 2) {
		overview(stderr);
		return EXIT_USAGE;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))
		return cmd_help(argc, argv);
	if (!strcmp(argv[1], "--version"))
		argv[1] = (char *)"version";
	command = find_command(argc, argv, &words);
	if (!command)
		return no_command(argc, argv);
	snprintf(name, sizeof(name), "memrig %s%s%s", command->group ?: "",
		 command->group ? " " : "", command->name);
	argv[words] = name;
	return command->run(argc - words, argv + words);
}

int main(int argc, char **argv)
{
	int status;

	argp_err_exit_status = EXIT_USAGE;
	status = run(argc, argv);
	errno = 0;
	/* An answer that is not on the disk is no answer. */
	if ((fflush(stdout) || ferror(stdout)) && !status)
		status = fail("the answer could not be written%s%s", errno ? ": " : "",
			      errno ? strerror(errno) : "");
	return status;
}
