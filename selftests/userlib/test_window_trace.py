#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR MIT
"""Traces of windows without a device: one that was recorded in a guest (recorded.window: memrig
evict-sim in a window of eight frames, its store a file), small ones made here, and wrong ones.

usage: test_window_trace.py MEMRIG
"""

import json
import os
import struct
import sys

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path += [HERE + "/..", HERE + "/../replay"]
from page import check_document  # noqa: E402
from tapcase import main, needs, run, test  # noqa: E402

MEMRIG = os.path.abspath(sys.argv[1])
RECORDED = HERE + "/recorded.window"
HEAD = "memrig-window-trace 1\n"
WINDOW = "0 3 window 16 4 4096 lru ram\n"
SMALL = HEAD + WINDOW + """0 3 here 9
10 3 touch 0 w major user
20 3 touch 1 r major user
40 3 touch 2 w major kernel
30 3 touch 1 r soft user
50 3 out 0 1500 0
51 3 evict 0 dirty fault
52 3 out 1 10 -28
60 3 touch 4 r major user
65 3 evict 1 clean fault
66 3 in 0 900 0
70 3 touch 0 r major user
75 3 evict 0 dirty asked
80 3 sigbus 5 16
81 3 touch 6 r retry user
82 3 touch 6 r soft user
90 3 choice 1024 2
95 3 end
99 0 lost 7
"""


def memrig(*words, status=0):
    done = run(MEMRIG, *words)
    assert done.returncode == status, f"status {done.returncode}: {done.stderr}"
    return done.stdout if status == 0 else done.stderr


def put(name, text):
    with open(name, "w", encoding="ascii") as file:
        file.write(text)
    return name


def report(*words):
    return json.loads(memrig("window", "report", "--json", *words))


def lines_of(name):
    with open(name, encoding="ascii") as file:
        return [line.split() for line in file.read().splitlines()[1:]]


@test
def every_event_counts():
    want = {"window": 3, "pages": 16, "frames": 4, "policy": "lru", "store": "ram", "touched": 5,
            "major": 6, "soft": 1, "waited": 1, "writes": 2, "kernel": 1, "evict_clean": 1,
            "evict_dirty": 1, "asked": 1, "page_ins": 1, "page_outs": 1, "in_ns": 900,
            "out_ns": 1500, "errors": 1, "sigbus": 1, "resident_start": 1, "resident_most": 4,
            "resident_end": 4, "lost": 7}
    got = report(put("small.window", SMALL))
    wrong = {key: (got[key], value) for key, value in want.items() if got[key] != value}
    assert not wrong, wrong


@test
def what_was_recorded_is_what_is_reported():
    got = report(RECORDED)
    rows = lines_of(RECORDED)
    touches = [row for row in rows if row[2] == "touch" and row[5] != "retry"]
    evicted = [row for row in rows if row[2] == "evict"]
    moved = {kind: [int(row[4]) for row in rows if row[2] == kind and row[5] == "0"]
             for kind in ("in", "out")}
    assert len(touches) > 100 and len(evicted) > 100, rows[:3]
    assert got["major"] + got["soft"] == len(touches), got
    assert got["waited"] == sum(row[2] == "touch" and row[5] == "retry" for row in rows), got
    assert got["touched"] == len({row[3] for row in touches}), got
    assert got["evict_dirty"] == sum(row[4] == "dirty" for row in evicted), got
    assert got["evict_clean"] == sum(row[4] == "clean" for row in evicted), got
    assert got["page_ins"] == len(moved["in"]) and got["page_outs"] == len(moved["out"]), got
    assert got["in_ns"] == sum(moved["in"]) // len(moved["in"]), got
    # Every page came from the file, and each of them was touched.
    assert got["major"] == got["page_ins"], got
    assert got["resident_most"] <= got["frames"] == 8, got


@test
def the_page_is_whole_and_has_the_figures():
    needs("gnuplot")
    for trace in RECORDED, put("small.window", SMALL):
        got = report("-o", "report.html", trace)
        tree = check_document("report.html", 3)
        cells = [cell.text for cell in tree.findall(".//{*}table/{*}tr/{*}td")]
        table = dict(zip(cells[::2], cells[1::2]))
        assert table["faults"] == str(got["major"]), table
        assert table["evictions, written"] == str(got["evict_dirty"]), table
        missing = "missing from this trace" in "".join(tree.itertext())
        assert missing == (got["lost"] != 0), got


@test
def a_trace_in_which_nothing_happens_is_drawn():
    needs("gnuplot")
    got = report("-o", "report.html", put("none.window", HEAD + WINDOW))
    check_document("report.html", 1)
    assert got["major"] == 0 and got["lost"] is None, got


@test
def without_gnuplot_the_numbers_are_there():
    path = os.environ["PATH"]
    os.environ["PATH"] = "/nowhere"
    try:
        put("small.window", SMALL)
        assert "apt-get install gnuplot-nox" in memrig(
            "window", "report", "-o", "x.html", "small.window", status=1)
        assert not os.path.exists("x.html") and report("small.window")["major"] == 6
    finally:
        os.environ["PATH"] = path


@test
def it_is_a_trace_of_page_uses():
    put("small.window", SMALL)
    memrig("evict-sim", "--export", "small.csv", "small.window")
    rows = [line.split(",") for line in open("small.csv", encoding="ascii")][1:]
    # Page 0 is written once by a touch, and once as it left changed; page 1 comes twice.
    assert [(row[1], row[3].strip()) for row in rows] == [
        ("0", "write"), ("1", "read"), ("1", "read"), ("2", "write"), ("4", "read"),
        ("0", "write"), ("6", "read")], rows
    memrig("evict-sim", "--export", "small.oracleGeneral", "small.window")
    records = struct.iter_unpack("<IQIq", open("small.oracleGeneral", "rb").read())
    assert [(page, following) for _, page, _, following in records] == [
        (0, 5), (1, 2), (1, -1), (2, -1), (4, -1), (0, -1), (6, -1)]


@test
def policies_play_it():
    answer = json.loads(memrig("evict-sim", "--json", "--policy", "fifo", "--frames", "8",
                               RECORDED))
    optimum, fifo = answer["rows"]
    # It was recorded in a window of so many frames under that very policy.
    assert fifo["misses"] == report(RECORDED)["major"], fifo
    assert optimum["misses"] < fifo["misses"], optimum


@test
def of_several_windows_one_is_chosen():
    other = WINDOW.replace(" 3 ", " 5 ") + "7 5 touch 1 r major user\n"
    put("two.window", SMALL + other)
    said = memrig("window", "report", "two.window", status=1)
    assert "more than one window" in said and "--window 5" in said, said
    assert report("--window", "5", "two.window")["major"] == 1
    assert report("--window", "3", "two.window")["major"] == 6
    assert "no window 4" in memrig("window", "report", "--window", "4", "two.window", status=1)
    said = memrig("evict-sim", "--frames", "1", "two.window", status=1)
    assert "more than one window" in said, said
    memrig("evict-sim", "--frames", "2", "--window", "3", "two.window")


@test
def wrong_traces_are_refused_in_words():
    touch = "10 3 touch 0 w major user\n"
    for words, text in {
            "no trace of a window": "time,obj_id\n",
            "its first line": "",
            "has no window": HEAD + "1 0 lost 0\n",
            "2: no window": HEAD + "0 3 window 4 16 4096 lru ram\n",
            "not described above": HEAD + touch,
            "4: no such event": HEAD + WINDOW + touch + "11 3 tou\n",
            "3: no page": HEAD + WINDOW + "10 3 touch 16 w major user\n",
            "3: no touch": HEAD + WINDOW + "10 3 touch 0 x major user\n",
            "3: too few words": HEAD + WINDOW + "10 3 touch 0 w major\n",
            "3: no transfer": HEAD + WINDOW + "10 3 in 0 -4 0\n",
            "3: no eviction": HEAD + WINDOW + "10 3 evict 0 grey fault\n",
            "3: no SIGBUS": HEAD + WINDOW + "10 3 sigbus 0 why\n",
            "3: no choice": HEAD + WINDOW + "10 3 choice 100 x\n",
            "3: no number": HEAD + WINDOW + "10 0 lost many\n",
            "begins with a time": HEAD + WINDOW + "now 3 end\n",
            "4: a line begins": HEAD + WINDOW + touch + "-1 3 end\n",
    }.items():
        said = memrig("window", "report", put("wrong.window", text), status=1)
        assert words in said, f"said {said!r}, should say {words!r}"
        assert words in memrig("evict-sim", "--frames", "1", "wrong.window", status=1)
    assert "nobody touched" in memrig("evict-sim", put("x.window", HEAD + WINDOW), status=1)
    assert "No such file" in memrig("window", "report", "nosuch.window", status=1)
    for words, arguments in {
            "no trace": (), "one trace": ("a", "b"), "no number": ("-w", "x", "a")}.items():
        said = memrig("window", "report", *arguments, status=2)
        assert words in said, said
    said = memrig("evict-sim", "--export", "y.window", RECORDED, status=2)
    assert "comes from a window" in said, said


if __name__ == "__main__":
    sys.exit(main())
