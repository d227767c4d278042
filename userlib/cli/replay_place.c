// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Where a trace is replayed.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "region_args.h"
#include "replay_place.h"
#include "util.h"

static const struct replay_kind kinds[] = {
	{ "process", 0, MEMRIG_ATTR_CACHED },
	{ "cached", MEMRIG_KIND_PAGES, MEMRIG_ATTR_CACHED },
	{ "wc", MEMRIG_KIND_PAGES, MEMRIG_ATTR_WRITE_COMBINE },
	{ "uncached", MEMRIG_KIND_PAGES, MEMRIG_ATTR_UNCACHED },
	{ "wt", MEMRIG_KIND_PAGES, MEMRIG_ATTR_WRITE_THROUGH },
	{ "device", MEMRIG_KIND_PAGES, MEMRIG_ATTR_DEVICE },
	{ "coherent", MEMRIG_KIND_COHERENT, 0 },
};

const struct replay_kind *replay_kind_find(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (!strcmp(kinds[i].name, name))
			return &kinds[i];
	}
	return NULL;
}

const struct replay_kind *replay_kind_at(size_t n)
{
	return n < ARRAY_SIZE(kinds) ? &kinds[n] : NULL;
}

bool replay_kind_available(const struct memrig_caps *caps, const struct replay_kind *kind)
{
	if (!kind->kind)
		return true;
	if (!(caps->kinds & 1u << kind->kind))
		return false;
	return kind->attr ? caps->attrs_pages & 1u << kind->attr : caps->attrs_coherent;
}

/* The first touch of a page must not be part of what is timed. The memory is all zero. */
static void touch(void *base, uint64_t bytes)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE), at;

	for (at = 0; at < bytes; at += page)
		*(volatile char *)((char *)base + at) = 0;
}

int replay_place_reserve(uint64_t bytes, struct replay_place *place)
{
	*place = (struct replay_place){ .kind = &kinds[0], .bytes = bytes };
	place->base = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	return place->base == MAP_FAILED ? -errno : 0;
}

static int open_region(memrig_t *rig, struct replay_place *place)
{
	struct memrig_attr_query query = { .size = sizeof(query) };
	struct memrig_region_create args = {
		.size = sizeof(args),
		.kind = place->kind->kind,
		.attr = place->kind->attr ?: default_attr(rig, place->kind->kind),
		.length = place->bytes,
		.node = MEMRIG_NODE_ANY,
	};
	int ret;

	ret = memrig_region_create(rig, &args, &place->region);
	if (ret)
		return ret;
	ret = memrig_region_map(place->region, &place->base);
	if (!ret) {
		touch(place->base, place->bytes);
		ret = memrig_region_attr_query(place->region, 0, place->base, &query);
		place->type = query.user_type;
		if (ret)
			memrig_region_unmap(place->region);
	}
	if (ret)
		memrig_region_close(place->region);
	return ret;
}

int replay_place_open(memrig_t *rig, const struct replay_kind *kind, uint64_t bytes,
		      struct replay_place *place)
{
	int ret;

	if (kind->kind) {
		*place = (struct replay_place){ .kind = kind, .bytes = bytes };
		return open_region(rig, place);
	}
	ret = replay_place_reserve(bytes, place);
	if (!ret)
		touch(place->base, bytes);
	return ret;
}

void replay_place_close(struct replay_place *place)
{
	if (place->region) {
		memrig_region_unmap(place->region);
		memrig_region_close(place->region);
	} else {
		munmap(place->base, place->bytes);
	}
}
