# SPDX-License-Identifier: MIT
"""Tests of setup.sh, on a machine whose dpkg and apt are a few lines below, and of fetching."""
import contextlib
import http.client
import io
import os
import pathlib
import shutil
import subprocess
import tempfile
from unittest import mock

import build
import fetch_archives
import suites

PROGRAMS = {
    "dpkg-query": 'for last; do :; done; case " $MISSING " in *" $last "*) exit 1 ;; esac\n'
    "printf installed\n",
    "apt-cache": '[ "$LC_ALL" = C ] && says=Candidate || says=Installationskandidat\n'
    'case " $UNKNOWN " in *" $2 "*) ;; *) echo "  $says: 1.0" ;; esac\n',
    "apt-get": 'echo "$@" >>"$CALLS"\n',
    "sudo": '"$@"\n',
    "redis-server": "",
    "meson": "",
}


class Machine:
    """A checkout of setup.sh alone, and those programs in front of this machine's."""

    def __init__(self, folder):
        self.folder, self.calls = folder, folder / "calls"
        (folder / "tools").mkdir()
        shutil.copy(build.ROOT / "tools" / "setup.sh", folder / "tools")
        (folder / "tools" / "fetch_archives.py").touch()
        (folder / "bin").mkdir()
        for name, text in PROGRAMS.items():
            program = folder / "bin" / name
            program.write_text(f"#!/bin/sh\n{text}", encoding="utf-8")
            program.chmod(0o755)

    def setup(self, purpose, missing, unknown=""):
        """Whether setup.sh succeeds, and what it has asked apt-get for since the beginning."""
        variables = {
            "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}",
            "LC_ALL": "C.UTF-8",
            "MISSING": missing,
            "UNKNOWN": unknown,
            "CALLS": str(self.calls),
        }
        done = subprocess.run(
            [self.folder / "tools" / "setup.sh", purpose],
            env=os.environ | variables,
            capture_output=True,
            text=True,
            check=False,
        )
        asked = self.calls.read_text(encoding="utf-8") if self.calls.is_file() else ""
        return done.returncode == 0, asked


def an_apt_that_speaks_german(machine):
    good, asked = machine.setup("run", "libssl-dev")
    return good and asked.endswith(" install libssl-dev\n")


def a_program_that_is_of_no_package(machine):
    return machine.setup("run", "meson") == (True, "")


def optional_packages_looked_for_once_a_purpose(machine):
    for purpose in ("test", "bench", "test", "bench"):
        good, asked = machine.setup(purpose, *2 * ("relacy-dev libck-dev",))
    return good and asked.count("update") == 2


def an_answer_that_ends_early_is_none():
    cut = http.client.IncompleteRead(b"")
    with mock.patch("urllib.request.urlopen", side_effect=cut), contextlib.redirect_stdout(
        io.StringIO()
    ):
        return not fetch_archives.from_upstream(pathlib.Path("a"), "", "https://localhost/a")


def run():
    tally = suites.Tally()
    for case in (
        an_apt_that_speaks_german,
        a_program_that_is_of_no_package,
        optional_packages_looked_for_once_a_purpose,
    ):
        with tempfile.TemporaryDirectory(prefix="lull-setup-") as name:
            good = case(Machine(pathlib.Path(name)))
        tally.check(good, f"setup.sh misjudges {case.__name__.replace('_', ' ')}")
    tally.check(an_answer_that_ends_early_is_none(), "an archive that is cut short stops setup")
    return tally
