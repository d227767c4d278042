/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The attribute word of regions in words.
 */
#ifndef MEMRIG_CLI_ATTR_BITS_H
#define MEMRIG_CLI_ATTR_BITS_H

#include "util.h"

/*
 * "cacheable+external", "40", or names that were given to custom bits, which takes a device.
 * -EINVAL: one of them is none.
 */
int attr_bits_parse(const char *text, uint64_t *bits);

/* The other way round, as an array; bits without a name as their numbers. */
struct json_object *attr_bits_json(uint64_t bits);

#endif /* MEMRIG_CLI_ATTR_BITS_H */
