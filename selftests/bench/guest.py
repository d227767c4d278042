#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR MIT
"""What requests to the kernel cost, in instructions, kernel included.

Boots a guest whose clock is its instruction counter and runs guest_cost.c in it. Counts depend on
nothing but the kernel and the compiler, and differ in interrupts at most; bounds are on ratios.

full  tables, PASS or FAIL per bound
gate  the bounds as TAP
"""

import argparse
import fcntl
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import gates
from run import print_tap, print_verdicts

KERNEL = "6.12"
TOP = Path(__file__).resolve().parents[2]
VM = TOP / "selftests/vm"
SOURCES_OF = ["Kbuild", "kmod", "uapi", "selftests/kunit", "selftests/consumer"]  # the module
# One processor whose every instruction takes a nanosecond, and who never waits for a real one.
QEMU = ["--smp", "1", "--qemu-arg", "-icount", "--qemu-arg", "shift=0,sleep=off"]
LINE = re.compile(r"^# cost who=(\S+) what=(\S+) batch=(\d+) insns=([\d.]+)$")
CACHED_MOST = 3  # times the cost on a heap of the process
BATCH = 64
BATCHED_MOST = 0.75  # of the cost of single requests
ENGINES = ["sys_heap", "slab", "blocks", "ring", "first_fit", "best_fit"]
WORKLOADS = ["pairs", "churn", "bursts", "floods"]
SOURCES = {
    "malloc": "the C library's",
    "local": "heap of the process",
    "kernel": "heap of the kernel",
    "cached": "the same through a cache",
}


def command(directory, *words):
    env = dict(os.environ, MRIG_BUILD=str(directory / "guest"))
    return subprocess.run([str(word) for word in words], env=env, capture_output=True, text=True,
                          check=False)


def newest():
    files = (path for name in SOURCES_OF for path in (TOP / name, *(TOP / name).rglob("*")))
    return max(path.stat().st_mtime for path in files if path.is_file())


def module(directory):
    """The module: the one that the tests of this kernel have built, or one built here."""
    own = directory / "guest" / KERNEL / "memrig.ko"
    theirs = Path(os.environ.get("MRIG_BUILD", TOP / "build")) / KERNEL
    if (theirs / "memrig.ko").exists():
        # who builds holds the lock
        with open(theirs / "lock", "a", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            built = theirs / "memrig.ko"
            if built.exists() and built.stat().st_mtime > newest():
                own.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(built, own)
                return own
    built = command(directory, VM / "build-module.sh", KERNEL)
    if built.returncode:
        sys.exit(f"bench: {built.stderr.strip()}")
    return own


def measure(directory, program="guest_cost", *more):
    """Costs by (who, what, batch), and whether the guest found nothing wrong."""
    name = program.removeprefix("guest_")
    ran = command(directory, VM / "run.sh", "--name", name, "--kernel", KERNEL, *QEMU, *more,
                  "--module", module(directory), "--tests", directory / program)
    if ran.returncode == 2:
        sys.exit(f"bench: {ran.stderr.strip()}")
    costs = {}
    results = directory / f"guest/logs/{name}.results"
    for line in results.read_text(encoding="utf-8", errors="replace").split("\n"):
        match = LINE.match(line.strip())
        if match:
            costs[match[1], match[2], int(match[3])] = float(match[4])
    wrong = [line for line in ran.stdout.split("\n") if line.startswith("not ok")]
    return costs, wrong or ([] if ran.returncode == 0 else [ran.stderr.strip()])


def pair(costs, who, batch):
    both = [costs.get((who, what, batch)) for what in ("alloc", "free")]
    return sum(both) if all(both) else None


def judge(costs, wrong):
    yield gates.Verdict(not wrong, "guest: the clock counts, everything was served",
                        "; ".join(wrong) or f"{len(costs)} costs")
    for engine in ENGINES:
        single, batched = pair(costs, engine, 0), pair(costs, engine, BATCH)
        yield gates.at_most(f"{engine}: {BATCH} blocks by one ioctl / by one each",
                            single and batched and batched / single, BATCHED_MOST)
    for what in WORKLOADS:
        ours, local = costs.get(("cached", what, 0)), costs.get(("local", what, 0))
        yield gates.at_most(f"cached: {what} / heap of the process",
                            ours and local and ours / local, CACHED_MOST)


def show(value):
    return "-" if value is None else f"{value:.0f}"


def table(title, head, rows):
    width = max(len(row[0]) for row in rows)
    print(f"\n{title}\n")
    print(" " * (width + 2) + "".join(name.rjust(10) for name in head))
    for row in rows:
        print("  " + row[0].ljust(width) + "".join(show(value).rjust(10) for value in row[1:]))


def print_tables(costs):
    batches = sorted({key[2] for key in costs if key[1] == "alloc"})
    head = ["single" if batch == 0 else f"by {batch}" for batch in batches]
    for what in "alloc", "free":
        table(f"Instructions of one {what} on a heap of the kernel, the call included, by blocks "
              "per ioctl", head,
              [[engine] + [costs.get((engine, what, batch)) for batch in batches]
               for engine in ENGINES])
    print(f"\n  an empty system call: {show(costs.get(('syscall', 'getppid', 0)))}")
    table("Instructions of an allocation and a free together: 1 block, random, 128 up and down, "
          "512 up and down", WORKLOADS,
          [[f"{who}: {what}"] + [costs.get((who, name, 0)) for name in WORKLOADS]
           for who, what in SOURCES.items()])


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dir", required=True, help="where guest_cost is")
    parser.add_argument("what", choices=["full", "gate"])
    args = parser.parse_args()
    if os.uname().machine != "x86_64":
        sys.exit("bench: instruction counts are those of x86_64; run it on one")
    costs, wrong = measure(Path(args.dir).resolve())
    verdicts = list(judge(costs, wrong))
    if args.what == "full":
        print_tables(costs)
        print_verdicts(verdicts)
    else:
        print_tap(verdicts)
    return 0 if all(verdict.passed for verdict in verdicts) else 1


if __name__ == "__main__":
    sys.exit(main())
