#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR MIT
"""
Judge the TAP or KTAP output of one program: every leaf test point counts once, and a program that
prints no point, whose plan does not match or whose exit status contradicts its points is a failure.

    tap.py NAME STATUS < output      print the verdict as TAP, exit 1 if anything failed
"""

import re
import sys

POINT = re.compile(r"^(\s*)(ok|not ok)\b\s*(\d+)?\s*(?:-\s*)?(.*?)\s*$")
PLAN = re.compile(r"^(\s*)1\.\.(\d+)(?:\s*#\s*SKIP\b\s*(.*))?", re.I)
DIRECTIVE = re.compile(r"(?:^|\s)#\s*(SKIP|TODO|XFAIL)\b:?\s*(.*)$", re.I)


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
        print(f"{mark} {self.count} - {self.name}{what}{tail}")
        for line in details:
            print(f"#   {line}")


def leaves(lines):
    """
    Yield (good, description, directive) of the points without sub-points, and check plans. The
    output of several programs, one after the other, is as good as that of one.

    In KTAP a result line closes the deeper lines before it, so it is a leaf only when there
    are none; a failure of a parent whose children all pass is reported too.
    """
    pending = []  # (depth, good) of points not yet claimed by a shallower one
    plan = None  # of the program so far, when it came first
    top = 0  # its points
    for line in lines:
        match = PLAN.match(line)
        if match and not match[1]:
            if plan is None and top:  # a plan at the end
                if top != int(match[2]):
                    yield False, f"plan says {match[2]}, {top} points came", ""
                plan = None
            else:
                if plan is not None and plan != top:
                    yield False, f"plan says {plan}, {top} points came", ""
                plan = int(match[2])
                if plan == 0 and match[3] is not None:
                    yield True, "whole program", f"SKIP {match[3]}"
            top = 0
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
    if plan is not None and plan != top:
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
            before = lines[max(0, i - 12) : i]
            after = [ln for ln in lines[i + 1 : i + 4] if ln.startswith("#")]
            return [ln for ln in before if not (POINT.match(ln) or PLAN.match(ln))] + after
    return []


def main():
    if len(sys.argv) != 3:
        sys.exit("usage: tap.py NAME STATUS < output")
    verdict = Verdict("", False)
    print("TAP version 13")
    lines = [line.rstrip("\r\n") for line in sys.stdin]
    judge_program(verdict, sys.argv[1], lines, int(sys.argv[2]))
    print(f"1..{verdict.count}")
    return 1 if verdict.failed else 0


if __name__ == "__main__":
    sys.exit(main())
