#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""tools/model.py: checks the models in tests/model with spin, as they stand and weakened.

As it stands a model must hold; each weakening must be found, or the model would prove nothing.
Prints a line for each and ends with `N passed, N failed`.
"""
import concurrent.futures
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
MODEL = ROOT / "tests" / "model" / "progress.pml"
# Definitions, and whether the model must hold with them.
CASES = (
    ("", True),
    ("-DIDLE=1", True),
    ("-DLEAVE=1", True),
    ("-DLEAVE=1 -DIDLE=1", True),
    ("-DLEAVE=2 -DSTAYS=1", True),
    ("-DLEAVE=2 -DIDLE=1", True),
    ("-DSTUCK=1", False),
    ("-DBOUND=0", False),
    ("-DLEAVE=1 -DOFFLINE_LOOKS=0", False),
    ("-DLEAVE=1 -DANNOUNCE_LOOKS=0", False),
    ("-DLEAVE=2 -DSTAYS=1 -DNOTE=0", False),
    ("-DLEAVE=2 -DSTAYS=1 -DHEED=0", False),
    ("-DLEAVE=2 -DSTAYS=1 -DAGAIN=0", False),
)


def verdict(definitions):
    """Errors that spin found, and a line about the search; None when it could not search."""
    with tempfile.TemporaryDirectory(prefix="model-") as folder:

        def run(*command):
            return subprocess.run(
                command, cwd=folder, capture_output=True, text=True, timeout=280, check=False
            )

        said = run("spin", "-a", *definitions.split(), str(MODEL))
        if not pathlib.Path(folder, "pan.c").is_file():
            return None, said.stdout + said.stderr
        said = run(
            "gcc", "-O1", "-w", "-DNFAIR=4", "-DVECTORSZ=256", "-o", "pan", "pan.c"
        )
        if said.returncode != 0:
            return None, said.stderr
        said = run("./pan", "-a", "-f", "-m200000")
        found = re.search(r"errors: (\d+)", said.stdout)
        states = re.search(r"([\d.e+]+) states, stored", said.stdout)
        if not found or "max search depth too small" in said.stdout:
            return None, said.stdout[-400:] + said.stderr[-400:]
        return int(found[1]), f"{int(float(states[1])):,} states" if states else ""


def check(case):
    definitions, holds = case
    start = time.monotonic()
    try:
        errors, note = verdict(definitions)
    except subprocess.TimeoutExpired:
        errors, note = None, "spin took too long"
    passed = errors is not None and (errors == 0) == holds
    outcome = {None: "no verdict", 0: "holds"}.get(errors, "fails")
    expected = "" if passed else f", and must {'hold' if holds else 'fail'}"
    print(
        f"progress {definitions or 'as it stands':<36} {outcome}{expected}  "
        f"{time.monotonic() - start:.1f} s  {note}",
        flush=True,
    )
    return passed


def main():
    missing = [name for name in ("spin", "gcc") if not shutil.which(name)]
    if missing:
        print(f"{' and '.join(missing)} not found: ./dev setup installs what the tests need")
        return 1
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        results = list(pool.map(check, CASES))
    print(f"{results.count(True)} passed, {results.count(False)} failed")
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
