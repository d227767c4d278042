#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR MIT
"""
Judge one run of the test guest.

Reads what the runner said (MACHINE), what the guest printed on its result line (RESULTS) and the
kernel log (CONSOLE); prints one TAP stream in which every leaf test point of every program appears
once, under the name of the run. See the comment in run.sh for what counts as a failure.
"""

import argparse
import re
import sys

POINT = re.compile(r"^(\s*)(ok|not ok)\b\s*(\d+)?\s*(?:-\s*)?(.*?)\s*$")
PLAN = re.compile(r"^(\s*)1\.\.(\d+)(?:\s*#\s*SKIP\b\s*(.*))?", re.I)
DIRECTIVE = re.compile(r"(?:^|\s)#\s*(SKIP|TODO|XFAIL)\b:?\s*(.*)$", re.I)
BEGIN = re.compile(r"^# begin (\S+)$")
END = re.compile(r"^# end (\S+) (\d+)$")

# What a healthy kernel does not print. Matched against the console without its time stamps.
SUSPECT = re.compile(
    r"WARNING:|\bBUG\b|\bOops\b|\bKASAN\b|\bUBSAN\b|INFO: (?!.*(?:lockdep is turned off))"
    r"|general protection|Kernel panic|Unable to handle|Internal error|[Bb]ad page|"
    r"page allocation failure|refcount_t|possible .*deadlock|circular locking|"
    r"inconsistent lock state|held lock freed|unreferenced object|DMA-API: .*(?:device driver|"
    r"mapping|exceeded|out of memory)|list_(?:add|del) corruption|scheduling while atomic|"
    r"sleeping function|ODEBUG|soft lockup|hard LOCKUP|rcu.*(?:stall|detected)|"
    r"x86/PAT: .*(?:conflicting|map pfn)|Freeing .*not mapped|vmalloc error|"
    r"memrig: .*(?:leak|zombie|bug)"
)
# What these kernels print in these machines with nothing loaded.
HARMLESS = re.compile(
    r"DMA-API: (?:preallocated|debugging enabled)|KASAN: .*initialized|kasan: |"
    r"RCU restricting|rcu: .*(?:stall_timeout|implementation|delay)|"
    r"INFO: lockdep is turned off|Spectre|WARNING: CPU: \d+ PID: 0 .*arch/arm64/kernel/setup"
)
STAMP = re.compile(r"^\[ *\d+\.\d+\](?:\[ *[TC]\d+\])? ?")


class Verdict:
    """Collects test points and prints them numbered."""

    def __init__(self, name, quiet):
        self.name = name
        self.quiet = quiet
        self.count = 0
        self.failed = 0

    def point(self, good, what, directive="", details=()):
        self.count += 1
        if not good:
            self.failed += 1
        elif self.quiet:
            return
        mark = "ok" if good else "not ok"
        tail = f" # {directive}" if directive else ""
        print(f"{mark} {self.count} - {self.name}: {what}{tail}")
        for line in details:
            print(f"#   {line}")


def leaves(lines):
    """
    Yield (good, description, directive) of the points without sub-points, and check plans.

    In KTAP a result line closes the deeper lines before it, so it is a leaf only when there
    are none; a failure of a parent whose children all pass is reported too.
    """
    pending = []  # (depth, good) of points not yet claimed by a shallower one
    plan = None
    top = 0
    for line in lines:
        match = PLAN.match(line)
        if match:
            if len(match[1]) == 0:
                plan = int(match[2])
                if match[3] is not None and plan == 0:
                    yield True, "whole program", f"SKIP {match[3]}"
            continue
        match = POINT.match(line)
        if not match:
            continue
        depth, good, text = len(match[1]), match[2] == "ok", match[4]
        children = [p for p in pending if p[0] > depth]
        pending = [p for p in pending if p[0] <= depth] + [(depth, good)]
        top += depth == 0
        directive = ""
        found = DIRECTIVE.search(text)
        if found:
            directive = f"{found[1].upper()} {found[2]}".strip()
            text = text[: found.start()].rstrip(" -")
        if found and found[1].upper() in ("TODO", "XFAIL"):
            good = True
        if not children:
            yield good, text or "(unnamed)", directive
        elif not good and all(p[1] for p in children):
            yield False, text, "parent of passing points"
    if plan is not None and top and plan != top:
        yield False, f"plan says {plan}, {top} points came", ""


def judge_program(verdict, name, lines, status):
    """One program: its points, then whether they agree with how it ended."""
    if verdict.quiet:  # it speaks to people; only its status counts
        verdict.point(status == 0, f"{name}: exit status {status}")
        return
    points = 0
    failures = 0
    skipped = 0
    for good, text, directive in leaves(lines):
        points += 1
        failures += not good
        skipped += directive.startswith("SKIP")
        verdict.point(good, f"{name}: {text}", directive, [] if good else failure_context(lines, text))
    if status == 4 and points == 0:  # kselftest's KSFT_SKIP
        verdict.point(True, f"{name}: whole program", "SKIP " + (lines[-1] if lines else "no reason"))
    elif points == 0:
        verdict.point(False, f"{name}: ran", details=lines[-20:] or ["printed nothing"])
    elif status in (124, 137, 143):
        verdict.point(False, f"{name}: ends in time", details=lines[-10:])
    elif status != 0 and failures == 0 and not (status == 4 and skipped):
        verdict.point(False, f"{name}: exit status {status} with no failed point", details=lines[-20:])
    elif status == 0 and failures:
        verdict.point(False, f"{name}: exit status 0 in spite of failed points")


def failure_context(lines, text):
    """The lines just before a failed point explain it."""
    for i, line in enumerate(lines):
        if "not ok" in line and text in line:
            return [ln for ln in lines[max(0, i - 12) : i] if not POINT.match(ln)] + [
                ln for ln in lines[i + 1 : i + 4] if ln.startswith("#")
            ]
    return []


def judge_results(verdict, lines, expected):
    """The guest's own points and those of every program it ran."""
    current, body, ran, complete = None, [], 0, False
    for line in lines:
        match = BEGIN.match(line)
        if match:
            current, body = match[1], []
            continue
        match = END.match(line)
        if match and match[1] == current:
            judge_program(verdict, current, body, int(match[2]))
            ran += 1
            current = None
            continue
        if current is not None:
            body.append(line)
            continue
        if line == "# memrig-vm: complete":
            complete = True
            continue
        match = POINT.match(line)
        if match:
            verdict.point(match[2] == "ok", match[4])
        elif line.startswith("# ") and not verdict.quiet:
            print(line)
    if current is not None:
        judge_program(verdict, current, body, 0)
        verdict.point(False, f"{current}: was running when the guest stopped", details=body[-10:])
    if not complete:
        verdict.point(False, "the guest gets to its end", details=lines[-5:])
    if ran < expected:
        verdict.point(False, f"{expected} programs run, {ran} did")


def judge_console(verdict, lines):
    """The kernel log."""
    suspects = []
    for i, line in enumerate(lines):
        text = STAMP.sub("", line)
        if SUSPECT.search(text) and not HARMLESS.search(text):
            suspects.append((i, text))
    details = []
    if suspects:
        first = suspects[0][0]
        details = [STAMP.sub("", ln) for ln in lines[max(0, first - 3) : first + 40]]
        if len(suspects) > 1:
            details += ["...", f"{len(suspects)} suspicious lines in all"]
            details += [text for _, text in suspects[1:10]]
    booted = any("Run /init" in ln or "memrig" in ln for ln in lines)
    verdict.point(booted, "boots to /init", details=[] if booted else lines[-20:])
    verdict.point(not suspects, "no warning in the kernel log", details=details)


def read_lines(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        # A UART may send a byte of noise when it is switched on.
        return [line.rstrip("\r\n").replace("\r", "").lstrip("\ufffd") for line in file]


def main():
    parser = argparse.ArgumentParser(description=__doc__.strip().splitlines()[0])
    parser.add_argument("--name", required=True, help="of the run")
    parser.add_argument("--quiet", action="store_true", help="print failures only, ask no TAP")
    parser.add_argument("--expect", type=int, default=0, help="programs that must have run")
    parser.add_argument("machine")
    parser.add_argument("results")
    parser.add_argument("console")
    args = parser.parse_args()

    verdict = Verdict(args.name, args.quiet)
    if not args.quiet:
        print("TAP version 13")
    for line in read_lines(args.machine):
        match = POINT.match(line)
        if match:
            verdict.point(match[2] == "ok", match[4].removeprefix(f"{args.name}: "))
    judge_results(verdict, read_lines(args.results), args.expect)
    judge_console(verdict, read_lines(args.console))
    if not args.quiet:
        print(f"1..{verdict.count}")
    return 1 if verdict.failed else 0


if __name__ == "__main__":
    sys.exit(main())
