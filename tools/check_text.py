#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Licence lines, no marks of unfinished work, no tabs or stray blanks, 100 columns."""
import pathlib
import re
import sys

import source_tree

COLUMNS = 100
# Put together, so that this file does not find itself.
MARKS = re.compile(
    r"\b(" + "|".join(["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"]) + r")\b"
)
REGISTRIES = re.compile("|".join(["debian" + r"\.org", "pypi" + r"\.org", "npmjs" + r"\.org"]))
LICENCE = "SPDX-License-Identifier: MIT"
TEXT = source_tree.CODE | {
    ".md",
    ".build",
    ".txt",
    ".wrap",
    ".in",
    ".h",
    ".json",
    ".yml",
    ".pml",
    ".c",
}


def is_code(path):
    return path.suffix in source_tree.CODE or path.name in {"dev", "run", "meson.build"}


def problems_of(path, here):
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        return [f"{here}: is not UTF-8"]
    lines, problems = text.split("\n"), []
    if is_code(path):
        first = lines[1] if lines[0].startswith("#!") and len(lines) > 1 else lines[0]
        if LICENCE not in first:
            problems.append(f"{here}:1: the first line (after #!) must hold `{LICENCE}`")
        if path.suffix == ".hpp" and not (len(lines) > 1 and lines[1] == "#pragma once"):
            problems.append(f"{here}:2: the second line of a header is `#pragma once`")
    if text and not text.endswith("\n"):
        problems.append(f"{here}: its last line has no newline")
    for number, line in enumerate(lines, 1):
        if MARKS.search(line):
            problems.append(f"{here}:{number}: a mark of unfinished work; finish it, or file it")
        if REGISTRIES.search(line):
            problems.append(
                f"{here}:{number}: names a package registry; take it from the machine's own "
                "settings"
            )
        if is_code(path) and ("\t" in line or line != line.rstrip()):
            problems.append(f"{here}:{number}: a tab, or blanks at the end of the line")
        if path.suffix in source_tree.CODE and len(line) > COLUMNS:
            problems.append(f"{here}:{number}: {len(line)} columns, {COLUMNS} at most")
    return problems


def run(root):
    root, problems = pathlib.Path(root), []
    for path in source_tree.files(root):
        here = path.relative_to(root)
        if path.suffix in TEXT or path.name in {"dev", "run", "LICENSE"}:
            problems += problems_of(path, here)
    return problems


if __name__ == "__main__":
    found = run(pathlib.Path(__file__).parent.parent)
    sys.exit("\n".join(found) or 0)
