// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Sizes and numbers on the command line and in tables.
 */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "util.h"

static const char suffixes[] = "KMGTPE";

/* The power of two that a suffix such as "", "K", "KB", "KiB" stands for, or -1. */
static int suffix_shift(const char *text)
{
	const char *found;
	int shift;

	if (!*text || !strcasecmp(text, "B"))
		return 0;
	found = strchr(suffixes, toupper((unsigned char)*text));
	if (!found)
		return -1;
	shift = 10 * (int)(found - suffixes + 1);
	text++;
	if (*text && strcasecmp(text, "B") && strcasecmp(text, "iB"))
		return -1;
	return shift;
}

/* Decimal digits after a point, as a fraction of 2^shift. Advances *text. */
static uint64_t parse_fraction(const char **text, int shift)
{
	long double digit = 0.1L, sum = 0;

	for (; isdigit((unsigned char)**text); (*text)++, digit /= 10)
		sum += digit * (**text - '0');
	return (uint64_t)(sum * (long double)(1ULL << shift) + 0.5L);
}

int parse_size(const char *text, uint64_t *bytes)
{
	const char *end, *fraction = NULL;
	uint64_t value, part = 0;
	char *stop;
	int shift;

	if (!isdigit((unsigned char)*text))
		return -EINVAL;
	errno = 0;
	value = strtoull(text, &stop, strncasecmp(text, "0x", 2) ? 10 : 16);
	if (errno)
		return -ERANGE;
	end = stop;
	if (*end == '.') {
		fraction = ++end;
		end += strspn(end, "0123456789");
		if (end == fraction)
			return -EINVAL;
	}
	shift = suffix_shift(end);
	if (shift < 0 || (fraction && !shift))
		return -EINVAL;
	if (value > UINT64_MAX >> shift)
		return -ERANGE;
	if (fraction)
		part = parse_fraction(&fraction, shift);
	if (__builtin_add_overflow(value << shift, part, bytes))
		return -ERANGE;
	return 0;
}

int parse_u32(const char *text, uint32_t *value)
{
	unsigned long long number;
	char *end;

	if (!isdigit((unsigned char)*text))
		return -EINVAL;
	errno = 0;
	number = strtoull(text, &end, 0);
	if (*end)
		return -EINVAL;
	if (errno || number > UINT32_MAX)
		return -ERANGE;
	*value = number;
	return 0;
}

uint64_t size_option(const struct argp_state *state, const char *option, const char *text)
{
	uint64_t bytes;

	if (parse_size(text, &bytes))
		argp_error(state, "%s: '%s' is no size; examples: 4096, 64K, 1.5M, 2G", option,
			   text);
	return bytes;
}

uint32_t u32_option(const struct argp_state *state, const char *option, const char *text)
{
	uint32_t value;

	if (parse_u32(text, &value))
		argp_error(state, "%s: '%s' is no number from 0 to %" PRIu32, option, text,
			   UINT32_MAX);
	return value;
}

uint32_t range_option(const struct argp_state *state, const char *option, const char *text,
		      uint32_t low, uint32_t high)
{
	uint32_t value = u32_option(state, option, text);

	if (value < low || value > high)
		argp_error(state, "%s: '%s' is not from %u to %u", option, text, low, high);
	return value;
}

uint32_t hardening_option(const struct argp_state *state, const char *text)
{
	uint32_t level;

	if (parse_u32(text, &level) || level > 4)
		argp_error(state,
			   "--hardening: '%s' is none of 0 (none), 1 (basic), 2 (moderate), 3 "
			   "(full), 4 (extreme)",
			   text);
	return level;
}

const char *format_size(uint64_t bytes, char buf[SIZE_TEXT])
{
	unsigned int power = 0;
	double scaled;

	while (power < strlen(suffixes) && bytes >> (10 * (power + 1)))
		power++;
	if (!power) {
		snprintf(buf, SIZE_TEXT, "%" PRIu64, bytes);
	} else if (!(bytes & ((1ULL << (10 * power)) - 1))) {
		snprintf(buf, SIZE_TEXT, "%" PRIu64 " %ciB", bytes >> (10 * power),
			 suffixes[power - 1]);
	} else {
		scaled = (double)bytes / (double)(1ULL << (10 * power));
		snprintf(buf, SIZE_TEXT, "%.*f %ciB", scaled < 10 ? 2 : 1, scaled,
			 suffixes[power - 1]);
	}
	return buf;
}
