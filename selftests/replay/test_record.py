#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR MIT
"""Record real programs, replay what they did in memory of this process, and be wrong on purpose.

usage: test_record.py DIR    (where the Makefile beside this file put its products)
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import time

sys.dont_write_bytecode = True
from rig import MEMRIG, program, record, refuse  # noqa: E402
from tapcase import SQL, TIMEOUT, Skip, main, needs, run, test  # noqa: E402


def replay(trace="t.trace", *options):
    done = run(MEMRIG, "replay", "--engine", "inband,oob", "--repeat", "1", "--json", *options,
               trace)
    assert done.returncode == 0, f"exit status {done.returncode}: {done.stderr}"
    answer = json.loads(done.stdout)
    assert answer["good"], answer
    assert [row["engine"] for row in answer["rows"]] == ["inband", "oob"]
    for row in answer["rows"]:
        assert row["refused"] == 0 and row["mismatches"] == 0, row
        assert row["operations"] == answer["trace"]["operations"]
        assert row["peak_used_bytes"] >= answer["trace"]["peak_bytes"], row
        assert row["least_heap_bytes"] > 0, row
    return answer


# ---------------------------------------------------------------- what is recorded

@test
def every_call_is_recorded_as_what_it_is():
    rows, said = record(program("calls"))
    want = [int(word) for word in said.split()]
    got = [rows[0][key] for key in ("allocs", "frees", "reallocs", "refused", "end_bytes")]
    assert got == want, f"{got}, should be {want}"
    assert rows[0]["foreign"] == 0 and rows[0]["missed"] == 0
    replay()


@test
def threads_are_in_one_possible_order():
    rows, _ = record(program("threads"))
    assert rows[0]["threads"] == 9, rows[0]
    assert rows[0]["allocs"] >= 8 * 20000
    assert rows[0]["foreign"] == 0 and rows[0]["missed"] == 0
    replay()


@test
def malloc_stays_no_cancellation_point():
    rows, _ = record(program("cancel"))
    assert rows[0]["allocs"] > 400000 and rows[0]["stopped"] is None, rows[0]
    replay()


@test
def children_have_traces_of_their_own():
    rows, _ = record(program("forks"))
    assert len(rows) == 12, f"{len(rows)} traces"
    parent = [row for row in rows if not row["forked"]]
    assert len(parent) == 1 and parent[0]["file"].endswith("/t.trace")
    for row in rows:
        if not row["forked"]:
            continue
        assert row["allocs"] == 100 and row["frees"] == 100 and row["foreign"] == 1, row
        assert row["file"].endswith(f"/t.trace.{row['pid']}")
        replay(row["file"])
    replay()


@test
def no_children_means_none():
    rows, _ = record(program("forks"), options=["--no-children"])
    assert len(rows) == 1
    assert [name for name in os.listdir(".") if name.startswith("t.trace")] == ["t.trace"]


@test
def exec_begins_a_new_trace():
    rows, _ = record("sh", "-c", "exec sort /etc/passwd")
    assert len(rows) == 2 and len({row["pid"] for row in rows}) == 1
    assert sorted(row["command"].split()[0] for row in rows) == ["sh", "sort"]


@test
def handlers_that_allocate_do_not_deadlock():
    rows, _ = record(program("signals"), env={"LD_PRELOAD": program("bump.so")})
    assert rows[0]["allocs"] > 1000
    replay()


@test
def a_killed_process_leaves_a_whole_trace():
    with subprocess.Popen([MEMRIG, "record", "--json", "-o", "t.trace", program("forever")],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as rig:
        assert rig.stdout.readline() == "running\n"
        child = int(open(f"/proc/{rig.pid}/task/{rig.pid}/children").read())
        os.kill(child, signal.SIGKILL)
        out, err = rig.communicate(timeout=TIMEOUT)
    assert rig.returncode == 128 + signal.SIGKILL and "killed by signal 9" in err
    assert json.loads(out)[0]["operations"] > 50000
    replay()


@test
def a_trace_is_readable_while_it_grows_and_without_its_recorder():
    with subprocess.Popen([MEMRIG, "record", "-o", "t.trace", program("forever")],
                          stdout=subprocess.PIPE, text=True) as rig:
        assert rig.stdout.readline() == "running\n"
        child = int(open(f"/proc/{rig.pid}/task/{rig.pid}/children").read())
        rig.kill()
        rig.wait()
        os.kill(child, signal.SIGSTOP)
        try:
            first = replay()["trace"]["operations"]
            os.kill(child, signal.SIGCONT)
            time.sleep(0.2)
        finally:
            os.kill(child, signal.SIGKILL)
    deadline = time.monotonic() + 10
    while os.path.exists(f"/proc/{child}/exe") and time.monotonic() < deadline:
        time.sleep(0.01)
    assert replay()["trace"]["operations"] > first


@test
def abort_and_quick_exit_lose_nothing():
    needs("python3")
    rows, _ = record("/usr/bin/python3", "-c", "import os; os.abort()", status=134)
    assert rows[0]["allocs"] > 500
    rows, _ = record("/usr/bin/python3", "-c", "import os; os._exit(7)", status=7)
    assert rows[0]["allocs"] > 500


@test
def closed_descriptors_do_not_stop_it():
    script = "import os\nos.closerange(0, 1000)\nx = [str(i) * 9 for i in range(100000)]\n"
    rows, _ = record("/usr/bin/python3", "-c", script, env={"PYTHONMALLOC": "malloc"})
    assert rows[0]["allocs"] > 100000 and rows[0]["stopped"] is None, rows[0]


@test
def a_full_disk_ends_the_recording_not_the_program():
    script = "x = [str(i) * 9 for i in range(200000)]\nprint('done')\n"
    limited = f"ulimit -f 1500; exec {MEMRIG} record --json -o t.trace -- \"$@\""
    done = run("bash", "-c", limited, "bash", "/usr/bin/python3", "-c", script,
               env={**os.environ, "PYTHONMALLOC": "malloc"})
    assert done.returncode == 0 and done.stdout.startswith("done\n"), done.stderr
    row = json.loads(done.stdout[5:])[0]
    assert "no room" in row["stopped"], row
    assert row["operations"] > 10000
    replay()


@test
def older_traces_make_room_and_other_files_do_not():
    record(program("forks"))
    rows, _ = record(program("calls"))
    assert len(rows) == 1
    assert [name for name in os.listdir(".") if name.startswith("t.trace")] == ["t.trace"]
    with open("t.trace.1", "w", encoding="ascii") as other:
        other.write("mine")
    record(program("calls"))
    assert open("t.trace.1", encoding="ascii").read() == "mine"
    shutil.copy("/etc/passwd", "precious")
    refuse("is no trace", MEMRIG, "record", "-o", "precious", program("calls"))
    assert open("precious", encoding="utf-8").read() == open("/etc/passwd", encoding="utf-8").read()


# ---------------------------------------------------------------- real programs

@test
def sqlite3_replays():
    record(needs("sqlite3"), ":memory:", SQL)
    answer = replay()
    assert answer["trace"]["peak_bytes"] > 1 << 20, answer["trace"]


@test
def sort_replays():
    with open("words", "w", encoding="ascii") as words:
        for i in range(200000):
            words.write(f"{i * 7919 % 200003}\n")
    record("sort", "words", env={"LC_ALL": "C.UTF-8"})
    replay()


@test
def python3_replays():
    needs("/usr/bin/python3")
    script = "import json; x = json.loads(json.dumps([{str(i): [i] * 5} for i in range(5000)]))"
    record("/usr/bin/python3", "-c", script, env={"PYTHONMALLOC": "malloc"})
    replay()


@test
def gcc_with_all_its_processes_replays():
    needs("gcc")
    with open("x.c", "w", encoding="ascii") as source:
        source.write("#include <stdio.h>\nint main(void) { return printf(\"x\") != 1; }\n")
    rows, _ = record("gcc", "-O2", "-o", "x", "x.c")
    assert len(rows) >= 4, [row["command"] for row in rows]
    for row in rows:
        replay(row["file"])


# ---------------------------------------------------------------- wrong input

@test
def what_cannot_be_recorded_is_explained():
    refuse("statically linked", MEMRIG, "record", "-o", "t.trace", program("static"))
    refuse("allocates nothing", MEMRIG, "record", "-o", "t.trace", program("calls"), "nothing")
    refuse("No such file", MEMRIG, "record", "-o", "t.trace", "/no/such/program",
           status=127)
    refuse("No such file", MEMRIG, "record", "-o", "/no/such/dir/t.trace", "true")
    refuse("cannot be created", MEMRIG, "record", "-o", "/proc/t.trace", "touch", "was-run")
    assert not os.path.exists("was-run"), "the program ran for nothing"
    refuse("no program to record", MEMRIG, "record", "-o", "t.trace", status=2)
    refuse("MEMRIG_RECORD_LIB", MEMRIG, "record", "-o", "t.trace", "true",
           env={**os.environ, "MEMRIG_RECORD_LIB": "/nonexistent"})


@test
def setuid_is_explained():
    if os.geteuid():
        raise Skip("not root")
    shutil.copy(program("calls"), "setuid")
    shutil.chown("setuid", "nobody")
    os.chmod("setuid", 0o4755)
    refuse("setuid", MEMRIG, "record", "-o", "t.trace", "./setuid")


@test
def bad_traces_are_refused_in_words():
    record(program("calls"))
    data = open("t.trace", "rb").read()
    refuse("No such file", MEMRIG, "replay", "missing.trace")
    refuse("not a memrig trace", MEMRIG, "replay", "/etc/passwd")
    refuse("not a regular file", MEMRIG, "replay", ".")
    cases = {"is empty": b"", "truncated": data[:-1], "is truncated: its header": data[:4095],
             "not a memrig trace": b"\0" + data[1:], "checksum": data[:-1] + b"\xff",
             "more in it": data + b"\0"}
    for text, content in cases.items():
        with open("bad.trace", "wb") as bad:
            bad.write(content)
        refuse(text, MEMRIG, "replay", "bad.trace")


@test
def bad_arguments_are_refused_in_words():
    record(program("calls"))
    replay_it = (MEMRIG, "replay", "t.trace")
    refuse("there is no memory 'magic'", *replay_it, "--attr", "cached,magic", status=2)
    refuse("there is no 'sideways'", *replay_it, "--engine", "sideways", status=2)
    for attrs in "", ",", "process,", "process,,process":
        refuse("in the list is empty", *replay_it, "--attr", attrs, status=2)
    refuse("in the list is empty", *replay_it, "--engine", "oob,,inband", status=2)
    refuse("is no size", *replay_it, "--size", "big", status=2)
    refuse("at least one page", *replay_it, "--size", "0", status=2)
    refuse("from 1 to", *replay_it, "--repeat", "0", status=2)
    refuse("one trace at a time", *replay_it, "t.trace", status=2)
    refuse("no trace", MEMRIG, "replay", status=2)
    refuse("needs a region", *replay_it, "--attr", "process", "--engine", "kernel")
    refuse("no such device", *replay_it, "--attr", "uncached", "--device", "/dev/no-memrig")
    refuse("try: --attr process", *replay_it, "--attr", "all", "--device", "/dev/no-memrig")
    for size in "0", "7", "many":
        refuse("--block-size", *replay_it, "--block-size", size, status=2)
    refuse("from 0 to", *replay_it, "--samples", "1000000", status=2)
    refuse("need --samples", *replay_it, "--samples", "0", "--series", "x.csv", status=2)
    refuse("not both", *replay_it, "--from", "x.json", status=2)


@test
def a_region_that_is_too_small_is_no_success():
    record(needs("sqlite3"), ":memory:", SQL)
    for engine in "inband", "oob":
        refuse("too small; try: --size", MEMRIG, "replay", "t.trace", "--engine", engine,
               "--size", "1M", "--repeat", "1")
    done = run(MEMRIG, "replay", "t.trace", "--engine", "inband,oob", "--size", "1M", "--json")
    answer = json.loads(done.stdout)
    assert not answer["good"]
    for row in answer["rows"]:
        assert row["refused"] > 0 and row["mismatches"] == 0, row
        done = run(MEMRIG, "replay", "t.trace", "--repeat", "1", "--engine", row["engine"],
                   "--size", str(row["least_heap_bytes"] * 17 // 16))
        assert done.returncode == 0, done.stderr


if __name__ == "__main__":
    sys.exit(main())
