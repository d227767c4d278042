/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What was reported last, and how often, for memrig_on_misuse().
 */
#ifndef MEMRIG_USERLIB_MISUSE_H
#define MEMRIG_USERLIB_MISUSE_H

static struct {
	const void *object;
	const void *block;
	int error;
	int count;
} reported;

static void note_misuse(const void *object, const void *block, int error)
{
	reported.object = object;
	reported.block = block;
	reported.error = error;
	reported.count++;
}

#endif /* MEMRIG_USERLIB_MISUSE_H */
