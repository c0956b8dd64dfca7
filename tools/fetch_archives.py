#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Puts the release archives that subprojects/*.wrap name into subprojects/packagecache/.

An archive that is there with the right hash is left alone, and then nothing asks the network.
Otherwise the wrap's own address is tried once, and where it cannot be reached, the distribution's
source packages: for some releases their .orig.tar.gz is the very file that upstream serves.
"""
import configparser
import hashlib
import http.client
import os
import pathlib
import sys
import urllib.request

import debian_archive

ROOT = pathlib.Path(__file__).resolve().parent.parent
CACHE = ROOT / "subprojects" / "packagecache"
# wrap -> (source package, name of its archive there); the suite that holds these versions.
SOURCE_PACKAGES = {
    "catch2": ("catch2", "catch2_3.7.1.orig.tar.gz"),
    "liburing": ("liburing", "liburing_2.9.orig.tar.gz"),
}
SUITE = "trixie"


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


def wraps():
    """Yields name, file, hash and address of each wrap that setup has to provide."""
    for name in SOURCE_PACKAGES:
        parser = configparser.ConfigParser(interpolation=None)
        parser.read(ROOT / "subprojects" / f"{name}.wrap")
        section = parser["wrap-file"]
        yield name, CACHE / section["source_filename"], section["source_hash"], section[
            "source_url"
        ]


def store(data, path, expected):
    """Writes data to path when its hash is the expected one; says whether it was."""
    if hashlib.sha256(data).hexdigest() != expected:
        return False
    CACHE.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(f".part{os.getpid()}")  # another ./dev may be at it as well
    partial.write_bytes(data)
    partial.rename(path)
    return True


def from_upstream(path, expected, address):
    print(f"  {path.name}: asking {address}", flush=True)
    try:
        with urllib.request.urlopen(address, timeout=15) as answer:
            data = answer.read()
    except (OSError, http.client.HTTPException) as error:
        print(f"  {path.name}: not to be had there ({error})")
        return False
    if store(data, path, expected):
        return True
    print(f"  {path.name}: the file from there has another hash than the wrap names; not used")
    return False


def from_distribution(missing):
    print(f"  asking the source packages of {SUITE} (takes a minute)", flush=True)
    with debian_archive.opened("deb-src", SUITE) as archive:
        if archive is None:
            return
        for wrap, path, expected, _ in missing:
            package, file = SOURCE_PACKAGES[wrap]
            if archive.apt("apt-get", "source", "--download-only", "--tar-only", package) is None:
                continue
            got = archive.download / file
            if not got.is_file():
                print(f"  {package}: {SUITE} has another release by now, {file} is gone")
            elif not store(got.read_bytes(), path, expected):
                print(f"  {file}: has another hash than {wrap}.wrap names; not used")


def main():
    missing = [wrap for wrap in wraps() if sha256(wrap[1]) != wrap[2]]
    if not missing:
        return 0
    missing = [wrap for wrap in missing if not from_upstream(*wrap[1:])]
    if missing:
        from_distribution(missing)
    missing = [wrap for wrap in missing if sha256(wrap[1]) != wrap[2]]
    for _, path, expected, address in missing:
        print(
            f"{path.name} could not be fetched. Put the file that {address} serves (sha256 "
            f"{expected}) at {os.path.relpath(path)} and call again.",
            file=sys.stderr,
        )
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
