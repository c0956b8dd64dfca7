# SPDX-License-Identifier: MIT
"""Runs what a configuration's meson.build declared as tests, and counts what they say.

A test of suite `unit` writes Catch2's XML and counts its test cases. Any other test counts as one,
unless the last line that it prints is `N passed, N failed` (or `N mutants, N survived`): then these
are its numbers.
"""
import concurrent.futures
import contextlib
import dataclasses
import json
import os
import pathlib
import re
import signal
import subprocess
import time

import build

SANITIZER_SETTINGS = {
    "ASAN_OPTIONS": "detect_stack_use_after_return=1:strict_string_checks=1:halt_on_error=1",
    "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1",
    "TSAN_OPTIONS": "halt_on_error=1:second_deadlock_stack=1",
}
COUNTS = re.compile(r"^(\d+) passed, (\d+) failed$")
MUTANTS = re.compile(r"^(\d+) mutants, (\d+) survived$")
SLOWER_WITH = {"asan": 3, "tsan": 5}


@dataclasses.dataclass
class Tally:
    """What a step counted, and one paragraph for each thing that failed."""

    passed: int = 0
    failed: int = 0
    failures: list = dataclasses.field(default_factory=list)
    notes: list = dataclasses.field(default_factory=list)

    def add(self, other):
        self.passed += other.passed
        self.failed += other.failed
        self.failures += other.failures
        self.notes += other.notes

    def check(self, good, text):
        """Counts one check; text says what is wrong and what to do."""
        self.passed += 1 if good else 0
        if not good:
            self.failed += 1
            self.failures.append(text)


def tail(text, lines=40):
    kept = text.rstrip().splitlines()[-lines:]
    return "\n".join("    " + line for line in kept)


def environment():
    settings = dict(SANITIZER_SETTINGS)
    symbolizer = pathlib.Path("/usr/bin/llvm-symbolizer-19")
    if symbolizer.exists():
        settings["ASAN_SYMBOLIZER_PATH"] = settings["TSAN_SYMBOLIZER_PATH"] = str(symbolizer)
        settings["TSAN_OPTIONS"] += f":external_symbolizer_path={symbolizer}"
    return settings


class Running:
    """What run() has started and has not seen the end of."""

    def __init__(self):
        self.processes, self.over = set(), False

    def add(self, process):
        self.processes.add(process)
        if self.over:
            end(process)

    def end(self, for_good):
        """All of it, and perhaps whatever is started from here on."""
        self.over = for_good
        with concurrent.futures.ThreadPoolExecutor() as pool:
            list(pool.map(end, list(self.processes)))


RUNNING = Running()
PATIENCE_S = 5


def end(process):
    """With all that it has started: as by ^C, for they may have something to put away."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(PATIENCE_S)
        os.killpg(process.pid, signal.SIGKILL)


@contextlib.contextmanager
def pool_of(count):
    """Threads that call run(). Left early, it ends what they run."""
    with concurrent.futures.ThreadPoolExecutor(count) as pool:
        try:
            yield pool
        except BaseException as why:
            pool.shutdown(wait=False, cancel_futures=True)
            RUNNING.end(for_good=not isinstance(why, Exception))
            raise


def run(command, limit, log, extra=None, folder=None):
    """Runs a command into a log; returns its status (None: it ran too long) and its output."""
    log.parent.mkdir(parents=True, exist_ok=True)
    variables = dict(os.environ, **environment(), **(extra or {}))
    with open(log, "wb") as file:
        with subprocess.Popen(
            [str(c) for c in command],
            stdout=file,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            env=variables,
            cwd=folder,
            start_new_session=True,
        ) as process:
            RUNNING.add(process)
            try:
                status = process.wait(timeout=limit)
            except subprocess.TimeoutExpired:
                end(process)
                status = None
            except BaseException:
                end(process)
                raise
            finally:
                RUNNING.processes.discard(process)
    return status, log.read_text(encoding="utf-8", errors="replace")


def how_it_ended(status, limit):
    if status is None:
        return f"still ran after {limit} s and was killed"
    return f"ended by signal {-status}" if status < 0 else f"ended with status {status}"


def counts_of(output):
    """What the last line of a test says that it counted, as (passed, failed); None if nothing."""
    last = (output.rstrip().splitlines() or [""])[-1]
    if match := COUNTS.match(last):
        return int(match[1]), int(match[2])
    if match := MUTANTS.match(last):
        return int(match[1]) - int(match[2]), int(match[2])
    return None


def count_unit(name, xml, status, limit, output):
    """Reads the test cases out of Catch2's XML, which is cut short where the program crashed."""
    text = xml.read_text(encoding="utf-8", errors="replace") if xml.is_file() else ""
    total = re.search(
        r'<OverallResultsCases successes="(\d+)" failures="(\d+)" ' r'expectedFailures="(\d+)"',
        text,
    )
    tally = Tally()
    cases = re.split(r"(?=<TestCase )", text)[1:]
    bad = [
        re.search(r'name="([^"]*)"', case)[1]
        for case in cases
        if '<OverallResult success="true"' not in case
    ]
    if total:
        tally.passed = int(total[1]) + int(total[3])
        tally.failed = int(total[2])
    else:
        tally.passed = len(cases) - len(bad)
        tally.failed = max(1, len(bad))
    if status != 0 and tally.failed == 0:
        tally.failed = 1
    if tally.passed + tally.failed == 0:
        tally.failed, output = 1, output + "\nit holds no test case"
    if tally.failed:
        tally.failures.append(
            f"{name}: {how_it_ended(status, limit)}; failed: "
            f"{'; '.join(bad) or 'unknown'}\n{tail(output)}"
        )
    return tally


def run_test(configuration, test):
    limit = int(test["timeout"] * SLOWER_WITH.get(configuration, 1))
    name = f"{configuration} {test['name']}"
    log = build.BUILD / "logs" / configuration / (test["name"].replace("/", "-") + ".log")
    xml = next(
        (
            pathlib.Path(argument.removeprefix("xml::out="))
            for argument in test["cmd"]
            if argument.startswith("xml::out=")
        ),
        None,
    )
    if xml:
        xml.unlink(missing_ok=True)
    folder = test.get("workdir") or build.BUILD / configuration  # as meson itself runs them
    status, output = run(test["cmd"], limit, log, test.get("env"), folder)
    if xml:
        return count_unit(name, xml, status, limit, output)
    tally = Tally()
    counts = counts_of(output)
    if counts:
        tally.passed, tally.failed = counts
        if status != 0 and tally.failed == 0:
            tally.failed = 1
    else:
        tally.passed, tally.failed = (1, 0) if status == 0 else (0, 1)
    if tally.failed:
        tally.failures.append(f"{name}: {how_it_ended(status, limit)}\n{tail(output)}")
    return tally


def tests_of(configuration, suites):
    """The declared tests of these suites; meson names a suite `project:suite`."""
    done = subprocess.run(
        ["meson", "introspect", "--tests", str(build.BUILD / configuration)],
        capture_output=True,
        text=True,
        check=True,
    )
    return [
        test
        for test in json.loads(done.stdout)
        if {suite.split(":")[-1] for suite in test["suite"]} & set(suites)
    ]


def run_suites(configuration, *suites, together=2):
    """Runs the tests of these suites, two at a time, with progress."""
    tests, tally = tests_of(configuration, suites), Tally()
    progress = build.Progress(configuration)
    start = time.monotonic()
    with pool_of(together) as pool:
        running = {pool.submit(run_test, configuration, test): test["name"] for test in tests}
        for number, future in enumerate(concurrent.futures.as_completed(running), 1):
            tally.add(future.result())
            progress.step(
                f"[{number}/{len(tests)}] ran {running[future]} "
                f"({time.monotonic() - start:.0f} s)"
            )
    progress.end()
    return tally
