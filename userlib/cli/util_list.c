// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Listings: JSON values, printed as JSON or as a table.
 */
#include <stdlib.h>
#include <string.h>

#include "util.h"

#define CELL_TEXT 128

void json_print(struct json_object *value)
{
	puts(json_object_to_json_string_ext(value, JSON_C_TO_STRING_PRETTY |
							   JSON_C_TO_STRING_SPACED |
							   JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(value);
}

/* Memory for a listing that cannot be had ends the program: there is nothing useful left to do. */
static void set(struct json_object *object, const char *key, struct json_object *value)
{
	if (json_object_object_add(object, key, value)) {
		fail("out of memory");
		exit(EXIT_FAILURE);
	}
}

void json_set_text(struct json_object *object, const char *key, const char *text)
{
	set(object, key, text ? json_object_new_string(text) : NULL);
}

void json_set_u64(struct json_object *object, const char *key, uint64_t value)
{
	set(object, key, json_object_new_uint64(value));
}

/* Three decimals: what is measured has no more, and 10.8 is not 10.800000000000001. */
void json_set_double(struct json_object *object, const char *key, double value)
{
	char text[CELL_TEXT];

	snprintf(text, sizeof(text), "%.3f", value);
	set(object, key, json_object_new_double_s(value, text));
}

void json_set_bool(struct json_object *object, const char *key, bool value)
{
	set(object, key, json_object_new_boolean(value));
}

/* Appends " item" for every element of an array. */
static void join(struct json_object *array, char *buf, size_t room)
{
	size_t i, used = 0;

	buf[0] = '\0';
	for (i = 0; i < json_object_array_length(array) && used < room; i++) {
		used += snprintf(buf + used, room - used, "%s%s", i ? " " : "",
				 json_object_get_string(json_object_array_get_idx(array, i)));
	}
}

static const char *cell(struct json_object *row, const struct column *column, char buf[CELL_TEXT])
{
	struct json_object *value;

	if (!json_object_object_get_ex(row, column->key, &value) || !value)
		return "-";
	switch (json_object_get_type(value)) {
	case json_type_boolean:
		return json_object_get_boolean(value) ? "yes" : "no";
	case json_type_double:
		snprintf(buf, CELL_TEXT, "%.1f", json_object_get_double(value));
		return buf;
	case json_type_array:
		join(value, buf, CELL_TEXT);
		return buf[0] ? buf : "-";
	case json_type_int:
		if (column->size)
			return format_size(json_object_get_uint64(value), buf);
		/* fall through */
	default:
		snprintf(buf, CELL_TEXT, "%s", json_object_get_string(value));
		return buf[0] ? buf : "-";
	}
}

/* Is every value of the column a number? Such columns are set to the right. */
static bool is_number(struct json_object *rows, const struct column *column)
{
	struct json_object *value;
	bool number = false;
	size_t i;

	for (i = 0; i < json_object_array_length(rows); i++) {
		if (!json_object_object_get_ex(json_object_array_get_idx(rows, i), column->key,
					       &value) ||
		    !value)
			continue;
		if (!json_object_is_type(value, json_type_int) &&
		    !json_object_is_type(value, json_type_double))
			return false;
		number = true;
	}
	return number;
}

/**
 * struct shape - how a column is printed
 * @width: characters
 * @right: set to the right
 */
struct shape {
	int width;
	bool right;
};

static void shape_column(struct json_object *rows, const struct column *column, struct shape *shape)
{
	char buf[CELL_TEXT];
	size_t i;
	int len;

	shape->width = strlen(column->title);
	shape->right = is_number(rows, column);
	for (i = 0; i < json_object_array_length(rows); i++) {
		len = strlen(cell(json_object_array_get_idx(rows, i), column, buf));
		if (len > shape->width)
			shape->width = len;
	}
}

/* One column of one line; the last one leaves no trailing blanks. */
static void print_cell(const char *text, const struct shape *shape, bool last)
{
	if (last && !shape->right)
		printf("%s\n", text);
	else
		printf("%*s%s", shape->right ? shape->width : -shape->width, text,
		       last ? "\n" : "  ");
}

void list_print(struct json_object *rows, const struct column *columns, size_t count,
		const char *empty)
{
	size_t n = json_object_array_length(rows);
	struct shape *shape = calloc(count, sizeof(*shape));
	char buf[CELL_TEXT];
	size_t i, c;

	if (common.json || !shape) {
		json_print(rows);
		free(shape);
		return;
	}
	if (!n)
		puts(empty);
	for (c = 0; c < count; c++)
		shape_column(rows, &columns[c], &shape[c]);
	for (c = 0; n && c < count; c++)
		print_cell(columns[c].title, &shape[c], c + 1 == count);
	for (i = 0; i < n; i++)
		for (c = 0; c < count; c++)
			print_cell(cell(json_object_array_get_idx(rows, i), &columns[c], buf),
				   &shape[c], c + 1 == count);
	free(shape);
	json_object_put(rows);
}

void record_print(struct json_object *record, const struct column *columns, size_t count)
{
	char buf[CELL_TEXT];
	size_t c, width = 0;

	if (common.json) {
		json_print(record);
		return;
	}
	for (c = 0; c < count; c++)
		if (strlen(columns[c].title) > width)
			width = strlen(columns[c].title);
	for (c = 0; c < count; c++)
		printf("%-*s  %s\n", (int)width, columns[c].title, cell(record, &columns[c], buf));
	json_object_put(record);
}
