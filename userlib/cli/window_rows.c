// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Windows as rows, and as numbers on the command line.
 */
#include "window_rows.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LIST_PART 32

const char *window_kind_name(memrig_t *rig, uint32_t what, uint32_t number,
			     struct memrig_window_kind *kind)
{
	const char *name = what == MEMRIG_KIND_OF_POLICY ? memrig_policy_name(number)
							 : memrig_store_name(number);

	if (strcmp(name, "?"))
		return name;
	*kind = (struct memrig_window_kind){ .size = sizeof(*kind) };
	if (memrig_window_kind(rig, what, number, kind) || kind->number != number)
		return "?";
	return (const char *)kind->name;
}

/* "nru, lru, ..." */
static void kind_names(memrig_t *rig, uint32_t what, char *buf, size_t room)
{
	struct memrig_window_kind kind = { .size = sizeof(kind) };
	size_t used = 0;

	buf[0] = '\0';
	for (kind.number = 0; used < room && !memrig_window_kind(rig, what, kind.number, &kind);
	     kind.number++)
		used += (size_t)snprintf(buf + used, room - used, "%s%s", used ? ", " : "",
					 (const char *)kind.name);
}

int window_kind_number(memrig_t *rig, uint32_t what, const char *option, const char *name,
		       struct memrig_window_kind *kind)
{
	char names[512];
	int ret;

	*kind = (struct memrig_window_kind){ .size = sizeof(*kind) };
	if (what == MEMRIG_KIND_OF_POLICY && !strcmp(name, "default"))
		return 0;
	ret = memrig_window_kind_find(rig, what, name, kind);
	if (!ret)
		return 0;
	if (ret != -ENOENT)
		return report();
	kind_names(rig, what, names, sizeof(names));
	fail("%s: '%s' is none of %s%s", option, name, names,
	     what == MEMRIG_KIND_OF_POLICY ? ", default" : "");
	return EXIT_USAGE;
}

/* ---- rows ---------------------------------------------------------------------------- */

/* Bytes of pages in the store for each byte that they take. */
static void set_ratio(struct json_object *row, const struct memrig_window_stat *stat, uint64_t page)
{
	if (stat->stored_bytes)
		json_set_double(row, "ratio",
				(double)(stat->stored * page) / (double)stat->stored_bytes);
	else
		json_set_text(row, "ratio", NULL);
}

static void set_shape(memrig_t *rig, struct json_object *row, const struct memrig_window_stat *stat)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	struct memrig_window_kind kind;

	json_set_u64(row, "id", stat->id);
	json_set_u64(row, "region_id", stat->region_id);
	json_set_u64(row, "bytes", stat->pages * page);
	json_set_u64(row, "frame_bytes", stat->frames * page);
	json_set_u64(row, "pages", stat->pages);
	json_set_u64(row, "frames", stat->frames);
	json_set_text(row, "policy",
		      window_kind_name(rig, MEMRIG_KIND_OF_POLICY, stat->policy, &kind));
	json_set_text(row, "store",
		      window_kind_name(rig, MEMRIG_KIND_OF_STORE, stat->store, &kind));
	json_set_bool(row, "read_only", stat->window_flags & MEMRIG_WINDOW_READ_ONLY);
	json_set_bool(row, "serial", stat->window_flags & MEMRIG_WINDOW_SERIAL);
	json_set_bool(row, "thread_stats", stat->window_flags & MEMRIG_WINDOW_THREAD_STATS);
	json_set_u64(row, "clients", stat->clients);
	json_set_u64(row, "mappings", stat->mappings);
	json_set_u64(row, "uid", stat->uid);
	json_set_u64(row, "pid", stat->pid);
	json_set_u64(row, "stored_bytes", stat->stored_bytes);
	set_ratio(row, stat, page);
}

struct json_object *window_row(memrig_t *rig, const struct memrig_window_stat *stat)
{
	const struct {
		const char *key;
		uint64_t value;
	} figures[] = {
		{ "free_frames", stat->free_frames },
		{ "resident", stat->resident },
		{ "moving", stat->moving },
		{ "queued", stat->queued },
		{ "pinned", stat->pinned },
		{ "stored", stat->stored },
		{ "faults", stat->faults },
		{ "faults_user", stat->faults_user },
		{ "faults_kernel", stat->faults_kernel },
		{ "faults_isr", stat->faults_isr },
		{ "evictions", stat->evict_clean + stat->evict_dirty },
		{ "evict_clean", stat->evict_clean },
		{ "evict_dirty", stat->evict_dirty },
		{ "soft_faults", stat->soft_faults },
		{ "zeroed", stat->zeroed },
		{ "page_ins", stat->page_ins },
		{ "page_outs", stat->page_outs },
		{ "in_errors", stat->in_errors },
		{ "out_errors", stat->out_errors },
		{ "waits", stat->waits },
		{ "held", stat->held },
		{ "sigbus", stat->sigbus },
		{ "fault_arounds", stat->fault_arounds },
		{ "read_aheads", stat->read_aheads },
		{ "read_ahead_hits", stat->read_ahead_hits },
		{ "cleaned", stat->cleaned },
		{ "erases", stat->erases },
		{ "store_moves", stat->store_moves },
		{ "wear_most", stat->wear_most },
	};
	struct json_object *row = json_object_new_object();
	size_t i;

	set_shape(rig, row, stat);
	for (i = 0; i < ARRAY_SIZE(figures); i++)
		json_set_u64(row, figures[i].key, figures[i].value);
	json_set_text(row, "last_reason",
		      stat->sigbus ? memrig_reason_name(stat->last_reason) : NULL);
	return row;
}

struct json_object *window_rows(memrig_t *rig)
{
	struct memrig_window_stat part[LIST_PART] = { { .size = sizeof(part[0]) } };
	struct json_object *rows = json_object_new_array();
	uint64_t cursor = 0;
	int n, i;

	while ((n = memrig_window_list(rig, &cursor, part, LIST_PART)) > 0) {
		for (i = 0; i < n; i++)
			json_object_array_add(rows, window_row(rig, &part[i]));
		part[0].size = sizeof(part[0]);
	}
	if (!n)
		return rows;
	json_object_put(rows);
	return NULL;
}

/* ---- numbers ------------------------------------------------------------------------- */

uint64_t window_id_option(const struct argp_state *state, const char *text)
{
	unsigned long long id;
	char *end;

	errno = 0;
	id = strtoull(text, &end, 10);
	if (errno || *end || *text < '0' || *text > '9')
		argp_error(state, "'%s' is no number of a window; see memrig window list", text);
	return id;
}

error_t window_id_parse(int key, char *arg, struct argp_state *state, struct window_id *id)
{
	switch (key) {
	case ARGP_KEY_ARG:
		if (id->given)
			argp_error(state, "'%s'? one window", arg);
		id->id = window_id_option(state, arg);
		id->given = true;
		return 0;
	case ARGP_KEY_END:
		if (!id->given)
			argp_error(state, "which window? see memrig window list");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

int window_id_use(const struct window_id *id,
		  int (*use)(memrig_t *rig, memrig_window_t *window, void *args), void *args)
{
	memrig_window_t *window;
	memrig_t *rig;
	int ret;

	if (open_rig(&rig))
		return EXIT_FAILURE;
	if (memrig_window_open(rig, id->id, &window)) {
		ret = report();
	} else {
		ret = use(rig, window, args);
		memrig_window_close(window);
	}
	memrig_close(rig);
	return ret;
}
