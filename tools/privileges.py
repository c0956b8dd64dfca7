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
import suites

USER = 65534
LOCKED_MEMORY = 64 * 1024
LAYERS = ("ring", "sched", "io", "tls")
LIMIT_S = 240


def command(program, xml):
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
    return ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups", *limit, *arguments]


def run():
    """The -O2 build's tests, copied to where that user can read them."""
    build.build("clang-O2")
    tally = suites.Tally()
    if os.geteuid() == 0:
        probe = subprocess.run(
            ["setpriv", f"--reuid={USER}", "true"], capture_output=True, check=False
        )
        if probe.returncode != 0:
            tally.notes.append("unprivileged: this root may not become another user; left out")
            return tally
    with tempfile.TemporaryDirectory(prefix="lull-unprivileged-") as name:
        folder = pathlib.Path(name)
        folder.chmod(0o777)
        for layer in LAYERS:
            program = build.BUILD / "clang-O2" / "tests" / f"unit-{layer}"
            if not program.is_file():
                tally.notes.append(f"unprivileged: there is no {program.name} yet")
                continue
            copy, xml = folder / program.name, folder / f"{layer}.xml"
            shutil.copy(program, copy)
            copy.chmod(0o755)
            log = build.BUILD / "logs" / "unprivileged" / f"{layer}.log"
            status, output = suites.run(command(copy, xml), LIMIT_S, log)
            tally.add(suites.count_unit(f"unprivileged {layer}", xml, status, LIMIT_S, output))
    return tally
