# SPDX-License-Identifier: MIT
"""Runs the unit tests of the layers that own rings as an ordinary user with little lockable memory.

The kernel charges rings to the locked memory of ordinary users and not to root, so a suite that
only root runs never meets that limit.
"""
import os
import pathlib
import shutil
import subprocess
import tempfile

import build
import builds_ahead
import suites

# A user each, for what one has locked counts against all of its programs.
USERS = {"io": 65534, "sched": 65533, "tls": 65532, "ring": 65531}
LOCKED_MEMORY = 64 * 1024
LIMIT_S = 240


def command(program, xml, user):
    arguments = [
        program,
        "--reporter",
        "console::out=-::colour-mode=none",
        "--reporter",
        f"xml::out={xml}",
    ]
    limit = ["prlimit", f"--memlock={LOCKED_MEMORY}:{LOCKED_MEMORY}"]
    if os.geteuid() != 0:
        return [*limit, *arguments]
    return ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", *limit, *arguments]


def run_layer(layer, folder):
    tally = suites.Tally()
    program = build.BUILD / "clang-O2" / "tests" / f"unit-{layer}"
    if not program.is_file():
        tally.notes.append(f"unprivileged: there is no {program.name} yet")
        return tally
    copy, xml = folder / program.name, folder / f"{layer}.xml"
    shutil.copy(program, copy)
    copy.chmod(0o755)
    log = build.BUILD / "logs" / "unprivileged" / f"{layer}.log"
    status, output = suites.run(command(copy, xml, USERS[layer]), LIMIT_S, log)
    tally.add(suites.count_unit(f"unprivileged {layer}", xml, status, LIMIT_S, output))
    return tally


def run():
    """The -O2 build's tests, copied to where that user can read them."""
    builds_ahead.built("clang-O2")
    tally = suites.Tally()
    if os.geteuid() == 0:
        probe = subprocess.run(
            ["setpriv", f"--reuid={USERS['io']}", "true"], capture_output=True, check=False
        )
        if probe.returncode != 0:
            tally.notes.append("unprivileged: this root may not become another user; left out")
            return tally
    with tempfile.TemporaryDirectory(prefix="lull-unprivileged-") as name:
        folder = pathlib.Path(name)
        folder.chmod(0o777)
        with suites.pool_of(2 if os.geteuid() == 0 else 1) as pool:
            for found in pool.map(lambda layer: run_layer(layer, folder), USERS):
                tally.add(found)
    return tally
