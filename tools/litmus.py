#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""tools/litmus.py [NAME...] [--runs N]: builds the litmus programs of tests/litmus and runs them.

They are the shipped sources of reclaim/ (and the inbox of sched/) on atomics that relacy explores.
Each runs a fixed number of schedules from a fixed seed, so that two runs agree. One that fails says
in which iteration; `build/litmus/litmus NAME trace ITERATION` prints that one step by step.
"""
import argparse
import concurrent.futures
import fcntl
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "litmus"
RUNS = 100000
ENGINE = "tests/litmus"
PROGRAMS = "tests/litmus/programs"
SHIPPED = "reclaim"
FLAGS = [
    "-std=c++20",
    "-O1",
    "-Wall",
    "-Wextra",
    "-DLULL_RELACY=1",
    "-DLULL_SMALL_CONSTANTS=1",
]


class Failure(Exception):
    """Something that is not a program's verdict: what is missing or does not compile."""


def compiler():
    for name in (os.environ.get("LITMUS_CXX"), "clang++-19", "clang++", "g++-12", "g++"):
        if name and shutil.which(name):
            return name
    raise Failure("no C++ compiler is here: ./dev setup installs clang-19")


def sources():
    """Everything that is linked, engine first, for it takes longest."""
    parts = [*sorted((ROOT / ENGINE).glob("*.cpp")), *sorted((ROOT / PROGRAMS).glob("*.cpp"))]
    parts += [*sorted((ROOT / SHIPPED).glob("*.cpp")), *sorted((ROOT / "base").glob("*.cpp"))]
    return [str(part.relative_to(ROOT)) for part in parts]


def object_of(folder, source):
    return folder / (source.replace("/", "-").removesuffix(".cpp") + ".o")


def compile_one(tree, folder, source):
    """Compiles a source with the headers of `tree`, which is the repository or a changed copy."""
    made = object_of(folder, source)
    at = tree / source if (tree / source).is_file() else ROOT / source
    command = [compiler(), *FLAGS, f"-I{tree}/include", f"-I{ROOT}/tests/litmus", "-MD"]
    if pathlib.Path(source).parent == pathlib.Path(ENGINE):
        command += ["-w"]  # relacy's headers are older than the warnings
    done = subprocess.run(
        [*command, "-c", str(at), "-o", f"{made}.new"], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise Failure(f"{source} does not compile:\n{done.stderr[:2000]}")
    os.replace(f"{made}.new", made)
    return made


def prerequisites(rule):
    """The files that a .d file names after its target; within a name, a blank has a backslash."""
    words = re.split(r"(?<!\\)\s+", rule.replace("\\\n", " ").strip())[1:]
    return [re.sub(r"\\([\s#])", r"\1", word).replace("$$", "$") for word in words]


def needs(folder, source):
    """The files of the repository that an object was made of; None when it is not there."""
    made = object_of(folder, source)
    listed = pathlib.Path(f"{made}.d")
    if not made.is_file() or not listed.is_file():
        return None
    named = prerequisites(listed.read_text(encoding="utf-8"))
    paths = (pathlib.Path(os.path.realpath(word)) for word in named)
    return {str(path.relative_to(ROOT)) for path in paths if path.is_relative_to(ROOT)}


def is_new(folder, source):
    made, parts = object_of(folder, source), needs(folder, source)
    if parts is None or not all((ROOT / part).is_file() for part in parts):
        return False
    newest = max((ROOT / part).stat().st_mtime for part in parts | {"tools/litmus.py"})
    return made.stat().st_mtime > newest


def link(objects, program):
    done = subprocess.run(
        [compiler(), *map(str, objects), "-o", f"{program}.new"],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise Failure(f"{program.name} does not link:\n{done.stderr[:2000]}")
    os.replace(f"{program}.new", program)


def in_parallel(work, items):
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        return list(pool.map(work, items))


def build():
    """Brings build/litmus up to date and returns the program that holds all litmus programs."""
    if not pathlib.Path("/usr/include/relacy/relacy.hpp").is_file():
        raise Failure("relacy is not here: ./dev setup installs the package relacy-dev")
    BUILD.mkdir(parents=True, exist_ok=True)
    program = BUILD / "litmus"
    with open(BUILD / "lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        every = sources()
        old = [source for source in every if not is_new(BUILD, source)]
        in_parallel(lambda source: compile_one(ROOT, BUILD, source), old)
        objects = [object_of(BUILD, source) for source in every]
        newest = max(made.stat().st_mtime for made in objects)
        if old or not program.is_file() or program.stat().st_mtime < newest:
            link(objects, program)
    return program


def names(program):
    listed = subprocess.run([program], capture_output=True, text=True, check=True)
    return sorted(listed.stdout.split())


def run(program, name, runs, limit=300):
    """Runs one; returns whether it passed and the line that it printed."""
    try:
        done = subprocess.run(
            [program, name, str(runs)], capture_output=True, text=True, timeout=limit, check=False
        )
    except subprocess.TimeoutExpired:
        return False, f"{name}: still ran after {limit} s"
    lines = (done.stdout + done.stderr).strip().splitlines()
    said = next((line for line in lines if line.startswith(f"{name}:")), lines[-1] if lines else "")
    if done.returncode < 0:
        said = next((line for line in lines if line.startswith("lull:")), said)
        said += f" (ended by signal {-done.returncode})"
    return done.returncode == 0, said


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*")
    parser.add_argument("--runs", type=int, default=RUNS, help="schedules of each program")
    chosen = parser.parse_args()
    try:
        program = build()
    except Failure as failure:
        print(failure)
        return 1
    every = names(program)
    unknown = set(chosen.names) - set(every)
    if unknown:
        print(f"there is no litmus program {', '.join(unknown)}; there are {', '.join(every)}")
        return 1

    def one(name):
        start = time.monotonic()
        passed, said = run(program, name, chosen.runs)
        said = re.sub(rf"^{name}: ", "", said)
        verdict = "passed" if passed else "FAILED"
        print(f"{name:<14} {verdict} {time.monotonic() - start:5.1f} s  {said}", flush=True)
        return passed

    results = in_parallel(one, chosen.names or every)
    print(f"{results.count(True)} passed, {results.count(False)} failed")
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
