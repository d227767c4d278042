// SPDX-License-Identifier: GPL-2.0-only
/*
 * The one unit that instantiates the tracepoints.
 */
#include <linux/string.h>

#define CREATE_TRACE_POINTS
#include "core/trace.h"
