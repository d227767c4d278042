// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * memrig demo: all of it once, on this machine. Regions of every attribute, a real program
 * recorded, replayed on each of them, and the picture of a heap at the moment it is fullest.
 *
 * It fails when anything is not as it should be: an attribute that is not in the page tables, a
 * refused request, a wrong byte, memory that is not given back.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "blockmap.h"
#include "commands.h"
#include "record_run.h"
#include "replay_compare.h"
#include "util.h"

#define MAP_LINES  6
#define ARGS_MAX   5
#define PLACEMENTS 2

/**
 * struct candidate - a program worth recording
 * @argv: how to start it
 * @what: what it does
 */
struct candidate {
	const char *argv[ARGS_MAX];
	const char *what;
};

/* Sized so that a region for it is at most 4 MiB: all the coherent memory there is without CMA. */
static const char sql[] =
	"create table t(id integer primary key, name text, price real, note text);"
	"with recursive n(i) as (select 1 union all select i + 1 from n where i < 2600)"
	"  insert into t select i, hex(randomblob(1 + i % 23)), i * 7919 % 1000 / 10.0,"
	"    substr(hex(zeroblob(300)), 1, i * 31 % 500) from n;"
	"create index by_name on t(name);"
	"create index by_price on t(price, name);"
	"select substr(name, 1, 2), count(*), avg(price) from t group by 1 order by 2 desc limit 20;"
	"update t set note = note || note where id % 5 = 0;"
	"delete from t where id % 3 = 0;"
	"select group_concat(name, ',') from (select name from t order by price, name limit 1000);";

static const struct candidate candidates[] = {
	{ { "sqlite3", ":memory:", sql, NULL },
	  "a database in memory: insert, index, group, update, delete" },
	{ { "python3", "-c", "import json; [json.dumps({'k': i}) for i in range(9999)]", NULL },
	  "writing JSON" },
	{ { "perl", "-e", "push @x, { k => $_ } for 1 .. 20000", NULL }, "an array of hashes" },
	{ { "memrig", "config", "--json", NULL }, "this command itself" },
};

static const char *const placements[PLACEMENTS] = { "inband", "oob" };
static const char *const kind_names[] = { "cached", "wc", "uncached", "coherent" };

static void heading(unsigned int number, const char *text)
{
	printf("\n%s %u. %s\n\n", use_unicode() ? "━━━" : "---", number, text);
	fflush(stdout);
}

/* ---- the program --------------------------------------------------------------------- */

static bool try_candidate(const struct candidate *candidate, struct record_request *request)
{
	char *argv[ARGS_MAX];
	struct stat st;
	char path[PATH_MAX];
	int status, i;

	if (!record_find_program(candidate->argv[0], path))
		return false;

	for (i = 0; i < ARGS_MAX; i++)
		argv[i] = (char *)candidate->argv[i];
	request->argv = argv;
	request->only_first = true;
	request->quiet = true;
	return !record_run(request, &status) && WIFEXITED(status) && !WEXITSTATUS(status) &&
	       !stat(request->path, &st);
}

static int record_program(const char *directory, struct record_request *request)
{
	char name[PATH_MAX];
	size_t i;

	snprintf(name, sizeof(name), "%s/demo.trace", directory);
	if (record_set_path(request, name))
		return EXIT_FAILURE;
	for (i = 0; i < ARRAY_SIZE(candidates); i++) {
		const struct candidate *candidate = &candidates[i];

		if (try_candidate(candidate, request)) {
			printf("%s: %s\n", candidate->argv[0], candidate->what);
			return 0;
		}
		printf("%s cannot be recorded here, another program has to do\n",
		       candidate->argv[0]);
	}
	return fail("no program could be recorded");
}

static void load_trace(void *arg, const char *path, const struct replay_trace *trace, bool running)
{
	char peak[SIZE_TEXT];

	(void)arg;
	(void)path;
	(void)running;
	printf("%" PRIu64 " allocations, %" PRIu64 " reallocations, %" PRIu64
	       " frees; at most %s in %" PRIu64 " blocks live\n",
	       trace->commit.allocs, trace->commit.reallocs, trace->commit.frees,
	       format_size(trace->peak_bytes, peak), trace->peak_blocks);
}

static int get_trace(const char *directory, struct replay_trace *trace)
{
	struct record_request request = { 0 };
	char why[256];

	if (record_program(directory, &request) || record_each(&request, load_trace, NULL) != 1)
		return EXIT_FAILURE;
	if (replay_trace_load(request.path, trace, why, sizeof(why)))
		return fail("%s %s", request.path, why);
	return 0;
}

/* ---- the replay ---------------------------------------------------------------------- */

/* Is that what was asked for? What x86 and arm64 call it differs. */
static bool is_honest(const struct replay_kind *kind, uint32_t type)
{
	if (kind->kind == MEMRIG_KIND_COHERENT)
		return type == MEMRIG_MEMTYPE_WB || type == MEMRIG_MEMTYPE_NORMAL_NC;
	switch (kind->attr) {
	case MEMRIG_ATTR_WRITE_COMBINE:
		return type == MEMRIG_MEMTYPE_WC || type == MEMRIG_MEMTYPE_NORMAL_NC;
	case MEMRIG_ATTR_UNCACHED:
		return type == MEMRIG_MEMTYPE_UC_MINUS || type == MEMRIG_MEMTYPE_UC ||
		       type == MEMRIG_MEMTYPE_NORMAL_NC;
	default:
		return type == MEMRIG_MEMTYPE_WB;
	}
}

static int read_map(struct replay_pass *pass)
{
	unsigned int width = terminal_width() - BLOCKMAP_MARGIN;

	return blockmap_read(pass->heap, width * MAP_LINES, pass->arg) ? -EIO : 0;
}

static int replay_all(struct replay_plan *plan, const struct memrig_caps *caps,
		      struct blockmap maps[PLACEMENTS])
{
	struct json_object *rows = json_object_new_array();
	struct replay_row row;
	unsigned int p;
	int ret = 0;
	size_t i;

	for (i = 0; !ret && i < ARRAY_SIZE(kind_names); i++) {
		const struct replay_kind *kind = replay_kind_find(kind_names[i]);

		if (!replay_kind_available(caps, kind)) {
			printf("%s memory cannot be had on this machine\n", kind->name);
			continue;
		}
		for (p = 0; !ret && p < PLACEMENTS; p++) {
			plan->at_peak = strcmp(kind->name, "uncached") ? NULL : read_map;
			plan->arg = &maps[p];
			ret = replay_compare(plan, kind, replay_engine_find(placements[p]), &row);
			if (ret)
				break;
			json_object_array_add(rows, replay_row_json(&row));
			ret = replay_row_judge(&row, plan->bytes, false);
			replay_row_free(&row);
			if (!is_honest(kind, row.type))
				ret = fail("%s memory is %s in the page tables", kind->name,
					   memrig_memtype_name(row.type));
		}
	}
	replay_print_rows(rows);
	if (!ret)
		puts("content  every byte of every block was read back as written");
	return ret;
}

static void draw_maps(struct blockmap maps[PLACEMENTS])
{
	static const char *const titles[PLACEMENTS] = {
		"uncached memory, headers between the blocks",
		"uncached memory, headers outside the blocks",
	};
	unsigned int i;

	for (i = 0; i < PLACEMENTS; i++) {
		if (!maps[i].cells)
			continue;
		printf("%s%s\n", i ? "\n" : "", titles[i]);
		blockmap_draw(stdout, &maps[i], terminal_width() - BLOCKMAP_MARGIN);
		blockmap_free(&maps[i]);
	}
}

/* ---- the whole ----------------------------------------------------------------------- */

static int show_attributes(void)
{
	char *argv[6] = { (char *)"memrig probe", (char *)"--time", (char *)"20", (char *)"--size",
			  (char *)"2M" };

	return cmd_probe(5, argv);
}

static int check_given_back(memrig_t *rig, const struct memrig_caps *before)
{
	struct memrig_caps after = { .size = sizeof(after) };
	char text[SIZE_TEXT];

	if (memrig_caps(rig, &after))
		return report();
	format_size(after.used_bytes, text);
	if (after.used_bytes > before->used_bytes)
		return fail("%s are in use, more than before", text);
	printf("All regions are given back: %s in use, as before.\n", text);
	return 0;
}

static int run_steps(memrig_t *rig, const char *directory)
{
	struct memrig_caps caps = { .size = sizeof(caps) };
	struct blockmap maps[PLACEMENTS] = { 0 };
	struct replay_plan plan = { .rig = rig, .params = { .hardening = 1 }, .repeat = 5 };
	struct replay_trace trace;
	int ret;

	if (memrig_caps(rig, &caps))
		return report();
	heading(1, "A region of each attribute: asked, in the page tables, measured");
	if (show_attributes())
		return EXIT_FAILURE;
	heading(2, "A real program, recorded");
	if (get_trace(directory, &trace))
		return EXIT_FAILURE;
	heading(3, "The same requests on real regions of each attribute, headers in both places");
	plan.trace = &trace;
	plan.bytes = replay_default_bytes(&trace);
	ret = replay_all(&plan, &caps, maps);
	if (!ret) {
		heading(4, "The blocks at the moment the program needs most");
		draw_maps(maps);
		puts("");
		ret = check_given_back(rig, &caps);
	}
	replay_trace_free(&trace);
	return ret;
}

static void remove_directory(const char *directory)
{
	char name[PATH_MAX];

	snprintf(name, sizeof(name), "%s/demo.trace", directory);
	unlink(name);
	rmdir(directory);
}

int cmd_demo(int argc, char **argv)
{
	static const struct argp argp = {
		.children = common_children,
		.doc = "Make a region of each attribute and show what was asked, what the page "
		       "tables say and what it costs; record a real program; replay it on every attribute "
		       "with headers inside and outside the memory; draw the blocks.",
	};
	char directory[] = "/tmp/memrig-demo.XXXXXX";
	memrig_t *rig;
	int ret;

	argp_parse(&argp, argc, argv, 0, NULL, NULL);
	if (common.json) {
		fail("the demonstration has no JSON form; try: memrig probe, or replay, --json");
		return EXIT_USAGE;
	}
	if (open_rig(&rig))
		return EXIT_FAILURE;
	if (!mkdtemp(directory)) {
		memrig_close(rig);
		return fail("%s: %s", directory, strerror(errno));
	}
	ret = run_steps(rig, directory);
	remove_directory(directory);
	memrig_close(rig);
	return ret;
}
