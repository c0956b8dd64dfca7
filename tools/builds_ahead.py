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


def _build(name, how):
    command = [sys.executable, build.ROOT / "tools" / "build.py", how, name]
    return suites.run(command, LIMIT_S, _log(name))


def begin(names, pool):
    """In a pool of one. The first is waited for at once, and yields to nobody."""
    for number, name in enumerate(names):
        _BUILDS[name] = pool.submit(_build, name, build.YIELDS if number else build.AHEAD)


def built(name):
    """Waits for it, or builds it. Throws BuildError."""
    if name not in _BUILDS:
        build.build(name)
        return
    progress = build.Progress(name)
    while not concurrent.futures.wait([_BUILDS[name]], timeout=1).done:
        with contextlib.suppress(OSError):
            lines = _log(name).read_text(encoding="utf-8", errors="replace").splitlines()
            if lines:
                progress.step(lines[-1].removeprefix(f"{name}: "))
    progress.end()
    status, output = _BUILDS[name].result()
    if status != 0:
        how = "" if status == 1 else f"\nthe build {suites.how_it_ended(status, LIMIT_S)}"
        raise build.BuildError(f"{suites.tail(output, 80)}{how}; all of it is in {_log(name)}")
