/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * A comparison as a document: {"trace": what was replayed, "rows": [replay_row_json()...],
 * "good": whether all is as it should be}. It can be kept in a file, so that what was measured on
 * one machine can be looked at, and drawn, on another.
 */
#ifndef MEMRIG_REPLAY_RESULT_H
#define MEMRIG_REPLAY_RESULT_H

#include <json.h>
#include <stdint.h>

/**
 * replay_result_save() - write a comparison to a file
 * @result: document
 * @path: of the file, which is replaced
 *
 * Return: 0, or EXIT_FAILURE after saying why.
 */
int replay_result_save(struct json_object *result, const char *path);

/**
 * replay_result_load() - read one
 * @path: of the file
 * @result: out
 *
 * Return: 0, or EXIT_FAILURE after saying why.
 */
int replay_result_load(const char *path, struct json_object **result);

/**
 * replay_result_series() - write the figures over time of all rows as CSV
 * @result: document
 * @path: of the file, which is replaced
 *
 * Return: 0, or EXIT_FAILURE after saying why.
 */
int replay_result_series(struct json_object *result, const char *path);

/**
 * replay_result_rows() - the rows
 * @result: document
 *
 * Return: an array, which stays the document's.
 */
struct json_object *replay_result_rows(struct json_object *result);

/* Elements of an array: how many, 0 if it is none; one of them, NULL if there is none. */
size_t replay_length(struct json_object *array);
struct json_object *replay_element(struct json_object *array, size_t i);
/* A member of an object, NULL if there is none; its value as text, "" if there is none; number. */
struct json_object *replay_member(struct json_object *object, const char *key);
const char *replay_text(struct json_object *object, const char *key);
uint64_t replay_number(struct json_object *object, const char *key);

#endif /* MEMRIG_REPLAY_RESULT_H */
