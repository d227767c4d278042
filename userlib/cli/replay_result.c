// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A comparison in a file.
 */
#include "replay_result.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "util.h"

struct json_object *replay_member(struct json_object *object, const char *key)
{
	struct json_object *value = NULL;

	if (json_object_is_type(object, json_type_object))
		json_object_object_get_ex(object, key, &value);
	return value;
}

size_t replay_length(struct json_object *array)
{
	return json_object_is_type(array, json_type_array) ? json_object_array_length(array) : 0;
}

struct json_object *replay_element(struct json_object *array, size_t i)
{
	return i < replay_length(array) ? json_object_array_get_idx(array, i) : NULL;
}

const char *replay_text(struct json_object *object, const char *key)
{
	struct json_object *value = replay_member(object, key);

	return value ? json_object_get_string(value) : "";
}

uint64_t replay_number(struct json_object *object, const char *key)
{
	return json_object_get_uint64(replay_member(object, key));
}

struct json_object *replay_result_rows(struct json_object *result)
{
	return replay_member(result, "rows");
}

int replay_result_save(struct json_object *result, const char *path)
{
	if (json_object_to_file_ext(path, result, JSON_C_TO_STRING_NOSLASHESCAPE))
		return fail("%s cannot be written: %s", path, strerror(errno));
	return 0;
}

/* Digits, as many as in every other picture. */
static bool is_picture(struct json_object *picture, size_t cells)
{
	const char *digits = json_object_get_string(picture);

	return json_object_is_type(picture, json_type_string) && cells && strlen(digits) == cells &&
	       strspn(digits, "0123456789") == cells;
}

/* The columns of a series are of one length, and there is a picture for each entry. */
static bool is_series(struct json_object *series, struct json_object *map)
{
	struct json_object *first = replay_element(map, 0);
	size_t length = replay_length(map), i;
	size_t cells = first ? strlen(json_object_get_string(first)) : 0;

	if (!json_object_is_type(series, json_type_object) ||
	    !json_object_is_type(map, json_type_array))
		return false;
	json_object_object_foreach(series, name, column) {
		(void)name;
		if (!json_object_is_type(column, json_type_array) ||
		    replay_length(column) != length)
			return false;
	}
	for (i = 0; i < length; i++) {
		if (!is_picture(replay_element(map, i), cells))
			return false;
	}
	return true;
}

static bool is_row(struct json_object *row)
{
	struct json_object *series = replay_member(row, "series");
	struct json_object *map = replay_member(row, "map");

	if (!replay_member(row, "allocator") || !replay_member(row, "memory") ||
	    !json_object_is_type(replay_member(row, "costs"), json_type_object))
		return false;
	return (!series && !map) || is_series(series, map);
}

static bool is_result(struct json_object *result)
{
	struct json_object *rows = replay_result_rows(result);
	size_t i;

	if (!json_object_is_type(rows, json_type_array) || !replay_member(result, "good") ||
	    !json_object_is_type(replay_member(result, "trace"), json_type_object))
		return false;
	for (i = 0; i < replay_length(rows); i++) {
		if (!is_row(replay_element(rows, i)))
			return false;
	}
	return true;
}

int replay_result_load(const char *path, struct json_object **result)
{
	errno = 0;
	*result = json_object_from_file(path);
	if (!*result && errno)
		return fail("%s cannot be read: %s", path, strerror(errno));
	if (!is_result(*result)) {
		json_object_put(*result);
		return fail("%s is not what memrig replay --save wrote", path);
	}
	return 0;
}

static void write_row(FILE *out, struct json_object *row)
{
	struct json_object *series = replay_member(row, "series");
	size_t i, length = 0;

	if (series)
		length = replay_length(replay_member(row, "map"));
	for (i = 0; i < length; i++) {
		fprintf(out, "%s,%s", replay_text(row, "attr"), replay_text(row, "engine"));
		json_object_object_foreach(series, name, column) {
			(void)name;
			fprintf(out, ",%" PRIu64,
				json_object_get_uint64(replay_element(column, i)));
		}
		fputc('\n', out);
	}
}

static void write_head(FILE *out, struct json_object *rows)
{
	struct json_object *series = replay_member(replay_element(rows, 0), "series");

	fputs("attr,engine", out);
	if (series) {
		json_object_object_foreach(series, name, column) {
			(void)column;
			fprintf(out, ",%s", name);
		}
	}
	fputc('\n', out);
}

int replay_result_series(struct json_object *result, const char *path)
{
	struct json_object *rows = replay_result_rows(result);
	FILE *out = fopen(path, "we");
	size_t i;
	int bad;

	if (!out)
		return fail("%s cannot be written: %s", path, strerror(errno));
	write_head(out, rows);
	for (i = 0; i < replay_length(rows); i++)
		write_row(out, replay_element(rows, i));
	bad = ferror(out);
	if (fclose(out) || bad)
		return fail("%s cannot be written: %s", path, strerror(errno));
	return 0;
}
