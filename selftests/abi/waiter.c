// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The process of waiter.h. A pair of sockets joins it with its parent: one way goes the answer, the
 * other its end.
 */
#include <poll.h>
#include <sys/socket.h>

#include "waiter.h"

#define PATIENCE_MS 20000

static uint32_t waiting(int heap, bool message)
{
	struct memrig_heap_stat stat = heap_stat(heap);

	return message ? stat.receivers : stat.waiters;
}

static bool waiting_is(int heap, bool message, uint32_t count)
{
	for (int ms = 0; ms < PATIENCE_MS; ms += 2) {
		if (waiting(heap, message) == count)
			return true;
		sleep_ms(2);
	}
	return false;
}

bool waiters_are(int heap, uint32_t count)
{
	return waiting_is(heap, false, count);
}

bool receivers_are(int heap, uint32_t count)
{
	return waiting_is(heap, true, count);
}

static void wait_for_block(int heap, const struct waiter *waiter, struct answer *answer)
{
	struct memrig_alloc arg =
		ARG(memrig_alloc, .flags = MEMRIG_ALLOC_WAIT, .bytes = waiter->bytes,
		    .align = waiter->align, .timeout_ns = waiter->timeout_ns);

	answer->ret = heap_alloc_full(heap, &arg);
	answer->offset = arg.offset;
	answer->timeout_ns = arg.timeout_ns;
	answer->reason = arg.reason;
}

static void wait_for_message(int heap, const struct waiter *waiter, struct answer *answer)
{
	struct memrig_receive arg =
		ARG(memrig_receive, .flags = MEMRIG_RECEIVE_WAIT, .timeout_ns = waiter->timeout_ns);

	answer->ret = heap_receive_full(heap, &arg);
	answer->offset = arg.offset;
	answer->timeout_ns = arg.timeout_ns;
}

static int wait_and_tell(struct waiter *waiter)
{
	struct answer answer;
	uint64_t start;
	int heap = heap_attach(waiter->heap, NULL);
	char byte;

	CHECK(heap >= 0);
	memset(&answer, 0, sizeof(answer));
	if (waiter->prepare)
		waiter->prepare();
	start = now_ns();
	if (waiter->message)
		wait_for_message(heap, waiter, &answer);
	else
		wait_for_block(heap, waiter, &answer);
	answer.waited_ns = now_ns() - start;
	CHECK(write(waiter->pipe[1], &answer, sizeof(answer)) == sizeof(answer));
	CHECK(read(waiter->pipe[1], &byte, 1) == 0);
	if (!answer.ret)
		CHECK(!heap_free(heap, answer.offset));
	return 0;
}

int waiter_start(struct waiter *waiter)
{
	uint32_t before = waiting(waiter->heap, waiter->message);

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, waiter->pipe))
		return -errno;
	fflush(NULL);
	waiter->pid = fork();
	if (!waiter->pid) {
		close(waiter->pipe[0]);
		_exit(wait_and_tell(waiter));
	}
	close(waiter->pipe[1]);
	if (waiter->pid < 0)
		return -errno;
	return waiting_is(waiter->heap, waiter->message, before + 1) ? 0 : -ETIMEDOUT;
}

bool waiter_answered(struct waiter *waiter, int ms)
{
	struct pollfd fd = { .fd = waiter->pipe[0], .events = POLLIN };

	return poll(&fd, 1, ms) == 1;
}

struct answer waiter_answer(struct waiter *waiter)
{
	struct answer answer;

	memset(&answer, 0, sizeof(answer));
	if (!waiter_answered(waiter, PATIENCE_MS))
		answer.ret = -ETIME;
	else if (read(waiter->pipe[0], &answer, sizeof(answer)) != sizeof(answer))
		answer.ret = -EPIPE;
	return answer;
}

int waiter_end(struct waiter *waiter)
{
	/* Waiters that were started later have a copy of this end. */
	shutdown(waiter->pipe[0], SHUT_RDWR);
	close(waiter->pipe[0]);
	return child_wait(waiter->pid);
}
