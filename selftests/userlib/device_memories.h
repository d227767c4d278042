/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Mapped memory of every kind and attribute that the machine offers, for objects of the library.
 */
#ifndef MEMRIG_USERLIB_DEVICE_MEMORIES_H
#define MEMRIG_USERLIB_DEVICE_MEMORIES_H

#include "device.h"

struct memory {
	memrig_region_t *region;
	uint32_t kind;
	uint32_t attr;
	char *at;
};

FIXTURE(zephyr)
{
	memrig_t *rig;
	struct memory all[16];
	int count;
};

static inline memrig_region_t *region_of(memrig_t *rig, uint32_t kind, uint32_t attr,
					 uint64_t attrs)
{
	struct memrig_region_create args = {
		.size = sizeof(args),
		.kind = kind,
		.attr = attr,
		.attrs = attrs,
		.length = LENGTH,
		.node = MEMRIG_NODE_ANY,
		.uid = MEMRIG_ID_SELF,
		.gid = MEMRIG_ID_SELF,
	};
	memrig_region_t *region;

	return memrig_region_create(rig, &args, &region) ? NULL : region;
}

FIXTURE_SETUP(zephyr)
{
	struct memrig_caps caps = { .size = sizeof(caps) };
	uint32_t kind, attr, mask;
	struct memory *m;
	void *at;

	ASSERT_EQ(0, memrig_open(&self->rig));
	ASSERT_EQ(0, memrig_caps(self->rig, &caps));
	for (kind = MEMRIG_KIND_PAGES; kind <= MEMRIG_KIND_COHERENT; kind++) {
		mask = kind == MEMRIG_KIND_PAGES ? caps.attrs_pages : caps.attrs_coherent;
		for (attr = MEMRIG_ATTR_CACHED; attr <= MEMRIG_ATTR_DEVICE; attr++) {
			if (!(caps.kinds & (1u << kind)) || !(mask & (1u << attr)))
				continue;
			m = &self->all[self->count++];
			m->kind = kind;
			m->attr = attr;
			m->region = region_of(self->rig, kind, attr, 0);
			ASSERT_NE(NULL, m->region);
			ASSERT_EQ(0, memrig_region_map(m->region, &at));
			m->at = at;
		}
	}
	ASSERT_LT(0, self->count);
}

FIXTURE_TEARDOWN(zephyr)
{
	while (self->count)
		memrig_region_close(self->all[--self->count].region);
	memrig_close(self->rig);
}

static inline bool within(const void *ptr, const struct memory *m)
{
	return ptr && (uintptr_t)ptr - (uintptr_t)m->at < LENGTH;
}

static inline bool holds(const unsigned char *ptr, size_t bytes, unsigned char value)
{
	while (bytes && ptr[bytes - 1] == value)
		bytes--;
	return !bytes;
}

#endif /* MEMRIG_USERLIB_DEVICE_MEMORIES_H */
