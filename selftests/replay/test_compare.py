#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR MIT
"""Compare every allocator on what real programs did, and check what the comparison says.

usage: test_compare.py DIR    (where the Makefile beside this file put its products)
"""

import csv
import json
import os
import shutil
import sys
import xml.etree.ElementTree as ElementTree

sys.dont_write_bytecode = True
from page import check_page  # noqa: E402
from rig import MEMRIG, program, record, refuse  # noqa: E402
from tapcase import main, needs, run, test  # noqa: E402

ENGINES = ["inband", "oob", "slab", "blocks", "ring", "first_fit", "best_fit"]
SQL = """
create table t(a, b);
with recursive n(i) as (select 1 union all select i + 1 from n where i < 600)
  insert into t select i, hex(randomblob(i % 99)) from n;
create index x on t(b);
delete from t where a % 3 = 0;
select count(*) from t group by substr(b, 1, 1);
"""


def compare(*options, status=0):
    done = run(MEMRIG, "replay", "--json", "--repeat", "2", *options)
    assert done.returncode == status, f"exit status {done.returncode}: {done.stderr}"
    return json.loads(done.stdout)


def record_sql():
    record(needs("sqlite3"), ":memory:", SQL)


def check_costs(row):
    """The classes add up, and percentiles rise to the worst."""
    calls = 0
    for kind in "alloc", "free", "realloc":
        spread = row["costs"][kind]
        calls += spread["calls"]
        assert sum(count for _, count in spread["classes"]) == spread["calls"], spread
        rising = [spread[key] for key in ("p50", "p90", "p99", "p99_9", "worst")]
        assert rising == sorted(rising), spread
        assert spread["mean"] <= spread["worst"], spread
    assert 0 < calls <= row["operations"], row
    unit = row["costs"]["unit"]
    assert unit in ("ns", "instructions")
    other = "instructions" if unit == "ns" else "ns"
    worst = [row["costs"][kind]["worst"] for kind in ("alloc", "free", "realloc")]
    assert row["worst_" + unit] == max(worst)
    assert row["worst_" + other] is None
    assert (row["instructions_per_op"] is None) == (unit == "ns")


def check_series(row, region):
    series = row["series"]
    length = len(series["operation"])
    assert 90 <= length <= 101, length
    assert series["operation"] == sorted(series["operation"])
    assert series["operation"][-1] == row["operations"] - 1
    for name, column in series.items():
        assert len(column) == length, name
    for i in range(length):
        assert series["largest_free"][i] <= series["free_bytes"][i] <= region, i
        assert series["live_bytes"][i] <= series["usable_bytes"][i], i
    assert series["refused"][-1] == row["refused"]
    assert len(row["map"]) == length
    for i, picture in enumerate(row["map"]):
        assert len(picture) == 64 and set(picture) <= set("0123456789"), picture
        assert (set(picture) == {"0"}) == (series["live_blocks"][i] == 0), (i, picture)


# ---------------------------------------------------------------- the comparison

@test
def every_engine_is_compared():
    record_sql()
    answer = compare("t.trace")
    assert answer["good"]
    assert [row["engine"] for row in answer["rows"]] == ENGINES
    region = answer["trace"]["region_bytes"]
    for row in answer["rows"]:
        assert row["mismatches"] == 0, row["engine"]
        assert row["peak_used_bytes"] >= row["peak_asked_bytes"] + row["inside_bytes"], row
        assert row["fragmented"] + row["unfit"] <= row["refused"], row
        assert row["unusable_bytes"] <= region
        if not row["refused"]:
            assert row["peak_asked_bytes"] == answer["trace"]["peak_bytes"], row
        check_costs(row)
        check_series(row, region)
    heaps = [row for row in answer["rows"] if row["engine"] in ("inband", "oob", "best_fit")]
    assert all(row["refused"] == 0 for row in heaps)


@test
def blocks_are_sized_for_the_trace():
    record_sql()
    answer = compare("--engine", "slab,blocks,all", "t.trace")
    slab, blocks = answer["rows"][:2]
    largest = answer["trace"]["largest"]
    assert slab["engine"] == "slab" and slab["block_size"] % 8 == 0, slab
    assert largest <= slab["block_size"] < largest + 4096, slab
    assert slab["unfit"] == 0, slab
    size = blocks["block_size"]
    assert size >= 16 and size & (size - 1) == 0, size
    if size > 16:
        assert blocks["inside_bytes"] <= answer["trace"]["peak_bytes"] // 8, blocks
    for row in answer["rows"][2:]:
        assert row["block_size"] is None, row


@test
def a_block_size_is_what_waste_is_made_of():
    record_sql()
    answer = compare("--engine", "all", "--block-size", "4K", "t.trace")
    rows = {row["engine"]: row for row in answer["rows"]}
    assert rows["slab"]["allocator"] == "slab 4096"
    peak = answer["trace"]["peak_operation"]
    slab = rows["slab"]
    assert slab["unfit"] > 0 and slab["least_heap_bytes"] == 0, "256 KiB do not fit into 4"
    assert slab["inside_bytes"] % 4096 == -slab["peak_asked_bytes"] % 4096
    assert rows["blocks"]["inside_bytes"] > rows["oob"]["inside_bytes"], peak


@test
def what_all_cannot_do_is_a_result_and_what_one_cannot_is_a_failure():
    record_sql()
    answer = compare("--size", "64K", "t.trace")
    assert answer["good"]
    assert all(row["refused"] > 0 for row in answer["rows"])
    for engine in ENGINES:
        refuse("operations failed in a region of 64 KiB", MEMRIG, "replay", "--engine", engine,
               "--size", "64K", "--repeat", "1", "t.trace")


@test
def the_least_heap_is_enough_and_less_is_not():
    record(program("calls"))
    for row in compare("t.trace")["rows"]:
        least = row["least_heap_bytes"]
        if not least:
            assert row["unfit"] > 0, f"{row['engine']}: no heap is found to be enough"
            continue
        done = run(MEMRIG, "replay", "--engine", row["engine"], "--repeat", "1", "--size",
                   str((least + 4095) // 4096 * 4096), "t.trace")
        assert done.returncode == 0, done.stderr


@test
def the_series_is_the_same_as_csv():
    record_sql()
    run(MEMRIG, "replay", "--engine", "oob,first_fit", "--samples", "20", "--save", "kept.json",
        "--series", "series.csv", "t.trace", check=True)
    answer = json.load(open("kept.json", encoding="utf-8"))
    with open("series.csv", encoding="ascii", newline="") as file:
        lines = list(csv.DictReader(file))
    want = []
    for row in answer["rows"]:
        for i in range(len(row["series"]["operation"])):
            want.append({"attr": "process", "engine": row["engine"],
                         **{name: str(column[i]) for name, column in row["series"].items()}})
    assert lines == want
    assert len(want) >= 40


@test
def no_samples_no_series():
    record(program("calls"))
    for row in compare("--samples", "0", "--engine", "oob", "t.trace")["rows"]:
        assert "series" not in row and "map" not in row


# ---------------------------------------------------------------- the report

@test
def the_report_is_one_page_with_everything_in_it():
    needs("gnuplot")
    record_sql()
    run(MEMRIG, "replay", "--repeat", "1", "--save", "kept.json", "--report", "report.html",
        "t.trace", check=True)
    check_page("report.html", json.load(open("kept.json", encoding="utf-8")))


@test
def a_kept_comparison_is_shown_and_drawn_elsewhere():
    needs("gnuplot")
    record("sh", "-c", "exec sort '<&>\"' /etc/passwd", status=2)
    first = run(MEMRIG, "replay", "--engine", "oob,ring", "--save", "kept.json", "t.trace",
                check=True)
    again = run(MEMRIG, "replay", "--from", "kept.json", "--report", "report.html", check=True)
    assert again.stdout in first.stdout, "another table"
    answer = json.loads(run(MEMRIG, "replay", "--from", "kept.json", "--json", check=True).stdout)
    assert answer == json.load(open("kept.json", encoding="utf-8"))
    tree = check_page("report.html", answer)
    assert '<&>"' in tree.find(".//{*}code").text or "sh" in answer["trace"]["command"]


@test
def an_empty_trace_has_a_report_too():
    needs("gnuplot")
    record(program("calls"), "one")
    run(MEMRIG, "replay", "--engine", "oob", "--report", "report.html", "t.trace", check=True)
    ElementTree.parse("report.html")


@test
def what_a_report_lacks_is_named():
    record(program("calls"))
    replay = (MEMRIG, "replay", "--engine", "oob", "--repeat", "1")
    refuse("apt-get install gnuplot-nox", *replay, "--report", "x.html", "t.trace",
           env={**os.environ, "PATH": "/nonexistent"})
    assert not os.path.exists("x.html")
    if shutil.which("gnuplot"):
        refuse("/no/such/x.html cannot be written", *replay, "--report", "/no/such/x.html",
               "t.trace")
        run(*replay, "--samples", "0", "--save", "bare.json", "t.trace", check=True)
        refuse("no figures over time", MEMRIG, "replay", "--from", "bare.json", "--report",
               "x.html")
    refuse("/no/such/x.csv cannot be written", *replay, "--series", "/no/such/x.csv", "t.trace")
    refuse("/no/such/x.json cannot be written", *replay, "--save", "/no/such/x.json", "t.trace")
    refuse("missing.json cannot be read", MEMRIG, "replay", "--from", "missing.json")
    cases = ["", "{", "[]", "{}", "t.trace", '{"trace": {}, "good": true, "rows": [{}]}',
             '{"trace": {}, "good": true, "rows": [{"memory": "a", "allocator": "b", "costs": {},'
             ' "series": {"operation": [1]}, "map": []}]}',
             '{"trace": {}, "good": true, "rows": [{"memory": "a", "allocator": "b", "costs": {},'
             ' "series": {"operation": [1]}, "map": [null]}]}',
             '{"trace": {}, "good": true, "rows": [{"memory": "a", "allocator": "b", "costs": {},'
             ' "series": {"operation": [1, 2]}, "map": ["01", "0`"]}]}',
             '{"trace": {}, "good": true, "rows": [{"memory": "a", "allocator": "b", "costs": 1}]}']
    for text in cases:
        with open("bad.json", "w", encoding="ascii") as bad:
            bad.write(text)
        refuse("bad.json", MEMRIG, "replay", "--from", "bad.json")


@test
def odd_figures_do_no_harm():
    needs("gnuplot")
    row = {"memory": "`touch x`'; system 'touch x", "allocator": "<b>&'\"",
           "series": {"operation": [0]}, "map": ["09"],
           "costs": {"unit": "ns", "alloc": {"calls": 3, "classes": [1, [], [5, 9]]}, "free": 7}}
    with open("odd.json", "w", encoding="utf-8") as odd:
        json.dump({"trace": {"command": "\u0001<&"}, "good": False, "rows": [row, row]}, odd)
    run(MEMRIG, "replay", "--from", "odd.json", "--report", "odd.html", "--series", "odd.csv",
        check=True)
    assert not os.path.exists("x")
    ElementTree.parse("odd.html")


# ---------------------------------------------------------------- real programs

def compare_program(*command, env=None):
    record(*command, env=env)
    answer = compare("t.trace")
    assert answer["good"]
    assert [row["engine"] for row in answer["rows"]] == ENGINES
    assert answer["trace"]["operations"] > 500, answer["trace"]


@test
def python3_is_compared():
    needs("/usr/bin/python3")
    script = "import json; json.dumps([str(i) for i in range(99)])"
    compare_program("/usr/bin/python3", "-c", script, env={"PYTHONMALLOC": "malloc"})


@test
def git_is_compared():
    run(needs("git"), "init", "-q", "-b", "main", ".", check=True)
    for i in range(40):
        with open(f"file{i}", "w", encoding="ascii") as file:
            file.write(f"{i}\n" * i)
    run("git", "add", ".", check=True)
    compare_program("git", "status", "--porcelain")


@test
def sort_is_compared():
    with open("words", "w", encoding="ascii") as words:
        for i in range(3000):
            words.write(f"{i * 7919 % 3001}\n")
    record("sort", "words", env={"LC_ALL": "C.UTF-8"})
    assert compare("t.trace")["good"]


if __name__ == "__main__":
    sys.exit(main())
