// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * libmemrig on the real device: waiting for any member of a multi object that the library runs,
 * some of which are in the kernel.
 */
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "device_kinds.h"

struct waiting {
	memrig_multi_t *multi;
	struct memrig_multi_alloc args;
	pthread_t thread;
	int ret;
	int order;
};

static int served;

static void *wait_in_multi(void *arg)
{
	struct waiting *w = arg;

	w->ret = memrig_multi_alloc_at(w->multi, &w->args);
	w->order = __atomic_add_fetch(&served, 1, __ATOMIC_SEQ_CST);
	return NULL;
}

static struct waiting wait_for(memrig_multi_t *multi, uint64_t bytes, uint64_t timeout_ns)
{
	return (struct waiting){
		.multi = multi,
		.args = {
			.size = sizeof(struct memrig_multi_alloc),
			.flags = MEMRIG_ALLOC_WAIT,
			.bytes = bytes,
			.timeout_ns = timeout_ns,
		},
	};
}

/* Until so many clients know of the heap; a test that never gets there fails by its time limit. */
static void until_clients(memrig_heap_t *heap, uint32_t clients)
{
	struct memrig_heap_stat stat = { .size = sizeof(stat) };

	do {
		usleep(2000);
	} while (!memrig_heap_stat(heap, &stat) && stat.clients != clients);
	usleep(20000); /* and is asleep */
}

/* Two slabs of one block in the kernel, one here, all taken. */
FIXTURE(waiting)
{
	memrig_t *rig;
	memrig_heap_t *heap[3];
	uint64_t block[3];
	memrig_multi_t *multi;
};

FIXTURE_SETUP(waiting)
{
	struct memrig_heap_create here = {
		.size = sizeof(here),
		.engine = MEMRIG_ENGINE_SLAB,
		.placement = MEMRIG_PLACEMENT_OOB,
		.block_size = 64,
		.num_blocks = 1,
	};
	uint32_t member;
	int i;

	ASSERT_EQ(0, memrig_open(&self->rig));
	self->heap[0] = make_kind(self->rig, MEMRIG_ENGINE_SLAB, 64, 1);
	self->heap[1] = make_kind(self->rig, MEMRIG_ENGINE_SLAB, 128, 1);
	ASSERT_EQ(0, memrig_local_create(NULL, 64, &here, &self->heap[2]));
	ASSERT_EQ(0, memrig_multi_local_create(&self->multi));
	for (i = 0; i < 3; i++) {
		ASSERT_EQ(0, memrig_heap_alloc_at(self->heap[i], 0, 8, &self->block[i], NULL));
		ASSERT_EQ(0, memrig_multi_add(self->multi, self->heap[i], 0, &member));
		ASSERT_EQ(i, member);
	}
}

FIXTURE_TEARDOWN(waiting)
{
	int i;

	memrig_multi_close(self->multi);
	for (i = 0; i < 3; i++)
		memrig_heap_close(self->heap[i]);
	memrig_close(self->rig);
}

TEST_F(waiting, a_free_in_any_member_serves)
{
	struct memrig_heap_stat stat = { .size = sizeof(stat) };
	uint32_t clients[2];
	struct waiting w;
	int i, k;

	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, memrig_heap_stat(self->heap[i], &stat));
		clients[i] = stat.clients;
	}
	for (i = 0; i < 3; i++) {
		w = wait_for(self->multi, 40, MEMRIG_FOREVER);
		ASSERT_EQ(0, pthread_create(&w.thread, NULL, wait_in_multi, &w));
		until_clients(self->heap[1], clients[1] + 1);
		EXPECT_EQ(-EBUSY, memrig_multi_remove(self->multi, i));
		EXPECT_EQ(0, memrig_heap_free_at(self->heap[i], self->block[i]));
		pthread_join(w.thread, NULL);
		ASSERT_EQ(0, w.ret);
		EXPECT_EQ(i, w.args.member);
		EXPECT_EQ(self->block[i], w.args.offset);
		for (k = 0; k < 2; k++) { /* no client is left behind, no block is lost */
			ASSERT_EQ(0, memrig_heap_stat(self->heap[k], &stat));
			EXPECT_EQ(clients[k], stat.clients);
			EXPECT_EQ(1, stat.live_blocks);
			EXPECT_EQ(1, stat.client_blocks);
		}
	}
}

TEST_F(waiting, those_who_poll_are_served_in_order)
{
	struct memrig_heap_stat stat = { .size = sizeof(stat) };
	struct waiting w[3];
	uint32_t clients;
	int i;

	served = 0;
	ASSERT_EQ(0, memrig_heap_stat(self->heap[0], &stat));
	clients = stat.clients;
	for (i = 0; i < 3; i++) {
		w[i] = wait_for(self->multi, 40, MEMRIG_FOREVER);
		ASSERT_EQ(0, pthread_create(&w[i].thread, NULL, wait_in_multi, &w[i]));
		until_clients(self->heap[0], clients + i + 1);
	}
	for (i = 0; i < 3; i++) {
		EXPECT_EQ(0, memrig_heap_free_at(self->heap[i], self->block[i]));
		pthread_join(w[i].thread, NULL);
		EXPECT_EQ(0, w[i].ret);
		EXPECT_EQ(i, w[i].args.member);
		EXPECT_EQ(i + 1, w[i].order);
	}
}

static void nothing(int number)
{
}

TEST_F(waiting, time_signals_and_what_cannot_be)
{
	struct sigaction act = { .sa_handler = nothing };
	struct memrig_heap_stat stat = { .size = sizeof(stat) };
	struct waiting w = wait_for(self->multi, 40, 20000000);
	uint32_t clients;

	EXPECT_EQ(-ETIMEDOUT, memrig_multi_alloc_at(self->multi, &w.args));
	EXPECT_EQ(MEMRIG_REASON_EMPTY, memrig_failure()->reason);
	w.args.timeout_ns = 0;
	EXPECT_EQ(-ETIMEDOUT, memrig_multi_alloc_at(self->multi, &w.args));
	w.args.bytes = 200;
	EXPECT_EQ(-EINVAL, memrig_multi_alloc_at(self->multi, &w.args));
	w.args.bytes = 100; /* one member alone: its heap's own queue */
	w.args.timeout_ns = 1000000;
	EXPECT_EQ(-ETIMEDOUT, memrig_multi_alloc_at(self->multi, &w.args));
	ASSERT_EQ(0, memrig_heap_stat(self->heap[0], &stat));
	clients = stat.clients;
	ASSERT_EQ(0, sigaction(SIGUSR1, &act, NULL));
	w = wait_for(self->multi, 40, 600 * 1000000000ULL);
	ASSERT_EQ(0, pthread_create(&w.thread, NULL, wait_in_multi, &w));
	until_clients(self->heap[0], clients + 1);
	EXPECT_EQ(0, pthread_kill(w.thread, SIGUSR1));
	pthread_join(w.thread, NULL);
	EXPECT_EQ(-EINTR, w.ret);
	EXPECT_GT(w.args.timeout_ns, 0);
	EXPECT_LT(w.args.timeout_ns, 600 * 1000000000ULL);
	ASSERT_EQ(0, memrig_heap_stat(self->heap[0], &stat));
	EXPECT_EQ(clients, stat.clients);
}

TEST_HARNESS_MAIN
