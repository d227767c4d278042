// SPDX-License-Identifier: GPL-2.0-only
/*
 * The one unit that instantiates the tracepoints of windows.
 */
#define CREATE_TRACE_POINTS
#include "core/trace_paging.h"
