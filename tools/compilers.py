# SPDX-License-Identifier: MIT
"""Which compilers build.py takes, and what they find in their environment. Not a program."""
import os
import pathlib
import shutil
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
CATCH2 = BUILD / "deps"
# As Debian calls it, or as others do.
CLANG = "clang++-19" if shutil.which("clang++-19") else "clang++"

# Another checkout of the same sources finds in the cache what this one compiled.
os.environ.update(CCACHE_BASEDIR=str(ROOT), CCACHE_NOHASHDIR="1")


def keep_cache_in_build():
    """For whoever may not write to the home that they have: ccache would fail, not do without."""
    command = ["ccache", "--get-config", "cache_dir"]
    try:
        folder = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
        os.makedirs(folder, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except (OSError, subprocess.CalledProcessError):
        os.environ["CCACHE_DIR"] = str(BUILD / "ccache")


keep_cache_in_build()


class BuildError(Exception):
    """What could not be configured or compiled, with what to do."""


def launcher():
    """What is said before a compiler: ccache, where it is here."""
    return "ccache " if shutil.which("ccache") else ""


def compiler_environment(compiler):
    """CC, CXX and the linker for meson: clang 19 or the system's g++, through ccache where here."""
    for needed in ("meson", "ninja", CLANG if compiler == "clang" else "g++"):
        if not shutil.which(needed):
            raise BuildError(f"{needed} is not installed; ./dev setup installs it on Debian")
    environment = dict(os.environ)
    for name in ("CC", "CXX", "CFLAGS", "CXXFLAGS", "LDFLAGS", "CC_LD", "CXX_LD"):
        environment.pop(name, None)
    if compiler == "clang":
        environment |= {"CC": launcher() + CLANG.replace("++", ""), "CXX": launcher() + CLANG}
        if pathlib.Path("/usr/lib/llvm-19/bin/ld.lld").exists():
            environment |= {"CC_LD": "lld", "CXX_LD": "lld"}
    else:
        environment |= {"CC": launcher() + "gcc", "CXX": launcher() + "g++"}
    folder = str(CATCH2 / "lib" / "pkgconfig")
    environment["PKG_CONFIG_PATH"] = ":".join(
        filter(None, [folder, os.environ.get("PKG_CONFIG_PATH")])
    )
    return environment
