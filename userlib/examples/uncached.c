// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A heap on real uncached memory: allocate, write, read back, see what the page table says.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <memrig/memrig.h>

static int explain(void)
{
	char text[512];

	memrig_explain(NULL, text, sizeof(text));
	fprintf(stderr, "%s\n", text);
	return EXIT_FAILURE;
}

static int use(memrig_region_t *region, memrig_heap_t *heap)
{
	struct memrig_attr_query query = { .size = sizeof(query) };
	void *block;

	if (memrig_heap_alloc(heap, 64, 100, &block))
		return explain();
	strcpy(block, "not in any cache");
	if (memrig_region_attr_query(region, 0, block, &query))
		return explain();
	printf("'%s' at %p, which is mapped %s\n", (char *)block, block,
	       memrig_memtype_name(query.user_type));
	return memrig_heap_free(heap, block) ? explain() : EXIT_SUCCESS;
}

int main(void)
{
	struct memrig_region_create region_args = {
		.size = sizeof(region_args),
		.kind = MEMRIG_KIND_PAGES,
		.attr = MEMRIG_ATTR_UNCACHED,
		.length = 1 << 20,
		.node = MEMRIG_NODE_ANY,
		.uid = MEMRIG_ID_SELF,
		.gid = MEMRIG_ID_SELF,
	};
	struct memrig_heap_create heap_args = {
		.size = sizeof(heap_args),
		.placement = MEMRIG_PLACEMENT_OOB,
		.hardening = 1,
	};
	memrig_region_t *region;
	memrig_heap_t *heap;
	memrig_t *rig;
	int ret;

	if (memrig_open(&rig))
		return explain();
	if (memrig_region_create(rig, &region_args, &region))
		return explain();
	if (memrig_heap_create(region, &heap_args, &heap))
		return explain();
	ret = use(region, heap);
	memrig_heap_close(heap);
	memrig_region_close(region);
	memrig_close(rig);
	return ret;
}
