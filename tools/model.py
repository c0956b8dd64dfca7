#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""tools/model.py [--all]: checks the models in tests/model with spin, as they stand and weakened.

As it stands a model must hold; each weakening must be found, or the model would prove nothing.
--all adds the searches of many million states. Prints a line for each and ends with
`N passed, N failed`.
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
MODELS = ROOT / "tests" / "model"
# How to search: what pan.c is compiled with, and the options of the search.
SEARCHES = {
    "fair": ("-DNFAIR=4", "-a -f"),  # the model's formula, with weak fairness
    "states": ("-DSAFETY -DNOREDUCE", ""),  # assertions and stuck states
    "cycles": ("-DNP -DNOREDUCE", "-l"),  # assertions, and whether it can go round for ever
}
# The most steps in a row, and the bits of the table of states.
DEEP, SHALLOW = "-m8000000 -w24", "-m200000 -w20"
SAFETY = "-DLEAVERS=0 -DRETIRERS=1 -DPINNERS=2"
PROGRESS = "-DPROGRESS=1 -DREADERS=0"
ONE = f"{PROGRESS} -DOBJECTS=1"
FEW = f"{ONE} -DLEAVERS=1 -DPINNERS=2 -DSLEEPERS=4"
TWO = f"{PROGRESS} -DRETIRERS=3 -DPINNERS=4"
# Model, search, definitions, and whether the model must hold with them. What takes long is first.
LONG_CASES = (
    ("domain", "states", f"{ONE} -DRETIRERS=2", True),
    ("domain", "states", "-DOBJECTS=1", True),
    ("domain", "states", "-DREADERS=4 -DRETIRERS=3 -DLEAVERS=1 -DPINNERS=6 -DSLEEPERS=4", True),
    ("domain", "states", f"{TWO} -DLEAVERS=3 -DSLEEPERS=0 -DJOINS=0", True),
    ("domain", "cycles", f"{TWO} -DLEAVERS=1 -DSLEEPERS=0", True),
)
CASES = (
    ("domain", "states", "-DLEAVERS=0 -DREADERS=2", True),
    ("domain", "states", f"{TWO} -DLEAVERS=1 -DSLEEPERS=2", True),
    ("domain", "cycles", f"{ONE} -DRETIRERS=1 -DLEAVERS=3 -DPINNERS=6 -DSLEEPERS=6", True),
    ("domain", "states", f"{FEW} -DMOVED_LOOKS=0", True),
    ("domain", "states", f"{SAFETY} -DSLEEPERS=4 -DEARLY=1", False),
    ("domain", "states", f"{SAFETY} -DSLEEPERS=4 -DDESPITE=1", False),
    ("domain", "states", f"{SAFETY} -DSLEEPERS=4 -DAT_DROP=1", False),
    ("domain", "states", f"{SAFETY} -DSLEEPERS=4 -DINHERIT=1", False),
    ("domain", "states", f"{SAFETY} -DSLEEPERS=4 -DRECHECK=0", False),
    ("domain", "states", f"{SAFETY} -DSLEEPERS=2 -DPINNED_OFFLINE=1", False),
    ("domain", "states", f"{FEW} -DMOVED_LOOKS=0 -DLATE_LOOKS=0", False),
    ("domain", "states", f"{FEW} -DLATE_LOOKS=0", False),
    ("domain", "states", f"{FEW} -DLATE_RUNS=0", False),
    ("domain", "states", f"{FEW} -DOFFLINE_LOOKS=0", False),
    ("domain", "states", f"{FEW} -DLEAVER_MOVES=0", False),
    ("domain", "states", f"{TWO} -DLEAVERS=1 -DSLEEPERS=0 -DNOTE=0", False),
    ("domain", "cycles", f"{FEW} -DDRIVES=0", False),
    ("progress", "fair", "-DLEAVE=2 -DSTAYS=1", True),
    ("progress", "fair", "", True),
    ("progress", "fair", "-DIDLE=1", True),
    ("progress", "fair", "-DLEAVE=1", True),
    ("progress", "fair", "-DLEAVE=1 -DIDLE=1", True),
    ("progress", "fair", "-DLEAVE=2 -DIDLE=1", True),
    ("progress", "fair", "-DSTUCK=1", False),
    ("progress", "fair", "-DBOUND=0", False),
    ("progress", "fair", "-DLEAVE=1 -DOFFLINE_LOOKS=0", False),
    ("progress", "fair", "-DLEAVE=1 -DANNOUNCE_LOOKS=0", False),
    ("progress", "fair", "-DLEAVE=2 -DSTAYS=1 -DNOTE=0", False),
    ("progress", "fair", "-DLEAVE=2 -DSTAYS=1 -DHEED=0", False),
    ("progress", "fair", "-DLEAVE=2 -DSTAYS=1 -DAGAIN=0", False),
    ("ending", "states", "", True),
    ("ending", "states", "-DROUNDS=1", False),
    ("ending", "states", "-DUNCOUNTED=1", False),
    ("ending", "states", "-DUNJOINED=1", False),
    ("ending", "states", "-DAPART=1", False),
    ("wake", "fair", "", True),
    ("wake", "fair", "-DLOOK=0", False),
    ("wake", "fair", "-DLATE_FLAG=1", False),
    ("wake", "fair", "-DEARLY_LOOK=1", False),
    ("wake", "fair", "-DSILENT=1", False),
    ("wake", "fair", "-DREARM=0", False),
)


def verdict(model, search, definitions, size, optimized):
    """Errors that spin found, and a line about the search; None when it could not search."""
    compiled_with, searched_with = SEARCHES[search]
    with tempfile.TemporaryDirectory(prefix="model-") as folder:

        def run(*command):
            return subprocess.run(
                command, cwd=folder, capture_output=True, text=True, timeout=280, check=False
            )

        said = run("spin", "-a", *definitions.split(), str(MODELS / f"{model}.pml"))
        if not pathlib.Path(folder, "pan.c").is_file():
            return None, said.stdout + said.stderr
        options = [optimized, *compiled_with.split(), "-DVECTORSZ=256", "-DMEMLIM=4000"]
        said = run("gcc", "-w", *options, "-o", "pan", "pan.c")
        if said.returncode != 0:
            return None, said.stderr
        said = run("./pan", *searched_with.split(), *size.split())
        found = re.search(r"errors: (\d+)", said.stdout)
        states = re.search(r"([\d.e+]+) states, stored", said.stdout)
        if not found or "max search depth too small" in said.stdout:
            return None, said.stdout[-400:] + said.stderr[-400:]
        return int(found[1]), f"{int(float(states[1])):,} states" if states else ""


def check(case):
    model, search, definitions, holds = case
    start = time.monotonic()
    try:
        size = DEEP if model == "domain" and holds else SHALLOW
        # A fault is found sooner than a search is optimized; that there is none takes all states.
        errors, note = verdict(model, search, definitions, size, "-O1" if holds else "-O0")
    except subprocess.TimeoutExpired:
        errors, note = None, "spin took too long"
    passed = errors is not None and (errors == 0) == holds
    outcome = {None: "no verdict", 0: "holds"}.get(errors, "fails")
    expected = "" if passed else f", and must {'hold' if holds else 'fail'}"
    print(
        f"{model} {search} {definitions or 'as it stands'}: {outcome}{expected}  "
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
        cases = (LONG_CASES if "--all" in sys.argv[1:] else ()) + CASES
        results = list(pool.map(check, cases))
    print(f"{results.count(True)} passed, {results.count(False)} failed")
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
