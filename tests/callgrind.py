# SPDX-License-Identifier: MIT
"""Instructions of a program, counted by callgrind: for tests, which import it from this folder."""
import os
import re
import shutil
import subprocess
import sys
import tempfile


def instructions(program, arguments, function):
    """Instructions in the functions of that name and in what they call."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [
                "valgrind",
                "--tool=callgrind",
                f"--toggle-collect=*{function}*",
                f"--callgrind-out-file={os.path.join(folder, 'out')}",
                program,
                *arguments,
            ],
            capture_output=True,
            text=True,
            timeout=200,
            check=False,
        )
    match = re.search(r"Collected : (\d+)", done.stderr)
    if done.returncode != 0 or not match or int(match[1]) == 0:
        sys.exit(f"counting the instructions of {arguments} failed:\n{done.stderr[-800:]}")
    return int(match[1])


def report(checks):
    """Of pairs of a verdict and a sentence; the exit status."""
    for good, text in checks:
        print(("" if good else "wrong: ") + text)
    failed = sum(not good for good, _ in checks)
    print(f"{len(checks) - failed} passed, {failed} failed")
    return 1 if failed else 0


def need_valgrind():
    """Ends the test, without a verdict, where it is not."""
    if shutil.which("valgrind") is None:
        print("instructions are not counted: valgrind is not here (package valgrind)")
        print("0 passed, 0 failed")
        sys.exit(0)
