// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Reading scripts.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "attr_bits.h"
#include "script.h"

#define WORDS_MAX 24
#define FILE_MAX  (1 << 20)

/* What a step takes after its first word, in this order; options may follow those that end in o. */
static const struct {
	const char *word;
	enum step_op op;
	const char
		*takes; /* b: BYTES, t: TIME, c: COUNT, a: AT, n: NAME or AT, N: NAME, o: options */
} ops[] = {
	{ "alloc", STEP_ALLOC, "bo" },
	{ "wait", STEP_WAIT, "tbo" },
	{ "batch", STEP_BATCH, "cbo" },
	{ "get", STEP_GET, "aco" },
	{ "realloc", STEP_REALLOC, "nbo" },
	{ "free", STEP_FREE, "n" },
	{ "put", STEP_PUT, "ac" },
	{ "isfree", STEP_IS_FREE, "ac" },
	{ "watch", STEP_WATCH, "tbo" },
	{ "send", STEP_SEND, "No" },
	{ "commit", STEP_SEND, "No" },
	{ "receive", STEP_RECEIVE, "to" },
	{ "done", STEP_FREE, "n" },
	{ "listen", STEP_LISTEN, "to" },
	{ "track", STEP_TRACK, "o" },
	{ "walk", STEP_WALK, "" },
	{ "map", STEP_MAP, "" },
	{ "stat", STEP_STAT, "" },
	{ "validate", STEP_VALIDATE, "" },
	{ "reset", STEP_RESET, "" },
	{ "sleep", STEP_SLEEP, "t" },
};

int parse_time(const char *text, uint64_t *ns)
{
	static const struct {
		const char *unit;
		double ns;
	} units[] = { { "us", 1e3 }, { "ms", 1e6 }, { "s", 1e9 } };
	char *end;
	double value;
	size_t i;

	if (!strcmp(text, "ever")) {
		*ns = UINT64_MAX;
		return 0;
	}
	value = strtod(text, &end);
	for (i = 0; end != text && i < ARRAY_SIZE(units); i++) {
		if (strcmp(end, units[i].unit))
			continue;
		value *= units[i].ns;
		if (!(value >= 0 && value < 1e18)) /* NaN is refused, too */
			return -EINVAL;
		*ns = (uint64_t)value;
		return 0;
	}
	return -EINVAL;
}

static int wrong(const struct step *step, const char *what, const char *word)
{
	fail("in the script: %s: %s%s%s%s", step->text, what, word ? " '" : "", word ?: "",
	     word ? "'" : "");
	return EXIT_USAGE;
}

/* "@OFFSET" or "@MEMBER:OFFSET". */
static int parse_at(const char *word, struct step *step)
{
	const char *colon = strchr(word, ':');
	char member[16];

	if (*word++ != '@')
		return -EINVAL;
	step->at = true;
	if (!colon)
		return parse_size(word, &step->offset);
	if ((size_t)(colon - word) >= sizeof(member))
		return -EINVAL;
	memcpy(member, word, colon - word);
	member[colon - word] = '\0';
	return parse_u32(member, &step->member) ?: parse_size(colon + 1, &step->offset);
}

static int parse_name(const char *word, struct step *step)
{
	if (!*word || *word == '@' || strlen(word) >= sizeof(step->name))
		return -EINVAL;
	strcpy(step->name, word);
	return 0;
}

static int parse_site(const char *word, struct step *step)
{
	if (!*word || strlen(word) >= sizeof(step->site))
		return -EINVAL;
	strcpy(step->site, word);
	return 0;
}

static int parse_priority(const char *word, int32_t *priority)
{
	char *end;
	long value;

	errno = 0;
	value = strtol(word, &end, 10);
	if (end == word || *end || errno || value < INT32_MIN || value > INT32_MAX)
		return -EINVAL;
	*priority = (int32_t)value;
	return 0;
}

static int parse_option(const char *name, const char *value, struct step *step)
{
	if (!value)
		return wrong(step, "nothing follows", name);
	if (!strcmp(name, "align"))
		return parse_size(value, &step->align) ? wrong(step, "no alignment:", value) : 0;
	if (!strcmp(name, "as"))
		return parse_name(value, step)
			       ? wrong(step, "no name of 1 to 31 characters:", value)
			       : 0;
	if (!strcmp(name, "with"))
		return attr_bits_parse(value, &step->with) ? wrong(step, "no attribute:", value)
							   : 0;
	if (!strcmp(name, "without"))
		return attr_bits_parse(value, &step->without) ? wrong(step, "no attribute:", value)
							      : 0;
	if (!strcmp(name, "site"))
		return parse_site(value, step)
			       ? wrong(step, "no place of 1 to 31 characters:", value)
			       : 0;
	if (!strcmp(name, "bytes"))
		return parse_size(value, &step->bytes) ? wrong(step, "no size:", value) : 0;
	if (!strcmp(name, "member"))
		return parse_u32(value, &step->member) ? wrong(step, "no number:", value) : 0;
	if (!strcmp(name, "prio"))
		return parse_priority(value, &step->priority) ? wrong(step, "no priority:", value)
							      : 0;
	return wrong(step, "there is no option", name);
}

/* One word that the step takes; @kind as in the table. */
static int parse_word(char kind, const char *word, struct step *step)
{
	switch (kind) {
	case 'b':
		return parse_size(word, &step->bytes) ? wrong(step, "no size:", word) : 0;
	case 't':
		return parse_time(word, &step->timeout_ns)
			       ? wrong(step, "no time like 50us, 100ms, 2s or ever:", word)
			       : 0;
	case 'c':
		return parse_u32(word, &step->count) ? wrong(step, "no number:", word) : 0;
	case 'a':
		return parse_at(word, step) ? wrong(step, "no place like @4096:", word) : 0;
	case 'N':
		return parse_name(word, step) ? wrong(step, "no name:", word) : 0;
	default:
		if (*word == '@')
			return parse_word('a', word, step);
		return parse_name(word, step) ? wrong(step, "no name:", word) : 0;
	}
}

/* "get" with a time instead of a place is what streams call receiving. */
static const char *word_of(char **words)
{
	uint64_t ns;

	if (!strcmp(words[0], "get") && words[1] && !parse_time(words[1], &ns))
		return "receive";
	return words[0];
}

static int parse_words(char **words, struct step *step)
{
	const char *takes = "", *word = word_of(words);
	size_t i;
	int ret;

	for (i = 0; i < ARRAY_SIZE(ops) && strcmp(word, ops[i].word); i++)
		;
	if (i == ARRAY_SIZE(ops))
		return wrong(step, "there is no step", words[0]);
	step->op = ops[i].op;
	for (takes = ops[i].takes, words++; *takes && *takes != 'o'; takes++, words++) {
		if (!*words)
			return wrong(step, "something is missing behind it", NULL);
		ret = parse_word(*takes, *words, step);
		if (ret)
			return ret;
	}
	for (; *takes == 'o' && words[0]; words += 2) {
		ret = parse_option(words[0], words[1], step);
		if (ret)
			return ret;
	}
	return *words ? wrong(step, "too much:", *words) : 0;
}

/* The number of an errno, 0 if there is none of that name. */
static int errno_value(const char *name)
{
	const char *known;
	int i;

	for (i = 1; i < 4096; i++) {
		known = strerrorname_np(i);
		if (known && !strcmp(known, name))
			return i;
	}
	return 0;
}

/* @line is cut into words. */
static int parse_step(char *line, struct step *step)
{
	char *words[WORDS_MAX + 1] = { NULL };
	char *save = NULL, *word;
	size_t n = 0, skip = 0;

	for (word = strtok_r(line, " \t\r", &save); word; word = strtok_r(NULL, " \t\r", &save)) {
		if (n == WORDS_MAX)
			return wrong(step, "too many words", NULL);
		words[n++] = word;
	}
	if (!strcmp(words[0], "expect")) {
		step->expect = words[1] ? errno_value(words[1]) : 0;
		if (!step->expect)
			return wrong(step, "no errno like ENOMEM:", words[1] ?: "");
		if (!words[2])
			return wrong(step, "which step is to fail?", NULL);
		skip = 2;
	}
	return parse_words(words + skip, step);
}

/* The line without blanks around it and without a comment; NULL if nothing is left. */
static char *trim(char *line)
{
	char *end;

	line[strcspn(line, "#")] = '\0';
	line += strspn(line, " \t\r");
	end = line + strlen(line);
	while (end > line && strchr(" \t\r", end[-1]))
		*--end = '\0';
	return *line ? line : NULL;
}

static int add_step(char *line, struct script *script)
{
	struct step *more, *step;

	line = trim(line);
	if (!line)
		return 0;
	more = reallocarray(script->steps, script->count + 1, sizeof(*more));
	if (!more)
		return fail("out of memory");
	script->steps = more;
	step = &more[script->count];
	*step = (struct step){ .text = strdup(line) };
	if (!step->text)
		return fail("out of memory");
	step->line = ++script->count;
	return parse_step(line, step);
}

/* A comment ends with its line, semicolons in it are part of it. */
static int parse_line(char *line, struct script *script)
{
	char *save = NULL, *part;
	int ret = 0;

	line[strcspn(line, "#")] = '\0';
	for (part = strtok_r(line, ";", &save); part && !ret; part = strtok_r(NULL, ";", &save))
		ret = add_step(part, script);
	return ret;
}

int script_parse(const char *text, struct script *script)
{
	char *copy = strdup(text), *save = NULL, *line;
	int ret = 0;

	if (!copy)
		return fail("out of memory");
	for (line = strtok_r(copy, "\n", &save); line && !ret; line = strtok_r(NULL, "\n", &save))
		ret = parse_line(line, script);
	free(copy);
	return ret;
}

int script_read(const char *path, struct script *script)
{
	bool standard = !strcmp(path, "-");
	FILE *file = standard ? stdin : fopen(path, "re");
	size_t got;
	char *text;
	int ret;

	if (!file)
		return fail("%s: %s", path, strerror(errno));
	text = malloc(FILE_MAX + 1);
	got = text ? fread(text, 1, FILE_MAX + 1, file) : 0;
	if (!text)
		ret = fail("out of memory");
	else if (ferror(file))
		ret = fail("%s: %s", path, strerror(errno));
	else if (got > FILE_MAX)
		ret = fail("%s: a script has at most 1 MiB", path);
	else
		ret = 0;
	if (!standard)
		fclose(file);
	if (!ret) {
		text[got] = '\0';
		ret = script_parse(text, script);
	}
	free(text);
	return ret;
}

void script_free(struct script *script)
{
	size_t i;

	for (i = 0; i < script->count; i++)
		free(script->steps[i].text);
	free(script->steps);
	*script = (struct script){ 0 };
}
