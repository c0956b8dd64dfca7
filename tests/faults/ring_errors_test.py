#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""ring_errors_test.py PROGRAM: a service to which the kernel refuses entries into its rings.

strace makes io_uring_enter fail without doing anything; the service must lose nothing by it.
"""
import os
import shutil
import subprocess
import sys
import tempfile

ERRORS = ("EBUSY", "EAGAIN", "EINTR")
# Which calls of each thread fail: every third, every second, and runs of them.
PATTERNS = ("2+3", "1+2", "1..40", "20..200")
LIMIT_S = 60


def run_with(program, error, pattern):
    """Returns what was wrong, or None."""
    with tempfile.NamedTemporaryFile(prefix="lull-strace-") as trace:
        inject = f"inject=io_uring_enter:error={error}:when={pattern}"
        command = ["strace", "-f", "-o", trace.name, "-e", "trace=io_uring_enter", "-e", inject]
        # The leak checker does not work under strace.
        leaks = os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"
        try:
            done = subprocess.run(
                [*command, program],
                capture_output=True,
                text=True,
                timeout=LIMIT_S,
                check=False,
                env=dict(os.environ, ASAN_OPTIONS=leaks),
            )
        except subprocess.TimeoutExpired:
            return f"still ran after {LIMIT_S} s"
        injected = trace.read().count(b"(INJECTED)")
    if done.returncode != 0:
        return f"ended with status {done.returncode}\n{done.stdout}{done.stderr}"
    if injected < 20:
        return f"only {injected} calls failed; the service is too small for this pattern"
    if error != "EINTR" and "refusals 1" not in done.stdout:
        return f"the ring has not counted what was refused\n{done.stdout}"
    return None


def main():
    program = sys.argv[1]
    if shutil.which("strace") is None:
        print("left out: strace is not here; ./dev setup installs it")
        return
    probe = subprocess.run(["strace", "-o", "/dev/null", "true"], capture_output=True, check=False)
    if probe.returncode != 0:
        print("left out: strace may not trace here")
        return
    failed = 0
    cases = [(error, pattern) for error in ERRORS for pattern in PATTERNS]
    for error, pattern in cases:
        wrong = run_with(program, error, pattern)
        if wrong:
            failed += 1
            print(f"{error} on calls {pattern}: {wrong}")
    print(f"{len(cases) - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
