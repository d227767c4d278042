// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Threads that send each other blocks of heaps of the library, for the thread sanitizer: what one
 * wrote the other reads, without any lock of theirs. Each message is received once, those of one
 * sender by one receiver in the order they were sent; some receivers wait and some do not, and
 * somebody sends and frees what is no block. Afterwards nothing is left.
 *
 * usage: stress_messages SEED SECONDS
 */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <memrig/memrig.h>

#define SENDERS	  3
#define RECEIVERS 3
#define SLOT	  64
#define SLOTS	  12
#define BYTES	  8192
#define WAIT_NS	  200000

enum { SLAB, HEAP, KINDS };

/**
 * struct letter - what a message begins with
 * @number: of its sender's, from 1 on
 * @sender: who
 * @bytes: of the message, all after this filled with the lowest byte of @number
 */
struct letter {
	uint64_t number;
	uint32_t sender;
	uint32_t bytes;
};

static memrig_heap_t *heaps[KINDS];
static atomic_ulong sent[KINDS], received[KINDS], waited, late, empty, full, forged;
static atomic_bool stop;

static void check(int good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "stress_messages: %s\n", what);
	abort();
}

static uint32_t draw(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (uint32_t)(*seed >> 33);
}

static void send_one(int kind, uint32_t sender, uint64_t number, uint64_t *seed)
{
	uint32_t bytes = sizeof(struct letter) + draw(seed) % (SLOT - sizeof(struct letter) + 1);
	struct letter *letter;
	void *ptr;
	int ret = memrig_heap_alloc_wait(heaps[kind], 0, SLOT, WAIT_NS, &ptr);

	while (ret == -ETIMEDOUT) {
		atomic_fetch_add(&full, 1);
		if (atomic_load(&stop))
			return;
		ret = memrig_heap_alloc_wait(heaps[kind], 0, SLOT, WAIT_NS, &ptr);
	}
	check(!ret, "no block for another reason");
	letter = ptr;
	*letter = (struct letter){ .number = number, .sender = sender, .bytes = bytes };
	memset(letter + 1, (int)(number & 0xff), bytes - sizeof(*letter));
	/* Counted before, as it may have been received before this goes on. */
	atomic_fetch_add(&sent[kind], 1);
	check(!memrig_heap_send(heaps[kind], ptr, bytes), "a block cannot be sent");
}

static void *sender(void *arg)
{
	uint32_t self = (uint32_t)(uintptr_t)arg;
	uint64_t seed = (uintptr_t)arg, number[KINDS] = { 0 };

	while (!atomic_load(&stop)) {
		int kind = (int)(draw(&seed) % KINDS);

		send_one(kind, self, ++number[kind], &seed);
	}
	return NULL;
}

static void open_letter(int kind, const struct letter *letter, size_t bytes,
			uint64_t last[KINDS][SENDERS])
{
	const unsigned char *text = (const unsigned char *)(letter + 1);
	uint32_t from = letter->sender % SENDERS;

	check(bytes == letter->bytes, "a message has another length");
	for (size_t i = 0; i < bytes - sizeof(*letter); i++)
		check(text[i] == (letter->number & 0xff), "the content of a message changed");
	check(letter->number > last[kind][from], "a message came twice or out of order");
	last[kind][from] = letter->number;
	atomic_fetch_add(&received[kind], 1);
}

/* Whether there was one. */
static bool receive_one(int kind, uint64_t timeout_ns, uint64_t last[KINDS][SENDERS])
{
	size_t bytes = 0;
	void *ptr;
	int ret = memrig_heap_receive(heaps[kind], timeout_ns, &ptr, &bytes);

	if (ret) {
		check(ret == (timeout_ns ? -ETIMEDOUT : -EAGAIN), "no message for another reason");
		atomic_fetch_add(timeout_ns ? &late : &empty, 1);
		return false;
	}
	open_letter(kind, ptr, bytes, last);
	if (timeout_ns)
		atomic_fetch_add(&waited, 1);
	check(!memrig_heap_free(heaps[kind], ptr), "a message cannot be freed");
	return true;
}

static void look(int kind)
{
	struct memrig_heap_stat stat = { .size = sizeof(stat) };

	check(!memrig_heap_stat(heaps[kind], &stat), "no figures");
	check(stat.queued <= stat.live_blocks, "more messages than blocks");
	check(stat.received + stat.queued == stat.sent, "a message was lost or came twice");
	check(stat.receivers <= RECEIVERS, "more receivers than there are");
}

static void *receiver(void *arg)
{
	uint64_t last[KINDS][SENDERS] = { 0 };
	uint64_t seed = (uintptr_t)arg;

	while (!atomic_load(&stop)) {
		int kind = (int)(draw(&seed) % KINDS);

		if (!(draw(&seed) % 16))
			look(kind);
		receive_one(kind, draw(&seed) % 3 ? WAIT_NS : 0, last);
	}
	return NULL;
}

/* What is no block cannot be sent or freed, whatever is on its way meanwhile. */
static void *forger(void *arg)
{
	uint64_t seed = (uintptr_t)arg;

	while (!atomic_load(&stop)) {
		uint64_t offset = draw(&seed) % (BYTES / 8) * 8;
		int ret = memrig_heap_send_at(heaps[HEAP], offset + BYTES, 0);

		check(ret == -ENOENT, "what is no block can be sent");
		ret = memrig_heap_free_at(heaps[HEAP], offset + BYTES);
		check(ret == -ENOENT, "what is no block can be freed");
		atomic_fetch_add(&forged, 1);
	}
	return NULL;
}

static void make(int kind)
{
	struct memrig_heap_create args = {
		.size = sizeof(args),
		.engine = kind == SLAB ? MEMRIG_ENGINE_SLAB : MEMRIG_ENGINE_SYS_HEAP,
		.placement = MEMRIG_PLACEMENT_OOB,
		.flags = MEMRIG_HEAP_STATS,
		.block_size = kind == SLAB ? SLOT : 0,
		.num_blocks = kind == SLAB ? SLOTS : 0,
	};

	check(!memrig_local_create(NULL, kind == SLAB ? SLOT * SLOTS : BYTES, &args, &heaps[kind]),
	      "no heap");
}

static void finish(int kind)
{
	struct memrig_heap_stat stat = { .size = sizeof(stat) };
	uint32_t invariant = 1;
	uint64_t offset;

	check(!memrig_heap_stat(heaps[kind], &stat), "no figures");
	check(!stat.live_blocks && !stat.queued && !stat.receivers, "something is left");
	check(stat.sent == sent[kind] && stat.received == sent[kind], "the figures are wrong");
	check(received[kind] == sent[kind], "not every message was received once");
	check(!memrig_heap_validate(heaps[kind], &invariant, &offset) && !invariant,
	      "a heap is broken");
	memrig_heap_close(heaps[kind]);
}

int main(int argc, char **argv)
{
	static void *(*const work[])(void *) = { sender,   sender,   sender, receiver,
						 receiver, receiver, forger };
	uint64_t last[KINDS][SENDERS] = { 0 };
	pthread_t threads[7];
	struct timespec nap = { 0 };

	check(argc == 3, "usage: stress_messages SEED SECONDS");
	for (int kind = 0; kind < KINDS; kind++)
		make(kind);
	for (uintptr_t i = 0; i < 7; i++)
		check(!pthread_create(&threads[i], NULL, work[i],
				      (void *)(strtoul(argv[1], NULL, 0) * 21 + i)),
		      "no thread");
	nap.tv_sec = atoi(argv[2]);
	nanosleep(&nap, NULL);
	atomic_store(&stop, true);
	for (int i = 0; i < 7; i++)
		pthread_join(threads[i], NULL);
	for (int kind = 0; kind < KINDS; kind++) {
		/* What is still on its way; the order of what the others had is theirs to judge. */
		while (receive_one(kind, 0, last))
			;
		finish(kind);
		check(sent[kind] > 100, "hardly anything happened");
	}
	check(waited && late && empty && full && forged,
	      "nobody waited, waited in vain, found nothing, or no room");
	printf("%lu + %lu messages, %lu waited for, %lu late, %lu times no room\n", sent[SLAB],
	       sent[HEAP], waited, late, full);
	return 0;
}
