/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The rows of memrig config.
 */
#ifndef MEMRIG_CLI_CONFIG_ROWS_H
#define MEMRIG_CLI_CONFIG_ROWS_H

#include <json.h>
#include <stdbool.h>
#include <stddef.h>

#include <memrig/memrig.h>

#define CONFIG_PARAMETERS "/sys/module/memrig/parameters"

/**
 * struct in_force - where the values of the rows come from
 * @stat: of a heap made with defaults
 * @caps: of the module; version 0: no device
 */
struct in_force {
	struct memrig_heap_stat stat;
	struct memrig_caps caps;
};

/* One row for each name, with the value in force. */
struct json_object *config_rows(const struct in_force *in);

/* What a parameter of the module is set to; false without it, or for a string not given. */
bool config_parameter(const char *name, char *value, size_t room);

#endif /* MEMRIG_CLI_CONFIG_ROWS_H */
