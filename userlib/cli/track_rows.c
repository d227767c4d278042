// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Listing tracked blocks.
 */
#include <time.h>

#include <memrig/track_json.h>

#include "object_rows.h"
#include "track_rows.h"

/* clang-format off */
static const struct column columns[] = {
	{ "offset", "OFFSET", false },
	{ "bytes", "ASKED", false },
	{ "usable", "BYTES", false },
	{ "age_ms", "AGE/MS", false },
	{ "client", "CLIENT", false },
	{ "pid", "PID", false },
	{ "comm", "TASK", false },
	{ "site", "SITE", false },
	{ "state", "STATE", false },
};

/* clang-format on */

static uint64_t boot_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

/* What people read, from what the library knows. */
static void complete(struct json_object *row, uint64_t now)
{
	uint64_t when = row_u64(row, "when_ns");
	const char *state = "live";

	if (when)
		json_set_u64(row, "age_ms", now > when ? (now - when) / 1000000 : 0);
	else
		json_set_text(row, "age_ms", NULL);
	if (row_u64(row, "queued"))
		state = "queued";
	else if (row_u64(row, "kept"))
		state = "kept";
	json_set_text(row, "state", state);
}

static int by_age(const void *a, const void *b)
{
	uint64_t x = row_u64(*(struct json_object *const *)a, "when_ns");
	uint64_t y = row_u64(*(struct json_object *const *)b, "when_ns");

	return (x > y) - (x < y);
}

int track_rows(memrig_heap_t *heap, struct json_object **rows)
{
	uint64_t now = boot_ns();
	size_t i;

	*rows = memrig_heap_track_json(heap);
	if (!*rows)
		return memrig_failure()->error;
	for (i = 0; i < json_object_array_length(*rows); i++)
		complete(json_object_array_get_idx(*rows, i), now);
	json_object_array_sort(*rows, by_age);
	return 0;
}

void track_rows_print(struct json_object *rows)
{
	list_print(rows, columns, ARRAY_SIZE(columns), "no live blocks");
}
