// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The steps of a script that allocate and free.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "drive.h"

/* A step that cannot be done for a reason of this program's. */
static int refuse(struct json_object *record, int error, const char *why)
{
	json_set_text(record, "explanation", why);
	return error;
}

/* ---- what the script has ------------------------------------------------------------- */

static struct held *find_held(struct drive *drive, const char *name)
{
	size_t i;

	for (i = 0; i < drive->count; i++)
		if (!strcmp(drive->held[i].name, name))
			return &drive->held[i];
	return NULL;
}

/* Keeps @count blocks under the step's name, or a number. */
static int hold_blocks(struct drive *drive, const struct step *step, uint32_t member,
		       const uint64_t *offsets, uint32_t count, struct json_object *record)
{
	struct held *more = reallocarray(drive->held, drive->count + 1, sizeof(*more));
	struct held *held;

	if (!more)
		return refuse(record, -ENOMEM, "out of memory");
	drive->held = more;
	held = &more[drive->count];
	*held = (struct held){ .member = member, .count = count };
	held->offsets = reallocarray(NULL, count, sizeof(*offsets));
	if (!held->offsets)
		return refuse(record, -ENOMEM, "out of memory");
	memcpy(held->offsets, offsets, count * sizeof(*offsets));
	if (step->name[0])
		strcpy(held->name, step->name);
	else
		snprintf(held->name, sizeof(held->name), "%u", ++drive->named);
	json_set_text(record, "name", held->name);
	drive->count++;
	return 0;
}

static void drop_held(struct drive *drive, struct held *held)
{
	free(held->offsets);
	*held = drive->held[--drive->count];
}

/* Names are taken once; said before anything is allocated. */
static int check_name(struct drive *drive, const struct step *step, struct json_object *record)
{
	if (step->name[0] && find_held(drive, step->name))
		return refuse(record, -EEXIST, "there is a block of that name");
	return 0;
}

static void put_place(struct drive *drive, struct json_object *record, uint32_t member,
		      uint64_t offset, uint64_t usable)
{
	if (drive->target->multi)
		json_set_u64(record, "member", member);
	json_set_u64(record, "offset", offset);
	json_set_u64(record, "usable", usable);
}

/* ---- allocating ---------------------------------------------------------------------- */

static int alloc_heap(memrig_heap_t *heap, const struct step *step, uint64_t *offset,
		      uint64_t *usable)
{
	if (step->op == STEP_WAIT)
		return memrig_heap_alloc_wait_at(heap, step->align, step->bytes, step->timeout_ns,
						 offset, usable);
	return memrig_heap_alloc_at(heap, step->align, step->bytes, offset, usable);
}

static int alloc_multi(memrig_multi_t *multi, const struct step *step, uint32_t *member,
		       uint64_t *offset, uint64_t *usable)
{
	struct memrig_multi_alloc args = {
		.size = sizeof(args),
		.flags = step->op == STEP_WAIT ? MEMRIG_ALLOC_WAIT : 0,
		.bytes = step->bytes,
		.align = step->align,
		.with = step->with,
		.without = step->without,
		.priority = step->priority,
		.timeout_ns = step->op == STEP_WAIT ? step->timeout_ns : 0,
	};
	int ret = memrig_multi_alloc_at(multi, &args);

	*member = args.member;
	*offset = args.offset;
	*usable = args.usable;
	return ret;
}

static int do_alloc(struct drive *drive, const struct step *step, struct json_object *record)
{
	uint64_t offset, usable;
	uint32_t member = 0;
	int ret;

	ret = check_name(drive, step, record);
	if (ret)
		return ret;
	if (drive->target->heap)
		ret = alloc_heap(drive->target->heap, step, &offset, &usable);
	else
		ret = alloc_multi(drive->target->multi, step, &member, &offset, &usable);
	if (ret)
		return ret;
	ret = hold_blocks(drive, step, member, &offset, 1, record);
	put_place(drive, record, member, offset, usable);
	return ret;
}

static int batch(struct drive *drive, const struct step *step, struct memrig_alloc_req *reqs,
		 struct json_object *record)
{
	uint64_t *offsets;
	uint32_t done, i;
	int ret;

	for (i = 0; i < step->count; i++)
		reqs[i] = (struct memrig_alloc_req){ .bytes = step->bytes, .align = step->align };
	ret = memrig_heap_alloc_batch(drive->target->heap, reqs, step->count,
				      MEMRIG_BATCH_ALL_OR_NONE, &done);
	if (ret)
		return ret;
	offsets = reallocarray(NULL, done, sizeof(*offsets));
	if (!offsets)
		return refuse(record, -ENOMEM, "out of memory");
	for (i = 0; i < done; i++)
		offsets[i] = reqs[i].offset;
	ret = hold_blocks(drive, step, 0, offsets, done, record);
	free(offsets);
	json_set_u64(record, "blocks", done);
	return ret;
}

static int do_batch(struct drive *drive, const struct step *step, struct json_object *record)
{
	struct memrig_alloc_req *reqs;
	int ret;

	ret = check_name(drive, step, record);
	if (ret)
		return ret;
	if (drive->target->multi)
		return refuse(record, -EOPNOTSUPP, "batches are for one allocator, not several");
	if (!step->count || step->count > MEMRIG_BATCH_MAX)
		return refuse(record, -EINVAL, "a batch has 1 to 4096 blocks");
	reqs = reallocarray(NULL, step->count, sizeof(*reqs));
	if (!reqs)
		return refuse(record, -ENOMEM, "out of memory");
	ret = batch(drive, step, reqs, record);
	free(reqs);
	return ret;
}

static int do_realloc(struct drive *drive, const struct step *step, struct json_object *record)
{
	struct memrig_multi_realloc args = {
		.size = sizeof(args),
		.bytes = step->bytes,
		.align = step->align,
		.with = step->with,
		.without = step->without,
		.priority = step->priority,
	};
	struct held *held = find_held(drive, step->name);
	int ret;

	if (!held)
		return refuse(record, -ENOENT, "there is no block of that name");
	if (held->count != 1)
		return refuse(record, -EINVAL, "one block at a time; these are several");
	args.member = held->member;
	args.offset = held->offsets[0];
	if (drive->target->multi)
		ret = memrig_multi_realloc_at(drive->target->multi, &args);
	else
		ret = memrig_heap_realloc_at(drive->target->heap, &held->offsets[0], step->align,
					     step->bytes, 0, (uint64_t *)&args.usable);
	if (ret < 0)
		return ret;
	if (drive->target->multi) {
		held->member = args.member;
		held->offsets[0] = args.offset;
	}
	json_set_text(record, "name", held->name);
	json_set_bool(record, "moved", ret);
	put_place(drive, record, held->member, held->offsets[0], args.usable);
	return 0;
}

/* ---- freeing ------------------------------------------------------------------------- */

static int free_at(struct drive *drive, uint32_t member, uint64_t offset)
{
	if (drive->target->multi)
		return memrig_multi_free_at(drive->target->multi, member, offset);
	return memrig_heap_free_at(drive->target->heap, offset);
}

/* What could not be freed stays held. */
static int do_free(struct drive *drive, const struct step *step, struct json_object *record)
{
	struct held *held;
	uint32_t done = 0;
	int ret = 0;

	if (step->at)
		return free_at(drive, step->member, step->offset);
	held = find_held(drive, step->name);
	if (!held)
		return refuse(record, -ENOENT, "there is no block of that name");
	if (drive->target->heap)
		ret = memrig_heap_free_batch(drive->target->heap, held->offsets, held->count,
					     &done);
	else
		while (!ret && done < held->count)
			ret = free_at(drive, held->member, held->offsets[done++]);
	if (!ret) {
		drop_held(drive, held);
	} else if (drive->target->heap) {
		held->count -= done;
		memmove(held->offsets, held->offsets + done, held->count * sizeof(*held->offsets));
	}
	return ret;
}

/* ---- blocks by number, waiting ------------------------------------------------------- */

static int do_blocks(struct drive *drive, const struct step *step, struct json_object *record)
{
	memrig_heap_t *heap;
	uint64_t usable;
	int ret;

	ret = check_name(drive, step, record);
	if (!ret)
		ret = target_member(drive->target, step->member, &heap);
	if (ret)
		return ret;
	if (step->op == STEP_GET)
		ret = memrig_heap_blocks_get(heap, step->offset, step->count);
	else if (step->op == STEP_PUT)
		ret = memrig_heap_blocks_free(heap, step->offset, step->count);
	else
		ret = memrig_heap_blocks_is_free(heap, step->offset, step->count);
	if (ret >= 0 && step->op == STEP_IS_FREE) {
		json_set_bool(record, "free", ret);
		ret = 0;
	}
	if (!ret && step->op == STEP_GET) {
		ret = hold_blocks(drive, step, step->member, &step->offset, 1, record);
		if (!memrig_heap_usable_at(heap, step->offset, &usable))
			put_place(drive, record, step->member, step->offset, usable);
	}
	return ret;
}

/* poll() takes milliseconds, rounded up; INT_MAX of them are weeks. */
static int poll_time(uint64_t ns)
{
	uint64_t ms = ns / 1000000 + (ns % 1000000 != 0);

	if (ns == UINT64_MAX)
		return -1;
	return ms < INT32_MAX ? (int)ms : INT32_MAX;
}

static int do_watch(struct drive *drive, const struct step *step, struct json_object *record)
{
	struct pollfd poll_fd = { .events = POLLIN };
	int ret;

	if (drive->target->multi)
		return refuse(record, -EOPNOTSUPP, "one allocator can be watched, not several");
	ret = memrig_heap_watch(drive->target->heap, step->align, step->bytes);
	if (ret)
		return ret;
	poll_fd.fd = memrig_heap_fd(drive->target->heap);
	ret = poll(&poll_fd, 1, poll_time(step->timeout_ns));
	if (ret < 0)
		return refuse(record, -errno, "poll failed");
	if (!ret)
		return refuse(record, -ETIMEDOUT, "nothing became free in time");
	if (poll_fd.revents & POLLERR)
		return refuse(record, -EINVAL, "that can never be had");
	return 0;
}

static int do_sleep(const struct step *step)
{
	struct timespec time = {
		.tv_sec = (time_t)(step->timeout_ns / 1000000000),
		.tv_nsec = (long)(step->timeout_ns % 1000000000),
	};

	while (nanosleep(&time, &time) && errno == EINTR)
		;
	return 0;
}

int drive_step(struct drive *drive, const struct step *step, struct json_object *record)
{
	switch (step->op) {
	case STEP_ALLOC:
	case STEP_WAIT:
		return do_alloc(drive, step, record);
	case STEP_BATCH:
		return do_batch(drive, step, record);
	case STEP_REALLOC:
		return do_realloc(drive, step, record);
	case STEP_FREE:
		return do_free(drive, step, record);
	case STEP_GET:
	case STEP_PUT:
	case STEP_IS_FREE:
		return do_blocks(drive, step, record);
	case STEP_WATCH:
		return do_watch(drive, step, record);
	case STEP_SLEEP:
		return do_sleep(step);
	default:
		return drive_look(drive, step, record);
	}
}
