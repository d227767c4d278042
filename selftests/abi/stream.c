// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Many processes at one pool of messages, and a stream through a ring: what arrives is what was
 * sent, whole, once, and in order.
 */
#include "abi.h"
#include "harness.h"

#define LENGTH	 (64 * KIB)
#define SIZE	 128
#define SENDERS	 3
#define READERS	 3
#define MESSAGES 400

/* What a message of the pool holds. */
struct letter {
	uint32_t sender;
	uint32_t number;
	unsigned char fill[SIZE - 8];
};

/* Shared by the processes: what has arrived. */
struct ledger {
	uint32_t got[SENDERS][MESSAGES];
};

static void *shared(size_t bytes)
{
	return mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
}

static void send_letters(int heap, char *map, uint32_t sender)
{
	int client = heap_attach(heap, NULL);

	CHECK(client >= 0);
	for (uint32_t i = 0; i < MESSAGES; i++) {
		int64_t off = heap_alloc_wait(client, SIZE, 0, MEMRIG_FOREVER);
		struct letter *letter;

		CHECK(off >= 0);
		letter = (struct letter *)(map + off);
		letter->sender = sender;
		letter->number = i;
		memset(letter->fill, i + sender, sizeof(letter->fill));
		CHECK(!heap_send(client, off, 0));
	}
	_exit(0);
}

static void read_letters(int heap, char *map, struct ledger *ledger)
{
	uint32_t last[SENDERS] = { 0 };
	int client = heap_attach(heap, NULL);

	CHECK(client >= 0);
	for (;;) {
		int64_t off = heap_receive_wait(client, MEMRIG_FOREVER);
		const struct letter *letter;

		CHECK(off >= 0);
		letter = (const struct letter *)(map + off);
		if (letter->sender == SENDERS)
			_exit(0);
		CHECK(letter->number < MESSAGES);
		/* Each reader sees those of one sender in order. */
		CHECK(letter->number + 1 > last[letter->sender]);
		last[letter->sender] = letter->number + 1;
		for (size_t i = 0; i < sizeof(letter->fill); i++)
			CHECK(letter->fill[i] == (unsigned char)(letter->number + letter->sender));
		__atomic_fetch_add(&ledger->got[letter->sender][letter->number], 1,
				   __ATOMIC_RELAXED);
		CHECK(!heap_free(client, off));
	}
}

/* A pool of few messages, so that senders wait, too. */
TEST(many_processes_share_a_pool)
{
	struct ledger *ledger = shared(sizeof(*ledger));
	int session = session_open(), region, heap;
	pid_t senders[SENDERS], readers[READERS];
	char *map = region_mapped(session, LENGTH, &region);
	struct memrig_heap_create arg =
		ARG(memrig_heap_create, .placement = MEMRIG_PLACEMENT_OOB, .length = LENGTH,
		    .engine = MEMRIG_ENGINE_SLAB, .num_blocks = 8, .block_size = SIZE);

	ASSERT_NE(MAP_FAILED, map);
	ASSERT_NE(MAP_FAILED, ledger);
	ASSERT_EQ(0, call(region, MEMRIG_IOC_HEAP_CREATE, &arg));
	heap = arg.fd;
	fflush(NULL);
	for (int i = 0; i < READERS; i++) {
		readers[i] = fork();
		if (!readers[i])
			read_letters(heap, map, ledger);
	}
	for (int i = 0; i < SENDERS; i++) {
		senders[i] = fork();
		if (!senders[i])
			send_letters(heap, map, i);
	}
	for (int i = 0; i < SENDERS; i++)
		EXPECT_EQ(0, child_wait(senders[i]));
	for (int i = 0; i < READERS; i++) {
		int64_t off = heap_alloc_wait(heap, SIZE, 0, MEMRIG_FOREVER);

		ASSERT_GE(off, 0);
		((struct letter *)(map + off))->sender = SENDERS;
		EXPECT_EQ(0, heap_send(heap, off, 0));
	}
	for (int i = 0; i < READERS; i++)
		EXPECT_EQ(0, child_wait(readers[i]));
	for (int s = 0; s < SENDERS; s++)
		for (int i = 0; i < MESSAGES; i++)
			ASSERT_EQ(1, ledger->got[s][i]);
	EXPECT_EQ(0, heap_stat(heap).live_blocks);
	EXPECT_EQ(SENDERS * MESSAGES + READERS, heap_stat(heap).received);
	close(heap);
	close(region);
	close(session);
}

/* The length of chunk @i of the stream, and byte @at of all of it. */
static uint32_t chunk_bytes(uint32_t i)
{
	return 1 + i * 2654435761u % 700;
}

static unsigned char stream_byte(uint64_t at)
{
	return at * 31 + (at >> 8) * 7;
}

static void produce(int ring, char *map, uint32_t chunks)
{
	int client = heap_attach(ring, NULL);
	uint64_t at = 0;

	for (uint32_t i = 0; i < chunks; i++) {
		int64_t off = heap_alloc_wait(client, chunk_bytes(i), 0, MEMRIG_FOREVER);

		CHECK(off >= 0);
		for (uint32_t n = 0; n < chunk_bytes(i); n++)
			map[off + n] = stream_byte(at++);
		CHECK(!heap_send(client, off, chunk_bytes(i)));
	}
	_exit(0);
}

/* Several times around: no chunk is torn where the ring wraps, none is lost or out of order. */
TEST(a_stream_wraps_without_tearing)
{
	const uint32_t chunks = 600;
	int session = session_open(), region, ring;
	char *map = region_mapped(session, 8 * KIB, &region);
	uint64_t at = 0, last = 0;
	unsigned int wraps = 0;
	pid_t pid;

	ASSERT_NE(MAP_FAILED, map);
	ring = heap_engine(region, MEMRIG_ENGINE_RING, 0);
	ASSERT_GE(ring, 0);
	fflush(NULL);
	pid = fork();
	if (!pid)
		produce(ring, map, chunks);
	for (uint32_t i = 0; i < chunks; i++) {
		struct memrig_receive got = ARG(memrig_receive, .flags = MEMRIG_RECEIVE_WAIT,
						.timeout_ns = MEMRIG_FOREVER);

		ASSERT_EQ(0, heap_receive_full(ring, &got));
		ASSERT_EQ(chunk_bytes(i), got.bytes);
		ASSERT_LE(got.offset + got.bytes, 8 * KIB);
		for (uint64_t n = 0; n < got.bytes; n++)
			ASSERT_EQ(stream_byte(at++), (unsigned char)map[got.offset + n]);
		wraps += got.offset < last;
		last = got.offset;
		ASSERT_EQ(0, heap_free(ring, got.offset));
	}
	EXPECT_GE(wraps, 10);
	EXPECT_EQ(0, child_wait(pid));
	EXPECT_EQ(-EAGAIN, heap_receive(ring));
	EXPECT_EQ(0, heap_stat(ring).live_blocks);
	EXPECT_EQ(0, heap_validate(ring));
	close(ring);
	close(region);
	close(session);
}

TEST_HARNESS_MAIN
