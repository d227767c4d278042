// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Pages of reports.
 */
#include "report_page.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "util.h"

static const char style[] =
	"body { font-family: sans-serif; margin: 2em auto; max-width: 75em; color: #222 }\n"
	"table { border-collapse: collapse; font-size: 85% }\n"
	"th, td { padding: .25em .6em; border-bottom: 1px solid #ddd; text-align: right }\n"
	"th { vertical-align: bottom; border-bottom: 2px solid #888 }\n"
	"td.name { text-align: left } td.bad { background: #fdd }\n"
	"svg { max-width: 100%; height: auto; display: block; margin: 1em 0 }\n"
	"svg image { image-rendering: pixelated }\n"
	"p.note { color: #555; max-width: 50em }\n";

void report_page_escape(FILE *out, const char *text)
{
	for (; *text; text++) {
		switch (*text) {
		case '&':
			fputs("&amp;", out);
			break;
		case '<':
			fputs("&lt;", out);
			break;
		case '>':
			fputs("&gt;", out);
			break;
		case '"':
			fputs("&quot;", out);
			break;
		default: /* XML knows no control characters */
			fputc((unsigned char)*text < ' ' ? ' ' : *text, out);
		}
	}
}

void report_page_begin(FILE *out, const char *title)
{
	fprintf(out,
		"<!DOCTYPE html>\n"
		"<html xmlns=\"http://www.w3.org/1999/xhtml\" lang=\"en\">\n<head>\n"
		"<meta charset=\"utf-8\"/>\n<title>%s</title>\n<style>\n%s</style>\n"
		"</head>\n<body>\n<h1>%s</h1>\n",
		title, style, title);
}

void report_page_end(FILE *out)
{
	fputs("</body>\n</html>\n", out);
}

int report_page_write(const char *path, int (*write)(FILE *out, void *arg), void *arg)
{
	FILE *out = fopen(path, "we");
	int ret, bad;

	if (!out)
		return fail("%s cannot be written: %s", path, strerror(errno));
	ret = write(out, arg);
	bad = ferror(out);
	if (fclose(out) || bad)
		ret = fail("%s cannot be written: %s", path, strerror(errno));
	if (ret)
		unlink(path);
	return ret;
}
