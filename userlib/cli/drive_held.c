// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * What a script has: blocks by name.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "drive.h"

int drive_refuse(struct json_object *record, int error, const char *why)
{
	json_set_text(record, "explanation", why);
	return error;
}

struct held *drive_find(struct drive *drive, const char *name)
{
	size_t i;

	for (i = 0; i < drive->count; i++)
		if (!strcmp(drive->held[i].name, name))
			return &drive->held[i];
	return NULL;
}

/* A copy of @count numbers; NULL: no memory. */
static void *copy_of(const void *from, uint32_t count, size_t size)
{
	void *to = reallocarray(NULL, count, size);

	return to ? memcpy(to, from, count * size) : NULL;
}

int drive_hold(struct drive *drive, const struct step *step, const uint32_t *members,
	       const uint64_t *offsets, uint32_t count, struct json_object *record)
{
	struct held *more = reallocarray(drive->held, drive->count + 1, sizeof(*more));
	struct held *held;

	if (!more)
		return drive_refuse(record, -ENOMEM, "out of memory");
	drive->held = more;
	held = &more[drive->count];
	*held = (struct held){ .count = count };
	held->members = copy_of(members, count, sizeof(*members));
	held->offsets = copy_of(offsets, count, sizeof(*offsets));
	if (!held->members || !held->offsets) {
		free(held->members);
		free(held->offsets);
		return drive_refuse(record, -ENOMEM, "out of memory");
	}
	if (step->name[0])
		strcpy(held->name, step->name);
	else
		snprintf(held->name, sizeof(held->name), "%u", ++drive->named);
	json_set_text(record, "name", held->name);
	drive->count++;
	return 0;
}

void drive_drop_first(struct drive *drive, struct held *held, uint32_t count)
{
	held->count -= count;
	if (held->count) {
		memmove(held->offsets, held->offsets + count, held->count * sizeof(*held->offsets));
		memmove(held->members, held->members + count, held->count * sizeof(*held->members));
		return;
	}
	free(held->members);
	free(held->offsets);
	*held = drive->held[--drive->count];
}

void drive_drop_all(struct drive *drive)
{
	while (drive->count)
		drive_drop_first(drive, drive->held, drive->held->count);
	free(drive->held);
}

int drive_check_name(struct drive *drive, const struct step *step, struct json_object *record)
{
	if (step->name[0] && drive_find(drive, step->name))
		return drive_refuse(record, -EEXIST, "there is a block of that name");
	return 0;
}

void drive_put_place(struct drive *drive, struct json_object *record, uint32_t member,
		     uint64_t offset, uint64_t usable)
{
	if (drive->target->multi)
		json_set_u64(record, "member", member);
	json_set_u64(record, "offset", offset);
	json_set_u64(record, "usable", usable);
}

int drive_poll(int fd, uint64_t timeout_ns, const char *in_vain, struct json_object *record)
{
	/* poll() takes milliseconds, rounded up; INT_MAX of them are weeks. */
	uint64_t ms = timeout_ns / 1000000 + (timeout_ns % 1000000 != 0);
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
	int ret;

	if (timeout_ns == UINT64_MAX)
		ret = poll(&poll_fd, 1, -1);
	else
		ret = poll(&poll_fd, 1, ms < INT32_MAX ? (int)ms : INT32_MAX);
	if (ret < 0)
		return drive_refuse(record, -errno, "poll failed");
	if (!ret)
		return drive_refuse(record, -ETIMEDOUT, in_vain);
	if (poll_fd.revents & POLLERR)
		return drive_refuse(record, -EINVAL, "that can never be had");
	return 0;
}
