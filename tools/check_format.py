#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""C++ is formatted as clang-format has it."""
import concurrent.futures
import os
import pathlib
import shutil
import subprocess
import sys

import source_tree
import suites

FORMATTER = "clang-format-19"


def run(root, fix=False):
    """Files that clang-format would change; with fix, it changes them."""
    if not shutil.which(FORMATTER):
        return [f"{FORMATTER} is not installed; ./dev setup installs it"]
    paths = [path.relative_to(root) for path in source_tree.cpp_files(root)]
    mode = ["-i"] if fix else ["--dry-run", "-Werror", "-ferror-limit=1"]
    count = os.cpu_count() or 1

    def problems_of(chunk):
        done = subprocess.run(
            [FORMATTER, *mode, *chunk], capture_output=True, text=True, check=False, cwd=root
        )
        lines = [line for line in done.stderr.splitlines() if "error:" in line]
        if done.returncode != 0 and not lines:
            return [f"{FORMATTER} {suites.how_it_ended(done.returncode, 0)}: {done.stderr}"]
        return [
            line.removeprefix(f"{root}/").split(" code should")[0]
            + " not as clang-format has it; ./dev lint --fix formats"
            for line in lines
        ]

    chunks = filter(None, (paths[start::count] for start in range(count)))
    with concurrent.futures.ThreadPoolExecutor() as pool:
        return [problem for found in pool.map(problems_of, chunks) for problem in found]


if __name__ == "__main__":
    found = run(pathlib.Path(__file__).parent.parent)
    sys.exit("\n".join(found) or 0)
