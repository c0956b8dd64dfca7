#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""tools/mutants.py [NAME...] [--quick] [--runs N]: breaks the shipped sources in known
ways, one at a time, and sees the litmus programs fail. The mutants are in tests/litmus/mutants.txt.

A mutant is a textual change that must apply at exactly one place, in a copy under build/mutants.
It is caught when a program named with it fails; one that passes has survived. A few are listed with
the reason why they are no fault; those must pass. Ends with the line `N mutants, N survived`, and
with status 1 if one survived or no longer applies.
"""
import argparse
import dataclasses
import fcntl
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

import litmus

ROOT = litmus.ROOT
TABLE = ROOT / "tests" / "litmus" / "mutants.txt"
BUILD = ROOT / "build" / "mutants"
LAYERS = ("base", "reclaim", "sched", "tables")
RUNS = 1000000
UNCAUGHT = "tests/litmus/mutants.txt"


@dataclasses.dataclass
class Change:
    """Lines of one file that are replaced."""

    path: str
    old: list = dataclasses.field(default_factory=list)
    new: list = dataclasses.field(default_factory=list)


@dataclasses.dataclass
class Mutant:
    name: str
    programs: list
    quick: bool
    why: str = ""
    equivalent: str = ""
    changes: list = dataclasses.field(default_factory=list)


def read_table(text):
    """Parses the table; its own first lines say what it looks like."""
    mutants = []
    for number, line in enumerate(text.splitlines(), 1):
        word, _, rest = line.partition(" ")
        if line.startswith("#") or not line.strip():
            continue
        if word == "mutant":
            mutants.append(Mutant(rest.strip(), [], False))
            continue
        if not mutants:
            raise litmus.Failure(f"{UNCAUGHT}:{number}: a line before the first `mutant NAME`")
        last = mutants[-1]
        if word == "caught-by":
            last.programs = rest.split()
        elif word == "quick":
            last.quick = True
        elif word == "why":
            last.why = f"{last.why} {rest}".strip()
        elif word == "equivalent":
            last.equivalent = f"{last.equivalent} {rest}".strip()
        elif word == "file":
            last.changes.append(Change(rest.strip()))
        elif word in ("-", "+") and last.changes:
            (last.changes[-1].old if word == "-" else last.changes[-1].new).append(rest)
        else:
            raise litmus.Failure(f"{UNCAUGHT}:{number}: cannot be read: {line}")
    return mutants


def places(text, change):
    """Where what is replaced occurs; blanks and line ends do not count in the comparison."""
    words = [re.escape(word) for word in " ".join(change.old).split()]
    return list(re.finditer(r"\s+".join(words), text))


def changed(text, change, name):
    """The text with the change made."""
    found = places(text, change)
    if len(found) != 1:
        raise litmus.Failure(
            f"mutant {name} no longer applies: what it replaces occurs {len(found)} times in "
            f"{change.path}; bring {UNCAUGHT} up to date"
        )
    at = found[0]
    return text[: at.start()] + "\n".join(change.new) + text[at.end() :]


def copy_tree(mutant):
    """A copy of the layers with the mutant's changes in it."""
    tree = BUILD / mutant.name
    shutil.rmtree(tree, ignore_errors=True)
    for layer in LAYERS:
        shutil.copytree(ROOT / layer, tree / layer)
    (tree / "include").mkdir()
    (tree / "include" / "lull").symlink_to("..")
    for change in mutant.changes:
        path = tree / change.path
        path.write_text(
            changed(path.read_text(encoding="utf-8"), change, mutant.name), encoding="utf-8"
        )
    return tree


def compile_together(tree, affected):
    """Compiles these sources as one: a changed header is in most of them, and is read once so."""
    if not affected:
        return []
    lines = [f'#include "{source}"' for source in affected]
    (tree / "together.cpp").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return [litmus.compile_one(tree, tree, "together.cpp")]


def build(mutant, program_of):
    """Compiles what depends on the changed files, and links it with the objects that are there."""
    unknown = set(mutant.programs) - set(program_of)
    if unknown or not mutant.programs:
        raise litmus.Failure(f"caught-by names no litmus program: {', '.join(unknown)}")
    tree = copy_tree(mutant)
    paths = {change.path for change in mutant.changes}
    wanted = {program_of[name] for name in mutant.programs}
    objects, shipped, is_affected = [], [], False
    for source in litmus.sources():
        if source.startswith(litmus.PROGRAMS) and source not in wanted:
            continue
        if not paths & (litmus.needs(litmus.BUILD, source) or set()):
            objects.append(litmus.object_of(litmus.BUILD, source))
            continue
        is_affected = True
        if source.startswith(litmus.SHIPPED):
            shipped.append(source)
        else:
            objects.append(litmus.compile_one(tree, tree, source))
    if not is_affected:
        raise litmus.Failure(f"no object is made of {', '.join(sorted(paths))}: nothing is broken")
    objects += compile_together(tree, shipped)
    program = tree / "litmus"
    litmus.link(objects, program)
    return program


def programs_by_name():
    """Which source holds a program: `enlisted<...> listed{"NAME", threads}`."""
    found = {}
    for path in sorted((ROOT / litmus.PROGRAMS).glob("*.cpp")):
        for name in re.findall(r"enlisted<.*\{\"(\w+)\", \d\}", path.read_text(encoding="utf-8")):
            found[name] = str(path.relative_to(ROOT))
    return found


def judge(mutant, program_of, runs):
    """Returns whether the mutant was caught, and what was said."""
    program = build(mutant, program_of)
    for name in mutant.programs:
        passed, said = litmus.run(program, name, runs)
        if not passed:
            return True, said
    return False, f"{' and '.join(mutant.programs)} passed {runs} schedules"


def check_that_all_apply(every):
    """Those that are not chosen as well: a change of the sources shows at once whom it concerns."""
    for mutant in every:
        for change in mutant.changes:
            changed((ROOT / change.path).read_text(encoding="utf-8"), change, mutant.name)


def chosen_mutants(arguments, every):
    unknown = set(arguments.names) - {mutant.name for mutant in every}
    if unknown:
        raise litmus.Failure(f"there is no mutant {', '.join(sorted(unknown))} in {UNCAUGHT}")
    if arguments.names:
        return [mutant for mutant in every if mutant.name in arguments.names]
    return [mutant for mutant in every if mutant.quick or not arguments.quick]


def report(mutant, outcome, seconds):
    caught, said = outcome
    if mutant.equivalent:
        verdict = "CAUGHT, though listed as no fault" if caught else "no fault"
        said = said if caught else mutant.equivalent
    else:
        verdict = "caught" if caught else "SURVIVED"
    print(f"{mutant.name:<28} {verdict:<9} {seconds:4.1f} s  {said}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*")
    parser.add_argument("--quick", action="store_true", help="the subset that ./dev test runs")
    parser.add_argument("--runs", type=int, default=RUNS, help="schedules until it has survived")
    arguments = parser.parse_args()
    try:
        every = read_table(TABLE.read_text(encoding="utf-8"))
        chosen = chosen_mutants(arguments, every)
        check_that_all_apply(every)
        litmus.build()
    except (litmus.Failure, OSError) as failure:
        print(failure)
        return 1
    BUILD.mkdir(parents=True, exist_ok=True)
    program_of = programs_by_name()

    def one(mutant):
        start = time.monotonic()
        runs = min(arguments.runs, 100000) if mutant.equivalent else arguments.runs
        try:
            outcome = judge(mutant, program_of, runs)
        except litmus.Failure as failure:
            outcome = None, str(failure)
            print(f"{mutant.name:<28} ERROR     {failure}", flush=True)
            return False
        report(mutant, outcome, time.monotonic() - start)
        shutil.rmtree(BUILD / mutant.name, ignore_errors=True)
        return outcome[0] != bool(mutant.equivalent)

    with open(BUILD / "lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        results = litmus.in_parallel(one, chosen)
    harmless = [good for good, mutant in zip(results, chosen) if mutant.equivalent and good]
    if harmless:
        print(f"{len(harmless)} changes are listed as no fault, and no program failed on them")
    print(f"{len(results) - len(harmless)} mutants, {results.count(False)} survived")
    return 0 if all(results) and results else 1


if __name__ == "__main__":
    sys.exit(main())
