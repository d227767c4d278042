// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * What this machine offers, by kinds and attributes of regions.
 */
#include "abi.h"

static const char *const kinds[] = {
	[MEMRIG_KIND_PAGES] = "pages",
	[MEMRIG_KIND_COHERENT] = "coherent",
};
static const char *const attrs[] = {
	[MEMRIG_ATTR_CACHED] = "cached", [MEMRIG_ATTR_WRITE_COMBINE] = "wc",
	[MEMRIG_ATTR_UNCACHED] = "uc",	 [MEMRIG_ATTR_WRITE_THROUGH] = "wt",
	[MEMRIG_ATTR_DEVICE] = "device",
};

bool offered(const struct memrig_caps *caps, uint32_t kind, uint32_t attr)
{
	uint32_t mask = kind == MEMRIG_KIND_PAGES ? caps->attrs_pages : caps->attrs_coherent;

	return (caps->kinds & (1u << kind)) && (mask & (1u << attr));
}

int offers_get(struct offer *out)
{
	int session = session_open(), n = 0;
	struct memrig_caps caps = caps_get(session);

	for (uint32_t kind = 1; kind < sizeof(kinds) / sizeof(kinds[0]); kind++) {
		for (uint32_t attr = 1; attr < sizeof(attrs) / sizeof(attrs[0]) && n < OFFERS_MAX;
		     attr++) {
			if (!offered(&caps, kind, attr))
				continue;
			snprintf(out[n].name, sizeof(out[n].name), "%s_%s", kinds[kind],
				 attrs[attr]);
			out[n].kind = kind;
			out[n++].attr = attr;
		}
	}
	close(session);
	return n;
}
