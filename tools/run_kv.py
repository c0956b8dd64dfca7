#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""./dev run, ./dev serve: starts the key-value server, and for `run` drives it and prints tables.

  run_kv.py SERVER [OPTION...]           options go to the server; --cores N and the like
  run_kv.py --serve SERVER [OPTION...]   leaves it running on port 6380, or the one given by --port
"""
import contextlib
import csv
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

import children

SHAPES = [("SET", 1, 100_000), ("GET", 1, 100_000), ("SET", 16, 1_000_000), ("GET", 16, 1_000_000)]
CONNECTIONS, VALUE_BYTES, KEYS = 50, 64, 100_000
START_LIMIT_S, LOAD_LIMIT_S, STOP_LIMIT_S = 15, 300, 20
SERVE_PORT = "6380"


class RunError(Exception):
    """What went wrong, with what to do about it."""


def tool(*names):
    """The first of these programs that is installed."""
    for name in names:
        if shutil.which(name):
            return name
    raise RunError(f"{names[0]} is not installed; ./dev setup installs it (package redis-tools)")


def value_of(options, name, otherwise):
    """The value of an option given as `--name value` or `--name=value`."""
    for index, word in enumerate(options):
        if word == name and index + 1 < len(options):
            return options[index + 1]
        if word.startswith(name + "="):
            return word.split("=", 1)[1]
    return otherwise


def address_in(text):
    """The (host, port) that the server says it listens on, or None before it has said so."""
    said = re.search(r"listens on \[?([^\s\]]+)\]?:(\d+) with", text)
    return (said[1], int(said[2])) if said else None


def answers(address):
    try:
        with socket.create_connection(address, timeout=1) as peer:
            peer.sendall(b"PING\r\n")
            return peer.recv(64) == b"+PONG\r\n"
    except OSError:
        return False


def wait_until_it_answers(server, log):
    """The (host, port) where it does."""
    deadline = time.monotonic() + START_LIMIT_S
    while time.monotonic() < deadline:
        ended = server.poll() is not None
        said = log.read_text(encoding="utf-8", errors="replace")
        if ended:
            raise RunError(
                f"the server ended with status {server.returncode} at its start; it said:\n{said}"
            )
        address = address_in(said)
        if address and answers(address):
            return address
        time.sleep(0.05)
    raise RunError(
        f"the server answers no PING {'on %s, port %d,' % address if address else ''} within "
        f"{START_LIMIT_S} s; it said:\n{said}"
    )


@contextlib.contextmanager
def started(program, options):
    """The server, its address and its log; on a port of the kernel's choice unless one is given."""
    with tempfile.TemporaryDirectory(prefix="lull-run-") as name:
        log = pathlib.Path(name) / "server.log"
        with open(log, "wb") as file:
            server = subprocess.Popen(
                [program, "--port", "0", *options],
                stdout=file,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                preexec_fn=children.end_with_this(),
            )
        try:
            yield server, wait_until_it_answers(server, log), log
        finally:
            if server.poll() is None:
                server.kill()
                server.wait()


def drive(address, command, pipeline, requests):
    """One run of redis-benchmark; returns its row by the names of its columns."""
    arguments = [
        tool("redis-benchmark", "valkey-benchmark"),
        "-h",
        address[0],
        "-p",
        str(address[1]),
        "-t",
        command.lower(),
        "-n",
        str(requests),
        "-c",
        str(CONNECTIONS),
        "-P",
        str(pipeline),
        "-d",
        str(VALUE_BYTES),
        "-r",
        str(KEYS),
        "--csv",
    ]
    try:
        done = subprocess.run(
            arguments,
            capture_output=True,
            text=True,
            timeout=LOAD_LIMIT_S,
            check=False,
            preexec_fn=children.end_with_this(),
        )
    except subprocess.TimeoutExpired as error:
        raise RunError(
            f"redis-benchmark did not end within {LOAD_LIMIT_S} s: {command}, pipelined by "
            f"{pipeline}; the server hangs"
        ) from error
    rows = [row for row in csv.reader(done.stdout.splitlines()) if row]
    named = [dict(zip(rows[0], row)) for row in rows[1:] if rows[0][0] == "test"]
    found = [row for row in named if row["test"].startswith(command)]
    if done.returncode != 0 or not found or "rror" in done.stderr:
        raise RunError(
            f"redis-benchmark failed ({command}, pipelined by {pipeline}), status "
            f"{done.returncode}:\n{done.stdout}{done.stderr}"
        )
    return found[0]


def core_statistics(address):
    """The lines `coreN:name=value,...` of INFO lull, as (core, {name: value})."""
    host, port = address
    done = subprocess.run(
        [tool("redis-cli", "valkey-cli"), "-h", host, "-p", str(port), "INFO", "lull"],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    cores = []
    for line in done.stdout.splitlines():
        name, _, values = line.strip().partition(":")
        if name.startswith("core") and name[4:].isdigit() and "=" in values:
            cores.append((name, dict(pair.split("=", 1) for pair in values.split(","))))
    if not cores:
        raise RunError(
            "INFO lull holds no line `coreN:...`; the server said:\n" + done.stdout + done.stderr
        )
    return cores


def print_table(heads, rows):
    widths = [max(len(str(cell)) for cell in column) for column in zip(heads, *rows)]
    for row in [heads, *rows]:
        print("  " + "  ".join(f"{cell:>{width}}" for cell, width in zip(row, widths)))


def number(text):
    return f"{float(text):,.0f}" if text.replace(".", "", 1).isdigit() else text


def measure(address):
    rows = []
    for command, pipeline, requests in SHAPES:
        how = "one at a time" if pipeline == 1 else f"pipelined by {pipeline}"
        print(f"run: {requests:,} {command}, {how} ...", flush=True)
        row = drive(address, command, pipeline, requests)
        rows.append(
            [command, how, number(row["rps"]), row["p50_latency_ms"], row["p99_latency_ms"]]
        )
    print(
        f"\nredis-benchmark, {CONNECTIONS} connections, {VALUE_BYTES}-byte values, {KEYS:,} keys, "
        f"beside the server on {len(os.sched_getaffinity(0))} CPUs"
    )
    print_table(["", "", "requests/s", "p50 ms", "p99 ms"], rows)
    columns = {
        "iterations": "iterations",
        "epochs": "epochs",
        "retired": "retired",
        "released": "released",
        "limbo_objects_high": "limbo objects, high",
        "limbo_bytes_high": "limbo bytes, high",
    }
    print("\nthe server's cores")
    print_table(
        ["core", *columns.values()],
        [
            [name, *(number(values.get(key, "?")) for key in columns)]
            for name, values in core_statistics(address)
        ],
    )


def stop(server, log):
    """SIGTERM, and the server has to end by itself with status 0."""
    server.send_signal(signal.SIGTERM)
    try:
        status = server.wait(timeout=STOP_LIMIT_S)
    except subprocess.TimeoutExpired as error:
        raise RunError(
            f"the server still runs {STOP_LIMIT_S} s after SIGTERM; it said:\n"
            + log.read_text(encoding="utf-8", errors="replace")
        ) from error
    if status != 0:
        raise RunError(
            f"the server ended with status {status} after SIGTERM; it said:\n"
            + log.read_text(encoding="utf-8", errors="replace")
        )
    print("\nrun: the server ended in order (status 0)")


def run(program, options):
    tool("redis-benchmark", "valkey-benchmark")
    with started(program, options) as (server, address, log):
        print(f"run: {program} listens on {address[0]}, port {address[1]}")
        measure(address)
        stop(server, log)


def serve(program, options):
    port = value_of(options, "--port", None)
    if port is None:
        port, options = SERVE_PORT, [*options, "--port", SERVE_PORT]
    if not {"--help", "-h"} & set(options):
        client = "redis-cli" if shutil.which("redis-cli") else "valkey-cli"
        bound = value_of(options, "--bind", None)
        where = f"-p {port}" if bound is None else f"-h {bound} -p {port}"
        if port == "0":
            where = where[:-1] + "PORT"  # the one that the server will say
        print(
            f"serve: talk to it from another terminal, for example\n"
            f"  {client} {where} set greeting hello\n"
            f"  {client} {where} get greeting\n"
            f"  {client} {where} info lull\n"
            f"serve: Ctrl-C ends it",
            flush=True,
        )
    os.execv(program, [program, *options])


def main():
    words = sys.argv[1:]
    serving = words[:1] == ["--serve"]
    words = words[1:] if serving else words
    if not words:
        sys.exit(__doc__)
    if not os.access(words[0], os.X_OK):
        sys.exit(f"{words[0]} is not there; ./dev run builds it first")
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that the server is ended as well
    try:
        (serve if serving else run)(words[0], words[1:])
    except RunError as error:
        sys.exit(f"run: {error}")
    except KeyboardInterrupt:
        sys.exit("run: interrupted; the server is ended")


if __name__ == "__main__":
    main()
