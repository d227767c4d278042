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

from tap import POINT, Verdict, judge_program

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
    r"memory of region .* is lost"
)
# What these kernels print in these machines with nothing loaded.
HARMLESS = re.compile(
    r"DMA-API: (?:preallocated|debugging enabled)|KASAN: .*initialized|kasan: |"
    r"RCU restricting|rcu: .*(?:stall_timeout|implementation|delay)|"
    r"INFO: lockdep is turned off|Spectre|WARNING: CPU: \d+ PID: 0 .*arch/arm64/kernel/setup"
)
STAMP = re.compile(r"^\[ *\d+\.\d+\](?:\[ *[TC]\d+\])? ?")


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

    verdict = Verdict(args.name + ": ", args.quiet)
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
