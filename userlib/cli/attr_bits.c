// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Attribute words.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "attr_bits.h"

#define BITS 64

static const char *const names[] = {
	"cacheable",	 "non-cacheable", "external", "write-combine",
	"write-through", "device",	  "powered",
};

/* Asks the module for the name of a custom bit, or for the bit of a name. */
static int ask(struct memrig_attr_name *args)
{
	memrig_t *rig;
	int ret;

	if (common.device ? memrig_open_path(common.device, &rig) : memrig_open(&rig))
		return -ENODEV;
	ret = ioctl(memrig_fd(rig), MEMRIG_IOC_ATTR_NAME, args) ? -errno : 0;
	memrig_close(rig);
	return ret;
}

static int parse_one(const char *word, uint64_t *bits)
{
	struct memrig_attr_name args = { .size = sizeof(args), .flags = MEMRIG_ATTR_NAME_FIND };
	uint32_t bit;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		if (!strcmp(word, names[i])) {
			*bits |= 1ULL << i;
			return 0;
		}
	}
	if (parse_u32(word, &bit)) {
		if (!*word || strlen(word) >= sizeof(args.name))
			return -EINVAL;
		strcpy((char *)args.name, word);
		if (ask(&args))
			return -EINVAL;
		bit = args.bit;
	}
	if (bit >= BITS)
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
	struct memrig_attr_name args;
	char number[8];
	uint32_t bit;

	for (bit = 0; bit < BITS; bit++) {
		const char *name = bit < ARRAY_SIZE(names) ? names[bit] : number;

		if (!(bits & (1ULL << bit)))
			continue;
		args = (struct memrig_attr_name){ .size = sizeof(args), .bit = bit };
		if (bit >= ARRAY_SIZE(names))
			snprintf(number, sizeof(number), "%u", bit);
		if (bit >= MEMRIG_ATTRS_CUSTOM_FIRST && !ask(&args))
			name = (const char *)args.name;
		json_object_array_add(array, json_object_new_string(name));
	}
	return array;
}
