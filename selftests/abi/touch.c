// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The functions of touch.h: SIGBUS jumps back to where the touch began.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>

#include "touch.h"

static _Thread_local sigjmp_buf back;
static _Thread_local volatile bool touching;

static void on_sigbus(int signal)
{
	if (!touching)
		abort();
	siglongjmp(back, signal);
}

__attribute__((constructor)) static void catch_sigbus(void)
{
	struct sigaction action = { .sa_handler = on_sigbus };

	sigaction(SIGBUS, &action, NULL);
}

enum act { ACT_READ, ACT_REWRITE, ACT_STORE };

static bool touch(volatile char *at, enum act act, char value)
{
	if (sigsetjmp(back, 1)) {
		touching = false;
		return false;
	}
	touching = true;
	if (act != ACT_STORE)
		value = *at;
	if (act != ACT_READ)
		*at = value;
	touching = false;
	return true;
}

bool touch_read(const volatile char *at)
{
	return touch((volatile char *)at, ACT_READ, 0);
}

bool touch_write(volatile char *at)
{
	return touch(at, ACT_REWRITE, 0);
}

bool touch_store(volatile char *at, char value)
{
	return touch(at, ACT_STORE, value);
}
