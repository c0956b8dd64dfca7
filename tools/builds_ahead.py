# SPDX-License-Identifier: MIT
"""What steps need is built in their order, one after another, while the tests of those before run:
these wait more than they compute, and go first where both want a processor."""
import concurrent.futures
import contextlib
import sys

import build
import suites

_BUILDS = {}
LIMIT_S = 3600


def _log(name):
    return build.BUILD / "logs" / f"{name}-build.log"


def _build(name):
    command = [sys.executable, build.ROOT / "tools" / "build.py", "--yields", name]
    return suites.run(command, LIMIT_S, _log(name))


def begin(names, pool):
    """In a pool of one."""
    for name in names:
        _BUILDS[name] = pool.submit(_build, name)


def built(name):
    """Waits for it, or builds it; gives what the compiler warned of. Throws BuildError."""
    if name not in _BUILDS:
        return "".join(build.build(name)[:20])
    progress = build.Progress(name)
    while not concurrent.futures.wait([_BUILDS[name]], timeout=1).done:
        with contextlib.suppress(OSError):
            lines = _log(name).read_text(encoding="utf-8", errors="replace").splitlines()
            progress.step((lines or [""])[-1].removeprefix(f"{name}: "))
    progress.end()
    status, output = _BUILDS[name].result()
    if status not in (0, build.WARNED):
        raise build.BuildError(suites.tail(output, 80))
    return output if status == build.WARNED else ""
