/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What the subcommands share: options that all have, sizes, errors, listings.
 *
 * A subcommand builds its answer as JSON values and hands them to list_print() or record_print(),
 * which write them as they are (--json) or as a table: the two can never differ.
 *
 * Exit status: 0 done, 1 something failed, 2 the command line is wrong.
 */
#ifndef MEMRIG_CLI_UTIL_H
#define MEMRIG_CLI_UTIL_H

#include <argp.h>
#include <json.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <memrig/memrig.h>

#define EXIT_USAGE    2
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/**
 * struct command - one row of the table of subcommands
 * @group: first word, or NULL
 * @name: (second) word
 * @run: called with argv[0] = "memrig GROUP NAME"; returns the exit status
 * @summary: for the overview
 */
struct command {
	const char *group;
	const char *name;
	int (*run)(int argc, char **argv);
	const char *summary;
};

/* ---- options every subcommand has ---------------------------------------------------- */

/**
 * struct common_options - what --json, --ascii and --device set
 * @json: print JSON
 * @ascii: draw with ASCII only
 * @device: path, NULL: default of the library
 */
struct common_options {
	bool json;
	bool ascii;
	const char *device;
};

extern struct common_options common;
/* To be a child of every subcommand's argp; the array is for those that have no other child. */
extern const struct argp common_argp;
extern const struct argp_child common_children[];

/* ---- sizes and numbers --------------------------------------------------------------- */

#define SIZE_TEXT 32 /* room for format_size() */

/* "4096", "0x1000", "64K", "1.5M", "2GiB"; powers of 1024. -EINVAL, -ERANGE. */
int parse_size(const char *text, uint64_t *bytes);
int parse_u32(const char *text, uint32_t *value);
/* The same for an argp parser: complain and exit with status 2. */
uint64_t size_option(const struct argp_state *state, const char *option, const char *text);
uint32_t u32_option(const struct argp_state *state, const char *option, const char *text);
/* @low to @high. */
uint32_t range_option(const struct argp_state *state, const char *option, const char *text,
		      uint32_t low, uint32_t high);
/* 0 to 4, the levels of hardening. */
uint32_t hardening_option(const struct argp_state *state, const char *text);

/* For the KEY_ARG and KEY_END of parsers that take one trace. @none: what to say without one. */
error_t one_trace_parse(int key, char *arg, struct argp_state *state, const char **file,
			const char *none);

/* "64 KiB", "1.5 MiB", "77"; exact values keep no fraction. Returns @buf. */
const char *format_size(uint64_t bytes, char buf[SIZE_TEXT]);

/* ---- errors -------------------------------------------------------------------------- */

/* "memrig: <the library's explanation of its last failure>" on stderr; returns EXIT_FAILURE. */
int report(void);
/* "memrig: <text>" on stderr; returns EXIT_FAILURE. */
int fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Opens the device; on failure says what to do and returns EXIT_FAILURE, else 0. */
int open_rig(memrig_t **rig);

/* ---- listings ------------------------------------------------------------------------ */

/**
 * struct column - one member of the JSON objects, and how a table shows it
 * @key: name in JSON
 * @title: heading
 * @size: a number of bytes
 */
struct column {
	const char *key;
	const char *title;
	bool size;
};

/* Prints an array of objects, and releases it. @empty: what to say when there are none. */
void list_print(struct json_object *rows, const struct column *columns, size_t count,
		const char *empty);
/* Prints one object, one member per line, and releases it. */
void record_print(struct json_object *record, const struct column *columns, size_t count);
/* Prints any JSON value as --json does, and releases it. */
void json_print(struct json_object *value);

void json_set_text(struct json_object *object, const char *key, const char *text);
void json_set_u64(struct json_object *object, const char *key, uint64_t value);
void json_set_double(struct json_object *object, const char *key, double value);
void json_set_bool(struct json_object *object, const char *key, bool value);

/* ---- pictures ------------------------------------------------------------------------ */

/* Columns of the terminal, $COLUMNS, or 80. */
unsigned int terminal_width(void);
/* Writes a bar of @value / @full of @width columns, padded with blanks to @width. */
void print_bar(FILE *out, double value, double full, unsigned int width);
/* Is the locale of standard output UTF-8, and --ascii not given? */
bool use_unicode(void);

#endif /* MEMRIG_CLI_UTIL_H */
