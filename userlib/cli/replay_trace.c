// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Trace files: reading, checking, sealing. Any bytes may come in; what passes is consistent.
 */
#include "replay_decode.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int refuse(const struct refusal *to, int error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(to->why, to->len, format, args);
	va_end(args);
	return error;
}

const char *replay_trace_stop_text(uint32_t stop)
{
	switch (stop) {
	case 0:
		return "it did not";
	case MEMRIG_TRACE_STOP_SPACE:
		return "no room was left on the file system of the trace";
	case MEMRIG_TRACE_STOP_OPEN:
		return "the process lost access to the trace (chroot, changed user or mounts)";
	case MEMRIG_TRACE_STOP_MEM:
		return "no memory was left for the recorder";
	default:
		return "unknown reason";
	}
}

static bool all_zero(const void *data, size_t bytes)
{
	const uint8_t *p = data;

	while (bytes--) {
		if (*p++)
			return false;
	}
	return true;
}

static int read_all(int fd, void *out, size_t bytes, const struct refusal *to)
{
	char *p = out;

	while (bytes) {
		ssize_t got = read(fd, p, bytes);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return refuse(to, -errno, "cannot be read: %s", strerror(errno));
		if (!got)
			return refuse(to, -EINVAL, "became shorter while it was read");
		p += got;
		bytes -= (size_t)got;
	}
	return 0;
}

static int check_commit(const struct memrig_trace_header *header, uint64_t file_bytes,
			struct memrig_trace_commit *commit, const struct refusal *to)
{
	const struct memrig_trace_commit *other = &header->commit[~header->seq & 1];
	uint64_t room = file_bytes - sizeof(*header);

	*commit = header->commit[header->seq & 1];
	if (commit->seq != header->seq || commit->sum != memrig_trace_commit_sum(header, commit))
		return refuse(to, -EINVAL, "is damaged: the checksum of its header is wrong");
	if (!all_zero(header->pad, sizeof(header->pad)))
		return refuse(to, -EINVAL, "is damaged: its header has extra bytes");
	if (commit->bytes > room)
		return refuse(to, -EINVAL,
			      "is truncated: %" PRIu64 " bytes of records were written, %" PRIu64
			      " are there",
			      commit->bytes, room);
	if (commit->sealed > 1 || commit->threads > MEMRIG_TRACE_THREADS)
		return refuse(to, -EINVAL, "is damaged: its header makes no sense");
	if (commit->sealed && (commit->bytes != room || !all_zero(other, sizeof(*other))))
		return refuse(to, -EINVAL, "is damaged: there is more in it than was written");
	return 0;
}

/* The file may come from anywhere; what it holds must not reach the terminal as it is. */
static void make_printable(char *text, size_t bytes)
{
	size_t i;

	for (i = 0; i < bytes - 1 && text[i]; i++) {
		if ((unsigned char)text[i] < ' ' || text[i] == 0x7f)
			text[i] = '?';
	}
	text[i] = '\0';
}

/* Leaves @fd at the first record. */
static int read_header(int fd, struct memrig_trace_header *header,
		       struct memrig_trace_commit *commit, const struct refusal *to)
{
	struct stat st;
	int ret;

	if (fstat(fd, &st))
		return refuse(to, -errno, "cannot be read: %s", strerror(errno));
	if (!S_ISREG(st.st_mode))
		return refuse(to, -EINVAL, "is not a regular file");
	if (!st.st_size)
		return refuse(to, -EINVAL, "is empty");
	if (st.st_size < (off_t)sizeof(header->magic))
		return refuse(to, -EINVAL, "is not a memrig trace");
	ret = read_all(fd, header->magic, sizeof(header->magic), to);
	if (ret)
		return ret;
	if (memcmp(header->magic, MEMRIG_TRACE_MAGIC, sizeof(header->magic)))
		return refuse(to, -EINVAL, "is not a memrig trace");
	if (st.st_size < (off_t)sizeof(*header))
		return refuse(to, -EINVAL, "is truncated: its header is incomplete");
	ret = read_all(fd, (char *)header + sizeof(header->magic),
		       sizeof(*header) - sizeof(header->magic), to);
	if (ret)
		return ret;
	if (header->version != MEMRIG_TRACE_VERSION)
		return refuse(to, -EOPNOTSUPP, "has version %u, this program reads version %u",
			      header->version, MEMRIG_TRACE_VERSION);
	if (header->header_bytes != sizeof(*header))
		return refuse(to, -EINVAL, "is damaged: its header has a wrong length");
	ret = check_commit(header, (uint64_t)st.st_size, commit, to);
	if (!ret)
		make_printable(header->command, sizeof(header->command));
	return ret;
}

static int load_records(int fd, struct replay_trace *trace, const struct refusal *to)
{
	size_t bytes = (size_t)trace->commit.bytes;
	uint8_t *data = malloc(bytes ? bytes : 1);
	int ret;

	if (!data)
		return refuse(to, -ENOMEM, "does not fit into memory");
	ret = read_all(fd, data, bytes, to);
	if (!ret && memrig_trace_sum(MEMRIG_TRACE_SUM_INIT, data, bytes) != trace->commit.data_sum)
		ret = refuse(to, -EINVAL, "is damaged: the checksum of its records is wrong");
	ret = ret ? ret : replay_decode(trace, data, bytes, to);
	free(data);
	return ret;
}

int replay_trace_load(const char *path, struct replay_trace *trace, char *why, size_t len)
{
	const struct refusal to = { .why = why, .len = len };
	int fd, ret;

	memset(trace, 0, sizeof(*trace));
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return refuse(&to, -errno, "cannot be opened: %s", strerror(errno));
	ret = read_header(fd, &trace->header, &trace->commit, &to);
	ret = ret ? ret : load_records(fd, trace, &to);
	close(fd);
	if (ret)
		replay_trace_free(trace);
	return ret;
}

void replay_trace_free(struct replay_trace *trace)
{
	free(trace->ops);
	trace->ops = NULL;
	trace->nr_ops = 0;
}

static int write_seal(int fd, struct memrig_trace_header *header,
		      struct memrig_trace_commit *commit, const struct refusal *to)
{
	if (ftruncate(fd, (off_t)(sizeof(*header) + commit->bytes)))
		return refuse(to, -errno, "cannot be cut to its length: %s", strerror(errno));
	commit->sealed = 1;
	commit->sum = memrig_trace_commit_sum(header, commit);
	header->commit[header->seq & 1] = *commit;
	memset(&header->commit[~header->seq & 1], 0, sizeof(*commit));
	if (pwrite(fd, header, sizeof(*header), 0) != (ssize_t)sizeof(*header))
		return refuse(to, -EIO, "cannot be completed: %s", strerror(errno));
	return 0;
}

int replay_trace_seal(const char *path, struct memrig_trace_commit *commit, char *why, size_t len)
{
	const struct refusal to = { .why = why, .len = len };
	struct memrig_trace_header header;
	int fd, ret;

	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return refuse(&to, -errno, "cannot be opened: %s", strerror(errno));
	ret = read_header(fd, &header, commit, &to);
	if (!ret && !commit->sealed)
		ret = write_seal(fd, &header, commit, &to);
	close(fd);
	return ret;
}
