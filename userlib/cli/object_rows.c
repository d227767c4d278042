// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Gathering the rows.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "heap_report.h"
#include "multi_report.h"
#include "object_rows.h"
#include "objects.h"
#include "region_args.h"

#define LIST_PART 64

uint64_t row_u64(struct json_object *row, const char *key)
{
	struct json_object *value;

	return json_object_object_get_ex(row, key, &value) ? json_object_get_uint64(value) : 0;
}

const char *row_text(struct json_object *row, const char *key)
{
	struct json_object *value;

	if (!json_object_object_get_ex(row, key, &value) || !value)
		return "";
	return json_object_get_string(value);
}

/* ---- regions ------------------------------------------------------------------------- */

/* False if there is no device to ask. */
static bool add_regions(struct json_object *rows)
{
	struct memrig_region_info part[LIST_PART] = { { .size = sizeof(part[0]) } };
	struct json_object *row;
	uint64_t cursor = 0;
	memrig_t *rig;
	int n, i;

	if (common.device ? memrig_open_path(common.device, &rig) : memrig_open(&rig))
		return false;
	while ((n = memrig_region_list(rig, &cursor, part, LIST_PART)) > 0) {
		for (i = 0; i < n; i++) {
			row = region_record(rig, &part[i]);
			json_set_text(row, "object", "region");
			json_set_u64(row, "region_id", part[i].id);
			json_object_array_add(rows, row);
		}
	}
	memrig_close(rig);
	return true;
}

/* ---- what is open -------------------------------------------------------------------- */

/* The row of that object, if another descriptor of it was seen before. */
static struct json_object *find_row(struct json_object *rows, const char *type, uint64_t id)
{
	struct json_object *row;
	size_t i;

	for (i = 0; i < json_object_array_length(rows); i++) {
		row = json_object_array_get_idx(rows, i);
		if (row_u64(row, "id") == id && !strcmp(row_text(row, "object"), type))
			return row;
	}
	return NULL;
}

/* The figures that only the object itself has; NULL if the descriptor cannot be duplicated. */
static struct json_object *ask_heap(int fd)
{
	struct json_object *row;
	memrig_heap_t *heap;

	if (memrig_heap_from_fd(fd, &heap)) {
		close(fd);
		return NULL;
	}
	row = heap_record(heap);
	memrig_heap_close(heap);
	return row;
}

static struct json_object *ask_multi(int fd)
{
	struct json_object *row;
	memrig_multi_t *multi;

	if (memrig_multi_from_fd(fd, &multi)) {
		close(fd);
		return NULL;
	}
	row = multi_record(multi);
	memrig_multi_close(multi);
	return row;
}

/* What the fdinfo says, in the words of heap_record(). */
static struct json_object *heap_from_fields(struct json_object *fields)
{
	struct json_object *row = json_object_new_object();
	unsigned long long offset, length;

	json_set_u64(row, "id", row_u64(fields, "heap"));
	json_set_u64(row, "region_id", row_u64(fields, "region"));
	if (sscanf(row_text(fields, "span"), "%llx %llu", &offset, &length) == 2) {
		json_set_u64(row, "offset", offset);
		json_set_u64(row, "length", length);
	}
	json_set_text(row, "engine", row_text(fields, "engine"));
	json_set_text(row, "placement", row_text(fields, "placement"));
	json_set_bool(row, "fenced", !strcmp(row_text(fields, "state"), "fenced"));
	json_set_u64(row, "live_blocks", row_u64(fields, "live_blocks"));
	json_set_u64(row, "waiters", row_u64(fields, "waiters"));
	json_set_u64(row, "queued", row_u64(fields, "queued"));
	json_set_u64(row, "side_bytes", row_u64(fields, "side_bytes"));
	return row;
}

static struct json_object *multi_from_fields(struct json_object *fields)
{
	struct json_object *row = json_object_new_object();

	json_set_u64(row, "id", row_u64(fields, "multi"));
	json_set_u64(row, "files", row_u64(fields, "files"));
	json_set_u64(row, "allocs", row_u64(fields, "allocs"));
	json_set_u64(row, "frees", row_u64(fields, "frees"));
	json_set_u64(row, "failures", row_u64(fields, "failures"));
	return row;
}

/* Regions are listed by the device. */
static int add_object(const struct object_fd *found, struct json_object *fields, void *rows)
{
	bool multi = !strcmp(found->type, "multi");
	struct json_object *row;
	int fd;

	if (!multi && strcmp(found->type, "heap"))
		return 0;
	row = find_row(rows, found->type, row_u64(fields, found->type));
	if (row) {
		json_set_u64(row, "descriptors", row_u64(row, "descriptors") + 1);
		return 0;
	}
	fd = object_dup(found->pid, found->fd);
	row = fd < 0 ? NULL : multi ? ask_multi(fd) : ask_heap(fd);
	if (!row)
		row = multi ? multi_from_fields(fields) : heap_from_fields(fields);
	json_set_text(row, "object", found->type);
	json_set_u64(row, "descriptors", 1);
	json_set_u64(row, "pid", found->pid);
	json_set_u64(row, "fd", found->fd);
	json_set_text(row, "command", found->command);
	json_object_array_add(rows, row);
	return 0;
}

/* ---- all ----------------------------------------------------------------------------- */

static int compare(const void *a, const void *b)
{
	static const char *const order[] = { "region", "heap", "multi" };
	struct json_object *x = *(struct json_object *const *)a;
	struct json_object *y = *(struct json_object *const *)b;
	uint64_t m = row_u64(x, "id"), n = row_u64(y, "id");
	size_t i;

	for (i = 0; i < ARRAY_SIZE(order); i++) {
		bool first = !strcmp(row_text(x, "object"), order[i]);

		if (first != !strcmp(row_text(y, "object"), order[i]))
			return first ? -1 : 1;
	}
	return m < n ? -1 : m > n;
}

struct json_object *object_rows(void)
{
	struct json_object *rows = json_object_new_array();
	bool device = add_regions(rows);

	object_scan(0, NULL, add_object, rows);
	if (!device && !json_object_array_length(rows)) {
		json_object_put(rows);
		return NULL;
	}
	json_object_array_sort(rows, compare);
	return rows;
}
