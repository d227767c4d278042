// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Which allocator replays a trace.
 */
#include "replay_engine.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "util.h"

#define WORD	   8
#define BLOCK_MIN  16
#define BLOCK_MAX  65536
#define PAGE_SHIFT 12
#define WASTE_PART 8 /* of the requested bytes may be lost in blocks */

static const struct replay_engine engines[] = {
	{ "inband", MEMRIG_ENGINE_SYS_HEAP, MEMRIG_PLACEMENT_INBAND, false,
	  "sys_heap, headers between the blocks" },
	{ "oob", MEMRIG_ENGINE_SYS_HEAP, MEMRIG_PLACEMENT_OOB, false,
	  "sys_heap, headers outside the blocks" },
	{ "slab", MEMRIG_ENGINE_SLAB, MEMRIG_PLACEMENT_OOB, false, "blocks of one size" },
	{ "blocks", MEMRIG_ENGINE_BLOCKS, MEMRIG_PLACEMENT_OOB, false,
	  "runs of blocks, as sys_mem_blocks" },
	{ "ring", MEMRIG_ENGINE_RING, MEMRIG_PLACEMENT_OOB, false, "given back in order" },
	{ "first_fit", MEMRIG_ENGINE_FIRST_FIT, MEMRIG_PLACEMENT_OOB, false,
	  "the lowest hole that is large enough" },
	{ "best_fit", MEMRIG_ENGINE_BEST_FIT, MEMRIG_PLACEMENT_OOB, false,
	  "the smallest hole that is large enough" },
	{ "kernel", MEMRIG_ENGINE_SYS_HEAP, MEMRIG_PLACEMENT_OOB, true,
	  "sys_heap in the kernel, one ioctl per operation" },
	{ "kernel:slab", MEMRIG_ENGINE_SLAB, MEMRIG_PLACEMENT_OOB, true, "slab in the kernel" },
	{ "kernel:blocks", MEMRIG_ENGINE_BLOCKS, MEMRIG_PLACEMENT_OOB, true,
	  "blocks in the kernel" },
	{ "kernel:ring", MEMRIG_ENGINE_RING, MEMRIG_PLACEMENT_OOB, true, "ring in the kernel" },
	{ "kernel:first_fit", MEMRIG_ENGINE_FIRST_FIT, MEMRIG_PLACEMENT_OOB, true,
	  "first_fit in the kernel" },
	{ "kernel:best_fit", MEMRIG_ENGINE_BEST_FIT, MEMRIG_PLACEMENT_OOB, true,
	  "best_fit in the kernel" },
};

static_assert(ARRAY_SIZE(engines) <= REPLAY_ENGINES_MAX, "a list holds all of them");

const struct replay_engine *replay_engine_find(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(engines); i++) {
		if (!strcmp(engines[i].name, name))
			return &engines[i];
	}
	return NULL;
}

const struct replay_engine *replay_engine_twin(const struct replay_engine *engine)
{
	const struct replay_engine *twin;

	for (twin = engines;
	     twin->kernel || twin->engine != engine->engine || twin->placement != engine->placement;
	     twin++)
		;
	return twin;
}

bool replay_engine_has_blocks(const struct replay_engine *engine)
{
	return engine->engine == MEMRIG_ENGINE_SLAB || engine->engine == MEMRIG_ENGINE_BLOCKS;
}

/* ---- lists --------------------------------------------------------------------------- */

static void add(struct replay_engines *list, const struct replay_engine *engine)
{
	size_t i;

	for (i = 0; i < list->nr; i++) {
		if (list->at[i] == engine)
			return;
	}
	list->at[list->nr++] = engine;
}

static void add_all(struct replay_engines *list, bool kernel)
{
	size_t i;

	list->all = true;
	for (i = 0; i < ARRAY_SIZE(engines); i++) {
		if (engines[i].kernel == kernel)
			add(list, &engines[i]);
	}
}

void replay_engines_parse(char *text, const struct argp_state *state, struct replay_engines *list)
{
	const struct replay_engine *engine;
	char *name;

	*list = (struct replay_engines){ 0 };
	while ((name = strsep(&text, ","))) {
		if (!*name)
			argp_error(state, "--engine: a name in the list is empty");
		if (!strcmp(name, "all") || !strcmp(name, "kernel:all")) {
			add_all(list, *name == 'k');
			continue;
		}
		engine = replay_engine_find(name);
		if (!engine)
			argp_error(state,
				   "--engine: there is no '%s'; known: all, inband, oob, slab, "
				   "blocks, ring, first_fit, best_fit, kernel, kernel:all, "
				   "kernel:slab, ...",
				   name);
		add(list, engine);
	}
}

void replay_engines_limit(struct replay_engines *list, uint32_t mask)
{
	size_t i, kept = 0;

	for (i = 0; i < list->nr; i++) {
		if (!list->at[i]->kernel || (mask & 1u << list->at[i]->engine))
			list->at[kept++] = list->at[i];
	}
	list->nr = kept;
}

/* ---- parameters ---------------------------------------------------------------------- */

/* Bytes that blocks of @size would waste in the requests that are live at the peak. */
static uint64_t waste_at_peak(const struct replay_trace *trace, uint64_t *live, uint64_t size)
{
	uint64_t waste = 0;
	uint32_t slot;

	for (slot = 0; slot < trace->nr_slots; slot++)
		waste += (size - live[slot] % size) % size;
	return waste;
}

/* What is asked for in each slot at the peak; NULL: no memory. */
static uint64_t *live_at_peak(const struct replay_trace *trace)
{
	uint64_t *live = calloc(trace->nr_slots ? trace->nr_slots : 1, sizeof(*live));
	size_t i;

	for (i = 0; live && i <= trace->peak_op && i < trace->nr_ops; i++) {
		const struct replay_op *op = &trace->ops[i];

		live[op->slot] = op->kind == MEMRIG_TRACE_FREE ? 0 : op->bytes;
	}
	return live;
}

static uint64_t block_power(const struct replay_trace *trace)
{
	uint64_t *live = live_at_peak(trace);
	uint64_t size = BLOCK_MIN;

	while (live && size < BLOCK_MAX &&
	       waste_at_peak(trace, live, 2 * size) <= trace->peak_bytes / WASTE_PART)
		size *= 2;
	free(live);
	return size;
}

/* So that every block meets every alignment up to a page. */
static uint64_t slab_size(const struct replay_trace *trace)
{
	uint64_t align = WORD;
	size_t i;

	for (i = 0; i < trace->nr_ops; i++) {
		const struct replay_op *op = &trace->ops[i];

		if (op->kind == MEMRIG_TRACE_ALLOC_ALIGNED && op->align <= PAGE_SHIFT &&
		    align < 1ULL << op->align)
			align = 1ULL << op->align;
	}
	if (!trace->largest)
		return align;
	return (trace->largest + align - 1) / align * align;
}

uint64_t replay_block_size(const struct replay_engine *engine, const struct replay_trace *trace,
			   uint64_t wanted)
{
	if (!replay_engine_has_blocks(engine))
		return 0;
	if (wanted)
		return wanted;
	if (engine->engine == MEMRIG_ENGINE_BLOCKS)
		return block_power(trace);
	return slab_size(trace);
}

int replay_heap_open(const struct replay_place *place, const struct replay_engine *engine,
		     const struct replay_params *params, bool stats, memrig_heap_t **heap)
{
	struct memrig_heap_create args = {
		.size = sizeof(args),
		.flags = stats ? MEMRIG_HEAP_STATS : 0,
		.placement = engine->placement,
		.hardening = params->hardening,
		.engine = engine->engine,
		.block_size = params->block_size,
	};

	if (!place->region)
		return memrig_local_create(place->base, place->bytes, &args, heap);
	args.length = place->bytes;
	if (engine->kernel)
		return memrig_heap_create(place->region, &args, heap);
	return memrig_local_create_over(place->region, &args, heap);
}
