# SPDX-License-Identifier: MIT
"""Memory of idle connections: 10,000 of them on one core, each of which has said something once.
What is counted is the server's private memory; the kernel's own share (sockets, requests) is not.
Run by bench.py."""
import contextlib
import pathlib
import re
import resource
import socket
import time

from bench_common import Failed, Server, Skipped, exact, program, row

SECONDS = 10
CONNECTIONS = 10_000
WAVE = 100
MESSAGES = {"echo_lull": (b"x" * 64, b"x" * 64), "kv-server": (b"PING\r\n", b"+PONG\r\n")}


def allow_descriptors(count):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft >= count:
        return
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (count, max(hard, count)))
    except (ValueError, OSError) as error:
        raise Skipped(
            f"{count} open files are needed and {hard} allowed: raise the limit "
            f"(ulimit -Hn {count}) and call again"
        ) from error


def private_bytes(pid):
    text = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    return 1024 * sum(int(kib) for kib in re.findall(r"^Private_\w+:\s+(\d+) kB", text, re.M))


def open_wave(stack, port, count, message, source="127.0.0.1"):
    """Connects, says one thing on each connection and hears the answer."""
    wave = []
    for _ in range(count):
        peer = stack.enter_context(
            socket.create_connection(("127.0.0.1", port), timeout=5, source_address=(source, 0))
        )
        peer.sendall(message[0])
        wave.append(peer)
    for peer in wave:
        heard = b""
        while len(heard) < len(message[1]):
            part = peer.recv(4096)
            if not part:
                raise Failed("the server closed one of the idle connections")
            heard += part
        if heard != message[1]:
            raise Failed(f"the server answered {heard!r} instead of {message[1]!r}")


def bytes_each(name, command, message):
    with Server(name, command) as server, contextlib.ExitStack() as stack:
        open_wave(stack, server.port, 1, message)
        time.sleep(0.3)
        before = private_bytes(server.pid)
        for _ in range(CONNECTIONS // WAVE):
            open_wave(stack, server.port, WAVE, message)
        time.sleep(1)
        return (private_bytes(server.pid) - before) / CONNECTIONS


def rows(_seconds, say):
    allow_descriptors(CONNECTIONS + 1000)
    result = []
    arguments = {
        "echo_lull": ["{port}"],
        "kv-server": [
            "--port",
            "{port}",
            "--cores",
            "1",
            "--max-connections",
            str(2 * CONNECTIONS),
        ],
    }
    for name, row_name in (
        ("echo_lull", "idle_connection_bytes"),
        ("kv-server", "idle_kv_connection_bytes"),
    ):
        try:
            found = bytes_each(name, [program(name), *arguments[name]], MESSAGES[name])
        except Skipped as reason:
            say(f"{row_name} is left out: {reason}")
            continue
        result.append(row(row_name, exact(round(found)), "bytes of user memory", goal_value=4096))
    return result
