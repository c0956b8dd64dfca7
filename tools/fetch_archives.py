#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Puts the release archives that subprojects/*.wrap name into subprojects/packagecache/.

An archive that is there with the right hash is left alone, and then nothing asks the network.
Otherwise the wrap's own address is tried once, and where it cannot be reached, the distribution's
source packages: for some releases their .orig.tar.gz is the very file that upstream serves. apt is
given a state folder and a source list of its own, so the system's lists stay as they are.
"""
import configparser
import hashlib
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request

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
    partial = path.with_suffix(".part")
    partial.write_bytes(data)
    partial.rename(path)
    return True


def from_upstream(path, expected, address):
    print(f"  {path.name}: asking {address}", flush=True)
    try:
        with urllib.request.urlopen(address, timeout=15) as answer:
            data = answer.read()
    except (urllib.error.URLError, OSError) as error:
        print(f"  {path.name}: not to be had there ({error})")
        return False
    if store(data, path, expected):
        return True
    print(f"  {path.name}: the file from there has another hash than the wrap names; not used")
    return False


def stanzas_of_list(text):
    """One-line entries: deb [options] uri suite component..."""
    for line in text.splitlines():
        match = re.match(r"\s*deb\s+(?:\[(?P<options>[^\]]*)\]\s+)?(?P<rest>\S.*)", line)
        if not match:
            continue
        uri, suite, *components = match["rest"].split("#")[0].split()
        options = dict(o.split("=", 1) for o in (match["options"] or "").split() if "=" in o)
        stanza = {"uris": uri, "suites": suite, "components": " ".join(components)}
        if "signed-by" in options:
            stanza["signed-by"] = options["signed-by"]
        yield stanza


def stanzas_of_sources(text):
    """deb822 entries; a key that continues on indented lines (an inline key) is kept whole."""
    for paragraph in re.split(r"\n\s*\n", text):
        stanza, key = {}, None
        for line in paragraph.splitlines():
            if line.startswith("#"):
                continue
            if line[:1].isspace() and key:
                stanza[key] += "\n" + line
            elif ":" in line:
                key, value = line.split(":", 1)
                key = key.strip().lower()
                stanza[key] = value.strip()
        if "deb" in stanza.get("types", "").split() and stanza.get("enabled", "yes") != "no":
            yield stanza


def codename():
    text = pathlib.Path("/etc/os-release").read_text(encoding="utf-8")
    match = re.search(r"^VERSION_CODENAME=\"?(\w+)", text, re.M)
    return match[1] if match else ""


def private_source_list():
    """The machine's own main archive, as source packages of SUITE."""
    apt = pathlib.Path("/etc/apt")
    stanzas = []
    for path in [apt / "sources.list", *sorted((apt / "sources.list.d").glob("*"))]:
        if path.is_file() and path.suffix == ".sources":
            stanzas += stanzas_of_sources(path.read_text(encoding="utf-8"))
        elif path.is_file() and path.suffix == ".list":
            stanzas += stanzas_of_list(path.read_text(encoding="utf-8"))
    out = []
    for stanza in stanzas:
        suites = set(stanza.get("suites", "").split())
        if not suites & {codename(), "stable", "oldstable", SUITE}:
            continue
        if "main" not in stanza.get("components", "").split():
            continue
        text = f"Types: deb-src\nURIs: {stanza['uris']}\nSuites: {SUITE}\nComponents: main\n"
        if "signed-by" in stanza:
            text += f"Signed-By: {stanza['signed-by']}\n"
        out.append(text)
    return "\n".join(dict.fromkeys(out))


def apt_get(folder, *arguments):
    options = {
        "Dir::State": folder / "state",
        "Dir::State::status": folder / "status",
        "Dir::Cache": folder / "cache",
        "Dir::Etc::sourcelist": folder / "private.sources",
        "Dir::Etc::sourceparts": "-",
        "Acquire::Languages": "none",
        "APT::Sandbox::User": "",
        "Acquire::Retries": "2",
        "Acquire::http::Timeout": "30",
    }
    command = ["apt-get", "--quiet"]
    for key, value in options.items():
        command += ["-o", f"{key}={value}"]
    done = subprocess.run(
        command + list(arguments),
        cwd=folder / "download",
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    if done.returncode != 0:
        print(
            "  apt-get "
            + " ".join(arguments)
            + " said:\n    "
            + "\n    ".join(done.stdout.strip().splitlines()[-8:])
        )
    return done.returncode == 0


def from_distribution(missing):
    sources = private_source_list()
    if not sources:
        print("  /etc/apt names no archive whose source packages could be asked")
        return
    print(f"  asking the source packages of {SUITE} (takes a minute)", flush=True)
    with tempfile.TemporaryDirectory(prefix="lull-apt-") as name:
        folder = pathlib.Path(name)
        for part in ["state/lists/partial", "cache/archives/partial", "download"]:
            (folder / part).mkdir(parents=True)
        (folder / "status").touch()
        (folder / "private.sources").write_text(sources, encoding="utf-8")
        if not apt_get(folder, "update"):
            return
        for wrap, path, expected, _ in missing:
            package, archive = SOURCE_PACKAGES[wrap]
            if not apt_get(folder, "source", "--download-only", "--tar-only", package):
                continue
            got = folder / "download" / archive
            if not got.is_file():
                print(f"  {package}: {SUITE} has another release by now, {archive} is gone")
            elif not store(got.read_bytes(), path, expected):
                print(f"  {archive}: has another hash than {wrap}.wrap names; not used")


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
