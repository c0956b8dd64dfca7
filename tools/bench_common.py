# SPDX-License-Identifier: MIT
"""What the benchmarks share: servers that are started pinned and always stopped, the load client,
rows, the description of the machine. Not a program."""
import concurrent.futures
import contextlib
import functools
import json
import os
import pathlib
import random
import platform
import re
import shutil
import socket
import statistics
import subprocess
import tempfile
import time

import build
import children
from build import ROOT

BUILD = build.BUILD / "bench"


class Skipped(Exception):
    """A row that cannot be measured here; says what is missing and what to do."""


class Failed(Exception):
    """A benchmark that went wrong; says what happened."""


def cores():
    """The CPU for servers and the CPU for clients: the first and the second that are allowed."""
    allowed = sorted(os.sched_getaffinity(0))
    return allowed[0], allowed[-1] if len(allowed) == 1 else allowed[1]


def program(name):
    """An executable of the benchmark build."""
    for folder in ("bench", "examples"):
        path = BUILD / folder / name
        if path.is_file():
            return str(path)
    raise Skipped(f"{name} is not built: ./dev bench builds it, if its sources are there")


def _prepare_child(core, end_with_this):
    """Runs in the child: a session of its own with the largest share of the CPU that autogroup
    scheduling can give, one core, and an end when the driver ends."""
    os.setsid()
    os.sched_setaffinity(0, {core})
    with contextlib.suppress(OSError):
        pathlib.Path("/proc/self/autogroup").write_text("-20", encoding="ascii")
    end_with_this()


_PORTS = set()


def free_port():
    """One that nobody listens on, that was not given before, and that no client gets of the kernel:
    a benchmark of many connections leaves next to none of those free for a minute."""
    clients = pathlib.Path("/proc/sys/net/ipv4/ip_local_port_range").read_text(encoding="ascii")
    first = int(clients.split()[0])
    below = range(max(1024, first - 20_000), first)
    for wanted in random.sample(below, min(len(below), 1000)) or [0] * 1000:
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", wanted))
            port = probe.getsockname()[1]
            if port not in _PORTS:
                _PORTS.add(port)
                return port
    raise Failed("no port is free for a server; connections that were closed keep theirs for a "
                 "minute: run it again then")


class Server:
    """A server process on one core: started and awaited on entry, ended by its pid on exit."""

    def __init__(self, name, command, core=None, port=None, datagrams=False):
        self.name, self.port, self.datagrams = name, port or free_port(), datagrams
        self.command = [str(part).replace("{port}", str(self.port)) for part in command]
        self.core = cores()[0] if core is None else core
        self.process = self.log = None

    def __enter__(self):
        self.log = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            self.command, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
            preexec_fn=functools.partial(_prepare_child, self.core, children.end_with_this()))
        try:
            self._await()
        except BaseException:
            self.end()
            raise
        return self

    def _await(self):
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise Failed(f"{self.name} ended at once: {self.said()}")
            with contextlib.suppress(OSError):
                self._reach()
                return
            time.sleep(0.02)
        raise Failed(f"{self.name} does not listen on port {self.port} after 10 s: {self.said()}")

    def _reach(self):
        if not self.datagrams:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            return
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
            one.settimeout(1)
            one.connect(("127.0.0.1", self.port))
            one.send(b"?")
            one.recv(1)

    def said(self):
        """The last lines of what the server printed."""
        self.log.seek(0)
        lines = self.log.read().decode(errors="replace").strip().splitlines()
        return " / ".join(lines[-5:]) or "it printed nothing"

    def __exit__(self, kind, *_):
        """One that has ended by itself was not measured: whoever else listened there was."""
        has_ended = self.process.poll() is not None
        said = self.said() if has_ended else ""
        self.end()
        if has_ended and kind is None:
            raise Failed(f"{self.name} has ended: {said}")

    def end(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.log.close()

    @property
    def pid(self):
        return self.process.pid


def run_pinned(command, timeout):
    """Runs a program to its end on the client's core. It is killed when the driver stops early."""
    command = [str(part) for part in command]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=False,
                              preexec_fn=functools.partial(
                                  _prepare_child, cores()[1], children.end_with_this()))
    except subprocess.TimeoutExpired as late:
        raise Failed(f"{command[0]} was stopped: it ran for more than {timeout:.0f} s") from late
    if done.returncode != 0:
        raise Failed(done.stderr.strip() or f"{command[0]} ended with status {done.returncode}")
    return done


def timed_rows(name, seconds, goals, say):
    """The rows that a benchmark program prints as JSON, each with its goal."""
    done = run_pinned([program(name), "--seconds", str(seconds)], seconds + 60)
    for line in filter(None, done.stderr.splitlines()):
        say(line)
    found = json.loads(done.stdout)["rows"]
    for one in found:
        one |= goals.get(one["name"], {})
    return found


def counting(say):
    """A pool for runs below callgrind, as many at once as there are CPUs, for counts are the same
    whatever else runs. None, and a word about it, without valgrind."""
    if shutil.which("valgrind") is None:
        say("instruction counts are left out: valgrind is not here (package valgrind)")
        return None
    say("counting instructions")
    return concurrent.futures.ThreadPoolExecutor(os.cpu_count())


def run_load(servers, seconds, **options):
    """Lets the load client visit all servers in turn; the first is the reference. Returns its
    findings by server name."""
    if len(os.sched_getaffinity(0)) < 2:
        raise Skipped("servers are measured on one CPU and asked from another; one is allowed here")
    command = [program("load_client"), "--seconds", seconds]
    for name, value in options.items():
        command += ["--" + name.replace("_", "-"), value]
    for server in servers:
        command += ["--server", f"{server.name}={server.port}:{server.pid}"]

    try:
        done = run_pinned(command, seconds + 60)
    except Failed as failure:
        ended = [f"{s.name} has ended: {s.said()}" for s in servers if s.process.poll() is not None]
        raise Failed("; ".join([str(failure), *ended])) from failure
    return {one["name"]: one for one in json.loads(done.stdout)["servers"]}


def row(name, spread, unit, reference=None, ratio=None, goal=None, **more):
    """One row of a report. `spread` and `ratio` are {"low", "median", "high"}."""
    result = {"name": name, "value": spread["median"], "low": spread["low"],
              "high": spread["high"], "unit": unit, "reference": reference,
              "ratio": ratio and ratio["median"]}
    if ratio:
        result |= {"ratio_low": ratio["low"], "ratio_high": ratio["high"]}
    if goal is not None:
        result["goal"] = goal
    return result | more


def spread(samples):
    """Median and quartiles of what was taken in rounds."""
    low, median, high = statistics.quantiles(samples, n=4, method="inclusive")
    return {"low": low, "median": median, "high": high}


def exact(value):
    """The spread of what is counted, not timed."""
    return {"low": value, "median": value, "high": value}


def instructions(name, arguments):
    """All instructions of a run of one of the benchmark programs, as callgrind counts them, the
    same at every run; and what the program wrote."""
    with tempfile.TemporaryDirectory() as folder:
        command = ["valgrind", "--tool=callgrind",
                   f"--callgrind-out-file={os.path.join(folder, 'out')}", program(name),
                   *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    match = re.search(r"Collected : (\d+)", done.stderr)
    if done.returncode != 0 or not match:
        raise Failed(f"counting the instructions of {name} {' '.join(map(str, arguments))} failed: "
                     f"{done.stderr.strip()[-400:]}")
    return int(match[1]), done.stdout


def instructions_each(name, arguments, operations):
    """Instructions of one operation: the difference of two runs that make few and many, which each
    program takes as its last argument."""
    few, many = operations
    counts = [instructions(name, [*arguments, count])[0] for count in (few, many)]
    return round((counts[1] - counts[0]) / (many - few), 3)


def draw_with(tool, report, say):
    """The report as a picture beside it, where some python3 of this machine has matplotlib."""
    for interpreter in ("python3", "/usr/bin/python3"):
        probe = [interpreter, "-c", "import matplotlib"]
        if subprocess.run(probe, capture_output=True, check=False).returncode != 0:
            continue
        done = subprocess.run([interpreter, ROOT / "tools" / tool, report], capture_output=True,
                              text=True, check=False)
        if done.returncode != 0:
            raise Failed(f"the plot could not be drawn: {done.stderr.strip()[-400:]}")
        say(f"drawn: {done.stdout.strip()}")
        return
    say("the plot is left out: matplotlib is not here (package python3-matplotlib)")


def _first_line(command):
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        out = subprocess.run(command, capture_output=True, text=True, check=True, timeout=10).stdout
        return out.splitlines()[0]
    return "unknown"


def machine():
    """What the figures were taken on, without names that identify the machine."""
    about = pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8")
    model = re.search(r"^model name\s*: (.*)$", about, re.M)
    distribution = re.search(r'^PRETTY_NAME="?([^"\n]*)', pathlib.Path("/etc/os-release").read_text(
        encoding="utf-8"), re.M)
    return {
        "cpu": model[1] if model else platform.machine(),
        "cores": os.cpu_count(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "virtual": " hypervisor" in about,
        "kernel": platform.release(),
        "distribution": distribution[1] if distribution else "unknown",
        "compiler": _first_line([build.CLANG, "--version"]),
        "build": "release",
        "load_before": round(os.getloadavg()[0], 2),
    }
