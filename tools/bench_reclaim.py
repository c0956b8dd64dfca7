# SPDX-License-Identifier: MIT
"""Reclamation rows: times of retire, release and announce beside batched liburcu in one process,
and counts of instructions for what must not grow. Run by bench.py."""
import json
import os
import re
import shutil
import subprocess
import tempfile

from bench_common import Failed, exact, program, row, run_pinned

SECONDS = 16
GOALS = {"retire_release_pool": {"goal": 1.0}, "announce_unchanged": {"goal_value": 1.0}}
COUNTED = {"retire_release_pool": (64_000, 192_000), "announce_unchanged": (100_000, 300_000)}


def rows(seconds, say):
    done = run_pinned([program("reclaim"), "--seconds", str(seconds)], seconds + 60)
    for line in filter(None, done.stderr.splitlines()):
        say(line)
    found = json.loads(done.stdout)["rows"]
    for one in found:
        one |= GOALS.get(one["name"], {})
    return found + counted_rows(say)


def instructions(library, shape, operations):
    """All instructions of a run, as callgrind counts them; the same at every run."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [
                "valgrind",
                "--tool=callgrind",
                f"--callgrind-out-file={os.path.join(folder, 'out')}",
                program("reclaim"),
                "--count",
                library,
                shape,
                str(operations),
            ],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    match = re.search(r"Collected : (\d+)", done.stderr)
    if done.returncode != 0 or not match:
        raise Failed(
            f"counting the instructions of {shape} of {library} failed: "
            f"{done.stderr.strip()[-400:]}"
        )
    return int(match[1])


def counted_rows(say):
    if shutil.which("valgrind") is None:
        say("instruction counts are left out: valgrind is not here (package valgrind)")
        return []
    result = []
    for shape, (few, many) in COUNTED.items():
        each = {}
        for library in ("lull", "liburcu", "floor"):
            try:
                each[library] = (
                    instructions(library, shape, many) - instructions(library, shape, few)
                ) / (many - few)
            except Failed as failure:
                if library == "lull":
                    raise
                say(str(failure))
        peer = each.get("liburcu")
        result.append(
            row(
                f"{shape}_instructions",
                exact(round(each["lull"], 2)),
                "instructions",
                "liburcu qsbr, synchronize per 4096" if peer else None,
                exact(round(each["lull"] / peer, 3)) if peer else None,
                reference_value=peer,
                floor=each.get("floor"),
            )
        )
    return result
