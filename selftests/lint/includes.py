#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR MIT
"""
The layers of DESIGN: a file may include only what stands to the left of its own layer.

    port <- engine <- sync <- core <- region <- alloc <- paging <- { chardev, kapi, debugfs } <- main

kmod/evict, the eviction policies, stands beside engine: it sees only port. kmod/include is what other modules see: of this one it sees what stands to the left of core.

kmod/mtd is a module of its own: it sees kmod/include.

Engine, evict and sync see nothing of the kernel and nothing of the ABI; device tests see only the ABI.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

LAYERS = ["port", "engine", "evict", "sync", "include", "core", "region", "alloc", "paging", "face",
          "main"]
# Layers beside each other: one may not include another.
FACES = {"chardev", "kapi", "debugfs"}
INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]', re.M)


def kmod_layer(path):
    """The layer and, among the faces, the face of a file of kmod/."""
    parts = Path(path).relative_to("kmod").parts
    stem = Path(parts[0]).stem if len(parts) == 1 else parts[0]
    return ("face", stem) if stem in FACES else (stem, None)


def resolve(name, source, files):
    """The file of this repository that an #include means, or None for a system header."""
    roots = [Path(source).parent]
    if source.startswith("kmod/") or source.startswith("selftests/kunit/"):
        roots += [Path(p) for p in ("uapi", "kmod", "kmod/port", "kmod/engine",
                                    "kmod/sync", "kmod/evict", "kmod/include")]
    else:
        roots += [Path(p) for p in ("uapi", "userlib/include", "userlib/port", "kmod/engine",
                                    "kmod/sync", "kmod/evict", "userlib/record", "userlib/src")]
    for root in roots:
        found = os.path.normpath(root / name)
        if found in files:
            return found
    return None


def kmod_error(source, name, target):
    layer, face = kmod_layer(source)
    if layer == "mtd":
        if target is None or target.startswith(("kmod/include/", "kmod/mtd/")):
            return None
        return f"a module of its own must not see {target}"
    if layer not in LAYERS:
        return f"unknown layer {layer}"
    if layer in ("port", "engine", "evict"):
        if target is None and layer != "port":
            return f"{layer} code includes only {layer} and port"
        beside = "kmod/evict/" if layer == "evict" else "kmod/engine/"
        if target is not None and not target.startswith(("kmod/port/", beside)):
            return f"{layer} must not see {target}"
    if layer == "sync" and target is None:
        return "sync code includes only sync, engine and port"
    if target is None or not target.startswith("kmod/"):
        return None
    other, other_face = kmod_layer(target)
    if other not in LAYERS or LAYERS.index(other) > LAYERS.index(layer):
        return f"{layer} must not see {other}"
    if layer == other == "face" and face != other_face:
        return f"{face} must not see {other_face}"
    return None


def other_error(source, name, target):
    if target is None:
        return None
    if source.startswith("selftests/abi/"):
        if not target.startswith(("uapi/", "selftests/abi/")):
            return "device tests see only the ABI"
    elif source.startswith("userlib/") and target.startswith("kmod/"):
        if not target.startswith(("kmod/engine/", "kmod/evict/", "kmod/sync/")):
            return "user space sees nothing of the module but engine, evict and sync"
    elif source.startswith("uapi/") and not target.startswith("uapi/"):
        return "the ABI headers stand alone"
    return None


def main():
    listed = subprocess.run(["git", "ls-files", "*.c", "*.h"], check=True, text=True,
                            capture_output=True).stdout.split()
    files = {f for f in listed if Path(f).exists()}
    bad = 0
    checked = 0
    for source in sorted(files):
        text = Path(source).read_text(encoding="utf-8")
        for match in INCLUDE.finditer(text):
            name = match[2]
            target = resolve(name, source, files)
            checked += 1
            check = kmod_error if source.startswith("kmod/") else other_error
            error = check(source, name, target)
            if name.startswith("linux/memrig/") and not source.startswith("uapi/"):
                error = "a part of the ABI; include linux/memrig.h"
            if error:
                bad += 1
                line = text.count("\n", 0, match.start()) + 1
                print(f"{source}:{line}: #include {name}: {error}")
    if not checked:
        print("found no #include at all")
    return 1 if bad or not checked else 0


if __name__ == "__main__":
    sys.exit(main())
