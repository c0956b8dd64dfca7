#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""tools/build.py CONFIGURATION [TARGET...]: sets build/CONFIGURATION up once and updates it.

The configurations that ./dev knows are in configurations.py. A change of one, of a wrap or of an
overlay in subprojects/packagefiles/ sets the folder up anew; anything else is left to ninja.
"""
import contextlib
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time

import children
from compilers import BUILD, CATCH2, CLANG, ROOT, BuildError, compiler_environment
from configurations import CONFIGURATIONS, STAGE

WARNINGS = ".warnings"  # in the folder of a configuration
# In front of the configuration, where builds_ahead.py calls this: whoever asks tells the warnings,
# and it ends with who asked; the second goes behind everything else as well.
AHEAD, YIELDS = "--ahead", "--yields"


@contextlib.contextmanager
def alone(doing):
    """One of all that are at work in this checkout does this at a time; the others wait."""
    BUILD.mkdir(exist_ok=True)
    with open(BUILD / f".{doing}.lock", "w", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print(f"another ./dev is {doing} in this checkout; waiting for it to end", flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def subprojects_digest():
    digest = hashlib.sha256()
    folder = ROOT / "subprojects"
    for path in sorted([*folder.glob("*.wrap"), *(folder / "packagefiles").rglob("*")]):
        if path.is_file():
            digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


def refresh_subprojects():
    """Unpacks the subprojects anew when a wrap or an overlay has changed since the last time."""
    marker, digest = BUILD / ".subprojects", subprojects_digest()
    if marker.is_file() and marker.read_text(encoding="utf-8") == digest:
        return
    for wrap in (ROOT / "subprojects").glob("*.wrap"):
        match = re.search(r"^directory = (\S+)", wrap.read_text(encoding="utf-8"), re.M)
        if match:
            shutil.rmtree(ROOT / "subprojects" / match[1], ignore_errors=True)
    BUILD.mkdir(exist_ok=True)
    marker.write_text(digest, encoding="utf-8")


def room():
    """What a failure may come from, where there is little room on the disk."""
    free = shutil.disk_usage(BUILD).free >> 20
    return f". There is room for {free} MiB only in build/: free some" if free < 100 else ""


def run_logged(command, log, what, **more):
    """Runs a command into a log; its last lines are part of the error when it fails."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with open(log, "w", encoding="utf-8") as file:
        done = subprocess.run(
            [str(c) for c in command], stdout=file, stderr=subprocess.STDOUT, check=False, **more
        )
    if done.returncode != 0:
        tail = "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-25:])
        raise BuildError(
            f"{tail}\n{what} failed; its last lines are above, all of it is in "
            f"{log.relative_to(ROOT)}{room()}"
        )


def meson_setup(folder, source, options, compiler, lines_only=False):
    """Sets folder up, or again from nothing when what it was set up with is no longer so."""
    refresh_subprojects()
    # Files that are compiled together are named by where they are built. What is said of a place
    # leaves that out: else the compiler's cache had nothing for another folder, or checkout.
    arguments = [f"-fmacro-prefix-map={folder}/../../="] + ["-g1"] * lines_only
    options = (*options, f"-Dcpp_args={arguments}")
    marker = folder / ".configuration"
    wanted = "\n".join([str(folder), compiler, *options, subprojects_digest()])
    if (
        (folder / "build.ninja").is_file()
        and marker.is_file()
        and marker.read_text(encoding="utf-8") == wanted
    ):
        return
    shutil.rmtree(folder, ignore_errors=True)
    run_logged(
        ["meson", "setup", folder, source, *options],
        BUILD / "logs" / f"{folder.name}-setup.log",
        f"meson setup of build/{folder.name}",
        env=compiler_environment(compiler),
    )
    marker.write_text(wanted, encoding="utf-8")


class Progress:
    """One line that moves on a terminal, a line every ten seconds elsewhere."""

    def __init__(self, label):
        self.label, self.shown, self.terminal = label, time.monotonic(), sys.stdout.isatty()

    def step(self, text):
        now = time.monotonic()
        if self.terminal:
            print(f"\r{self.label}: {text[:90]:<90}", end="", flush=True)
        elif now - self.shown > 10:
            print(f"{self.label}: {text[:90]}", flush=True)
            self.shown = now

    def end(self):
        if self.terminal:
            print(f"\r{'':<{len(self.label) + 92}}\r", end="", flush=True)


def ninja(folder, *targets):
    """Builds with progress; the compiler's messages are shown when it fails."""
    environment = dict(os.environ, NINJA_STATUS="[%f/%t] ")
    with subprocess.Popen(
        ["ninja", "-C", str(folder), *targets],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env=environment,
    ) as process:
        progress, lines = Progress(folder.name), []
        try:
            for line in process.stdout:
                if re.match(r"\[\d+/\d+\]", line):
                    progress.step(line.strip())
                else:
                    lines.append(line)
        except BaseException:
            process.terminate()
            raise
        progress.end()
        if process.wait() != 0:
            raise BuildError(
                "".join(lines[-80:]) + f"the build in build/{folder.name} failed; the "
                f"compiler's messages are above. Mend them, then call again{room()}"
            )
    return [line for line in lines if "warning:" in line]


def catch2():
    """Builds Catch2 once, into build/deps, for all configurations to find by pkg-config."""
    if (CATCH2 / "lib" / "pkgconfig" / "catch2-with-main.pc").is_file():
        return
    refresh_subprojects()
    run_logged(
        ["meson", "subprojects", "download", "catch2"],
        BUILD / "logs" / "catch2-unpack.log",
        "unpacking Catch2",
        cwd=ROOT,
    )
    folder = BUILD / "catch2"
    meson_setup(
        folder,
        ROOT / "subprojects" / "Catch2-3.7.1",
        (
            f"--prefix={CATCH2}",
            "--libdir=lib",
            "--buildtype=plain",
            "-Doptimization=1",
            "-Dtests=false",
            "-Dunity=on",
            "-Dunity_size=200",
            "--default-library=static",
        ),
        "clang",
    )
    ninja(folder)
    run_logged(
        ["meson", "install", "-C", folder, "--quiet"],
        BUILD / "logs" / "catch2-install.log",
        "installing Catch2 into build/deps",
    )


def build(name, *targets):
    """Brings build/NAME up to date. What the compiler warned of is kept until it is taken."""
    configuration = CONFIGURATIONS[name]
    folder = BUILD / name
    with alone("building"):
        if configuration.tests:
            catch2()
        meson_setup(
            folder,
            ROOT,
            configuration.options,
            configuration.compiler,
            configuration.lines_only,
        )
        warnings = ninja(folder, *targets)
        with open(folder / WARNINGS, "a", encoding="utf-8") as file:
            file.writelines(warnings)


def take_warnings(name):
    """The first of them, one a line."""
    file = BUILD / name / WARNINGS
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)[:20]
    file.unlink()
    return "".join(lines)


def yield_to_others():
    """What the kernel goes by is the priority of a session where it groups processes by these, and
    of a process elsewhere."""
    os.nice(19)
    with contextlib.suppress(OSError):
        with open("/proc/self/autogroup", "w", encoding="ascii") as group:
            group.write("19")


def main():
    arguments = sys.argv[1:]
    ahead = arguments[:1] in ([AHEAD], [YIELDS])
    if ahead:
        children.interrupt_with_parent()
        if arguments.pop(0) == YIELDS:
            yield_to_others()
    if not arguments or arguments[0] not in CONFIGURATIONS:
        sys.exit(f"{__doc__}\nConfigurations: {', '.join(CONFIGURATIONS)}")
    start = time.monotonic()
    try:
        build(*arguments)
    except (BuildError, OSError) as error:
        sys.exit(str(error))
    print(f"built build/{arguments[0]} in {time.monotonic() - start:.0f} s")
    if not ahead and (warnings := take_warnings(arguments[0])):
        sys.exit(warnings + "the compiler warned; ./dev test would fail on it")


if __name__ == "__main__":
    main()
