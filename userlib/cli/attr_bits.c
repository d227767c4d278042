// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Attribute words.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "attr_bits.h"

#define BITS 64

static const char *const names[] = {
	"cacheable",	 "non-cacheable", "external", "write-combine",
	"write-through", "device",	  "powered",
};

/* Without a word if there is none: bits have numbers, too. */
static memrig_t *quiet_rig(void)
{
	memrig_t *rig;

	return (common.device ? memrig_open_path(common.device, &rig) : memrig_open(&rig)) ? NULL
											   : rig;
}

/* Asks the module for the bit of a name. */
static int find_custom(const char *name, uint32_t *bit)
{
	memrig_t *rig = quiet_rig();
	int ret = rig ? memrig_attrs_name_find(rig, name, bit) : -ENODEV;

	memrig_close(rig);
	return ret;
}

static int parse_one(const char *word, uint64_t *bits)
{
	uint32_t bit;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		if (!strcmp(word, names[i])) {
			*bits |= 1ULL << i;
			return 0;
		}
	}
	if ((parse_u32(word, &bit) && find_custom(word, &bit)) || bit >= BITS)
		return -EINVAL;
	*bits |= 1ULL << bit;
	return 0;
}

int attr_bits_parse(const char *text, uint64_t *bits)
{
	char *copy = strdup(text), *save = NULL, *word;
	int ret = copy && *copy ? 0 : -EINVAL;

	*bits = 0;
	for (word = ret ? NULL : strtok_r(copy, "+", &save); word && !ret;
	     word = strtok_r(NULL, "+", &save))
		ret = parse_one(word, bits);
	free(copy);
	return ret;
}

struct json_object *attr_bits_json(uint64_t bits)
{
	struct json_object *array = json_object_new_array();
	uint64_t custom = bits & MEMRIG_ATTRS_CUSTOM_ALL;
	memrig_t *rig = custom ? quiet_rig() : NULL;
	char text[MEMRIG_NAME_MAX];
	uint32_t bit;

	for (bit = 0; bit < BITS; bit++) {
		const char *name = bit < ARRAY_SIZE(names) ? names[bit] : text;

		if (!(bits & (1ULL << bit)))
			continue;
		if (name == text && (!rig || memrig_attrs_name_get(rig, bit, text)))
			snprintf(text, sizeof(text), "%u", bit);
		json_object_array_add(array, json_object_new_string(name));
	}
	memrig_close(rig);
	return array;
}
