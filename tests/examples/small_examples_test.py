#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Talks to the small examples as their first lines say: small_examples_test.py ECHO LINES
WHERE_FROM. Each has to end by itself, with status 0, when it is asked to. Their ports are fixed, so
that is in a network of their own where the user may make one."""
import contextlib
import fcntl
import os
import pathlib
import socket
import struct
import subprocess
import sys
import time

LIMIT_S = 20


def until(attempt):
    """Its first answer; of OSError it is tried again, for the program may not be there yet."""
    end = time.monotonic() + LIMIT_S
    while True:
        try:
            return attempt()
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.02)


def ask_stream(port, question):
    peer = until(lambda: socket.create_connection(("127.0.0.1", port), timeout=LIMIT_S))
    with peer, peer.makefile("rb") as answers:
        peer.sendall(question)
        peer.shutdown(socket.SHUT_WR)
        return answers.read()


def asked_whence(port):
    """Whether it says our own address."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mine:
        mine.settimeout(0.5)
        mine.connect(("127.0.0.1", port))

        def ask():
            mine.send(b"?")
            return mine.recv(100)

        return until(ask) == "{}:{}".format(*mine.getsockname()).encode()


CASES = (
    (7007, "echo", lambda port: ask_stream(port, b"as it is") == b"as it is"),
    (7008, "lines", lambda port: ask_stream(port, b"one\ntwo\n") == b"eno\nowt\n"),
    (7009, "where_from", asked_whence),
)


def alone():
    """Goes on in a network namespace, if that can be."""
    mark, set_flags, up = "LULL_TEST_ALONE", 0x8914, 1  # SIOCSIFFLAGS, IFF_UP
    if mark in os.environ:
        with socket.socket() as any_socket:
            fcntl.ioctl(any_socket, set_flags, struct.pack("16sh14x", b"lo", up))
        return
    apart = ["unshare", "--net", *(["--map-root-user"] if os.geteuid() else [])]
    with contextlib.suppress(OSError):
        if subprocess.run([*apart, "true"], capture_output=True, check=False).returncode == 0:
            again = [*apart, sys.executable, *sys.argv]
            os.execvpe(again[0], again, os.environ | {mark: "1"})


def wrong(program, port, asks):
    """What is, in a word."""
    with subprocess.Popen([program]) as running:
        try:
            answered = asks(port)
            running.terminate()
            status = running.wait(LIMIT_S)
        except (OSError, subprocess.TimeoutExpired) as error:
            return f"{error} (port {port} may be somebody else's)"
        finally:
            with contextlib.suppress(ProcessLookupError):
                running.kill()
    if status != 0:
        return f"it ended with status {status}"
    return "" if answered else "it gave another answer"


def main():
    programs = {pathlib.Path(path).name: path for path in sys.argv[1:]}
    if len(programs) != len(CASES):
        sys.exit(__doc__)
    alone()
    failed = 0
    for port, name, asks in CASES:
        what = wrong(programs[name], port, asks)
        print(f"{name}: {what or 'answers and ends'}")
        failed += bool(what)
    print(f"{len(CASES) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
