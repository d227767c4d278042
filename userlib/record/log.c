// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The recorder's end of the trace file.
 *
 * The file grows by windows: a window is given its disk blocks before it is mapped, so that a
 * full disk is an error here and not a SIGBUS in the middle of the recorded program. The file is
 * opened by name for each window and closed again; while it is, the thread cannot be cancelled, for
 * the calls it is in are no cancellation points.
 */
#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define WINDOW_BYTES (1UL << 20)
#define NAME_TRIES   64

static struct {
	char base[PATH_MAX];
	char path[PATH_MAX + 32];
	bool only_first;
	bool forked;
	bool stopped;
	struct memrig_trace_header *header;
	struct memrig_trace_commit next;
	uint8_t *window;
	uint64_t window_start; /* offset of the window in the file */
} mrig_log;

bool mrig_log_set_path(const char *path, bool only_first)
{
	size_t bytes = strlen(path);

	if (bytes >= sizeof(mrig_log.base))
		return false;
	memcpy(mrig_log.base, path, bytes + 1);
	mrig_log.only_first = only_first;
	return true;
}

void mrig_log_forked(void)
{
	if (mrig_log.header)
		munmap(mrig_log.header, sizeof(*mrig_log.header));
	if (mrig_log.window)
		munmap(mrig_log.window, WINDOW_BYTES);
	mrig_log.header = NULL;
	mrig_log.window = NULL;
	mrig_log.forked = true;
	mrig_log.stopped = mrig_log.only_first;
	memset(&mrig_log.next, 0, sizeof(mrig_log.next));
}

struct memrig_trace_commit *mrig_log_counts(void)
{
	return &mrig_log.next;
}

void mrig_log_commit(void)
{
	struct memrig_trace_header *header = mrig_log.header;
	struct memrig_trace_commit *next = &mrig_log.next;

	if (!header)
		return;
	next->seq++;
	next->sum = memrig_trace_commit_sum(header, next);
	header->commit[next->seq & 1] = *next;
	/* The commit must be complete before its number says that it is in force. */
	__atomic_store_n(&header->seq, next->seq, __ATOMIC_RELEASE);
}

void mrig_log_stop(uint32_t why)
{
	mrig_log.next.stop = why;
	mrig_log_commit();
	mrig_log.stopped = true;
}

/*
 * posix_fallocate() without its side effect: beyond RLIMIT_FSIZE the kernel also sends SIGXFSZ,
 * which would end the recorded program.
 */
static int reserve(int fd, uint64_t start, uint64_t bytes)
{
	static const struct timespec now = { 0, 0 };
	sigset_t limit, before, pending;
	int err;

	sigemptyset(&limit);
	sigaddset(&limit, SIGXFSZ);
	pthread_sigmask(SIG_BLOCK, &limit, &before);
	sigpending(&pending);
	err = posix_fallocate(fd, (off_t)start, (off_t)bytes);
	if (err == EFBIG && !sigismember(&pending, SIGXFSZ))
		sigtimedwait(&limit, NULL, &now);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return err;
}

static bool open_window(uint64_t position)
{
	uint64_t start = position & ~((uint64_t)sysconf(_SC_PAGESIZE) - 1);
	int fd, err;
	void *map;

	if (mrig_log.window)
		munmap(mrig_log.window, WINDOW_BYTES);
	mrig_log.window = NULL;
	fd = open(mrig_log.path, O_RDWR | O_CLOEXEC);
	if (fd < 0) {
		mrig_log_stop(MEMRIG_TRACE_STOP_OPEN);
		return false;
	}
	err = reserve(fd, start, WINDOW_BYTES);
	map = err ? MAP_FAILED
		  : mmap(NULL, WINDOW_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, (off_t)start);
	close(fd);
	if (map == MAP_FAILED) {
		mrig_log_stop(err ? MEMRIG_TRACE_STOP_SPACE : MEMRIG_TRACE_STOP_MEM);
		return false;
	}
	mrig_log.window = map;
	mrig_log.window_start = start;
	return true;
}

static bool map_window(uint64_t position)
{
	int cancel;
	bool ok;

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
	ok = open_window(position);
	pthread_setcancelstate(cancel, NULL);
	return ok;
}

static void read_command(char *out, size_t bytes)
{
	int fd = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
	ssize_t got, i;

	if (fd < 0)
		return;
	got = read(fd, out, bytes - 1);
	close(fd);
	for (i = 0; i < got - 1; i++) {
		if (out[i] < ' ')
			out[i] = ' ';
	}
}

/* An image the process execs keeps its pid: the names go on counting. */
static int create_file(void)
{
	int fd, try;

	if (mrig_log.forked)
		fd = -1;
	else
		fd = open(strcpy(mrig_log.path, mrig_log.base),
			  O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0 && mrig_log.only_first)
		return -1;
	for (try = 1; fd < 0 && try < NAME_TRIES; try++) {
		if (try == 1)
			snprintf(mrig_log.path, sizeof(mrig_log.path), "%s.%d", mrig_log.base,
				 (int)getpid());
		else
			snprintf(mrig_log.path, sizeof(mrig_log.path), "%s.%d.%d", mrig_log.base,
				 (int)getpid(), try);
		fd = open(mrig_log.path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		if (fd < 0 && errno != EEXIST)
			return -1;
	}
	return fd;
}

static bool fill_header(int fd)
{
	struct memrig_trace_header *header;
	struct timespec now;

	if (reserve(fd, 0, sizeof(*header)))
		return false;
	header = mmap(NULL, sizeof(*header), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (header == MAP_FAILED)
		return false;
	memcpy(header->magic, MEMRIG_TRACE_MAGIC, sizeof(header->magic));
	header->version = MEMRIG_TRACE_VERSION;
	header->header_bytes = sizeof(*header);
	header->pid = (uint32_t)getpid();
	header->ppid = (uint32_t)getppid();
	clock_gettime(CLOCK_REALTIME, &now);
	header->start_ns = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
	header->forked = mrig_log.forked;
	read_command(header->command, sizeof(header->command));
	mrig_log.header = header;
	mrig_log.next.data_sum = MEMRIG_TRACE_SUM_INIT;
	mrig_log_commit();
	return true;
}

static bool open_trace(void)
{
	int fd = mrig_log.base[0] ? create_file() : -1;
	bool ok = fd >= 0 && fill_header(fd);

	if (fd >= 0)
		close(fd);
	return ok && open_window(sizeof(struct memrig_trace_header));
}

bool mrig_log_ready(void)
{
	int cancel;

	if (mrig_log.stopped)
		return false;
	if (mrig_log.window)
		return true;
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
	mrig_log.stopped = !open_trace();
	pthread_setcancelstate(cancel, NULL);
	return !mrig_log.stopped;
}

static uint8_t *put_number(uint8_t *out, uint64_t value)
{
	while (value > 0x7f) {
		*out++ = (uint8_t)(value | 0x80);
		value >>= 7;
	}
	*out++ = (uint8_t)value;
	return out;
}

static void count(enum memrig_trace_op op)
{
	struct memrig_trace_commit *next = &mrig_log.next;

	next->records++;
	if (op == MEMRIG_TRACE_FREE)
		next->frees++;
	else if (op == MEMRIG_TRACE_REALLOC)
		next->reallocs++;
	else if (op != MEMRIG_TRACE_THREAD)
		next->allocs++;
}

void mrig_log_put(enum memrig_trace_op op, uint64_t a, uint64_t b)
{
	uint64_t position = sizeof(struct memrig_trace_header) + mrig_log.next.bytes;
	uint8_t *start, *end;

	if (mrig_log.stopped)
		return;
	if (position + MEMRIG_TRACE_RECORD_MAX > mrig_log.window_start + WINDOW_BYTES &&
	    !map_window(position))
		return;

	start = mrig_log.window + (position - mrig_log.window_start);
	start[0] = (uint8_t)op;
	end = put_number(start + 1, a);
	if (op == MEMRIG_TRACE_ALLOC_ALIGNED || op == MEMRIG_TRACE_REALLOC)
		end = put_number(end, b);
	mrig_log.next.bytes += (uint64_t)(end - start);
	mrig_log.next.data_sum =
		memrig_trace_sum(mrig_log.next.data_sum, start, (size_t)(end - start));
	count(op);
	mrig_log_commit();
}
