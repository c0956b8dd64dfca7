# SPDX-License-Identifier: MIT
"""What build.py builds, and how. Not a program."""
import dataclasses

from compilers import BUILD

STAGE = BUILD / "installed"


@dataclasses.dataclass(frozen=True)
class Configuration:
    """How one folder under build/ is compiled."""

    compiler: str
    options: tuple
    tests: bool = True
    lines_only: bool = False


SANITIZED = (
    "-Doptimization=0",
    "-Dchecked=true",
    "-Dsmall_constants=true",
    "-Db_lundef=false",
    "-Dbench=disabled",
)
CONFIGURATIONS = {
    "release": Configuration(
        "clang", ("--buildtype=release", "-Dtests=disabled", "-Dbench=disabled"), tests=False
    ),
    "bench": Configuration(
        "clang", ("--buildtype=release", "-Dtests=disabled", "-Dbench=enabled"), tests=False
    ),
    "stage": Configuration(
        "clang",
        (
            f"--prefix={STAGE}",
            "--libdir=lib",
            "--buildtype=release",
            "-Dtests=disabled",
            "-Dbench=disabled",
            "-Dexamples=disabled",
        ),
        tests=False,
    ),
    "clang-O0": Configuration(
        "clang",
        (
            "--buildtype=plain",
            "-Doptimization=0",
            "-Dchecked=true",
            "-Dbench=disabled",
        ),
        lines_only=True,
    ),
    "clang-O2": Configuration(
        "clang", ("--buildtype=plain", "-Doptimization=2", "-Dlitmus=true", "-Dbench=disabled")
    ),
    "gcc-O2": Configuration("gcc", ("--buildtype=plain", "-Doptimization=2", "-Dbench=disabled")),
    "asan": Configuration(
        "clang",
        ("--buildtype=plain", "-Db_sanitize=address,undefined", *SANITIZED),
        lines_only=True,
    ),
    "tsan": Configuration(
        "clang", ("--buildtype=plain", "-Db_sanitize=thread", *SANITIZED), lines_only=True
    ),
}
