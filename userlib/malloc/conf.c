// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Reading the settings, without an allocation.
 */
#include "conf.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <memrig/memrig.h>

#define WORD_MAX 280

static bool number(const char *text, uint64_t max, uint64_t *out)
{
	char *end;

	errno = 0;
	*out = strtoull(text, &end, 0);
	return isdigit((unsigned char)*text) && !*end && !errno && *out <= max;
}

static bool descriptor(const char *text, int *out)
{
	uint64_t value;

	if (!number(text, INT_MAX, &value))
		return false;
	*out = (int)value;
	return true;
}

/* A number, maybe with K, M or G behind it. */
static bool size(const char *text, uint64_t *out)
{
	char digits[24];
	size_t len = strlen(text);
	unsigned int shift = 0;

	if (!len || len >= sizeof(digits))
		return false;
	memcpy(digits, text, len + 1);
	switch (digits[len - 1]) {
	case 'G':
		shift += 10;
		/* fall through */
	case 'M':
		shift += 10;
		/* fall through */
	case 'K':
		shift += 10;
		digits[len - 1] = '\0';
	}
	if (!number(digits, UINT64_MAX >> shift, out) || !*out)
		return false;
	*out <<= shift;
	return true;
}

static bool attribute(const char *text, uint32_t *out)
{
	*out = memrig_attr_value(text);
	return *out || !strcmp(text, "memory");
}

static bool hardening(const char *text, uint32_t *out)
{
	uint64_t level;

	if (!number(text, 4, &level))
		return false;
	*out = (uint32_t)level;
	return true;
}

static bool device(const char *text, char *out, size_t room)
{
	if (*text != '/' || strlen(text) >= room)
		return false;
	strcpy(out, text);
	return true;
}

static bool set(struct malloc_conf *conf, const char *key, const char *value)
{
	if (!strcmp(key, "attr"))
		return attribute(value, &conf->attr);
	if (!strcmp(key, "kind"))
		return (conf->kind = memrig_kind_value(value)) != 0;
	if (!strcmp(key, "placement"))
		return (conf->placement = memrig_placement_value(value)) != 0;
	if (!strcmp(key, "hardening"))
		return hardening(value, &conf->hardening);
	if (!strcmp(key, "size"))
		return size(value, &conf->size);
	if (!strcmp(key, "device"))
		return device(value, conf->device, sizeof(conf->device));
	if (!strcmp(key, "region"))
		return descriptor(value, &conf->region_fd);
	if (!strcmp(key, "window"))
		return descriptor(value, &conf->window_fd);
	if (!strcmp(key, "page"))
		return descriptor(value, &conf->page_fd);
	if (!strcmp(key, "stats") && !*value)
		return conf->stats = true;
	if (!strcmp(key, "children") && !*value)
		return conf->children = true;
	return false;
}

bool malloc_conf_parse(const char *text, struct malloc_conf *conf, char *bad, size_t len)
{
	char word[WORD_MAX], none[] = "";
	size_t length;
	char *value;

	*conf = (struct malloc_conf){
		.kind = MEMRIG_KIND_PAGES,
		.placement = MEMRIG_PLACEMENT_OOB,
		.hardening = 1,
		.region_fd = -1,
		.window_fd = -1,
		.page_fd = -1,
	};
	for (; text && *text; text += length + (text[length] == ',')) {
		length = strcspn(text, ",");
		if (length >= sizeof(word))
			goto wrong;
		memcpy(word, text, length);
		word[length] = '\0';
		value = strchr(word, '=');
		if (value)
			*value++ = '\0';
		if (!set(conf, word, value ? value : none))
			goto wrong;
	}
	return true;

wrong:
	length = length < len ? length : len - 1;
	memcpy(bad, text, length);
	bad[length] = '\0';
	return false;
}
