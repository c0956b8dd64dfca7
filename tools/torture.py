#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""./dev torture [--seconds N] [--seed S] [--threads N]: tortures reclamation (tests/torture).

Builds a release and the sanitizers, runs the program in each for N seconds (20), prints a table.
As root, where there is a cgroup of processors to write to, each run has a quota of processor
time that changes several times a second, so that threads stop anywhere, holding what they hold.

--program FILE runs that one program as it is, and builds nothing. Ends with status 1 and with the
seed when something is wrong. The seed decides who does what and the quotas; it is drawn when it is
not given.
"""
import argparse
import contextlib
import os
import pathlib
import random
import re
import signal
import subprocess
import sys
import threading
import time

import build
import suites

CONFIGURATIONS = ("clang-O2", "asan", "tsan")
PROGRAM = "tests/torture/torture"
COLUMNS = {
    "reads": "reads",
    "oldest": "oldest age",
    "retired": "retired",
    "released": "released",
    "pins": "pins",
    "holds": "holds",
    "joins": "joins",
    "graces": "grace periods",
    "rounds": "rounds",
    "errors": "errors",
}
V1 = pathlib.Path("/sys/fs/cgroup/cpu")
V2 = pathlib.Path("/sys/fs/cgroup")
PATIENCE_S = 100  # for the end of the last round; the program has a limit of its own


class Quota:
    """A cgroup of its own for one process, whose share of processor time changes all the time."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.folder = self.limit = self.thread = None
        self.over = threading.Event()
        self.note = ""

    def open(self):
        """Makes the cgroup; says why there is none when it cannot be had."""
        if os.geteuid() != 0:
            self.note = "no processor quotas: only root may set them"
            return
        for root, name in ((V1, "cpu.cfs_quota_us"), (V2, "cpu.max")):
            if name == "cpu.max" and not (root / "cgroup.controllers").is_file():
                continue
            folder = root / f"lull-torture-{os.getpid()}-{id(self)}"
            try:
                folder.mkdir()
            except OSError:
                continue
            if (folder / name).is_file():
                self.folder, self.limit = folder, name
                return
            folder.rmdir()
        self.note = "no processor quotas: there is no cgroup of processors to write to"

    def enter(self, pid):
        if self.folder is None:
            return
        try:
            (self.folder / "cgroup.procs").write_text(str(pid), encoding="ascii")
        except OSError as error:
            self.note = f"no processor quotas: {error}"
            return
        self.thread = threading.Thread(target=self.change)
        self.thread.start()

    def set(self, quota_us, period_us):
        with contextlib.suppress(OSError):
            if self.limit == "cpu.max":
                text = f"{quota_us if quota_us > 0 else 'max'} {period_us}"
                (self.folder / "cpu.max").write_text(text, encoding="ascii")
                return
            (self.folder / "cpu.cfs_quota_us").write_text("-1", encoding="ascii")
            (self.folder / "cpu.cfs_period_us").write_text(str(period_us), encoding="ascii")
            (self.folder / "cpu.cfs_quota_us").write_text(str(quota_us), encoding="ascii")

    def change(self):
        while not self.over.wait(self.random.uniform(0.1, 0.3)):
            period = self.random.choice((10_000, 30_000, 100_000))
            share = self.random.choice((-1, 0.15, 0.3, 0.6, 1.2))
            self.set(-1 if share < 0 else int(period * share), period)
        self.set(-1, 100_000)

    def lift(self):
        """No quota any more."""
        self.over.set()
        if self.thread is not None:
            self.thread.join()
            self.thread = None

    def close(self):
        self.lift()
        if self.folder is None:
            return
        for _ in range(50):
            with contextlib.suppress(OSError):
                self.folder.rmdir()
                return
            time.sleep(0.1)
        self.note = f"the cgroup {self.folder} could not be removed"


def run(program, chosen, quota):
    """Runs one program to its end; returns its status (None: killed) and what it printed."""
    command = [str(program)]
    for name in ("seconds", "seed", "threads"):
        command += [f"--{name}", str(getattr(chosen, name))]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
        errors="replace",
        env=dict(os.environ, **suites.environment()),
    ) as process:
        quota.enter(process.pid)
        timer = threading.Timer(chosen.seconds, quota.lift)
        timer.start()
        try:
            output, _ = process.communicate(timeout=chosen.seconds + PATIENCE_S)
            return process.returncode, output
        except subprocess.TimeoutExpired:
            process.kill()
            return None, process.communicate()[0]
        except BaseException:
            process.kill()
            raise
        finally:
            timer.cancel()
            timer.join()


def counts_of(output):
    line = next((line for line in output.splitlines() if line.startswith("torture:")), "")
    return dict(re.findall(r"(\w+)=(\d+)", line))


def torture(name, program, chosen):
    """One row of the table; True when nothing was wrong."""
    quota = Quota(chosen.seed)
    quota.open()
    try:
        status, output = run(program, chosen, quota)
    finally:
        quota.close()
    counts = counts_of(output)
    good = status == 0 and counts.get("errors") == "0"
    cells = [counts.get(key, "-") for key in COLUMNS]
    if not good and not counts:
        cells[-1] = "1"
    print(
        f"{name:<14}" + "".join(f"{c:>{width(t)}}" for c, t in zip(cells, COLUMNS.values())),
        flush=True,
    )
    if quota.note:
        print(f"note: {quota.note}", flush=True)
    if not good:
        print(suites.tail(output, 60))
        print(f"{name} {suites.how_it_ended(status, chosen.seconds + PATIENCE_S)}")
        print(f"again: ./dev torture --seconds {chosen.seconds:g} --seed {chosen.seed}")
    return good


def width(title):
    return max(len(title), 9) + 2


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    parser.add_argument("--threads", type=int, default=16)
    parser.add_argument("--program", type=pathlib.Path)
    chosen = parser.parse_args()
    if chosen.threads < 8:
        print("with fewer than 8 threads some roles are not played")
    programs = {}
    if chosen.program:
        programs[chosen.program.resolve().parents[2].name] = chosen.program
    try:
        for name in () if programs else CONFIGURATIONS:
            build.build(name, PROGRAM)
            programs[name] = build.BUILD / name / PROGRAM
    except build.BuildError as error:
        print(error)
        return 1
    print(f"seed {chosen.seed}, {chosen.threads} threads, {chosen.seconds:g} s each")
    print(f"{'configuration':<14}" + "".join(f"{t:>{width(t)}}" for t in COLUMNS.values()))
    good = [torture(name, program, chosen) for name, program in programs.items()]
    return 0 if all(good) else 1


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("torture: interrupted; what ran is ended")
