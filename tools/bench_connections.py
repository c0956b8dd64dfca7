#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The row of 100,000 connections: accepted by lull's echo server on one core, each of which has
said something once and is idle then, and the memory of each. The clients come from several
loopback addresses, so that there are ports for all. Called by bench_io.py; alone it prints the
row."""
import contextlib
import json
import pathlib
import re
import resource
import time

from bench_common import Server, exact, program, row
from bench_idle import MESSAGES, WAVE, allow_descriptors, open_wave, private_bytes

CONNECTIONS = 100_000
SOURCES = [f"127.0.0.{i}" for i in range(2, 12)]
SPARE_FILES = 500


def kib_of(path, name):
    """A figure of one of the tables in /proc, in bytes."""
    text = pathlib.Path(path).read_text(encoding="ascii")
    return 1024 * int(re.search(rf"^{name}:\s+(\d+) kB", text, re.M)[1])


def memory(server):
    return {
        "private": private_bytes(server.pid),
        "resident": kib_of(f"/proc/{server.pid}/status", "VmRSS"),
        "kernel": kib_of("/proc/meminfo", "Slab"),
    }


def bytes_each(count):
    """Of the server's memory, and of the kernel's objects for both ends, by the connection."""
    message = MESSAGES["echo_lull"]
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(Server("lull", [program("echo_lull"), "{port}"]))
        open_wave(stack, server.port, 1, message)
        time.sleep(0.3)
        before = memory(server)
        for i in range(count // WAVE):
            open_wave(stack, server.port, WAVE, message, SOURCES[i % len(SOURCES)])
        time.sleep(1)
        after = memory(server)
    return {name: round((after[name] - before[name]) / count) for name in before}


def rows(say, count=CONNECTIONS):
    needed = count + SPARE_FILES
    allowed = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if allowed < needed:
        say(
            f"connections_100k is left out: a process needs {needed} open files for it and may "
            f"have {allowed} here; prlimit --nofile={needed} ./dev bench io measures it, "
            "and so does ./dev kernel 6.12 tools/bench_connections.py"
        )
        return []
    allow_descriptors(needed)
    found = bytes_each(count)
    say(f"of the kernel's memory {found['kernel']} bytes a connection, both ends together")
    return [
        row(
            "connections_100k",
            exact(found["private"]),
            "bytes of user memory",
            connections=count,
            resident_bytes=found["resident"],
            kernel_bytes_both_ends=found["kernel"],
        )
    ]


if __name__ == "__main__":
    print(json.dumps(rows(print)))
