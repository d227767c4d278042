// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The attribute word of regions: words for its bits, and back. The kernel knows the names.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "priv.h"

#define BITS 64

static int name_ioctl(memrig_t *rig, uint32_t flags, uint32_t *bit, const char *name, char *out)
{
	struct memrig_attr_name args = { .size = sizeof(args), .flags = flags, .bit = *bit };
	size_t len = strlen(name);
	int ret;

	if (len >= MEMRIG_NAME_MAX)
		return -EINVAL;
	memcpy(args.name, name, len + 1);
	ret = mrig_ioctl(rig->fd, MEMRIG_IOC_ATTR_NAME, &args);
	if (ret)
		return ret;
	*bit = args.bit;
	if (out)
		memcpy(out, args.name, MEMRIG_NAME_MAX);
	return 0;
}

int memrig_attrs_name_set(memrig_t *rig, uint32_t bit, const char *name)
{
	uint32_t flags = name ? MEMRIG_ATTR_NAME_SET : MEMRIG_ATTR_NAME_CLEAR;
	int ret = name_ioctl(rig, flags, &bit, name ?: "", NULL);

	return ret ? FAIL_NAME(ret, name) : 0;
}

int memrig_attrs_name_get(memrig_t *rig, uint32_t bit, char name[MEMRIG_NAME_MAX])
{
	int ret = name_ioctl(rig, 0, &bit, "", name);

	return ret ? FAIL(ret) : 0;
}

int memrig_attrs_name_find(memrig_t *rig, const char *name, uint32_t *bit)
{
	int ret = name_ioctl(rig, MEMRIG_ATTR_NAME_FIND, bit, name, NULL);

	return ret ? FAIL_NAME(ret, name) : 0;
}

/* A number of a bit, or a name. */
static int word_bit(memrig_t *rig, const char *word, uint32_t *bit)
{
	unsigned long number;

	if (!*word || word[strspn(word, "0123456789")])
		return name_ioctl(rig, MEMRIG_ATTR_NAME_FIND, bit, word, NULL);
	if (strlen(word) > 2)
		return -EINVAL;
	number = strtoul(word, NULL, 10);
	if (number >= BITS)
		return -EINVAL;
	*bit = number;
	return 0;
}

int memrig_attrs_parse(memrig_t *rig, const char *text, uint64_t *attrs)
{
	char word[MEMRIG_NAME_MAX + 1];
	uint64_t sum = 0;
	uint32_t bit = 0;
	size_t len;
	int ret;

	for (;; text += len + 1) {
		len = strcspn(text, ",+");
		/* One character more than a name can have, so that what is cut cannot be one. */
		snprintf(word, sizeof(word), "%.*s", (int)(len < sizeof(word) ? len : sizeof(word)),
			 text);
		ret = word_bit(rig, word, &bit);
		if (ret)
			return FAIL_NAME(ret, word);
		sum |= 1ULL << bit;
		if (!text[len])
			break;
	}
	*attrs = sum;
	return 0;
}

int memrig_attrs_text(memrig_t *rig, uint64_t attrs, char *buf, size_t len)
{
	char word[MEMRIG_NAME_MAX];
	uint32_t bit, number;
	size_t used = 0;

	if (len)
		*buf = '\0';
	for (bit = 0; bit < BITS; bit++) {
		if (!(attrs >> bit & 1))
			continue;
		number = bit;
		if (name_ioctl(rig, 0, &number, "", word))
			snprintf(word, sizeof(word), "%u", bit);
		used += snprintf(used < len ? buf + used : NULL, used < len ? len - used : 0,
				 "%s%s", used ? "," : "", word);
	}
	return used;
}
