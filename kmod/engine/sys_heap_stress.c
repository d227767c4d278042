// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * sys_heap_stress(): a deterministic load for anything that allocates, as Zephyr defines it.
 */
#include "sys_heap.h"

/* One live block of the load; the scratch memory is an array of these. */
struct stress_block {
	void *mem;
	size_t bytes;
};

struct stress {
	struct stress_block *live;
	size_t nr_live;
	size_t room;
	size_t in_use;
	uint32_t total;
	uint32_t target;
};

/* Continues over calls: two runs in a row are two different loads. */
static uint64_t lcg_state = 123456789;

static uint32_t random32(void)
{
	lcg_state = lcg_state * 2862933555777941757ULL + 3037000493ULL;
	return (uint32_t)(lcg_state >> 32);
}

/* Half of the sizes below 16, a quarter below 32, ... */
static size_t random_size(void)
{
	uint32_t spread = random32();
	unsigned int bits = 4 + (spread ? 31 - mrig_ilog2(spread) : 32);

	return bits >= 32 ? random32() : random32() & ((1U << bits) - 1);
}

/*
 * Sure when nothing is live, impossible when there is no room to note the block; in between the
 * probability falls from 1 at empty to one half at the target, and is 0 above it.
 */
static bool choose_alloc(const struct stress *s)
{
	uint32_t full;

	if (!s->nr_live)
		return true;
	if (s->nr_live >= s->room)
		return false;
	full = s->total / 100 * s->target;
	if (s->in_use >= full)
		return false;
	return (uint64_t)random32() * 2 * full >> 32 >= s->in_use;
}

/**
 * sys_heap_stress() - allocate and free at random
 * @alloc_fn: allocates, or returns NULL
 * @free_fn: gives a block back
 * @arg: handed to both
 * @total_bytes: size of what is tested, below 2^32 / 100
 * @op_count: steps
 * @scratch_mem: memory to note the live blocks in, suitably aligned for pointers
 * @scratch_bytes: its size; half of @total_bytes is a good choice
 * @target_percent: fill to aim at, in requested bytes, 1 to 100
 * @result: set to what was done
 *
 * What is still live after the last step is given back. Parameters out of range do nothing.
 *
 * Context: as the callbacks. Not reentrant.
 */
void sys_heap_stress(void *(*alloc_fn)(void *arg, size_t bytes),
		     void (*free_fn)(void *arg, void *p), void *arg, size_t total_bytes,
		     uint32_t op_count, void *scratch_mem, size_t scratch_bytes,
		     int target_percent, struct z_heap_stress_result *result)
{
	struct stress s = {
		.live = scratch_mem,
		.room = scratch_bytes / sizeof(struct stress_block),
		.total = (uint32_t)total_bytes,
		.target = (uint32_t)target_percent,
	};

	memset(result, 0, sizeof(*result));
	if (!s.room || total_bytes >= ~0U / 100 || target_percent < 1 || target_percent > 100)
		return;
	for (; op_count; op_count--) {
		if (choose_alloc(&s)) {
			struct stress_block *b = &s.live[s.nr_live];

			b->bytes = random_size();
			b->mem = alloc_fn(arg, b->bytes);
			result->total_allocs++;
			if (b->mem) {
				result->successful_allocs++;
				s.in_use += b->bytes;
				s.nr_live++;
			}
		} else {
			struct stress_block *b = &s.live[(uint64_t)random32() * s.nr_live >> 32];

			free_fn(arg, b->mem);
			result->total_frees++;
			s.in_use -= b->bytes;
			*b = s.live[--s.nr_live];
		}
		result->accumulated_in_use_bytes += s.in_use;
	}
	while (s.nr_live)
		free_fn(arg, s.live[--s.nr_live].mem);
}
