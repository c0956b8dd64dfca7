# SPDX-License-Identifier: MIT
"""The checks of the text: layers, sizes, ordering comments, wording, format; and their tests."""
import concurrent.futures
import os
import shutil
import subprocess

import build
import check_layers
import check_mutated
import check_orderings
import check_selftests
import check_setup
import check_sizes
import check_text
import source_tree
import suites

CHECKS = {
    "layers": check_layers,
    "orderings": check_orderings,
    "mutants": check_mutated,
    "text": check_text,
}
FORMATTER = "clang-format-19"


def format_problems(fix=False):
    """Files that clang-format would change; with fix, it changes them."""
    if not shutil.which(FORMATTER):
        return [f"{FORMATTER} is not installed; ./dev setup installs it"]
    paths = [str(path) for path in source_tree.cpp_files(build.ROOT)]
    mode = ["-i"] if fix else ["--dry-run", "-Werror", "-ferror-limit=1"]
    chunks = [paths[start :: os.cpu_count() or 1] for start in range(os.cpu_count() or 1)]

    def one(chunk):
        return (
            subprocess.run(
                [FORMATTER, *mode, *chunk],
                capture_output=True,
                text=True,
                check=False,
                cwd=build.ROOT,
            ).stderr
            if chunk
            else ""
        )

    with concurrent.futures.ThreadPoolExecutor() as pool:
        messages = "".join(pool.map(one, chunks))
    lines = [line for line in messages.splitlines() if "error:" in line]
    return [
        line.removeprefix(f"{build.ROOT}/").split(" code should")[0]
        + " not as clang-format has it; ./dev lint --fix formats"
        for line in lines
    ]


def run():
    tally = suites.Tally()
    tally.add(check_selftests.run())
    tally.add(check_setup.run())
    found = {name: check.run(build.ROOT) for name, check in CHECKS.items()}
    found["sizes"] = check_sizes.run(build.ROOT, tally.notes)
    found["format"] = format_problems()
    for name, problems in found.items():
        tally.check(not problems, f"check of {name}:\n    " + "\n    ".join(problems))
    return tally
