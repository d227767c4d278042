// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* Page traces in files; the formats are in page_trace.h. */
#include <ctype.h>
#include <endian.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "page_trace.h"
#include "util.h"

#define PAGE_BYTES   4096
#define ORACLE_BYTES 24
#define SHOWN	     40 /* characters of a bad line */

/**
 * struct source - a file that is read
 * @file: name, for messages
 * @in: stream
 * @line: number of the line or record that was read last
 */
struct source {
	const char *file;
	FILE *in;
	uint64_t line;
};

static int bad_line(const struct source *src, const char *what, const char *text)
{
	return fail("%s:%" PRIu64 ": %s: '%.*s'", src->file, src->line, what,
		    (int)strcspn(text, "\r\n") < SHOWN ? (int)strcspn(text, "\r\n") : SHOWN, text);
}

static int add(struct page_trace *trace, const struct source *src, uint64_t page, bool write)
{
	int ret = page_trace_add(trace, page, write);

	if (!ret)
		return 0;
	return fail("%s:%" PRIu64 ": %s", src->file, src->line,
		    ret == -E2BIG ? "too many references or pages" : "out of memory");
}

/* A number at @text; @end is set behind it. No sign: strtoull() would take one. */
static bool number(const char *text, const char **end, uint64_t *value)
{
	char *behind;

	if (!isdigit((unsigned char)*text))
		return false;
	errno = 0;
	*value = strtoull(text, &behind, text[0] == '0' && (text[1] | 0x20) == 'x' ? 16 : 10);
	*end = behind;
	return !errno;
}

static const char *skip_blanks(const char *text)
{
	return text + strspn(text, " \t\r\n");
}

static int text_line(struct page_trace *trace, struct source *src, char *line)
{
	const char *at = skip_blanks(line);
	uint64_t page;
	bool write;

	line[strcspn(line, "#")] = '\0';
	if (!*at)
		return 0;
	if (!number(at, &at, &page))
		return bad_line(src, "no page number", skip_blanks(line));
	at = skip_blanks(at);
	write = *at == 'w';
	if (*at == 'r' || *at == 'w')
		at = skip_blanks(at + 1);
	if (*at)
		return bad_line(src, "after the page comes r, w or nothing", skip_blanks(line));
	return add(trace, src, page, write);
}

static int csv_line(struct page_trace *trace, struct source *src, char *line)
{
	char *rest = line, *field[4] = { NULL };
	const char *end;
	uint64_t page;
	size_t i;

	if (!*skip_blanks(line))
		return 0;
	for (i = 0; i < ARRAY_SIZE(field) && rest; i++)
		field[i] = (char *)skip_blanks(strsep(&rest, ","));
	if (src->line == 1 && !isdigit((unsigned char)*field[0]))
		return 0; /* headings */
	if (!field[1])
		return bad_line(src, "columns are time,obj_id,obj_size,op", line);
	if (!number(field[1], &end, &page) || *skip_blanks(end))
		return bad_line(src, "no page number in the second column", field[1]);
	return add(trace, src, page,
		   field[3] && (tolower(*field[3]) == 'w' || tolower(*field[3]) == 's'));
}

static int read_lines(struct page_trace *trace, struct source *src,
		      int (*take)(struct page_trace *trace, struct source *src, char *line))
{
	char *line = NULL;
	size_t room = 0;
	int ret = 0;

	while (!ret && getline(&line, &room, src->in) >= 0) {
		src->line++;
		ret = take(trace, src, line);
	}
	free(line);
	return ret;
}

static int read_records(struct page_trace *trace, struct source *src, size_t bytes)
{
	unsigned char record[ORACLE_BYTES];
	size_t got;
	int ret = 0;

	while (!ret && (got = fread(record, 1, bytes, src->in))) {
		uint32_t word;
		uint64_t page;

		src->line++;
		if (got < bytes)
			return fail("%s: ends within record %" PRIu64 " of %zu bytes", src->file,
				    src->line, bytes);
		if (bytes == ORACLE_BYTES) {
			memcpy(&page, record + 4, sizeof(page));
			ret = add(trace, src, le64toh(page), false);
		} else {
			memcpy(&word, record, sizeof(word));
			word = le32toh(word);
			ret = add(trace, src, word & ~PAGE_WRITE, word & PAGE_WRITE);
		}
	}
	return ret;
}

int page_trace_read(struct page_trace *trace, const char *file, enum page_format format)
{
	struct source src = { .file = file };
	int ret;

	memset(trace, 0, sizeof(*trace));
	src.in = strcmp(file, "-") ? fopen(file, "re") : stdin;
	if (!src.in)
		return fail("%s: %s", file, strerror(errno));
	if (format == PAGE_TEXT)
		ret = read_lines(trace, &src, text_line);
	else if (format == PAGE_CSV)
		ret = read_lines(trace, &src, csv_line);
	else
		ret = read_records(trace, &src, format == PAGE_ORACLE ? ORACLE_BYTES : 4);
	if (!ret && ferror(src.in))
		ret = fail("%s: %s", file, strerror(errno));
	if (!ret && !trace->nr)
		ret = fail("%s: no references", file);
	if (src.in != stdin)
		fclose(src.in);
	if (ret)
		page_trace_free(trace);
	return ret;
}

/* ---- writing ------------------------------------------------------------------------- */

static void write_oracle(FILE *out, size_t i, uint64_t page, uint32_t next)
{
	unsigned char record[ORACLE_BYTES];
	uint32_t time = htole32((uint32_t)i), size = htole32(PAGE_BYTES);
	int64_t use = next == UINT32_MAX ? -1 : (int64_t)next;

	page = htole64(page);
	use = htole64(use);
	memcpy(record, &time, 4);
	memcpy(record + 4, &page, 8);
	memcpy(record + 12, &size, 4);
	memcpy(record + 16, &use, 8);
	fwrite(record, sizeof(record), 1, out);
}

static int write_refs(const struct page_trace *trace, FILE *out, enum page_format format,
		      const uint32_t *next)
{
	uint32_t word;
	size_t i;

	if (format == PAGE_CSV)
		fputs("time,obj_id,obj_size,op\n", out);
	for (i = 0; i < trace->nr; i++) {
		uint32_t number = trace->refs[i] & ~PAGE_WRITE;
		bool write = trace->refs[i] & PAGE_WRITE;
		uint64_t page = trace->names[number];

		if (format == PAGE_TEXT) {
			fprintf(out, "%" PRIu64 "%s\n", page, write ? " w" : "");
		} else if (format == PAGE_CSV) {
			fprintf(out, "%zu,%" PRIu64 ",%d,%s\n", i, page, PAGE_BYTES,
				write ? "write" : "read");
		} else if (format == PAGE_ORACLE) {
			write_oracle(out, i, page, next[i]);
		} else {
			if (page >= PAGE_WRITE)
				return -ERANGE;
			word = htole32((uint32_t)page | (write ? PAGE_WRITE : 0));
			fwrite(&word, sizeof(word), 1, out);
		}
	}
	return 0;
}

int page_trace_write(const struct page_trace *trace, const char *file, enum page_format format)
{
	uint32_t *next = NULL;
	FILE *out;
	int ret;

	if (format == PAGE_ORACLE) {
		next = page_trace_next(trace);
		if (!next)
			return fail("out of memory");
	}
	out = fopen(file, "we");
	if (!out) {
		free(next);
		return fail("%s: %s", file, strerror(errno));
	}
	ret = write_refs(trace, out, format, next);
	free(next);
	errno = 0;
	if (ferror(out) | fclose(out))
		return fail("%s: could not be written: %s", file, strerror(errno));
	if (ret)
		return fail("%s: a page number of this trace takes more than 31 bits", file);
	return 0;
}
