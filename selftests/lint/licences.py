#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR MIT
"""The first line of every file (the second of a script) names the licence its place asks for."""

import subprocess
import sys
from pathlib import Path

PAIR = "GPL-2.0-only OR MIT"
KERNEL = "GPL-2.0-only"
ABI = "(GPL-2.0-only WITH Linux-syscall-note) OR MIT"
# Longest prefix wins.
EXPECTED = {
    "kmod/": {KERNEL},
    "kmod/engine/": {PAIR},
    "kmod/evict/": {PAIR},
    "kmod/sync/": {PAIR},
    "kmod/port/": {PAIR},
    "kmod/include/": {PAIR},
    "uapi/": {ABI},
    "userlib/": {PAIR},
    "selftests/": {PAIR},
    "selftests/kunit/": {PAIR, KERNEL},
    # the kernel's own, unchanged
    "selftests/abi/kselftest": {"GPL-2.0", KERNEL},
    "": {PAIR, KERNEL},
}
# Texts and data that carry no comment.
EXEMPT_DIRS = ("LICENSES/", "selftests/bench/recorded", "selftests/engine/corpus/")
EXEMPT_SUFFIXES = {".md", ".json", ".svg", ".png", ".txt.in", ".window"}
EXEMPT_NAMES = {".gitignore", "README"}


def expected(path):
    return EXPECTED[max((p for p in EXPECTED if path.startswith(p)), key=len)]


def tag(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        for line in (file.readline(), file.readline()):
            if "SPDX-License-Identifier:" in line:
                text = line.split("SPDX-License-Identifier:", 1)[1]
                return text.replace("*/", "").replace("-->", "").strip()
    return None


def main():
    files = subprocess.run(["git", "ls-files"], check=True, text=True,
                           capture_output=True).stdout.splitlines()
    bad = 0
    for path in files:
        name = Path(path)
        if (path.startswith(EXEMPT_DIRS) or name.suffix in EXEMPT_SUFFIXES
                or name.name in EXEMPT_NAMES or not name.is_file()):
            continue
        found = tag(path)
        if found not in expected(path):
            bad += 1
            print(f"{path}: {found or 'no licence'}, expected {' or '.join(sorted(expected(path)))}")
    return 1 if bad or not files else 0


if __name__ == "__main__":
    sys.exit(main())
