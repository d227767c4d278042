// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* sys_multi_mem_blocks: members, requests, bad input, growth, listeners. */
#include "test.h"
#include "memory.h"
#include "sys_multi_mem_blocks.h"

#define NUM	  4
#define MANY	  100
#define UNTOUCHED ((void *)0x5a5a)

static char small_buf[NUM * 32] __attribute__((__aligned__(32)));
static char large_buf[NUM * 256] __attribute__((__aligned__(256)));
static char many_buf[MANY * 2 * 16] __attribute__((__aligned__(16)));
static sys_mem_blocks_t small, large, loner;

/* @cfg: which member, by the order in which they were added. */
static sys_mem_blocks_t *by_index(struct sys_multi_mem_blocks *group, void *cfg)
{
	uintptr_t i = (uintptr_t)cfg;

	return i < group->num_allocators ? group->allocators[i] : NULL;
}

static sys_mem_blocks_t *by_pointer(struct sys_multi_mem_blocks *group, void *cfg)
{
	return cfg;
}

static int setup(void **state)
{
	static char loner_buf[16];

	assert_int_equal(mrig_mem_blocks_init(&small, small_buf, 32, NUM), 0);
	assert_int_equal(mrig_mem_blocks_init(&large, large_buf, 256, NUM), 0);
	assert_int_equal(mrig_mem_blocks_init(&loner, loner_buf, 16, 1), 0);
	return 0;
}

static int teardown(void **state)
{
	assert_int_equal(mrig_mem_blocks_fini(&small), 0);
	assert_int_equal(mrig_mem_blocks_fini(&large), 0);
	assert_int_equal(mrig_mem_blocks_fini(&loner), 0);
	assert_int_equal(mem_live, 0);
	return 0;
}

static void make(sys_multi_mem_blocks_t *g, sys_multi_mem_blocks_choice_fn_t choice)
{
	assert_int_equal(sys_multi_mem_blocks_init(g, choice), 0);
	assert_int_equal(sys_multi_mem_blocks_add_allocator(g, &large), 0);
	assert_int_equal(sys_multi_mem_blocks_add_allocator(g, &small), 0);
}

static void requests_go_where_they_are_sent(void **state)
{
	sys_multi_mem_blocks_t g;
	void *p[NUM], *q[2];
	size_t size = 77;

	make(&g, by_index);
	assert_int_equal(g.num_allocators, 2);
	assert_ptr_equal(g.allocators[0], &large);
	assert_int_equal(sys_multi_mem_blocks_alloc(&g, (void *)1, 2, p, &size), 0);
	assert_int_equal(size, 32);
	assert_ptr_equal(p[0], small_buf);
	assert_ptr_equal(p[1], small_buf + 32);
	assert_int_equal(sys_multi_mem_blocks_alloc(&g, (void *)0, 2, q, NULL), 0);
	assert_ptr_equal(q[0], large_buf);
	/* No second choice: the other one has room. */
	size = 77;
	p[2] = UNTOUCHED;
	assert_int_equal(sys_multi_mem_blocks_alloc(&g, (void *)1, 3, p + 2, &size), -ENOMEM);
	assert_int_equal(sys_multi_mem_blocks_alloc(&g, (void *)1, SIZE_MAX, p + 2, &size),
			 -ENOMEM);
	assert_int_equal(size, 77);
	assert_ptr_equal(p[2], UNTOUCHED);
	assert_int_equal(sys_multi_mem_blocks_free(&g, 2, p), 0);
	assert_int_equal(sys_multi_mem_blocks_free(&g, 2, p), -EFAULT);
	assert_int_equal(sys_multi_mem_blocks_free(&g, 2, q), 0);
	assert_int_equal(mrig_multi_mem_blocks_fini(&g), 0);
}

static void bad_input(void **state)
{
	sys_multi_mem_blocks_t g, zeroed = { 0 };
	sys_mem_blocks_t none = { 0 };
	void *p[2] = { UNTOUCHED, UNTOUCHED }, *mixed[2], *bad[1];
	size_t size = 77;

	assert_int_equal(sys_multi_mem_blocks_init(NULL, by_index), -EINVAL);
	assert_int_equal(sys_multi_mem_blocks_init(&g, NULL), -EINVAL);
	assert_int_equal(sys_multi_mem_blocks_alloc(&g, NULL, 1, p, &size), -EINVAL);
	assert_int_equal(sys_multi_mem_blocks_alloc(&zeroed, NULL, 1, p, &size), -EINVAL);
	assert_int_equal(sys_multi_mem_blocks_free(&zeroed, 1, p), -EINVAL);
	assert_int_equal(mrig_multi_mem_blocks_fini(NULL), -EINVAL);

	make(&g, by_pointer);
	assert_int_equal(sys_multi_mem_blocks_add_allocator(NULL, &loner), -EINVAL);
	assert_int_equal(sys_multi_mem_blocks_add_allocator(&g, NULL), -EINVAL);
	assert_int_equal(sys_multi_mem_blocks_add_allocator(&g, &none), -EINVAL);
	assert_int_equal(sys_multi_mem_blocks_add_allocator(&g, &small), -EEXIST);
	assert_int_equal(mrig_mem_blocks_init(&none, small_buf + 96, 64, 1), 0);
	assert_int_equal(sys_multi_mem_blocks_add_allocator(&g, &none), -EEXIST);
	assert_int_equal(mrig_mem_blocks_init(&none, small_buf - 32, 64, 1), 0);
	assert_int_equal(sys_multi_mem_blocks_add_allocator(&g, &none), -EEXIST);
	assert_int_equal(g.num_allocators, 2);

	assert_int_equal(sys_multi_mem_blocks_alloc(NULL, &small, 1, p, &size), -EINVAL);
	assert_int_equal(sys_multi_mem_blocks_alloc(&g, NULL, 1, p, &size), -EINVAL);
	assert_int_equal(sys_multi_mem_blocks_alloc(&g, &loner, 1, p, &size), -EINVAL);
	assert_int_equal(sys_multi_mem_blocks_alloc(&g, &small, 1, NULL, &size), -EINVAL);
	assert_int_equal(size, 77);
	assert_int_equal(sys_multi_mem_blocks_alloc(&g, NULL, 0, NULL, NULL), 0);
	assert_int_equal(sys_multi_mem_blocks_alloc(&g, NULL, 0, p, &size), 0);
	assert_int_equal(size, 0);
	assert_ptr_equal(p[0], UNTOUCHED);

	assert_int_equal(sys_multi_mem_blocks_alloc(&g, &small, 1, p, NULL), 0);
	assert_int_equal(sys_multi_mem_blocks_alloc(&g, &large, 1, p + 1, NULL), 0);
	memcpy(mixed, p, sizeof(mixed));
	assert_int_equal(sys_multi_mem_blocks_free(&g, 2, mixed), -EFAULT);
	assert_int_equal(sys_multi_mem_blocks_free(NULL, 1, p), -EINVAL);
	assert_int_equal(sys_multi_mem_blocks_free(&g, 1, NULL), -EINVAL);
	assert_int_equal(sys_multi_mem_blocks_free(&g, 0, NULL), 0);
	assert_int_equal(sys_multi_mem_blocks_free(&g, SIZE_MAX, p), -EINVAL);
	bad[0] = loner.buffer;
	assert_int_equal(sys_multi_mem_blocks_free(&g, 1, bad), -EINVAL);
	bad[0] = NULL;
	assert_int_equal(sys_multi_mem_blocks_free(&g, 1, bad), -EINVAL);
	bad[0] = (void *)UINTPTR_MAX;
	assert_int_equal(sys_multi_mem_blocks_free(&g, 1, bad), -EINVAL);
	bad[0] = small_buf + 1;
	assert_int_equal(sys_multi_mem_blocks_free(&g, 1, bad), -EINVAL);
	assert_int_equal(sys_multi_mem_blocks_free(&g, 1, p), 0);
	assert_int_equal(sys_multi_mem_blocks_free(&g, 1, p + 1), 0);
	assert_int_equal(mrig_mem_blocks_fini(&none), 0);
}

static void members_leave(void **state)
{
	sys_multi_mem_blocks_t g;
	void *p[1];

	make(&g, by_index);
	assert_int_equal(sys_multi_mem_blocks_remove_allocator(NULL, &small), -EINVAL);
	assert_int_equal(sys_multi_mem_blocks_remove_allocator(&g, NULL), -EINVAL);
	assert_int_equal(sys_multi_mem_blocks_remove_allocator(&g, &loner), -ENOENT);
	assert_int_equal(sys_multi_mem_blocks_alloc(&g, (void *)0, 1, p, NULL), 0);
	assert_int_equal(sys_multi_mem_blocks_remove_allocator(&g, &large), -EBUSY);
	assert_int_equal(sys_multi_mem_blocks_free(&g, 1, p), 0);
	assert_int_equal(sys_multi_mem_blocks_remove_allocator(&g, &large), 0);
	assert_int_equal(sys_multi_mem_blocks_remove_allocator(&g, &large), -ENOENT);
	assert_int_equal(g.num_allocators, 1);
	assert_ptr_equal(g.allocators[0], &small);
	p[0] = large_buf;
	assert_int_equal(sys_multi_mem_blocks_free(&g, 1, p), -EINVAL);
	assert_int_equal(sys_multi_mem_blocks_alloc(&g, (void *)1, 1, p, NULL), -EINVAL);
	assert_int_equal(sys_multi_mem_blocks_add_allocator(&g, &large), 0);
	assert_ptr_equal(g.allocators[1], &large);
}

/* More than Zephyr's 8, added out of order, with starved memory on the way, removed at random. */
static void many_members(void **state)
{
	static sys_mem_blocks_t many[MANY];
	sys_multi_mem_blocks_t g;
	long before;
	void *p[1];
	size_t size;

	for (int i = 0; i < MANY; i++)
		assert_int_equal(mrig_mem_blocks_init(&many[i], many_buf + i * 32, 16, 2), 0);
	before = mem_live;
	assert_int_equal(sys_multi_mem_blocks_init(&g, by_index), 0);
	for (int i = 0; i < MANY; i++) {
		sys_mem_blocks_t *mb = &many[i * 37 % MANY];
		int err;

		mem_grants = 0;
		err = sys_multi_mem_blocks_add_allocator(&g, mb);
		mem_grants = -1;
		if (err) {
			assert_int_equal(err, -ENOMEM);
			assert_true(i >= MAX_MULTI_ALLOCATORS && !(i & (i - 1)));
			assert_int_equal(sys_multi_mem_blocks_add_allocator(&g, mb), 0);
		}
		assert_int_equal(g.num_allocators, i + 1);
		assert_ptr_equal(g.allocators[i], mb);
		assert_int_equal(sys_multi_mem_blocks_add_allocator(&g, mb), -EEXIST);
	}
	assert_true(mem_live > before);
	for (int i = 0; i < MANY; i++) {
		assert_int_equal(sys_multi_mem_blocks_alloc(&g, (void *)(uintptr_t)i, 1, p, &size),
				 0);
		assert_ptr_equal(p[0], many_buf + i * 37 % MANY * 32);
		assert_int_equal(sys_multi_mem_blocks_free(&g, 1, p), 0);
	}
	for (int i = 0; i < MANY; i++)
		assert_int_equal(sys_multi_mem_blocks_remove_allocator(&g, &many[i * 29 % MANY]),
				 0);
	assert_int_equal(g.num_allocators, 0);
	/* Another init is as good as an end. */
	assert_int_equal(sys_multi_mem_blocks_init(&g, by_index), 0);
	assert_int_equal(mem_live, before);
	for (int i = 0; i < MANY; i++)
		assert_int_equal(sys_multi_mem_blocks_add_allocator(&g, &many[i]), 0);
	assert_int_equal(mrig_multi_mem_blocks_fini(&g), 0);
	assert_int_equal(mem_live, before);
	for (int i = 0; i < MANY; i++)
		assert_int_equal(mrig_mem_blocks_fini(&many[i]), 0);
}

static int allocs, frees;

static void on_alloc(uintptr_t id, void *mem, size_t bytes)
{
	allocs += bytes == 16;
}

static void on_free(uintptr_t id, void *mem, size_t bytes)
{
	frees += bytes == 16;
}

static void listeners_hear_of_members(void **state)
{
	const struct mrig_mem_blocks_opts opts = { .listen = true };
	HEAP_LISTENER_ALLOC_DEFINE(on_allocs, 0, on_alloc);
	HEAP_LISTENER_FREE_DEFINE(on_frees, 0, on_free);
	sys_multi_mem_blocks_t g;
	sys_mem_blocks_t mb;
	void *p[3];

	on_allocs.heap_id = HEAP_ID_FROM_POINTER(&mb);
	on_frees.heap_id = HEAP_ID_FROM_POINTER(&mb);
	heap_listener_register(&on_allocs);
	heap_listener_register(&on_frees);
	assert_int_equal(mrig_mem_blocks_init_opts(&mb, many_buf, 16, 8, &opts), 0);
	make(&g, by_index);
	assert_int_equal(sys_multi_mem_blocks_add_allocator(&g, &mb), 0);
	assert_int_equal(sys_multi_mem_blocks_alloc(&g, (void *)2, 3, p, NULL), 0);
	assert_int_equal(allocs, 3);
	assert_int_equal(sys_multi_mem_blocks_alloc(&g, (void *)2, 6, p, NULL), -ENOMEM);
	assert_int_equal(allocs, 3);
	assert_int_equal(sys_multi_mem_blocks_free(&g, 3, p), 0);
	assert_int_equal(frees, 3);
	assert_int_equal(sys_multi_mem_blocks_free(&g, 3, p), -EFAULT);
	assert_int_equal(frees, 3);
	heap_listener_unregister(&on_allocs);
	heap_listener_unregister(&on_frees);
	assert_int_equal(mrig_mem_blocks_fini(&mb), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(requests_go_where_they_are_sent, setup, teardown),
		cmocka_unit_test_setup_teardown(bad_input, setup, teardown),
		cmocka_unit_test_setup_teardown(members_leave, setup, teardown),
		cmocka_unit_test_setup_teardown(many_members, setup, teardown),
		cmocka_unit_test_setup_teardown(listeners_hear_of_members, setup, teardown),
	};

	return RUN("multi blocks", tests);
}
