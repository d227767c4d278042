#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR MIT
"""Run programs that know nothing of memrig on heaps of memrig, and be wrong on purpose.

usage: test_malloc.py DIR    (where the Makefile beside this file put its products)

Regions and windows are shared memory here: malloc/fake_device.c stands in for the module.
"""

import json
import os
import sys

sys.dont_write_bytecode = True
sys.path.append(os.path.join(os.path.dirname(__file__), ".."))
from tapcase import SQL, main, needs, run, test  # noqa: E402

OUT = os.path.abspath(sys.argv[1])
MEMRIG = OUT + "/ship/memrig"
LIBRARY = OUT + "/ship/libmemrig-malloc.so"
FAMILY = OUT + "/malloc/family"
FAKE = OUT + "/malloc/fake_device.so"
MEMORY = ("--attr", "memory")
REGION = ("--attr", "uncached", "--device", "/dev/zero")
WINDOW = ("--window", "64M", "--frames", "64K", "--policy", "lru", "--device", "/dev/zero")
PLACES = MEMORY, REGION, WINDOW
PLACEMENTS = "oob", "inband"


def rig(where, *rest, env=None, **kwargs):
    fake = {"LD_PRELOAD": FAKE} if "/dev/zero" in where else {}
    return run(MEMRIG, "run", *where, *rest, env={**fake, **(env or {})}, **kwargs)


def on_heap(where, placement, *command, options=(), status=0, **kwargs):
    """A run that ends with that status; what the program said, and the figures."""
    if where == WINDOW:
        options = [word.replace("--size", "--window") for word in options]
    done = rig(where, "--placement", placement, "--json", *options, "--", *command, **kwargs)
    assert done.returncode == status, f"{command}: status {done.returncode}: {done.stderr}"
    start = done.stdout.rfind("{\n  \"status\"")
    figures = json.loads(done.stdout[start:])
    assert figures["status"] == status and figures["allocs"] > 0, figures
    assert (figures["window"] is not None) == (where == WINDOW), figures
    return done.stdout[:start], figures


def everywhere(*command, **kwargs):
    for where in PLACES:
        for placement in PLACEMENTS:
            yield on_heap(where, placement, *command, **kwargs)


def same_as_without(*command, **kwargs):
    want = run(*command, **kwargs)
    assert want.returncode == 0, want.stderr
    for said, figures in everywhere(*command, **kwargs):
        assert said == want.stdout, f"said {said[:200]!r}, should say {want.stdout[:200]!r}"
        assert figures["failures"] == figures["refused"] == figures["foreign"] == 0, figures
        assert 0 < figures["peak_bytes"] < figures["heap_bytes"], figures


def refuse(text, done, status):
    assert done.returncode == status, f"status {done.returncode}, not {status}: {done.stderr}"
    assert text in done.stderr, f"said '{done.stderr.strip()}', should say '{text}'"


# ---------------------------------------------------------------- the family

@test
def every_function_does_as_its_manual_says():
    for _, figures in everywhere(FAMILY, "calls"):
        assert figures["end_blocks"] == 0 and figures["end_bytes"] == 0, figures
        assert figures["allocs"] == figures["frees"], figures
        assert figures["failures"] == 5, figures
        assert figures["peak_bytes"] >= 3 << 18, figures


@test
def pointers_that_name_no_block_are_counted_and_left_alone():
    for where in PLACES:
        _, figures = on_heap(where, "oob", FAMILY, "bad")
        assert figures["refused"] == 2 and figures["foreign"] == 3, figures
        done = rig(where, "--", FAMILY, "bad")
        assert done.stderr.count("is no block") == 2, done.stderr


@test
def a_header_that_is_no_header_ends_the_program():
    done = rig(MEMORY, "--placement", "inband", "--", FAMILY, "bad")
    refuse("the heap is corrupted", done, 134)


@test
def blocks_keep_their_content():
    for _, figures in everywhere(FAMILY, "churn"):
        assert figures["allocs"] == figures["frees"] > 90000, figures


@test
def threads_share_the_heap():
    for _, figures in everywhere(FAMILY, "threads"):
        assert figures["allocs"] > 8 * 30000, figures


@test
def a_forked_child_has_a_copy():
    for _ in everywhere(FAMILY, "forks"):
        pass


@test
def a_child_without_fork_handlers_must_not_share_a_region():
    on_heap(MEMORY, "oob", FAMILY, "clone", "7")
    done = rig(REGION, "--", FAMILY, "clone", "126")
    refuse("without fork handlers", done, 0)


@test
def a_fork_without_room_for_the_copy_is_explained():
    script = ("import os, resource\n"
              "used = int(open('/proc/self/statm').read().split()[0]) * 4096\n"
              "resource.setrlimit(resource.RLIMIT_AS, (used + (8 << 20), -1))\n"
              "pid = os.fork() or os._exit(0)\n"
              "os._exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))\n")
    done = rig(REGION, "--", "/usr/bin/python3", "-c", script)
    refuse("no room for its copy", done, 126)


@test
def a_fork_copies_of_a_window_what_was_written():
    # More than any machine has, of which little was touched.
    script = ("import os\n"
              "keep = [str(i) * 50 for i in range(10000)]\n"
              "pid = os.fork()\n"
              "if not pid:\n"
              "    keep[5000] = 'the child\\'s own'\n"
              "    os._exit(len(''.join(keep)) % 251)\n"
              "want = len(''.join(keep)) % 251\n"
              "got = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])\n"
              "own = (len('the child\\'s own') - len('5000' * 50)) % 251\n"
              "print((want + own) % 251 == got, keep[5000] == '5000' * 50)\n"
              "rows = open('/proc/self/smaps').read().split('VmFlags')\n"
              "print(sum('fake-window' in row for row in rows))\n")
    said, figures = on_heap(WINDOW, "oob", "/usr/bin/python3", "-c", script,
                            options=["--window", "15G"], env={"PYTHONMALLOC": "malloc"})
    assert said == "True True\n1\n", said
    assert figures["window"]["bytes"] == 15 << 30, figures


@test
def handlers_that_allocate_do_not_deadlock():
    for _ in everywhere(FAMILY, "signals"):
        pass


@test
def no_room_is_enomem_and_comes_back():
    for said, figures in everywhere(FAMILY, "full", options=["--size", "1M"]):
        assert 150 < int(said) < 210 and figures["failures"] == 2, figures
        assert figures["peak_bytes"] > 900000 and figures["heap_bytes"] == 1 << 20, figures
    done = rig(MEMORY, "--size", "1M", "--", FAMILY, "full")
    refuse("no room in 1 MiB for 2 requests", done, 0)


@test
def the_region_stays_with_its_process_through_exec():
    for _, figures in everywhere(FAMILY, "exec"):
        assert figures["programs"] == 2 and figures["allocs"] > 6000, figures


@test
def programs_that_are_started_have_heaps_of_their_own():
    script = f"{FAMILY} churn && {FAMILY} calls; echo $?"
    for said, figures in everywhere("bash", "-c", script):
        assert said == "0\n" and figures["programs"] == 1, figures
    for said, _ in [on_heap(REGION, "oob", "bash", "-c", script, options=["--children"])]:
        assert said == "0\n"
    # Their own regions are as long as ours.
    script = f"{FAMILY} full; true"
    said, _ = on_heap(REGION, "oob", "bash", "-c", script, options=["--children", "--size", "1M"])
    assert 150 < int(said) < 210, said


@test
def hardened_heaps_serve_too():
    for level in "0", "2", "4":
        for said, _ in everywhere(FAMILY, "calls", options=["--hardening", level]):
            assert said == ""


# ---------------------------------------------------------------- real programs

@test
def sqlite3_says_the_same():
    same_as_without(needs("sqlite3"), ":memory:", SQL)


@test
def sort_with_threads_says_the_same():
    with open("words", "w", encoding="ascii") as words:
        for i in range(200000):
            words.write(f"{i * 7919 % 200003}\n")
    same_as_without("sort", "-S", "8M", "--parallel=4", "words", env={"LC_ALL": "C.UTF-8"})


@test
def python3_with_threads_and_children_says_the_same():
    script = """
import json, os, subprocess, threading
print(len(json.dumps(json.loads(json.dumps([{str(i): [i] * 5} for i in range(5000)])))))
print(subprocess.run(["sort"], input="b\\na\\n", text=True, capture_output=True).stdout)
def work(n, out=[]):
    out.append(sum(len(str(i) * 9) for i in range(n)))
threads = [threading.Thread(target=work, args=(5000 + i,)) for i in range(8)]
[t.start() for t in threads]
[t.join() for t in threads]
pid = os.fork()
if not pid:
    os._exit(len([str(i) for i in range(50000)]) % 251)
print(os.waitpid(pid, 0)[1])
"""
    same_as_without("/usr/bin/python3", "-c", script, env={"PYTHONMALLOC": "malloc"})


@test
def gcc_with_all_its_processes_compiles():
    with open("x.c", "w", encoding="ascii") as source:
        source.write("#include <stdio.h>\nint main(void) { return printf(\"x\") != 1; }\n")
    on_heap(REGION, "oob", needs("gcc"), "-O2", "-o", "x", "x.c")
    assert run("./x").stdout == "x"


@test
def a_program_may_be_linked_with_it():
    done = run(OUT + "/malloc/linked")
    assert done.stdout == "small - 12\n", done.stdout + done.stderr
    done = run(OUT + "/malloc/linked", env={"MEMRIG_MALLOC": "size=4M"})
    assert done.stdout == "small large 0\n", done.stdout + done.stderr


@test
def a_recorder_may_stand_in_front():
    done = rig(MEMORY, "--stats", "--", MEMRIG, "record", "-o", "t.trace", FAMILY, "calls")
    assert done.returncode == 0 and "calls of 1 thread" in done.stderr, done.stderr


# ---------------------------------------------------------------- what goes wrong

@test
def exit_statuses_are_those_of_the_program():
    for where in PLACES:
        assert rig(where, "--", "sh", "-c", "exit 7").returncode == 7
        assert rig(where, "--", "bash", "-c", "kill -9 $$").returncode == 137
        refuse("cannot run", rig(where, "--", "/no/such/program"), 127)
        refuse("cannot run", rig(where, "--", "/etc/passwd"), 126)


@test
def figures_survive_any_end():
    script = "import os; x = [bytes(5000) for i in range(1000)]; os.kill(os.getpid(), 9)"
    _, figures = on_heap(REGION, "oob", "/usr/bin/python3", "-c", script, status=137)
    assert figures["end_bytes"] > 5000000, figures


@test
def no_device_and_no_memory_are_explained():
    missing = "--device", "/dev/no-memrig"
    refuse("no such device", rig(missing, "--", "true"), 1)
    refuse("try: --attr memory", rig(missing, "--", "true"), 1)
    refuse("physically contiguous", rig(REGION, "--", "true", env={"FAKE_DEVICE": "full"}), 1)
    for where in WINDOW, (*WINDOW, "--attr", "wc"):
        done = rig(where, "--", "true", env={"FAKE_DEVICE": "full"})
        refuse("physically contiguous", done, 1)
    refuse("EOPNOTSUPP", rig(WINDOW, "--", "true", env={"FAKE_DEVICE": "store"}), 1)
    refuse("address space", rig((*MEMORY, "--size", "64T"), "--", "ls", preexec_fn=limit), 126)


def limit():
    import resource
    resource.setrlimit(resource.RLIMIT_AS, (1 << 32, 1 << 32))


@test
def a_heap_that_is_too_small_is_enomem():
    done = rig(MEMORY, "--size", "4K", "--", "ls")
    assert done.returncode == 2 and "try: a larger --size" in done.stderr, done.stderr


@test
def a_heap_that_no_engine_can_have_is_explained():
    refuse("too small or too large", rig((*MEMORY, "--size", "32G"), "--", "ls"), 126)
    refuse("too small or too large", rig(WINDOW, "--window", "32G", "--", "ls"), 126)


@test
def a_window_that_is_too_small_says_so():
    done = rig(WINDOW, "--window", "64K", "--", "ls")
    assert done.returncode == 2 and "try: a larger --window" in done.stderr, done.stderr


@test
def a_store_has_a_file_of_its_own():
    store = (*WINDOW, "--store", "file", "--store-file")
    said = rig((*store, "mine"), "--", FAMILY, "calls")
    assert said.returncode == 0 and not os.path.exists("mine"), said.stderr
    with open("theirs", "w", encoding="ascii") as file:
        file.write("precious")
    refuse("is there already", rig((*store, "theirs"), "--", "ls"), 1)
    assert open("theirs", encoding="ascii").read() == "precious"
    refuse("'best' is none of lru, fifo, default\n", rig(WINDOW, "--policy", "best", "ls"), 1)
    refuse("'tape' is none of ram, file\n", rig(WINDOW, "--store", "tape", "ls"), 1)
    refuse("--store-file is for stores that are files", rig(WINDOW, "--store-file", "x", "ls"), 1)
    refuse("No such file", rig((*store, "no/such/place"), "--", "ls"), 1)


@test
def programs_that_cannot_use_it_are_explained():
    refuse("statically linked", rig(MEMORY, "--", OUT + "/malloc/static", "calls"), 1)
    refuse("allocates nothing", rig(MEMORY, "--", OUT + "/malloc/none"), 1)


@test
def wrong_options_are_refused_in_words():
    for words, options in {
            "no program to run": (),
            "none of cached": ("--attr", "shiny", "true"),
            "none of pages": ("--kind", "cherries", "true"),
            "neither oob nor inband": ("--placement", "middle", "true"),
            "none of 0": ("--hardening", "5", "true"),
            "is no size": ("--size", "big", "true"),
            "at least one page": ("--size", "0", "true"),
            "--kind is for regions": ("--attr", "memory", "--kind", "pages", "true"),
            "--children is for regions": ("--attr", "memory", "--children", "true"),
            "needs --frames": ("--window", "1M", "true"),
            "more frames than pages": ("--window", "1M", "--frames", "2M", "true"),
            "--frames is for windows": ("--frames", "1M", "true"),
            "--policy is for windows": ("--policy", "lru", "true"),
            "and null does not": (*WINDOW, "--store", "null", "true"),
            "and image does not": (*WINDOW, "--store", "image", "true"),
            "--fault-around: '12' is no power": (*WINDOW, "--fault-around", "12", "true"),
            "--read-ahead: '65' is not from 0 to 64": (*WINDOW, "--read-ahead", "65", "true"),
            "--clean-ms: 'x' is no number": (*WINDOW, "--clean-ms", "x", "true"),
            "none of lzo": (*WINDOW, "--store", "compressed", "--compressor", "zip", "true"),
            "--compressor is for": (*WINDOW, "--compressor", "lz4", "true"),
            "--store file needs one": (*WINDOW, "--store", "file", "true"),
            "--tick is for": (*WINDOW, "--tick", "10", "true"),
            "--tick: '0' is not from 1": (*WINDOW, "--policy", "nru", "--tick", "0", "true"),
            "--size is for regions": (*WINDOW, "--size", "1M", "true"),
            "--kind: frames": (*WINDOW, "--kind", "coherent", "true"),
            "--attr memory has no window": (*WINDOW, "--attr", "memory", "true"),
            "a window is for one": (*WINDOW, "--children", "true"),
            "--window: at least one page": ("--window", "0", "true"),
            "--window: a window has at most": ("--window", "100T", "true"),
    }.items():
        refuse(words, run(MEMRIG, "run", *options), 2)
    refuse("MEMRIG_MALLOC_LIB", rig(MEMORY, "--", "true", env={"MEMRIG_MALLOC_LIB": "/none"}), 1)


@test
def wrong_settings_are_refused_in_words():
    for wrong in ("nonsense", "attr=shiny", "attr=", "size=0", "size=1Q", "size=", "size=-1",
                  "size=99999999999G", "kind=x", "placement=x", "hardening=5", "hardening=",
                  "device=relative", "region=x", "window=x", "page=-1", "stats=1", "children=no",
                  "x" * 5000, ",", "size=1M,,stats"):
        done = run("ls", "/", env={"LD_PRELOAD": LIBRARY, "MEMRIG_MALLOC": wrong})
        refuse("settings are not understood", done, 126)
    for right in "", "attr=memory", "size=4M,stats", "hardening=4,placement=inband":
        done = run("ls", "/", env={"LD_PRELOAD": LIBRARY, "MEMRIG_MALLOC": right})
        assert done.returncode == 0 and not done.stderr, done.stderr
    done = run("ls", env={"LD_PRELOAD": LIBRARY, "MEMRIG_MALLOC": "attr=wc,device=/dev/no-memrig"})
    refuse("no region without the device", done, 126)


@test
def descriptors_that_are_something_else_are_told_from_ours():
    # A page that is none: some program that was started, on a heap of its own.
    with open("/etc/passwd", encoding="ascii") as other:
        conf = f"attr=uncached,region=0,page={other.fileno()}"
        done = run(FAMILY, "calls", env={"LD_PRELOAD": LIBRARY, "MEMRIG_MALLOC": conf},
                  pass_fds=[other.fileno()])
        assert done.returncode == 0, done.stderr
    script = "import os; os.close(int(os.environ['MEMRIG_MALLOC'].split('region=')[1]" \
             ".split(',')[0])); os.execv('/bin/ls', ['ls'])"
    refuse("is no region", rig(REGION, "--", "/usr/bin/python3", "-c", script), 126)
    script = script.replace("region=", "window=")
    refuse("is no window", rig(WINDOW, "--", "/usr/bin/python3", "-c", script), 126)


if __name__ == "__main__":
    sys.exit(main())
