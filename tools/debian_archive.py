# SPDX-License-Identifier: MIT
"""Asks a release of Debian for packages with apt's own means: its signatures, and the addresses
that this machine has for its own release. apt is given a state folder and a source list of its own,
so the system's lists stay as they are.
"""
import contextlib
import pathlib
import re
import subprocess
import tempfile


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


def private_source_list(kind, suite):
    """The machine's own main archive, as packages of that kind (deb, deb-src) of that suite."""
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
        if not suites & {codename(), "stable", "oldstable", suite}:
            continue
        if "main" not in stanza.get("components", "").split():
            continue
        text = f"Types: {kind}\nURIs: {stanza['uris']}\nSuites: {suite}\nComponents: main\n"
        if "signed-by" in stanza:
            text += f"Signed-By: {stanza['signed-by']}\n"
        out.append(text)
    return "\n".join(dict.fromkeys(out))


class Archive:
    """What `opened` gives: apt with lists of its own, and a folder for what it fetches."""

    def __init__(self, folder):
        self.folder = folder
        self.download = folder / "download"

    def apt(self, program, *arguments):
        """Runs apt-get or apt-cache; what it printed, or None, having said why."""
        options = {
            "Dir::State": self.folder / "state",
            "Dir::State::status": self.folder / "status",
            "Dir::Cache": self.folder / "cache",
            "Dir::Etc::sourcelist": self.folder / "private.sources",
            "Dir::Etc::sourceparts": "-",
            "Acquire::Languages": "none",
            "APT::Sandbox::User": "",
            "Acquire::Retries": "2",
            "Acquire::http::Timeout": "30",
        }
        command = [program, "--quiet"]
        for key, value in options.items():
            command += ["-o", f"{key}={value}"]
        done = subprocess.run(
            command + list(arguments),
            cwd=self.download,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        if done.returncode == 0:
            return done.stdout
        said = "\n    ".join(done.stdout.strip().splitlines()[-8:])
        print(f"  {program} {' '.join(arguments)} said:\n    {said}")
        return None


@contextlib.contextmanager
def opened(kind, suite):
    """An Archive with the lists of that suite; None, having said why, if it cannot be asked."""
    sources = private_source_list(kind, suite)
    if not sources:
        print("  /etc/apt names no archive that could be asked")
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="lull-apt-") as name:
        archive = Archive(pathlib.Path(name))
        for part in ["state/lists/partial", "cache/archives/partial", "download"]:
            (archive.folder / part).mkdir(parents=True)
        (archive.folder / "status").touch()
        (archive.folder / "private.sources").write_text(sources, encoding="utf-8")
        yield archive if archive.apt("apt-get", "update") is not None else None
