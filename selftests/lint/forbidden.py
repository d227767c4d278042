#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR MIT
"""Words that have no place in this tree, each with the place it may have after all."""

import re
import subprocess
import sys
from pathlib import Path

# (pattern, files it is about, files it is allowed in, why)
RULES = [
    (r"\bLINUX_VERSION_CODE\b|\bKERNEL_VERSION\(", r"^(kmod|selftests/kunit)/", r"^kmod/core/compat\.h$",
     "kernel versions are compared in compat.h only"),
    (r"\bBUG(_ON)?\(|\bpanic\(", r"^kmod/", None, "the kernel is never brought down"),
    (r"\bWARN(_ON|_ONCE|_ON_ONCE)?\(", r"^kmod/(?!port/)", None,
     "nothing user space can cause may warn; return an error"),
    (r"\bkallsyms_lookup_name\b|\bregister_kprobe\b", r"^kmod/", None, "exported symbols only"),
    (r"\b(TODO|FIXME|XXX|HACK)\b", r"\.(c|h|sh|py|S)$|Makefile$|Kbuild$",
     r"^selftests/(lint/forbidden\.py|lint/uapi\.sh|vm/tap\.py|abi/kselftest)", "finish it or leave it out"),
    (r"\bENOSYS\b", r"^(kmod|uapi)/", None, "no stubs"),
    (r"#include <linux/", r"^kmod/(engine|sync)/", None, "engine and sync are not kernel code"),
    (r"\.\./shared\b|/work/", r"", r"^selftests/lint/forbidden\.py$", "paths outside the repository"),
    (r"[ \t]+$", r"\.(c|h|sh|py|rst|md)$|Makefile$|Kbuild$", None, "white space at the end of a line"),
]


def main():
    files = subprocess.run(["git", "ls-files"], check=True, text=True,
                           capture_output=True).stdout.splitlines()
    bad = 0
    for path in files:
        rules = [r for r in RULES if re.search(r[1], path)
                 and not (r[2] and re.search(r[2], path))]
        if not rules or not Path(path).is_file():
            continue
        text = Path(path).read_text(encoding="utf-8", errors="replace")
        for number, line in enumerate(text.split("\n"), 1):
            for pattern, _, _, why in rules:
                if re.search(pattern, line):
                    bad += 1
                    print(f"{path}:{number}: {why}: {line.strip()[:80]}")
    return 1 if bad or not files else 0


if __name__ == "__main__":
    sys.exit(main())
