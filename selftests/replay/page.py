# SPDX-License-Identifier: GPL-2.0-only OR MIT
"""What a report of memrig has to be: well-formed, complete, and in need of nothing else."""

import html.parser
import xml.etree.ElementTree as ElementTree

SVG = "{http://www.w3.org/2000/svg}svg"


class Page(html.parser.HTMLParser):
    """Counts what is opened and closed."""

    def __init__(self):
        super().__init__()
        self.open = []

    def handle_starttag(self, tag, attrs):
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag != "meta":
            assert self.open.pop() == tag, f"</{tag}> closes something else"


def expected(rows):
    """Pictures: one of the blocks for each row; for each memory one of its fragmentation, and one
    of the costs for each kind of operation and each unit."""
    costs = {(row["memory"], row["costs"]["unit"], kind) for row in rows
             for kind in ("alloc", "free", "realloc") if row["costs"][kind]["calls"]}
    return len(rows) + len({row["memory"] for row in rows}) + len(costs)


def check_document(name, count):
    """A page with so many pictures."""
    text = open(name, encoding="utf-8").read()
    page = Page()
    page.feed(text)
    page.close()
    assert page.open == [], page.open
    tree = ElementTree.fromstring(text)
    pictures = tree.findall(f".//{SVG}")
    assert len(pictures) == count, len(pictures)
    for picture in pictures:
        drawn = [e for e in picture.iter() if e.tag.endswith(("}path", "}image"))]
        assert len(drawn) > 4, "an empty picture"
    ids = [e.get("id") for e in tree.iter() if e.get("id")]
    assert len(ids) == len(set(ids)), "two things of one name"
    for element in tree.iter():
        for key, value in element.attrib.items():
            assert "nan" not in value.lower() or "base64" in value, (element.tag, key, value)
            if key.endswith("href"):
                assert value.startswith(("#", "data:")), f"needs something else: {value[:80]}"
                assert value[0] != "#" or value[1:] in ids, value
        for words in (element.text or "").split():
            assert words.lower() not in ("nan", "-nan", "inf", "-inf"), element.tag
    return tree


def check_page(name, answer):
    tree = check_document(name, expected(answer["rows"]))
    assert len(tree.findall(".//{*}table/{*}tr")) == len(answer["rows"]) + 1
    return tree
