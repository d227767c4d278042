#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR MIT
"""
No file over 800 lines, no C function over 90. Files over 400 lines and functions over 60 are named,
because they usually hold a second idea. (Columns are checkpatch's.)
"""

import re
import subprocess
import sys
from pathlib import Path

FILE_SOFT, FILE_HARD = 400, 800
FUNCTION_SOFT, FUNCTION_HARD = 60, 90
# The kernel's own headers, and lists of recorded numbers.
EXEMPT = re.compile(r"^selftests/(abi/kselftest|bench/recorded)|^LICENSES/")
SOURCE = re.compile(r"\.(c|h|sh|py|rst)$|Makefile$|Kbuild$|README\.md$")
NAME = re.compile(r"(\w+)\(")


def functions(lines):
    """Yield (name, first line, length) of kernel-style functions: braces in the first column."""
    name, start = None, None
    for number, line in enumerate(lines, 1):
        if re.match(r"[A-Za-z_].*\(", line) and not line.startswith(("#", "typedef")):
            match = NAME.search(line)
            name = match[1] if match else None
        if line == "{":
            start = number
        elif line.startswith("}") and start:
            yield name, start, number - start - 1
            start = None


def main():
    files = subprocess.run(["git", "ls-files"], check=True, text=True,
                           capture_output=True).stdout.splitlines()
    bad = 0
    for path in files:
        if EXEMPT.search(path) or not SOURCE.search(path) or not Path(path).is_file():
            continue
        lines = Path(path).read_text(encoding="utf-8").split("\n")
        if len(lines) > FILE_SOFT:
            bad += len(lines) > FILE_HARD
            print(f"{path}: {len(lines)} lines")
        if not path.endswith((".c", ".h")):
            continue
        for name, start, length in functions(lines):
            if length > FUNCTION_SOFT:
                bad += length > FUNCTION_HARD
                print(f"{path}:{start}: {name}() has {length} lines")
    return 1 if bad or not files else 0


if __name__ == "__main__":
    sys.exit(main())
