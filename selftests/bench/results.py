# SPDX-License-Identifier: GPL-2.0-only OR MIT
"""Run the driver and keep what it prints."""

import os
import shutil
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

TIMEOUT = 900


def find_qemu():
    """The emulator that can load a plugin: the one make deps unpacked, or the system's."""
    cache = os.environ.get("MEMRIG_CACHE")
    if not cache:
        cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "memrig"
    for path in (Path(cache) / "icount/usr/bin/qemu-x86_64", shutil.which("qemu-x86_64")):
        if not path or not os.access(path, os.X_OK):
            continue
        text = subprocess.run([path, "-h"], capture_output=True, text=True, check=False).stdout
        if "-plugin" in text:
            return str(path)
    sys.exit("bench: no qemu-x86_64 that loads plugins; run: make deps")


class Results:
    """Lines printed by the driver, by (variant, mode, cell), and the runs that failed."""

    def __init__(self, directory, log):
        self.dir = Path(directory)
        self.log = log
        self.lines = {}
        self.failed = {}
        self.qemu = None

    def command(self, run):
        command = [str(self.dir / f"bench_{run.variant.name}"), run.mode] + run.args
        if run.mode != "icount":
            return command
        if not self.qemu:
            self.qemu = find_qemu()
        return [self.qemu, "-plugin", str(self.dir / "qicount.so")] + command

    def execute(self, run):
        key = (run.variant, run.mode, run.cell)
        env = dict(os.environ, BENCH_FAULT=run.fault)
        try:
            done = subprocess.run(self.command(run), capture_output=True, text=True, env=env,
                                  check=False, timeout=TIMEOUT)
            output, status, message = done.stdout, done.returncode, done.stderr.strip()
        except subprocess.TimeoutExpired:
            output, status, message = "", 1, f"no end after {TIMEOUT} s"
        except OSError as err:
            output, status, message = "", 1, str(err)
        self.log.write(output)
        if status:
            self.failed[key] = message or f"ended by signal {-status}"
        self.lines[key] = [dict(field.split("=", 1) for field in line.split()[1:])
                           for line in output.splitlines()]

    def get(self, variant, mode, cell):
        return self.lines.get((variant, mode, cell), [])

    def kinds(self, variant, cell):
        """Counted calls of a cell by kind; empty when the cell was not run."""
        return {line["kind"]: line for line in self.get(variant, "icount", cell)}

    def cells(self, variant, mode):
        return [c for (v, m, c), lines in self.lines.items() if (v, m) == (variant, mode) and lines]

    def mean(self, variant, cell, kind=None):
        """Exact instructions per call, or None."""
        lines = [line for k, line in self.kinds(variant, cell).items() if kind in (None, k)]
        calls = sum(int(line["calls"]) for line in lines)
        return Fraction(sum(int(line["insns"]) for line in lines), calls) if calls else None

    def worst(self, variant, kind):
        """(instructions, cell) of the worst call of a kind, or None."""
        found = [(int(self.kinds(variant, cell)[kind]["max"]), cell)
                 for cell in self.cells(variant, "icount") if kind in self.kinds(variant, cell)]
        return max(found) if found else None

    def refused(self, variant, cell):
        for mode in ("check", "icount"):
            for line in self.get(variant, mode, cell):
                return int(line["refused"])
        return None

    def traffic(self, variant, cell):
        """Loads and stores of one alloc and one free together."""
        kinds = self.kinds(variant, cell)
        if not {"alloc", "free"} <= set(kinds):
            return None
        return sum(Fraction(int(kinds[k]["loads"]) + int(kinds[k]["stores"]),
                            int(kinds[k]["calls"])) for k in ("alloc", "free"))

    def used(self, variant, heap, dist, figure="churn"):
        for line in self.get(variant, "check", "util " + heap):
            if line["dist"] == dist:
                return Fraction(line[figure])
        return None
